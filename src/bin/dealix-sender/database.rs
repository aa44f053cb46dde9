//! Where the queue is, and how it is opened.

use crate::output::{print_json, print_line};
use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use clap::parser::ValueSource;
use dealix_webhooks::sender::{Queue, QueueError, QueueOptions};
use serde_json::json;
use std::fmt;
use std::process::ExitCode;
use std::str::FromStr;

/// A database's URL, which may hold a password.
#[derive(Clone)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub async fn open(&self, options: QueueOptions) -> Result<Queue> {
        Queue::open_with(&self.0, options).await.context("the queue cannot be opened")
    }

    /// What only looks must not make a queue where none is: it would say that all is well.
    pub async fn open_existing(&self) -> Result<Queue> {
        let opened = Queue::open_existing(&self.0).await;
        opened.context("the queue cannot be opened (--database or DEALIX_DATABASE says where it is)")
    }

    /// Everybody on the machine can read the arguments of its processes.
    pub fn refuse_visible_password(&self, matches: &ArgMatches) -> Result<()> {
        if matches.value_source("database") == Some(ValueSource::CommandLine) && self.has_password() {
            bail!("--database holds a password, which others on this machine can see; set DEALIX_DATABASE instead");
        }
        Ok(())
    }

    fn has_password(&self) -> bool {
        url::Url::parse(&self.0)
            .is_ok_and(|url| url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password"))
    }
}

/// Creates or upgrades the tables, and says which.
pub async fn migrate(database: &DatabaseUrl, json: bool) -> Result<ExitCode> {
    let before = Queue::open_existing(&database.0).await.map(drop);
    let (done, line) = match before {
        Ok(()) => ("nothing", "the tables are up to date; there was nothing to do".to_owned()),
        Err(QueueError::OlderSchema { found, needed }) => {
            ("upgraded", format!("the tables were upgraded from version {found} to {needed}"))
        }
        // Whatever else it is, it is in the way of the migration too.
        Err(_) => ("created", "the tables were created".to_owned()),
    };
    if done != "nothing" {
        Queue::migrate(&database.0).await.context("the tables cannot be made")?;
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
