//! `cargo xtask bench`: the figures of speed, each measured beside what it is compared with.

use crate::command::{program, run};
use crate::setup;
use anyhow::Result;

/// The sender's: `benches/sender` measures and prints.
pub fn sender(arguments: &[&str]) -> Result<()> {
    setup::python()?;
    run(program("cargo")
        .args(["bench", "--quiet", "--locked", "--bench=sender", "--features=postgres,redis", "--"])
        .args(arguments))
}
