use super::deliveries::{DeadLettersArguments, DeliveriesArguments, RecoverArguments, ReplayArguments};
use super::doctor::DoctorArguments;
use super::events::{EnqueueArguments, SendArguments};
use super::generate::{CompletionsArguments, ManArguments};
use super::secrets::SecretsCommand;
use super::subscriptions::SubscriptionsCommand;
use super::work::WorkArguments;
use crate::database::DatabaseUrl;
use crate::values::parse_log;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const AFTER_HELP: &str = "\
Secrets are read from the environment variable DEALIX_WEBHOOK_SECRET or, if it is not set, from standard input; never
from an argument, which other users of the machine could see. They are never printed. In the database they are sealed
with the key in DEALIX_SECRETS_KEY: 64 hex digits; several, the current one first, while one is replaced.
DEALIX_WEBHOOK_SECRET_FILE, DEALIX_SECRETS_KEY_FILE and DEALIX_DATABASE_FILE name files that hold the values instead;
systemd's credentials dealix-webhook-secret, dealix-secrets-key and dealix-database are found by themselves.

The database: sqlite://queue.db is a file on this machine; postgres://user@host/name serves many machines.
If the URL contains a password, set DEALIX_DATABASE instead of using --database.

The file that --config names sets defaults for all options, in TOML: database = \"…\", and concurrency = 512 in [work].";

#[derive(Clone, Copy, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Sends Dealix webhooks: signed deliveries from a durable queue, retried for 30 hours.
#[derive(Parser)]
#[command(name = "dealix-sender", version, after_help = AFTER_HELP, propagate_version = true)]
pub struct Arguments {
    /// The queue's database: sqlite://FILE or postgres://…
    #[arg(
        long,
        global = true,
        env = "DEALIX_DATABASE",
        hide_env_values = true,
        default_value = "sqlite://dealix-queue.db",
        value_name = "URL"
    )]
    pub database: DatabaseUrl,
    /// A TOML file with defaults for the options of all commands
    #[arg(long, global = true, env = "DEALIX_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to log to standard error: info logs every attempt
    #[arg(
        long,
        global = true,
        env = "DEALIX_LOG",
        // The queue itself logs what sqlx would log about a database that fails or is slow.
        default_value = "warn,sqlx=off",
        value_parser = parse_log,
        value_name = "FILTER"
    )]
    pub log_filter: String,
    /// Print JSON, for programs; errors go to standard error, as --log says
    #[arg(long, global = true)]
    pub json: bool,
    /// How to write to standard error: as text, or as JSON with one object a line
    #[arg(long, global = true, default_value = "text", value_name = "FORMAT")]
    pub log: LogFormat,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Send one event to a URL now, once, without the queue
    Send(SendArguments),
    /// Queue an event, or a batch of events, for every subscription that wants it
    Enqueue(EnqueueArguments),
    /// Deliver what is due, until interrupted
    Work(WorkArguments),
    /// List deliveries, the newest first, or show one with the log of its attempts
    Deliveries(DeliveriesArguments),
    /// List the deliveries that were abandoned
    DeadLetters(DeadLettersArguments),
    /// Count the deliveries that are pending, due or abandoned
    Depth,
    /// Deliver again: one delivery, or all that the options select
    Replay(ReplayArguments),
    /// Deliver what a subscription missed while it was disabled
    Recover(RecoverArguments),
    /// Manage who gets which events, and where
    #[command(subcommand)]
    Subscriptions(SubscriptionsCommand),
    /// Seal the secrets in the database
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// Create the queue's tables, or upgrade those of an earlier version
    Migrate,
    /// Check what a worker needs: the database, the clocks, DNS, limits, space; fails if one of the checks does
    Doctor(DoctorArguments),
    /// Print a script that completes this command in a shell
    Completions(CompletionsArguments),
    /// Print the manual page
    Man(ManArguments),
}

impl Command {
    pub fn needs_database(&self) -> bool {
        !matches!(self, Self::Send(_) | Self::Completions(_) | Self::Man(_))
    }
}
