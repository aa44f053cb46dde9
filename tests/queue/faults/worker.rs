//! `dealix-sender` in its own process.

use crate::support::receiver::SECRET;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;

/// The longest that a test waits for anything.
pub const DEADLINE: Duration = Duration::from_secs(120);
/// In these tests, how soon another worker takes over from one that was killed.
pub const LEASE: Duration = Duration::from_secs(2);

pub const SENDER: &str = env!("CARGO_BIN_EXE_dealix-sender");

/// A worker. It is killed when it is dropped.
pub struct Worker {
    process: Child,
    log: NamedTempFile,
}

impl Worker {
    pub fn start(database: &str, arguments: &[&str]) -> Self {
        Self::start_as(Command::new(SENDER), database, arguments)
    }

    /// Starts a worker with this command, for example one from [`within`].
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

    /// Sends SIGKILL: no destructor runs, and nothing is flushed.
    pub fn kill(mut self) {
        self.process.kill().expect("the worker is killed");
        self.process.wait().expect("the worker has ended");
    }

    /// How many files and sockets it has open.
    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.process.id())).expect("its descriptors").count()
    }

    /// What it has written to standard error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log")
    }

    /// Sends a signal by name, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status().expect("kill");
        assert!(status.success(), "SIG{name} cannot be sent");
    }

    /// Waits for it to end, which it must do successfully.
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
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("the worker's log:\n{}", self.log());
        }
    }
}

/// Runs `dealix-sender` through another program, such as `taskset -c 0`, which must `exec` it.
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

/// The output of a run that must succeed.
pub fn succeeded(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Starts a process that will be killed, unless it ends first.
pub fn spawn(database: &str, arguments: &[&str]) -> Child {
    let mut command = Command::new(SENDER);
    command.args(arguments).env("DEALIX_DATABASE", database).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::null()).spawn().expect("dealix-sender starts")
}

/// Waits until the condition holds.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not after {DEADLINE:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// [`until`] for an asynchronous condition.
pub async fn until_async(what: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what}: not after {DEADLINE:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
