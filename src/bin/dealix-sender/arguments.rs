//! What the command line takes. Secrets are no part of it: see `secret.rs`.

use anyhow::{Context, Result, bail};
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use dealix_webhooks::sender::{DeliveryState, EndpointError, EndpointPolicy, HttpOptions, HttpTransport, unix_now};
use dealix_webhooks::{WebhookEvent, sender};
use serde_json::value::RawValue;
use std::fmt;
use std::io::Read;
use std::str::FromStr;
use std::time::{Duration, UNIX_EPOCH};

const SECRETS: &str = "\
Secrets are read from the environment variable DEALIX_WEBHOOK_SECRET, or else from standard input; never from an
argument, which others on the machine could see. They are never printed.

The database: sqlite://queue.db is a file on this machine; postgres://user@host/name and redis://host/ serve many.
Put a URL that holds a password into DEALIX_DATABASE.

DEALIX_LOG=info logs every attempt to standard error.";

/// Sends Dealix webhooks: signed deliveries, retried for 30 hours out of a durable queue.
#[derive(Parser)]
#[command(name = "dealix-sender", version, after_help = SECRETS, propagate_version = true)]
pub struct Arguments {
    /// Where the queue is: sqlite://FILE, postgres://… or redis://…
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
    /// Queue an event for every subscription that wants it
    Enqueue(EnqueueArguments),
    /// Deliver what is due, until interrupted
    Work(WorkArguments),
    /// List deliveries, the newest first, or show one with the log of its attempts
    Deliveries(DeliveriesArguments),
    /// List the deliveries that were given up
    DeadLetters(DeadLettersArguments),
    /// Deliver again: one delivery, or all that were given up since a time
    Replay(ReplayArguments),
    /// Who gets which events, where
    #[command(subcommand)]
    Subscriptions(SubscriptionsCommand),
}

#[derive(Args)]
pub struct EventArguments {
    /// The event's type, such as deal.won
    #[arg(long = "type", value_name = "TYPE", value_parser = NonEmptyStringValueParser::new())]
    event_type: String,
    /// Whose event it is
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    customer: String,
    /// The event's data, a JSON object: its text, @FILE, or - for standard input
    #[arg(long, default_value = "{}", value_name = "JSON")]
    data: String,
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
pub struct EnqueueArguments {
    #[command(flatten)]
    pub event: EventArguments,
    /// The event's id, so that the command may be repeated: an id that is known is not queued again
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub id: Option<String>,
}

#[derive(Args)]
pub struct WorkArguments {
    #[command(flatten)]
    pub transport: TransportArguments,
    /// Stop when nothing is due any more
    #[arg(long)]
    pub until_idle: bool,
    /// How many attempts are under way at once
    #[arg(long, default_value = "64", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency: u16,
    /// How many of them at one endpoint
    #[arg(long, default_value = "16", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency_per_endpoint: u16,
    /// Keep the schedule's delays exactly, without up to a tenth more
    #[arg(long)]
    pub no_jitter: bool,
    /// When a worker that gives no sign of life is taken for dead, and its attempts are made by another
    #[arg(long, default_value = "60s", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub presumed_dead_after: Duration,
    /// For how long finished deliveries and their log are kept
    #[arg(long, default_value = "30d", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub keep_finished: Duration,
}

#[derive(Args)]
pub struct DeliveriesArguments {
    /// A delivery's id: show it with the log of its attempts
    #[arg(conflicts_with_all = ["state", "customer", "since", "limit"], value_name = "DELIVERY")]
    pub id: Option<String>,
    /// Only those that are pending, delivered or dead_letter
    #[arg(long)]
    pub state: Option<DeliveryState>,
    #[command(flatten)]
    pub filter: FilterArguments,
}

#[derive(Args)]
pub struct DeadLettersArguments {
    #[command(flatten)]
    pub filter: FilterArguments,
}

#[derive(Args)]
pub struct FilterArguments {
    /// Only this customer's
    #[arg(long, value_name = "ID")]
    pub customer: Option<String>,
    /// Only those since then: 2h, 3days, or 2026-11-24T12:00:00Z
    #[arg(long, value_parser = parse_since, value_name = "TIME")]
    pub since: Option<i64>,
    /// At most so many
    #[arg(long, default_value = "100", value_name = "N")]
    pub limit: u32,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct ReplayArguments {
    /// The delivery's id
    #[arg(value_name = "DELIVERY")]
    pub id: Option<String>,
    /// All that were given up since then: 2h, 3days, or 2026-11-24T12:00:00Z
    #[arg(long, value_parser = parse_since, value_name = "TIME")]
    pub failed_since: Option<i64>,
}

#[derive(Subcommand)]
pub enum SubscriptionsCommand {
    /// Register an endpoint; its secret comes from DEALIX_WEBHOOK_SECRET or standard input
    Add(AddArguments),
    /// List the subscriptions
    List,
    /// Send nothing more to an endpoint; what is pending for it becomes a dead letter
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

/// A database's URL, which may hold a password.
#[derive(Clone)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn has_password(&self) -> bool {
        url::Url::parse(&self.0)
            .is_ok_and(|url| url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password"))
    }
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

impl EventArguments {
    pub fn data_is_standard_input(&self) -> bool {
        self.data == "-"
    }

    pub fn into_event(self) -> Result<WebhookEvent> {
        let payload = match self.data.strip_prefix('@') {
            Some(file) => std::fs::read_to_string(file).with_context(|| format!("--data: {file}"))?,
            None if self.data_is_standard_input() => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).context("--data: standard input")?;
                text
            }
            None => self.data,
        };
        let payload = RawValue::from_string(payload).context("--data is not JSON")?;
        if !payload.get().starts_with('{') {
            bail!("--data is not a JSON object, such as {{\"amount\": 12.5}}");
        }
        Ok(sender::make_event(self.event_type, self.customer, payload))
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

fn parse_timeout(text: &str) -> Result<Duration> {
    let timeout = humantime::parse_duration(text)?;
    if timeout.is_zero() {
        bail!("no exchange takes no time at all");
    }
    Ok(timeout)
}

/// How long ago, or when; in seconds since 1970.
fn parse_since(text: &str) -> Result<i64> {
    if let Ok(ago) = humantime::parse_duration(text) {
        return Ok(unix_now().saturating_sub(i64::try_from(ago.as_secs())?));
    }
    let time = humantime::parse_rfc3339_weak(text)
        .map_err(|_| anyhow::anyhow!("neither a duration such as 2h nor a time such as 2026-11-24T12:00:00Z"))?;
    Ok(i64::try_from(time.duration_since(UNIX_EPOCH)?.as_secs())?)
}
