//! Runs `dealix-sender` as an operator does.

use serde_json::Value;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

pub const SECRET: &str = "whsec_never_shown";
pub const ENDPOINT: &str = "https://example.com/hook";

/// An empty queue in its own folder.
pub struct Operator(pub TempDir);

impl Operator {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dealix-sender"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        for variable in
            ["DEALIX_DATABASE", "DEALIX_WEBHOOK_SECRET", "DEALIX_SECRETS_KEY", "DEALIX_LOG", "DEALIX_CONFIG"]
        {
            command.env_remove(variable).env_remove(format!("{variable}_FILE"));
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().expect("dealix-sender runs");
        assert!(!format!("{output:?}").contains(SECRET), "a secret was printed");
        output
    }

    pub fn run_with_secret(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).env("DEALIX_WEBHOOK_SECRET", SECRET).output().expect("dealix-sender runs");
        assert!(!format!("{output:?}").contains(SECRET), "a secret was printed");
        output
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("dealix-sender starts");
        // The command may have ended without reading; the tests check what it says.
        let _ = process.stdin.take().expect("its input").write_all(input.as_bytes());
        process.wait_with_output().expect("dealix-sender ends")
    }

    pub fn subscribe(&self) -> String {
        let output = self.run_with_secret(&["subscriptions", "add", "--customer", "cus_1", "--to", ENDPOINT]);
        stdout(&output).trim().to_owned()
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        serde_json::from_str(&stdout(&output)).expect("JSON")
    }
}

pub fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).expect("text")
}

pub fn refusal(output: &Output) -> String {
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr.clone()).expect("text")
}
