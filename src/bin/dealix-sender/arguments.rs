//! What the command line takes. Secrets are no part of it: see `secret.rs`.

use crate::database::DatabaseUrl;
use crate::values::{parse_finished, parse_since, parse_timeout};
use anyhow::{Context, Result};
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use dealix_webhooks::sender::{
    DeliveryFilter, DeliveryState, EndpointError, EndpointPolicy, HttpOptions, HttpTransport, QueueOptions,
    ReplayOptions,
};
use std::path::PathBuf;
use std::time::Duration;

const SECRETS: &str = "\
Secrets are read from the environment variable DEALIX_WEBHOOK_SECRET, or else from standard input; never from an
argument, which others on the machine could see. They are never printed.

The database: sqlite://queue.db is a file on this machine; postgres://user@host/name serves many machines.
Put a URL that holds a password into DEALIX_DATABASE.

DEALIX_LOG=info logs every attempt to standard error.";

/// Sends Dealix webhooks: signed deliveries, retried for 30 hours out of a durable queue.
#[derive(Parser)]
#[command(name = "dealix-sender", version, after_help = SECRETS, propagate_version = true)]
pub struct Arguments {
    /// Where the queue is: sqlite://FILE or postgres://…
    #[arg(
        long,
        global = true,
        env = "DEALIX_DATABASE",
        hide_env_values = true,
        default_value = "sqlite://dealix-queue.db",
        value_name = "URL"
    )]
    pub database: DatabaseUrl,
    /// Print JSON, for programs; errors stay text, on standard error
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Send one event to a URL now, once, without the queue
    Send(SendArguments),
    /// Queue an event, or a batch of them, for every subscription that wants it
    Enqueue(EnqueueArguments),
    /// Deliver what is due, until interrupted
    Work(WorkArguments),
    /// List deliveries, the newest first, or show one with the log of its attempts
    Deliveries(DeliveriesArguments),
    /// List the deliveries that were given up
    DeadLetters(DeadLettersArguments),
    /// Count what is pending, what is due and what was given up
    Depth,
    /// Deliver again: one delivery, or all that the options select
    Replay(ReplayArguments),
    /// Deliver what a subscription missed while it was disabled
    Recover(RecoverArguments),
    /// Who gets which events, where
    #[command(subcommand)]
    Subscriptions(SubscriptionsCommand),
    /// Create the queue's tables, or upgrade those of an earlier version
    Migrate,
}

#[derive(Args)]
pub struct EventArguments {
    /// The event's type, such as deal.won
    #[arg(long = "type", value_name = "TYPE", value_parser = NonEmptyStringValueParser::new())]
    pub event_type: String,
    /// Whose event it is
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub customer: String,
    /// The event's data, a JSON object: its text, @FILE, or - for standard input
    #[arg(long, default_value = "{}", value_name = "JSON")]
    pub data: String,
}

#[derive(Args)]
pub struct EndpointArguments {
    /// Also call http:// and this machine's own addresses, for trying things out
    #[arg(long)]
    local: bool,
    /// Also call http:// endpoints
    #[arg(long)]
    allow_http: bool,
    /// Also call the addresses of this network, such as 10.0.0.0/8; may be repeated
    #[arg(long = "allow-network", value_name = "CIDR")]
    allow_networks: Vec<ipnet::IpNet>,
}

#[derive(Args)]
pub struct TransportArguments {
    #[command(flatten)]
    endpoints: EndpointArguments,
    /// How long a whole exchange may take
    #[arg(long, default_value = "10s", value_parser = parse_timeout, value_name = "DURATION")]
    timeout: Duration,
}

#[derive(Args)]
pub struct SendArguments {
    /// The endpoint
    #[arg(long, value_name = "URL")]
    pub to: String,
    #[command(flatten)]
    pub event: EventArguments,
    #[command(flatten)]
    pub transport: TransportArguments,
}

#[derive(Args)]
#[command(override_usage = "dealix-sender enqueue [OPTIONS] --type TYPE --customer ID
       dealix-sender enqueue [OPTIONS] --batch FILE")]
