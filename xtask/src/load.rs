//! `cargo xtask load`: receivers and the sender for minutes, with hostile traffic and endpoints that fail.

use crate::command::{program, root, run, step};
use crate::{consumer, package, setup};
use anyhow::Result;

/// Runs `tests/npm/load` with the installed npm package. A full run updates docs/benchmarks.md and its plot.
pub fn load(arguments: &[&str]) -> Result<()> {
    let tarball = package::package()?;
    setup::sender_tests()?;
    step("load: installing the tarball as a user would");
    let folder = root().join("target/npm/load");
    consumer::install(&tarball, &folder)?;
    consumer::copy_tests(&folder)?;
    consumer::copy(&root().join("examples"), &folder.join("examples"))?;
    // Not the one on the PATH: it has a WebSocket, for workerd's inspector.
    let mut node = program(root().join("node_modules/node-24/bin/node"));
    node.arg("tests/npm/load/main.mjs").args(arguments).current_dir(&folder);
    // Wrangler warns about the example's configuration.
    run(node.env("DEALIX_ROOT", root()).env("WRANGLER_LOG", "error"))
}
