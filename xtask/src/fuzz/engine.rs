//! Runs libFuzzer.

use super::build::build;
use super::corpus;
use super::report::{self, Report};
use super::scratch::Scratch;
use super::targets::Target;
use crate::command::{program, run, step};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// As many targets as run at a time.
const JOBS: usize = 2;

/// The longest input. What is longer is tested otherwise, and slows everything down here.
const MAX_LENGTH: &str = "-max_len=4096";

/// The binary that holds all targets, and a folder for their databases.
pub struct Fuzzer {
    binary: PathBuf,
    scratch: Scratch,
}

impl Fuzzer {
    pub fn build() -> Result<Self> {
        Ok(Self { binary: build()?, scratch: Scratch::make()? })
    }

    fn command(&self, target: &Target) -> Command {
        let mut command = program(&self.binary);
        command.env("DEALIX_FUZZ_TARGET", target.name).env("DEALIX_FUZZ_FOLDER", self.scratch.path());
        command.env_remove("DEALIX_DATABASE").env_remove("DEALIX_WEBHOOK_SECRET");
        command
    }

    /// Runs one input.
    pub fn replay(&self, target: &Target, input: &Path) -> Result<()> {
        run(self.command(target).arg(input)).context("the input fails; what it found is above")
    }

    /// Copies into the first folder what reaches something new in the others.
    pub fn merge(&self, target: &Target, folders: &[PathBuf]) -> Result<()> {
        let log = File::create(corpus::folder("logs", target)?.join("merge.txt"))?;
        // By edges alone: how often each is passed would keep many times as many inputs.
        let mut merge = self.command(target);
        merge.args(["-merge=1", "-use_counters=0", MAX_LENGTH]).args(folders);
        let status = merge.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).status()?;
        if !status.success() {
            bail!("fuzz: the corpus of {} cannot be merged: {status}", target.name);
        }
        Ok(())
    }
}

/// One target, one corpus, one length of time.
pub struct Run {
    target: Target,
    command: Command,
    log: PathBuf,
}

impl Run {
    /// Starts from what earlier runs found, too, and adds to it.
    pub fn long(fuzzer: &Fuzzer, target: &Target, time: Duration) -> Result<Self> {
        Self::new(fuzzer, target, time, corpus::folder("found", target)?)
    }

    /// Starts from the committed corpus alone.
    pub fn short(fuzzer: &Fuzzer, target: &Target, time: Duration) -> Result<Self> {
        Self::new(fuzzer, target, time, corpus::empty_folder("fresh", target)?)
    }

    fn new(fuzzer: &Fuzzer, target: &Target, time: Duration, found: PathBuf) -> Result<Self> {
        let crashes = corpus::folder("crashes", target)?;
        let mut command = fuzzer.command(target);
        command.arg(found).arg(corpus::expand(target)?);
        command.arg(format!("-max_total_time={}", time.as_secs())).arg(MAX_LENGTH);
        command.args(["-timeout=30", "-rss_limit_mb=2048", "-print_final_stats=1"]);
        command.arg(format!("-artifact_prefix={}/", crashes.display()));
        if let Some(dictionary) = target.dictionary {
            command.arg(format!("-dict=tests/fuzz/dictionaries/{dictionary}.dict"));
        }
        Ok(Self { target: *target, command, log: corpus::folder("logs", target)?.join("log.txt") })
    }

    /// Runs to the end; an error shows the input that failed.
    pub fn start(mut self) -> Result<Report> {
        let log = File::create(&self.log)?;
        self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let status = self.command.status().context("cannot start the fuzzer")?;
        let log = String::from_utf8_lossy(&fs::read(&self.log)?).into_owned();
        if !status.success() {
            bail!("{}", report::failure(&self.target, &log));
        }
        Report::read(&self.target, &log)
    }
}

/// Runs several targets at a time; if some fail, all of them are named.
pub fn run_all(targets: &[Target], make: impl Fn(&Target) -> Result<Run> + Sync) -> Result<Vec<Report>> {
    let waiting = Mutex::new(targets.iter());
    let done = Mutex::new(Vec::new());
    let lock = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        for _ in 0..JOBS {
            scope.spawn(|| {
                while let Some(target) = lock() {
                    let result = make(target).and_then(Run::start);
                    step(&format!("fuzz: {}: {}", target.name, if result.is_ok() { "no fault" } else { "A FAULT" }));
                    done.lock().unwrap_or_else(PoisonError::into_inner).push(result);
                }
            });
        }
    });
    let (good, bad): (Vec<_>, Vec<_>) =
        done.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().partition(Result::is_ok);
    let failures: Vec<_> = bad.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect();
    if failures.is_empty() { good.into_iter().collect() } else { bail!("{}", failures.join("\n\n")) }
}
