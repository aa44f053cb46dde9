//! What is written to a database. A change becomes a row of JSON text; the database unpacks a whole group in one statement.

use super::new_event::NewEvent;
use super::outcome::Outcome;
use crate::sender::queue::StoredSubscription;
use serde::Serialize;

/// What is written often, and therefore in groups. Each change is written completely or not at all.
#[derive(Clone)]
pub(in crate::sender) enum Change {
    /// An event and its deliveries, unless an event with this id exists.
    Enqueue(NewEvent),
    /// An attempt for the log, and the state of its delivery, unless another worker has recorded this attempt before.
    Record(Box<Outcome>),
    /// Defers an attempt that was not made.
    Defer(Deferral),
}

/// An attempt that was not made: it does not count, and nobody leases its delivery for a while.
#[derive(Clone, Serialize)]
pub(in crate::sender) struct Deferral {
    pub delivery_id: String,
    pub worker: String,
    pub delay_ms: u64,
    /// Why retrying soon would not help. It is stored with the delivery, which is not due before the delay is over.
    pub error: Option<String>,
}

/// What an operator changes about a subscription.
#[derive(Clone)]
pub(in crate::sender) enum SubscriptionChange {
    Add(Box<StoredSubscription>),
    Enable { id: String },
    Disable { id: String, reason: String },
    Pause { id: String, paused: bool },
}

impl Change {
    /// The approximate length of its row.
    pub(in crate::sender) fn bytes(&self) -> usize {
        match self {
            Self::Enqueue(event) => event.bytes(),
            Self::Record(_) | Self::Defer(_) => 512,
        }
    }
}
