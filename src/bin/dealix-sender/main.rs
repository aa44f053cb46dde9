//! `dealix-sender`: the operators' command over the sender and its queue.

#![forbid(unsafe_code)]

mod arguments;
mod deliveries;
mod enqueue;
mod output;
mod secret;
mod send;
mod subscriptions;
mod work;

use anyhow::{Context, Result, bail};
use arguments::{Arguments, Command, DatabaseUrl};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use dealix_webhooks::native::Queue;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let matches = Arguments::command().get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    log_to_stderr();
    match run(arguments, &matches).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments, matches: &ArgMatches) -> Result<ExitCode> {
    let Arguments { database, json, command } = arguments;
    refuse_visible_password(&database, matches)?;
    match command {
        Command::Send(arguments) => send::send(arguments, json).await,
        Command::Enqueue(arguments) => enqueue::enqueue(&open(&database).await?, arguments, json).await,
        Command::Work(arguments) => work::work(&open(&database).await?, arguments, json).await,
        Command::Deliveries(arguments) => deliveries::deliveries(&open(&database).await?, arguments, json).await,
        Command::DeadLetters(arguments) => deliveries::dead_letters(&open(&database).await?, arguments, json).await,
        Command::Replay(arguments) => deliveries::replay(&open(&database).await?, arguments, json).await,
        Command::Subscriptions(command) => subscriptions::run(&open(&database).await?, command, json).await,
    }
}

async fn open(database: &DatabaseUrl) -> Result<Queue> {
    Queue::open(database.expose()).await.context("the queue cannot be opened")
}

/// Everybody on the machine can read the arguments of its processes.
fn refuse_visible_password(database: &DatabaseUrl, matches: &ArgMatches) -> Result<()> {
    if matches.value_source("database") == Some(ValueSource::CommandLine) && database.has_password() {
        bail!("--database holds a password, which others on this machine can see; set DEALIX_DATABASE instead");
    }
    Ok(())
}

/// `DEALIX_LOG=info` shows every attempt; the directives are those of tracing's `EnvFilter`.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("DEALIX_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
