//! `dealix-sender work`, as operators run it: until nothing is due.

use crate::cpu;
use crate::scraper::Scraper;
use dealix_webhooks::sender::SecretsKeys;
use serde::Deserialize;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const KEY: &str = "8ff1e0bbc9c6f4ce9c1d4f4f1e6f0f0c5d3a4a2b6b9c7d8e0f1a2b3c4d5e6f70";

/// What may cost something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Options {
    pub seals_secrets: bool,
    pub keeps_excerpts: bool,
    pub has_metrics: bool,
}

pub const NONE: Options = Options { seals_secrets: false, keeps_excerpts: false, has_metrics: false };
pub const ALL: Options = Options { seals_secrets: true, keeps_excerpts: true, has_metrics: true };

impl Options {
    pub fn secrets_keys(self) -> SecretsKeys {
        if self.seals_secrets { KEY.parse().expect("a key") } else { SecretsKeys::default() }
    }
}

/// A worker that runs.
pub struct Running {
    process: Child,
    scraper: Option<Scraper>,
}

/// What a worker did until nothing was due.
pub struct Done {
    pub delivered: u64,
    pub seconds: f64,
    pub cpu: Duration,
}

/// What the command prints at the end.
#[derive(Deserialize)]
struct Summary {
    delivered: u64,
    retries: u64,
    dead_letters: u64,
    seconds: f64,
}

pub fn start(database_url: &str, options: Options) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dealix-sender"));
    command.args(["work", "--local", "--until-idle", "--json"]).env("DEALIX_DATABASE", database_url);
    if options.seals_secrets {
        command.env("DEALIX_SECRETS_KEY", KEY);
    }
    if !options.keeps_excerpts {
        command.arg("--no-excerpt");
    }
    let scraper = options.has_metrics.then(Scraper::start);
    if let Some(scraper) = &scraper {
        command.args(["--listen", &scraper.address.to_string()]);
    }
    let output = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    Running { process: output.spawn().expect("dealix-sender starts"), scraper }
}

impl Running {
    /// Waits until nothing is due. Panics if an attempt failed.
    pub fn finish(mut self) -> Done {
        let mut output = String::new();
        self.process.stdout.take().expect("a pipe").read_to_string(&mut output).expect("its output");
        let cpu = cpu::of_ended(self.process.id());
        assert!(self.process.wait().expect("it has ended").success(), "the worker failed");
        let summary: Summary = serde_json::from_str(&output).expect("the summary");
        assert_eq!((summary.retries, summary.dead_letters), (0, 0), "every attempt must succeed");
        if let Some(scraper) = self.scraper {
            scraper.stop();
        }
        Done { delivered: summary.delivered, seconds: summary.seconds, cpu }
    }
}
