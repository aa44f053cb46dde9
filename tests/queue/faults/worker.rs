//! `dealix-sender` in processes of its own.

use crate::support::receiver::SECRET;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;

/// How long anything may take that is waited for.
pub const DEADLINE: Duration = Duration::from_secs(120);
/// How soon another worker makes the attempts of one that was killed, in these tests.
pub const LEASE: Duration = Duration::from_secs(2);

pub const SENDER: &str = env!("CARGO_BIN_EXE_dealix-sender");

/// A worker; it is killed with this value.
pub struct Worker {
    process: Child,
    log: NamedTempFile,
}

impl Worker {
    pub fn start(database: &str, arguments: &[&str]) -> Self {
        Self::start_as(Command::new(SENDER), database, arguments)
    }

    /// By a command of [`within`], say.
    pub fn start_as(mut command: Command, database: &str, arguments: &[&str]) -> Self {
        command.args(["work", "--local"]).args(arguments);
        if !arguments.contains(&"--lease") {
            command.args(["--lease", "2s"]);
        }
        let log = NamedTempFile::new().expect("a log file");
        let stderr = log.reopen().expect("the log file again");
        command.env("DEALIX_DATABASE", database).stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
        let process =
            command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}; `cargo xtask setup` installs it"));
        Self { process, log }
    }

    /// SIGKILL: no destructor runs, nothing is flushed.
    pub fn kill(mut self) {
        self.process.kill().expect("the worker is killed");
        self.process.wait().expect("the worker has ended");
    }

    /// What it has said on standard error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log")
    }

    /// Sends a signal by its name, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status().expect("kill");
        assert!(status.success(), "SIG{name} cannot be sent");
    }

    /// Waits for its end, which must be a good one.
    pub async fn finish(mut self) {
        let status = self.end().await;
        assert!(status.success(), "the worker ended with {status}");
    }

    pub async fn end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.process.try_wait().expect("the worker's state") {
                return status;
            }
            assert!(Instant::now() < deadline, "the worker has not ended after {DEADLINE:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It has ended already, or it is ended now.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("the worker's log:\n{}", self.log());
        }
    }
}

/// `dealix-sender` by way of another program, which must become it: `taskset -c 0`, say.
pub fn within(program: &str) -> Command {
    let mut words = program.split(' ');
    let mut command = Command::new(words.next().expect("a program"));
    command.args(words).arg(SENDER);
    command
}

/// Runs `dealix-sender` to its end.
pub fn run(database: &str, arguments: &[&str]) -> Output {
    run_as(Command::new(SENDER), database, arguments)
}

pub fn run_as(mut command: Command, database: &str, arguments: &[&str]) -> Output {
    command.args(arguments).env("DEALIX_DATABASE", database).env("DEALIX_WEBHOOK_SECRET", SECRET);
    command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// What it printed.
pub fn succeeded(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Starts a process that will be killed before it ends, if it does not end first.
pub fn spawn(database: &str, arguments: &[&str]) -> Child {
    let mut command = Command::new(SENDER);
    command.args(arguments).env("DEALIX_DATABASE", database).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::null()).spawn().expect("dealix-sender starts")
}

/// Waits until it is so.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not after {DEADLINE:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// [`until`] for what has to be asked for.
pub async fn until_async(what: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what}: not after {DEADLINE:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
