//! `cargo xtask operate`: the sender for an hour as its operator runs it, while endpoints, workers and the database fail.

use crate::command::{program, root, run, step};
use crate::{consumer, package, setup};
use anyhow::Result;

/// Runs `tests/npm/operate`, whose endpoints verify what arrives with the installed npm package.
pub fn operate(arguments: &[&str]) -> Result<()> {
    let tarball = package::package()?;
    setup::sender_tests()?;
    step("operate: building the command");
    run(program("cargo").args(["build", "--quiet", "--locked", "--all-features", "--bin=dealix-sender"]))?;
    let folder = root().join("target/npm/operate");
    consumer::install(&tarball, &folder)?;
    consumer::copy_tests(&folder)?;
    let mut node = program(root().join("node_modules/node-24/bin/node"));
    node.arg("tests/npm/operate/main.mjs").args(arguments).current_dir(&folder);
    run(node.env("DEALIX_SENDER", root().join("target/debug/dealix-sender")))
}
