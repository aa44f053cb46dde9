use super::secrets_at_rest::SecretsAtRest;
use super::state::DeliveryState;
use crate::sender::excerpt::ResponseExcerpt;
use crate::sender::phases::AttemptPhases;
use crate::sender::subscription::WebhookSubscription;
use serde::Serialize;

/// A subscription in the queue's database.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredSubscription {
    /// `sub_` and 24 hex digits.
    pub id: String,
    /// Who wants which events, and where.
    pub subscription: WebhookSubscription,
    /// Events are queued for it, but nothing is sent until it is resumed.
    pub paused: bool,
    /// Why it was disabled, if it is.
    pub disabled_reason: Option<String>,
    /// Since when every attempt at its endpoint has failed, in seconds since 1970. There may have been only one: see `failed_at`.
    pub failing_since: Option<i64>,
    /// When an attempt last failed since then, to the minute.
    pub failed_at: Option<i64>,
    /// Nothing is sent until this time, because the endpoint asked for that (429, `Retry-After`); in seconds since 1970, and
    /// possibly in the past.
    pub held_until: Option<i64>,
    /// How its secrets are stored. If they are [locked](SecretsAtRest::Locked), `subscription` holds none.
    pub secrets_at_rest: SecretsAtRest,
}

/// Subscriptions, even if some of their records are damaged.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SubscriptionList {
    /// The oldest first.
    pub readable: Vec<StoredSubscription>,
    /// Nothing is sent to these, and nothing of theirs is lost: they wait until the record is mended or removed.
    pub damaged: Vec<DamagedSubscription>,
}

/// A subscription whose record is not in the form in which this library writes it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct DamagedSubscription {
    /// `sub_` and 24 hex digits.
    pub id: String,
    /// What is wrong; never what is stored.
    pub reason: String,
}

/// One event on its way to one subscription.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct QueuedDelivery {
    /// `dlv_` and 24 hex digits; the same for all of its attempts.
    pub delivery_id: String,
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: String,
    /// The customer whose event it is.
    pub customer_id: String,
    /// The subscription's id.
    pub subscription_id: String,
    /// The subscription's endpoint when the event was enqueued.
    pub endpoint_url: String,
    /// The state that it is in.
    pub state: DeliveryState,
    /// How many attempts were made.
    pub attempts: u32,
    /// How many of them were made before it was last replayed; a replay restarts the retry schedule.
    pub attempts_before_replay: u32,
    /// When the event was enqueued, in seconds since 1970.
    pub created_at: i64,
    /// When the next attempt is due, in seconds since 1970.
    pub next_attempt_at: Option<i64>,
    /// When it was delivered or became a dead letter, in seconds since 1970.
    pub finished_at: Option<i64>,
    /// The status of the last attempt, if there was a response.
    pub status_code: Option<u16>,
    /// What went wrong last.
    pub error: Option<String>,
}

/// One attempt in the log of a delivery.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LoggedAttempt {
    /// `att_` and 24 hex digits; new for each attempt.
    pub attempt_id: String,
    /// The delivery's id.
    pub delivery_id: String,
    /// The number of the attempt; the first is 1.
    pub attempt: u32,
    /// When it was made and signed, in seconds since 1970.
    pub timestamp: i64,
    /// The status of the response, if there was one.
    pub status_code: Option<u16>,
    /// Whether the status is a 2xx.
    pub success: bool,
    /// What went wrong, in at most 200 code points.
    pub error: Option<String>,
    /// How long it took, in whole milliseconds.
    pub duration_ms: u64,
    /// How long it had been due before that, in milliseconds; `None` in the log of an earlier version.
    pub queue_ms: Option<u64>,
    /// How the time was spent.
    #[serde(flatten)]
    pub phases: AttemptPhases,
    /// The beginning of the response, if there was a body and it was to be kept.
    pub excerpt: Option<ResponseExcerpt>,
}

/// How many deliveries are waiting, and how many cannot be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QueueDepth {
    /// Deliveries that are waiting for an attempt.
    pub pending: u64,
    /// Those of them whose attempt is due.
    pub due: u64,
    /// Dead letters.
    pub dead_letters: u64,
    /// Events in the outbox that can never be sent; the column `error` says why.
    pub refused: u64,
}

/// What became of an event that was enqueued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Enqueued {
    /// How many deliveries were queued: one for each subscription that wants the event.
    pub deliveries: usize,
    /// An event with this id had been queued before, and nothing was done.
    pub duplicate: bool,
}

/// What [`Queue::recover`](crate::sender::Queue::recover) queued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// Dead letters that are replayed.
    pub replayed: u64,
    /// Events that had not been queued for the subscription.
    pub missed: u64,
}

/// What [`Queue::reseal_secrets`](crate::sender::Queue::reseal_secrets) did; counted in subscriptions.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Resealed {
    /// Their secrets were in clear, or sealed with another key, and are sealed with the current key now.
    pub resealed: u64,
    /// Their secrets were sealed with the current key already.
    pub unchanged: u64,
    /// Their secrets are sealed with a key that is not there, and stay as they are.
    pub locked: u64,
    /// Their secrets cannot be read, and stay as they are.
    pub damaged: Vec<DamagedSubscription>,
    /// Whether the earlier text is gone from the database's files as well, and not only from its tables.
    pub scrubbed: bool,
}
