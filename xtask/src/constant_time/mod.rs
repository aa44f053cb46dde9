//! `cargo xtask constant-time`: no branch and no address of a verification depends on a secret or on the MAC that is
//! expected. Valgrind's memcheck looks on while tests/constant-time verifies under secrets that are marked as undefined
//! memory.

mod statistics;

pub use statistics::check as statistics;

use crate::command::{program, root, run, step};
use crate::setup;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Memcheck's exit status if it reported something.
const REPORTED: i32 = 99;

/// What is run, whether memcheck must report something, and what it means if that turns out otherwise.
const RUNS: [(&str, bool, &str); 4] = [
    ("verify", false, "a branch or an address depends on the secret or on the expected MAC"),
    ("verdict", true, "the secret's mark is lost before the verdict, so the check sees nothing"),
    ("branch", true, "a branch on the secret goes unnoticed, so the check sees nothing"),
    ("lookup", true, "an address made of the secret goes unnoticed, so the check sees nothing"),
];

pub fn check() -> Result<()> {
    setup::valgrind()?;
    step("constant time: verifying under memcheck, in a release build");
    let target = root().join("target/constant-time");
    let manifest = root().join("tests/constant-time/Cargo.toml");
    run(program("cargo")
        .args(["build", "--quiet", "--release", "--locked", "--manifest-path"])
        .arg(manifest)
        .arg("--target-dir")
        .arg(&target))?;
    for (what, must_report, meaning) in RUNS {
        let (status, reports) = memcheck(&target.join("release/constant-time"), what)?;
        if status != Some(if must_report { REPORTED } else { 0 }) {
            bail!("constant time, `{what}`: {meaning}\n{reports}");
        }
    }
    println!("constant time: no branch and no address depends on a secret; all three controls were reported");
    Ok(())
}

/// The exit status, and what memcheck reported.
fn memcheck(binary: &Path, what: &str) -> Result<(Option<i32>, String)> {
    let mut valgrind = program("valgrind");
    valgrind.args(["--quiet", "--read-inline-info=yes"]).arg(format!("--error-exitcode={REPORTED}"));
    let output = valgrind.arg(binary).arg(what).output().context("cannot start valgrind")?;
    Ok((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}
