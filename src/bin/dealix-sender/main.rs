//! `dealix-sender`: the operator's command for the sender and its queue.

#![forbid(unsafe_code)]

mod arguments;
mod attempt;
mod batch;
mod config;
mod damaged;
mod database;
mod deliveries;
mod doctor;
mod enqueue;
mod environment;
mod event;
mod generate;
mod interrupts;
mod listen;
mod log;
mod metrics;
mod output;
mod replay;
mod secret;
mod secrets_keys;
mod send;
mod subscriptions;
#[cfg(feature = "otlp")]
mod traces;
mod values;
mod work;

use anyhow::Result;
use arguments::{Arguments, Command, SubscriptionsCommand};
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use dealix_webhooks::sender::QueueOptions;
use doctor::Setup;
use interrupts::Interrupts;
use log::Log;
use output::{printable, report_error};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    run().await.unwrap_or_else(|error| {
        report_error(in_one_line(&error));
        ExitCode::FAILURE
    })
}

async fn run() -> Result<ExitCode> {
    let definition = config::with_defaults(Arguments::command())?;
    let matches = definition.clone().get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let log = Log::start(arguments.log, &arguments.log_filter)?;
    let ended = obey(arguments, definition, &matches).await;
    log.end();
    ended
}

async fn obey(arguments: Arguments, definition: clap::Command, matches: &ArgMatches) -> Result<ExitCode> {
    let Arguments { database, config, json, command, .. } = arguments;
    // Before anything that can wait.
    let interrupts = Interrupts::handle(matches!(command, Command::Work(_)))?;
    let database = if command.needs_database() { database.or_from_environment(matches)? } else { database };
    match command {
        Command::Send(arguments) => send::send(arguments, json).await,
        Command::Completions(arguments) => generate::completions(arguments.shell),
        Command::Man(arguments) => generate::man(&arguments),
        Command::Migrate => database::migrate(&database, json).await,
        Command::Doctor(arguments) => {
            let worker = work::defaults(definition)?;
            let setup = Setup { database: &database, config: config.as_deref(), worker };
            doctor::doctor(setup, arguments, json).await
        }
        Command::Enqueue(arguments) => {
            let queue = database.open(arguments.limits.options()).await?;
            enqueue::enqueue(&queue, arguments, json).await
        }
        Command::Work(arguments) => {
            let queue = database.open(arguments.limits.options()).await?;
            work::work(&queue, arguments, &interrupts, json).await
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
