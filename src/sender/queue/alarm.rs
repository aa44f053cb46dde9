//! What operators are told about.

use serde::Serialize;
use std::time::Duration;

/// The customer whose subscriptions get the events about alarms. Nothing is ever told about these subscriptions themselves, so
/// that an operator's endpoint which fails causes no further events.
pub const OPERATOR: &str = "dealix:operator";

/// When to raise an alarm.
#[derive(Clone, Copy, Debug)]
pub struct AlarmOptions {
    /// When every attempt at an endpoint has failed for this long, and one of them in the second half of that time or later; 1 h by
    /// default.
    pub failing_for: Duration,
    /// When a delivery is overdue by this much; 15 min by default.
    pub overdue_by: Duration,
}

impl Default for AlarmOptions {
    fn default() -> Self {
        Self { failing_for: Duration::from_hours(1), overdue_by: Duration::from_mins(15) }
    }
}

/// One endpoint, as alarms show it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AlarmedEndpoint {
    /// The subscription's id.
    pub subscription_id: String,
    /// The customer whose subscription it is.
    pub customer_id: String,
    /// Where its events are sent.
    pub endpoint_url: String,
}

/// What operators are told, once when it begins and, if that can be seen, once when it ends. It is also the data of the event that
/// is sent to the subscriptions of [`OPERATOR`]; [`Alarm::event_type`] is its type. Times are in seconds since 1970.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Alarm {
    /// A subscription was disabled.
    Disabled {
        /// Which.
        #[serde(flatten)]
        endpoint: AlarmedEndpoint,
        /// Why.
        reason: Option<String>,
    },
    /// A subscription that was disabled is enabled again.
    Enabled {
        /// Which.
        #[serde(flatten)]
        endpoint: AlarmedEndpoint,
        /// When it was seen to be disabled.
        disabled_since: i64,
    },
    /// Every attempt at an endpoint has failed for [`AlarmOptions::failing_for`].
    Failing {
        /// Which.
        #[serde(flatten)]
        endpoint: AlarmedEndpoint,
        /// Since when.
        failing_since: i64,
    },
    /// An endpoint that was failing has answered with a 2xx; or an operator has given the subscription another endpoint, or enabled
    /// it anew, so that nothing is known against it.
    Recovered {
        /// Which.
        #[serde(flatten)]
        endpoint: AlarmedEndpoint,
        /// Since when it had been failing.
        failing_since: i64,
    },
    /// A delivery to an endpoint is parked: the sender itself cannot make the attempt, and tries again every 15 minutes. Told
    /// again each day for as long as it lasts.
    Parked {
        /// Which endpoint.
        #[serde(flatten)]
        endpoint: AlarmedEndpoint,
        /// One of its deliveries that are parked.
        delivery_id: String,
        /// Why.
        reason: String,
    },
    /// Deliveries became dead letters; told at most once a minute.
    DeadLetters {
        /// How many.
        count: u64,
        /// They were abandoned after this time,
        after: i64,
        /// and not after this one.
        until: i64,
        /// To which endpoints, those with most of them first; at most 20.
        endpoints: Vec<DeadLettersOf>,
    },
    /// Deliveries are overdue by [`AlarmOptions::overdue_by`].
    Overdue {
        /// Since when the oldest of them has been due.
        due_since: i64,
        /// To which endpoints, the longest overdue first; at most 20.
        endpoints: Vec<OverdueOf>,
    },
    /// No delivery is overdue any more, or by a minute at most.
    CaughtUp {
        /// Since when the oldest had been due.
        due_since: i64,
    },
}

/// An endpoint's part of [`Alarm::DeadLetters`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct DeadLettersOf {
    /// Which endpoint.
    #[serde(flatten)]
    pub endpoint: AlarmedEndpoint,
    /// How many dead letters.
    pub count: u64,
    /// The newest of them.
    pub delivery_id: String,
}

/// An endpoint's part of [`Alarm::Overdue`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct OverdueOf {
    /// Which endpoint.
    #[serde(flatten)]
    pub endpoint: AlarmedEndpoint,
    /// Since when its oldest delivery has been due.
    pub due_since: i64,
}

impl Alarm {
    /// The type of the event that tells of it.
    pub fn event_type(&self) -> &'static str {
        match self {
            Self::Disabled { .. } => "dealix.endpoint.disabled",
            Self::Enabled { .. } => "dealix.endpoint.enabled",
            Self::Failing { .. } => "dealix.endpoint.failing",
            Self::Recovered { .. } => "dealix.endpoint.recovered",
            Self::Parked { .. } => "dealix.endpoint.parked",
            Self::DeadLetters { .. } => "dealix.dead_letters",
            Self::Overdue { .. } => "dealix.queue.overdue",
            Self::CaughtUp { .. } => "dealix.queue.caught_up",
        }
    }

    /// Whether it tells of something that has ended well.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Enabled { .. } | Self::Recovered { .. } | Self::CaughtUp { .. })
    }
}
