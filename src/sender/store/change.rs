//! What is written to a database. A change is a row of JSON text: the database takes a group of them apart in one statement.

use crate::sender::headers::is_header_value;
use crate::sender::queue::error::QueueError;
use crate::sender::queue::record::StoredSubscription;
use crate::{WebhookEvent, serialize_envelope};
use serde::Serialize;
use zeroize::Zeroizing;

/// What is written often, and so in groups; each wholly or not at all.
#[derive(Clone)]
pub(in crate::sender) enum Change {
    /// An event and its deliveries, unless the event is known already.
    Enqueue(NewEvent),
    /// An attempt for the log and, unless another worker recorded this attempt before, where the delivery stands now.
    Record(Box<Outcome>),
    /// Puts an attempt off that was not made.
    Defer(Deferral),
}

/// An event in its canonical form.
#[derive(Clone, Serialize)]
pub(in crate::sender) struct NewEvent {
    pub id: String,
    pub event_type: String,
    pub customer_id: String,
    pub envelope: String,
}

/// PostgreSQL's indexes take no more than about 2,700 bytes, and one event that they refuse would stop the outbox for all.
const MAX_ID_BYTES: usize = 255;

impl NewEvent {
    /// # Errors
    /// What could only become a dead letter is refused: [`QueueError::Event`], [`QueueError::Payload`],
    /// [`QueueError::TooLarge`].
    pub(in crate::sender) fn of(event: &WebhookEvent, max_envelope_bytes: usize) -> Result<Self, QueueError> {
        let is_sendable = |text: &str| !text.is_empty() && text.len() <= MAX_ID_BYTES && is_header_value(text);
        if !is_sendable(&event.event_id) {
            return Err(QueueError::Event("event_id"));
        }
        if !is_sendable(event.event_type.as_str()) {
            return Err(QueueError::Event("event_type"));
        }
        if event.customer_id.len() > MAX_ID_BYTES {
            return Err(QueueError::Event("customer_id"));
        }
        let envelope = serialize_envelope(event)?;
        if envelope.len() > max_envelope_bytes {
            return Err(QueueError::TooLarge { bytes: envelope.len(), limit: max_envelope_bytes });
        }
        Ok(Self {
            id: event.event_id.clone(),
            event_type: event.event_type.as_str().to_owned(),
            customer_id: event.customer_id.clone(),
            envelope: String::from_utf8(envelope).expect("canonical JSON is ASCII"),
        })
    }

    /// Roughly how long its row is.
    pub(in crate::sender) fn bytes(&self) -> usize {
        256 + self.envelope.len()
    }
}

/// An attempt that was made, and where its delivery stands now.
#[derive(Clone, Serialize)]
pub(in crate::sender) struct Outcome {
    pub attempt_id: String,
    pub delivery_id: String,
    pub attempt: u32,
    pub timestamp: i64,
    pub status_code: Option<u16>,
    /// 0 or 1: neither database has a JSON boolean for a number.
    pub success: u8,
    pub error: Option<String>,
    pub duration_ms: u64,
    /// A [`DeliveryState`](crate::sender::DeliveryState).
    pub state: &'static str,
    /// When another attempt follows, in milliseconds from now.
    pub delay_ms: Option<u64>,
    #[serde(skip)]
    pub health: Health,
}

/// What an attempt says of its subscription's endpoint; in a group the later news counts.
#[derive(Clone, Default, Serialize)]
pub(in crate::sender) struct Health {
    pub subscription_id: String,
    /// 1 where it was answered with a 2xx.
    pub works: u8,
    /// Since when it only fails, unless an earlier time is known; in seconds since 1970.
    pub fails_since: Option<i64>,
    /// How long it asked for nothing more, in milliseconds.
    pub hold_ms: u64,
    /// Why it is to be disabled.
    pub disable: Option<&'static str>,
    /// It is disabled only where it has been failing since then, and has not worked meanwhile.
    pub if_failing_since: Option<i64>,
}

/// An attempt that was not made: it keeps its turn, and nobody leases it for a while.
#[derive(Clone, Serialize)]
pub(in crate::sender) struct Deferral {
    pub delivery_id: String,
    pub worker: String,
    pub delay_ms: u64,
    /// What cannot be mended by trying again soon; it stays with the delivery, which is parked: due only after the delay.
    pub error: Option<String>,
}

/// What an operator changes about a subscription.
#[derive(Clone)]
pub(in crate::sender) enum SubscriptionChange {
    Add(Box<StoredSubscription>),
    /// Replaces the secrets, unless somebody else did since they were read.
    SetSecrets {
        id: String,
        expected: Zeroizing<String>,
        secrets: Zeroizing<String>,
    },
    Enable {
        id: String,
    },
    Disable {
        id: String,
        reason: String,
    },
    Pause {
        id: String,
        paused: bool,
    },
}

impl Change {
    /// Roughly how long its row is.
    pub(in crate::sender) fn bytes(&self) -> usize {
        match self {
            Self::Enqueue(event) => event.bytes(),
            Self::Record(_) | Self::Defer(_) => 512,
        }
    }
}

/// The group's news of each endpoint, in one order for everybody: two that wait for one another's rows would wait for ever.
pub(in crate::sender) fn health_of_each<'c>(outcomes: impl IntoIterator<Item = &'c Outcome>) -> Vec<Health> {
    let mut latest = std::collections::BTreeMap::<&str, Health>::new();
    for Outcome { health, .. } in outcomes {
        let merged = latest.entry(&health.subscription_id).or_insert_with(|| health.clone());
        merged.works = health.works;
        merged.fails_since = health.fails_since;
        merged.hold_ms = merged.hold_ms.max(health.hold_ms);
        if health.disable.is_some() {
            (merged.disable, merged.if_failing_since) = (health.disable, health.if_failing_since);
        }
    }
    latest.into_values().collect()
}

impl Health {
    pub(in crate::sender) fn of(subscription_id: &str) -> Self {
        Self { subscription_id: subscription_id.to_owned(), ..Self::default() }
    }
}