pub struct EnqueueArguments {
    // None where there is a batch.
    #[command(flatten)]
    pub event: Option<EventArguments>,
    /// The event's id, so that the command may be repeated: an id that is known is not queued again
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub id: Option<String>,
    /// Queue all events of a file (- is standard input), or none where one cannot be taken. Each line is a JSON object:
    /// {"type": …, "customer_id": …, "data": {…}}, with an "id" and a "timestamp" (seconds since 1970) if you like
    #[arg(long, value_name = "FILE", conflicts_with_all = ["event_type", "customer", "data", "id"])]
    pub batch: Option<PathBuf>,
    #[command(flatten)]
    pub limits: LimitArguments,
}

#[derive(Args)]
pub struct LimitArguments {
    /// The longest event to take, as the canonical envelope that is sent
    #[arg(long, default_value = "1048576", value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..))]
    max_envelope_bytes: u32,
}

#[derive(Args)]
pub struct WorkArguments {
    #[command(flatten)]
    pub transport: TransportArguments,
    /// Stop when nothing is due any more
    #[arg(long)]
    pub until_idle: bool,
    /// How many attempts are in flight at once
    #[arg(long, default_value = "1024", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency: u16,
    /// How many of them at one endpoint
    #[arg(long, default_value = "16", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency_per_endpoint: u16,
    /// How many bytes of bodies are in flight at once; a longer body goes where half of that or less is in flight
    #[arg(long, default_value = "67108864", value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_bytes_in_flight: u32,
    #[command(flatten)]
    pub limits: LimitArguments,
    /// Keep the schedule's delays exactly, without up to a tenth more
    #[arg(long)]
    pub no_jitter: bool,
    /// How long after this worker has died another one makes its attempts; a worker that lives keeps them
    #[arg(long, alias = "presumed-dead-after", default_value = "60s", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub lease: Duration,
    /// For how long finished deliveries and their log are kept
    #[arg(long, default_value = "30d", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub keep_finished: Duration,
}

#[derive(Args)]
pub struct DeliveriesArguments {
    /// A delivery's id: show it with the log of its attempts
    #[arg(
        conflicts_with_all = ["state", "customer", "subscription", "since", "limit", "count"],
        value_name = "DELIVERY"
    )]
    pub id: Option<String>,
    /// Only those that are pending, delivered or dead_letter
    #[arg(long)]
    pub state: Option<DeliveryState>,
    #[command(flatten)]
    pub list: ListArguments,
}

#[derive(Args)]
pub struct DeadLettersArguments {
    #[command(flatten)]
    pub list: ListArguments,
}

#[derive(Args)]
pub struct ListArguments {
    #[command(flatten)]
    pub filter: FilterArguments,
    /// At most so many
    #[arg(long, default_value = "100", value_name = "N")]
    pub limit: u32,
    /// Print only how many there are
    #[arg(long, conflicts_with = "limit")]
    pub count: bool,
}

#[derive(Args)]
pub struct FilterArguments {
    /// Only this customer's
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
    /// Only those to this subscription
    #[arg(long, value_name = "ID")]
    subscription: Option<String>,
    /// Only those that were queued since then, or given up if they are dead letters: 2h, 3days, or 2026-11-24T12:00:00Z
    #[arg(long, value_parser = parse_since, value_name = "TIME")]
    since: Option<i64>,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("selection").required(true).multiple(true)
    .args(["id", "subscription", "customer", "since", "all"]))]
pub struct ReplayArguments {
    /// The delivery's id
    #[arg(
        value_name = "DELIVERY",
        conflicts_with_all = ["subscription", "customer", "since", "all", "state", "per_second", "dry_run"]
    )]
    pub id: Option<String>,
    #[command(flatten)]
    filter: FilterArguments,
    /// All of them, where no other option selects some
    #[arg(long, conflicts_with_all = ["subscription", "customer", "since"])]
    all: bool,
    /// Those that are delivered or dead_letter
    #[arg(long, default_value = "dead_letter", value_parser = parse_finished)]
    state: DeliveryState,
    #[command(flatten)]
    pub pace: PaceArguments,
}

