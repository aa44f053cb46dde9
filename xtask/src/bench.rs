//! `cargo xtask bench`: speed and size, each measured in the same run as what it is compared with.

use crate::command::{program, root, run, step};
use crate::{consumer, package, setup};
use anyhow::Result;

/// Measures the installed npm package with `tests/npm/bench`. A full run updates docs/benchmarks.md and its plots.
pub fn package(arguments: &[&str]) -> Result<()> {
    let tarball = package::package()?;
    let chromium = setup::chromium()?;
    step("bench: installing the tarball as a user would");
    let folder = root().join("target/npm/bench");
    consumer::install(&tarball, &folder)?;
    consumer::copy_tests(&folder)?;
    let mut node = program("node");
    node.arg("tests/npm/bench/main.mjs").args(arguments).current_dir(&folder);
    run(node.env("CHROMIUM", chromium).env("DEALIX_ROOT", root()))
}

/// Measures the sender with `benches/sender`.
pub fn sender(arguments: &[&str]) -> Result<()> {
    setup::python()?;
    run(program("cargo")
        .args(["bench", "--quiet", "--locked", "--bench=sender", "--features=cli", "--"])
        .args(arguments))
}
