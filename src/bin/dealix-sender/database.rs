//! Opens the queue's database.

use crate::environment;
use crate::output::{print_json, print_line};
use crate::secrets_keys;
use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use clap::parser::ValueSource;
use dealix_webhooks::sender::{Queue, QueueError, QueueOptions};
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

const VARIABLE: &str = "DEALIX_DATABASE";

/// A database's URL, which may hold a password.
#[derive(Clone)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub async fn open(&self, options: QueueOptions) -> Result<Queue> {
        Queue::open_with(&self.0, with_keys(options)?).await.context("the queue cannot be opened")
    }

    /// A command that only reads must not create a queue: an empty one would look as if all were well.
    pub async fn open_existing(&self) -> Result<Queue> {
        let opened = Queue::open_existing(&self.0, with_keys(QueueOptions::default())?).await;
        opened.context("the queue cannot be opened (set --database or DEALIX_DATABASE)")
    }

    pub async fn open_existing_queue(&self, options: QueueOptions) -> Result<Queue, QueueError> {
        Queue::open_existing(&self.0, options).await
    }

    /// The file, if it is SQLite's.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let options = SqliteConnectOptions::from_str(&self.0).ok().filter(|_| self.0.starts_with("sqlite:"))?;
        Some(options.get_filename().to_owned())
    }

    /// The URL on the command line, which must not hold a password; else the one in the environment, or else this one.
    pub fn or_from_environment(self, matches: &ArgMatches) -> Result<Self> {
        if matches.value_source("database") != Some(ValueSource::CommandLine) {
            return Ok(environment::find(VARIABLE)?.map_or(self, |url| Self(url.to_string())));
        }
        // Every user of the machine can read the arguments of its processes.
        if has_password(&self.0) {
            bail!(
                "--database contains a password, which other users of this machine can see; \
                 set {VARIABLE} or {VARIABLE}_FILE instead"
            );
        }
        Ok(self)
    }
}

/// Whether a database's URL holds a password.
pub fn has_password(url: &str) -> bool {
    url::Url::parse(url)
        .is_ok_and(|url| url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password"))
}

fn with_keys(options: QueueOptions) -> Result<QueueOptions> {
    Ok(QueueOptions { secrets_keys: secrets_keys::read()?, ..options })
}

/// Creates or upgrades the tables, and prints which.
pub async fn migrate(database: &DatabaseUrl, json: bool) -> Result<ExitCode> {
    let before = Queue::open_existing(&database.0, QueueOptions::default()).await.map(drop);
    let (done, line) = match before {
        Ok(()) => ("nothing", "the tables are up to date; there was nothing to do".to_owned()),
        Err(QueueError::OlderSchema { found, needed }) => {
            ("upgraded", format!("the tables were upgraded from version {found} to {needed}"))
        }
        // Any other error will occur in the migration too.
        Err(_) => ("created", "the tables were created".to_owned()),
    };
    if done != "nothing" {
        let failed = match done {
            "upgraded" => {
                "the tables were not upgraded, and nothing has changed; if a transaction was in the way, run it again"
            }
            _ => "the tables cannot be created",
        };
        Queue::migrate(&database.0).await.context(failed)?;
    }
    if json {
        print_json(&json!({ "done": done }))?;
    } else {
        print_line(line);
    }
    Ok(ExitCode::SUCCESS)
}

impl FromStr for DatabaseUrl {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl([redacted])")
    }
}
