use crate::command::{output, program, root, run, step};
use crate::setup;
use anyhow::{Context, Result};
use std::path::PathBuf;

/// LLVM's counters for libFuzzer, without a sanitizer, which the stable toolchain lacks.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";

/// Builds the binary that holds all targets, and returns its path.
pub fn build() -> Result<PathBuf> {
    setup::cpp_compiler()?;
    setup::python()?;
    step("fuzz: building the targets; a first build takes some minutes");
    let host = host()?;
    let target = root().join("target/fuzz");
    let mut cargo = program("cargo");
    cargo.args(["build", "--quiet", "--release", "--locked", "--target-dir"]).arg(&target);
    cargo.arg("--manifest-path").arg(root().join("tests/fuzz/Cargo.toml"));
    // With a target named, the flags are not for build scripts, which have no libFuzzer to count for.
    cargo.args(["--target", &host]).env("RUSTFLAGS", FLAGS).env_remove("CARGO_ENCODED_RUSTFLAGS");
    run(&mut cargo)?;
    Ok(target.join(host).join("release/fuzz"))
}

fn host() -> Result<String> {
    let version = output(program("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("`rustc -vV` names no host")
}
