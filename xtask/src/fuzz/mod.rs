//! `cargo xtask fuzz`: libFuzzer on the stable toolchain. The targets are in tests/fuzz; each starts from the vectors and from the inputs
//! in tests/fuzz/corpus.

mod build;
mod corpus;
mod engine;
mod keep;
mod options;
mod report;
mod scratch;
mod seeds;
mod targets;

use crate::command::step;
use anyhow::{Result, bail};
use engine::{Fuzzer, Run};
use keep::keep;
use options::Options;
use report::Report;
use std::time::Duration;
use targets::{CONTROL, TARGETS, Target};

/// What `cargo xtask test` spends on each target.
const SHORT: Duration = Duration::from_secs(10);

pub fn fuzz(arguments: &[&str]) -> Result<()> {
    let options = Options::read(arguments)?;
    let fuzzer = Fuzzer::build()?;
    if let Some(input) = &options.input {
        return fuzzer.replay(&options.targets[0], input);
    }
    let seconds = options.time.as_secs();
    step(&format!("fuzz: {} for {seconds} s each", names(&options.targets)));
    let reports = engine::run_all(&options.targets, |target| Run::long(&fuzzer, target, options.time))?;
    if options.keep {
        options.targets.iter().try_for_each(|target| keep(&fuzzer, target))?;
    }
    report::print(&reports, options.json)
}

/// Each target for some seconds, from its corpus. A control shows that the fuzzer would find something.
pub fn check() -> Result<()> {
    let fuzzer = Fuzzer::build()?;
    step(&format!("fuzz: {} for {} s each", names(&TARGETS), SHORT.as_secs()));
    if Run::short(&fuzzer, &CONTROL, SHORT)?.start().is_ok() {
        bail!(
            "fuzz: the control hides a fault that libFuzzer finds at once, and it was not found, so nothing would be"
        );
    }
    let reports: Vec<Report> = engine::run_all(&TARGETS, |target| Run::short(&fuzzer, target, SHORT))?;
    report::print(&reports, false)
}

fn names(targets: &[Target]) -> String {
    targets.iter().map(|target| target.name).collect::<Vec<_>>().join(", ")
}
