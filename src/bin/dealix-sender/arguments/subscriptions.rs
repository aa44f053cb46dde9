use super::endpoints::EndpointArguments;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub enum SubscriptionsCommand {
    /// Register an endpoint; its secret comes from DEALIX_WEBHOOK_SECRET or standard input
    Add(AddArguments),
    /// List the subscriptions
    List,
    /// Send nothing until resumed; events are still queued, and nothing is abandoned
    Pause(SubscriptionArgument),
    /// Deliver what was queued while it was paused
    Resume(SubscriptionArgument),
    /// Send nothing more to an endpoint; its pending deliveries become dead letters, and no events are queued for it
    Disable(SubscriptionArgument),
    /// Send to a disabled endpoint again
    Enable(SubscriptionArgument),
    /// Sign with a new secret; the earlier ones keep signing too, for 24 hours
    RotateSecret(SubscriptionArgument),
}

#[derive(Args)]
pub struct AddArguments {
    /// The customer whose events to send
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub customer: String,
    /// The endpoint
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// An event type to send; can be repeated. Default: all types
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
