use crate::values::parse_since;
use clap::Args;
use dealix_webhooks::sender::{DeliveryFilter, DeliveryState, ReplayOptions};

#[derive(Args)]
pub struct DeliveriesArguments {
    /// A delivery's id: show it with the log of its attempts
    #[arg(
        conflicts_with_all = ["state", "customer", "subscription", "event", "since", "limit", "count"],
        value_name = "DELIVERY"
    )]
    pub id: Option<String>,
    /// Only those in this state: pending, delivered or dead_letter
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
    /// How many to list at most
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
    /// Only those of this event
    #[arg(long, value_name = "ID")]
    event: Option<String>,
    /// Only those queued since this time or, if they are dead letters, abandoned since: 2h (ago), 3days (ago), or 2026-11-24T12:00:00Z
    #[arg(long, value_parser = parse_since, value_name = "TIME")]
    since: Option<i64>,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("selection").required(true).multiple(true)
    .args(["id", "subscription", "customer", "event", "since", "all"]))]
pub struct ReplayArguments {
    /// The delivery's id
    #[arg(
        value_name = "DELIVERY",
        conflicts_with_all = ["subscription", "customer", "event", "since", "all", "state", "per_second", "dry_run"]
    )]
    pub id: Option<String>,
    #[command(flatten)]
    filter: FilterArguments,
    /// All deliveries in this state, instead of a selection
    #[arg(long, conflicts_with_all = ["subscription", "customer", "event", "since"])]
    all: bool,
    /// Those in this state: dead_letter, delivered, or pending, to send now what waits for its next attempt
    #[arg(long, default_value = "dead_letter")]
    state: DeliveryState,
    #[command(flatten)]
    pub pace: PaceArguments,
}

#[derive(Args)]
pub struct RecoverArguments {
    /// The subscription's id
    #[arg(long, value_name = "ID")]
    pub subscription: String,
    /// When it began to miss events: 2h (ago), 3days (ago), or 2026-11-24T12:00:00Z
    #[arg(long, value_parser = parse_since, value_name = "TIME")]
    pub since: i64,
    #[command(flatten)]
    pub pace: PaceArguments,
}

#[derive(Args)]
pub struct PaceArguments {
    /// Deliver at most this many a second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    per_second: Option<u32>,
    /// Only print how many there are
    #[arg(long)]
    pub dry_run: bool,
}

impl FilterArguments {
    pub fn with_state(self, state: Option<DeliveryState>) -> DeliveryFilter {
        DeliveryFilter {
            state,
            customer_id: self.customer,
            subscription_id: self.subscription,
            event_id: self.event,
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