#[derive(Args)]
pub struct PaceArguments {
    /// Deliver at most so many a second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    per_second: Option<u32>,
    /// Only say how many they are
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Args)]
pub struct RecoverArguments {
    /// The subscription's id
    #[arg(long, value_name = "ID")]
    pub subscription: String,
    /// Since when it missed events: 2h, 3days, or 2026-11-24T12:00:00Z
    #[arg(long, value_parser = parse_since, value_name = "TIME")]
    pub since: i64,
    #[command(flatten)]
    pub pace: PaceArguments,
}

#[derive(Subcommand)]
pub enum SubscriptionsCommand {
    /// Register an endpoint; its secret comes from DEALIX_WEBHOOK_SECRET or standard input
    Add(AddArguments),
    /// List the subscriptions
    List,
    /// Keep deliveries back until they are resumed; events are queued all the same, and nothing is given up
    Pause(SubscriptionArgument),
    /// Deliver what was kept back
    Resume(SubscriptionArgument),
    /// Send nothing more to an endpoint; what is pending for it becomes a dead letter, and its events are not queued
    Disable(SubscriptionArgument),
    /// Send to a disabled endpoint again
    Enable(SubscriptionArgument),
    /// Sign with a new secret; the ones before it sign too for 24 hours
    RotateSecret(SubscriptionArgument),
}

#[derive(Args)]
pub struct AddArguments {
    /// Whose events
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub customer: String,
    /// The endpoint
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// An event type to send; may be repeated. All of them, unless given
    #[arg(long = "event", value_name = "TYPE", value_parser = NonEmptyStringValueParser::new())]
    pub events: Vec<String>,
    #[command(flatten)]
    pub endpoints: EndpointArguments,
}

#[derive(Args)]
pub struct SubscriptionArgument {
    /// The subscription's id
    #[arg(value_name = "SUBSCRIPTION")]
    pub id: String,
}

impl LimitArguments {
    pub fn options(&self) -> QueueOptions {
        QueueOptions { max_envelope_bytes: usize::try_from(self.max_envelope_bytes).unwrap_or(usize::MAX) }
    }
}

impl FilterArguments {
    pub fn with_state(self, state: Option<DeliveryState>) -> DeliveryFilter {
        DeliveryFilter {
            state,
            customer_id: self.customer,
            subscription_id: self.subscription,
            since: self.since.unwrap_or(0),
        }
    }
}

impl PaceArguments {
    pub fn options(&self) -> ReplayOptions {
        ReplayOptions { per_second: self.per_second, dry_run: self.dry_run }
    }
}

impl ReplayArguments {
    pub fn filter(self) -> DeliveryFilter {
        self.filter.with_state(Some(self.state))
    }
}

impl EndpointArguments {
    pub fn policy(self) -> Result<EndpointPolicy> {
        let mut allow_networks = self.allow_networks;
        if self.local {
            for network in ["127.0.0.0/8", "::1/128"] {
                allow_networks.push(network.parse().context("a network")?);
            }
        }
        Ok(EndpointPolicy { allow_http: self.allow_http || self.local, allow_networks })
    }
}

/// What lets a refused endpoint through, where anything does.
pub fn advice(refused: EndpointError) -> &'static str {
    match refused {
        EndpointError::NotHttps => "; --allow-http lets http through, and --local also this machine's addresses",
        EndpointError::NotPublic => "; --allow-network lets a network through, and --local this machine's addresses",
        _ => "",
    }
}

impl TransportArguments {
    pub fn transport(self) -> Result<HttpTransport> {
        let endpoints = self.endpoints.policy()?;
        Ok(HttpTransport::new(HttpOptions { endpoints, timeout: self.timeout, ..Default::default() })?)
    }
}
