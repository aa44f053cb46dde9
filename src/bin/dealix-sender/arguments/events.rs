use super::work::{LimitArguments, TransportArguments};
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use dealix_webhooks::sender::TraceParent;
use std::path::PathBuf;

#[derive(Args)]
pub struct EventArguments {
    /// The event's type, such as deal.won
    #[arg(long = "type", value_name = "TYPE", value_parser = NonEmptyStringValueParser::new())]
    pub event_type: String,
    /// The customer whose event it is
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub customer: String,
    /// The event's data, a JSON object: the JSON itself, @FILE, or - for standard input
    #[arg(long, default_value = "{}", value_name = "JSON")]
    pub data: String,
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
    // `None` for a batch.
    #[command(flatten)]
    pub event: Option<EventArguments>,
    /// The event's id. With it, the command is safe to repeat: an event whose id is already known is not queued again
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub id: Option<String>,
    /// The trace that the event is part of, as the header `traceparent` has it; each attempt passes it on
    #[arg(long, value_name = "TRACEPARENT")]
    pub traceparent: Option<TraceParent>,
    /// Queue all events in a file (- for standard input), or none if one of them is not valid. Each line is a JSON object:
    /// {"type": …, "customer_id": …, "data": {…}}, optionally with an "id", a "timestamp" (seconds since 1970) and a "traceparent"
    #[arg(long, value_name = "FILE", conflicts_with_all = ["event_type", "customer", "data", "id", "traceparent"])]
    pub batch: Option<PathBuf>,
    #[command(flatten)]
    pub limits: LimitArguments,
}
