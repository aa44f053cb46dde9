//! `dealix-sender`: the operator's command for the sender and its queue.

#![forbid(unsafe_code)]

mod arguments;
mod attempt;
mod batch;
mod database;
mod deliveries;
mod enqueue;
mod event;
mod output;
mod replay;
mod secret;
mod secrets_keys;
mod send;
mod subscriptions;
mod values;
mod work;

use anyhow::Result;
use arguments::{Arguments, Command, SubscriptionsCommand};
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use dealix_webhooks::sender::QueueOptions;
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
    database.refuse_visible_password(matches)?;
    match command {
        Command::Send(arguments) => send::send(arguments, json).await,
        Command::Migrate => database::migrate(&database, json).await,
        Command::Enqueue(arguments) => {
            let queue = database.open(arguments.limits.options()).await?;
            enqueue::enqueue(&queue, arguments, json).await
        }
        Command::Work(arguments) => {
            let queue = database.open(arguments.limits.options()).await?;
            work::work(&queue, arguments, json).await
        }
        Command::Subscriptions(command @ SubscriptionsCommand::Add(_)) => {
            subscriptions::run(&database.open(QueueOptions::default()).await?, command, json).await
        }
        Command::Subscriptions(command) => subscriptions::run(&database.open_existing().await?, command, json).await,
        Command::Deliveries(arguments) => {
            deliveries::deliveries(&database.open_existing().await?, arguments, json).await
        }
        Command::DeadLetters(arguments) => {
            deliveries::dead_letters(&database.open_existing().await?, arguments, json).await
        }
        Command::Secrets(command) => secrets_keys::run(&database.open_existing().await?, command, json).await,
        Command::Depth => deliveries::depth(&database.open_existing().await?, json).await,
        Command::Replay(arguments) => replay::replay(&database.open_existing().await?, arguments, json).await,
        Command::Recover(arguments) => replay::recover(&database.open_existing().await?, arguments, json).await,
    }
}

/// The error and its causes; a cause whose text the error above it already contains is not repeated.
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

/// `DEALIX_LOG` takes the directives of tracing's `EnvFilter`; `info` logs every attempt.
fn log_to_stderr() {
    // The queue itself logs what sqlx would log about a database that fails or is slow.
    let filter = EnvFilter::try_from_env("DEALIX_LOG").unwrap_or_else(|_| EnvFilter::new("warn,sqlx=off"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        // If nobody reads the log any more, the work goes on.
        .log_internal_errors(false)
        .with_writer(std::io::stderr)
        .init();
}
