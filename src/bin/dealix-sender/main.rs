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
use arguments::{Arguments, Command, DatabaseUrl, SubscriptionsCommand};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use dealix_webhooks::sender::Queue;
use output::{printable, report};
use std::io::IsTerminal;
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
            report(format_args!("error: {}", in_one_line(&error)));
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
        Command::Subscriptions(command @ SubscriptionsCommand::Add(_)) => {
            subscriptions::run(&open(&database).await?, command, json).await
        }
        Command::Subscriptions(command) => subscriptions::run(&open_existing(&database).await?, command, json).await,
        Command::Deliveries(arguments) => {
            deliveries::deliveries(&open_existing(&database).await?, arguments, json).await
        }
        Command::DeadLetters(arguments) => {
            deliveries::dead_letters(&open_existing(&database).await?, arguments, json).await
        }
        Command::Replay(arguments) => deliveries::replay(&open_existing(&database).await?, arguments, json).await,
    }
}

/// The error and its causes; a cause whose words its effect has already is not said twice.
fn in_one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if line.is_empty() {
            line = cause;
        } else if !line.ends_with(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    printable(&line)
}

async fn open(database: &DatabaseUrl) -> Result<Queue> {
    Queue::open(database.expose()).await.context("the queue cannot be opened")
}

/// What only looks must not make a queue where none is: it would say that all is well.
async fn open_existing(database: &DatabaseUrl) -> Result<Queue> {
    let opened = Queue::open_existing(database.expose()).await;
    opened.context("the queue cannot be opened (--database or DEALIX_DATABASE says where it is)")
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
    // What apalis says of a database that fails, the queue says too.
    let filter = EnvFilter::try_from_env("DEALIX_LOG").unwrap_or_else(|_| EnvFilter::new("warn,apalis_core=off"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        // Where nobody reads the log any more, the work goes on.
        .log_internal_errors(false)
        .with_writer(std::io::stderr)
        .init();
}
