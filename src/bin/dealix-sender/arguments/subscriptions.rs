use super::endpoints::EndpointArguments;
use super::work::TransportArguments;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use std::num::NonZeroU32;

#[derive(Subcommand)]
pub enum SubscriptionsCommand {
    /// Register an endpoint; its secret comes from DEALIX_WEBHOOK_SECRET or standard input
    Add(AddArguments),
    /// List the subscriptions
    List(ListSubscriptionsArguments),
    /// Show one: its state and settings, what is pending, and how its attempts have gone
    Show(SubscriptionArgument),
    /// Change an endpoint's address, event types, headers, note or rate; what is not named stays as it is
    Update(UpdateArguments),
    /// Send a signed dealix.ping event now and show what happens; nothing is recorded. Also if it is paused or disabled
    Ping(PingArguments),
    /// Send nothing until resumed; events are still queued, and nothing is abandoned
    Pause(SubscriptionArgument),
    /// Deliver what was queued while it was paused
    Resume(SubscriptionArgument),
    /// Send nothing more to an endpoint; its pending deliveries become dead letters, and no events are queued for it
    Disable(SubscriptionArgument),
    /// Send to a disabled endpoint again
    Enable(SubscriptionArgument),
    /// Remove it for good: its pending deliveries become dead letters, and its deliveries can be read but not replayed
    Remove(SubscriptionArgument),
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
    pub settings: SettingArguments,
    #[command(flatten)]
    pub endpoints: EndpointArguments,
}

#[derive(Args)]
pub struct SettingArguments {
    /// A header to send in addition, such as Authorization=CRM_TOKEN, with the value of the environment variable CRM_TOKEN. The
    /// value itself is no argument, which other users of this machine could see, and is sealed like a secret. Can be repeated
    #[arg(long = "header-env", value_name = "NAME=VARIABLE")]
    pub headers: Vec<String>,
    /// What operators should know about it; never sent
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub note: Option<String>,
    /// How many attempts a second each worker makes at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_per_second: Option<u32>,
}

impl SettingArguments {
    pub fn max_per_second(&self) -> Option<NonZeroU32> {
        self.max_per_second.and_then(NonZeroU32::new)
    }
}

#[derive(Args)]
pub struct UpdateArguments {
    #[command(flatten)]
    pub subscription: SubscriptionArgument,
    /// The new endpoint. Pending deliveries go there from their next attempt on
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// An event type to queue from now on, in place of those there are; can be repeated
    #[arg(long = "event", value_name = "TYPE", value_parser = NonEmptyStringValueParser::new())]
    pub events: Vec<String>,
    /// Queue events of all types from now on
    #[arg(long, conflicts_with = "events")]
    pub all_events: bool,
    // The headers replace those there are.
    #[command(flatten)]
    pub settings: SettingArguments,
    /// Send no additional headers
    #[arg(long, conflicts_with = "headers")]
    pub no_headers: bool,
    /// Remove the note
    #[arg(long, conflicts_with = "note")]
    pub no_note: bool,
    /// Remove the limit on attempts a second
    #[arg(long, conflicts_with = "max_per_second")]
    pub no_max_per_second: bool,
    #[command(flatten)]
    pub endpoints: EndpointArguments,
}

#[derive(Args)]
pub struct ListSubscriptionsArguments {
    /// Only this customer's
    #[arg(long, value_name = "ID")]
    pub customer: Option<String>,
}

#[derive(Args)]
pub struct PingArguments {
    #[command(flatten)]
    pub subscription: SubscriptionArgument,
    #[command(flatten)]
    pub transport: TransportArguments,
}

#[derive(Args)]
pub struct SubscriptionArgument {
    /// The subscription's id
    #[arg(value_name = "SUBSCRIPTION")]
    pub id: String,
}
