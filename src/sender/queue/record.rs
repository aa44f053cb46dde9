//! What the queue remembers.

use crate::sender::subscription::{Secret, SubscriptionSecret, WebhookSubscription};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// A subscription in the queue's database.
#[derive(Clone, Debug)]
pub struct StoredSubscription {
    /// `sub_` and 24 hex digits.
    pub id: String,
    /// Who wants which events, where.
    pub subscription: WebhookSubscription,
    /// Its events are queued and wait: nothing is sent until it is resumed.
    pub paused: bool,
    /// Why it was disabled, where it was.
    pub disabled_reason: Option<String>,
    /// Since when its endpoint has only failed, in seconds since 1970.
    pub failing_since: Option<i64>,
    /// Until when its endpoint asked for nothing more (429, `Retry-After`), in seconds since 1970; may have passed.
    pub held_until: Option<i64>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits for its first or its next attempt.
    Pending,
    /// It was answered with a 2xx.
    Delivered,
    /// Its attempts are used up, or another would be of no use. It can be replayed.
    DeadLetter,
}

impl DeliveryState {
    pub(in crate::sender) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::DeadLetter => "dead_letter",
        }
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DeliveryState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Pending, Self::Delivered, Self::DeadLetter]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| "a delivery is pending, delivered or dead_letter".to_owned())
    }
}

/// One event on its way to one subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QueuedDelivery {
    /// `dlv_` and 24 hex digits; the same for all of its attempts.
    pub delivery_id: String,
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: String,
    /// Whose event it is.
    pub customer_id: String,
    /// The subscription's id.
    pub subscription_id: String,
    /// The subscription's endpoint when the event was enqueued.
    pub endpoint_url: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How many attempts were made.
    pub attempts: u32,
    /// How many of them were made before it was last replayed; the schedule starts anew from there.
    pub attempts_before_replay: u32,
    /// When the event was enqueued, in seconds since 1970.
    pub created_at: i64,
    /// When the next attempt is due, in seconds since 1970.
    pub next_attempt_at: Option<i64>,
    /// When it was delivered or became a dead letter, in seconds since 1970.
    pub finished_at: Option<i64>,
    /// The last attempt's status, where an answer came.
    pub status_code: Option<u16>,
    /// What went wrong last.
    pub error: Option<String>,
}

/// One line of the delivery log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoggedAttempt {
    /// `att_` and 24 hex digits.
    pub attempt_id: String,
    /// The delivery's id.
    pub delivery_id: String,
    /// Which attempt it was; the first is 1.
    pub attempt: u32,
    /// When it was made and signed, in seconds since 1970.
    pub timestamp: i64,
    /// The answer's status, where one came.
    pub status_code: Option<u16>,
    /// Whether the status is a 2xx.
    pub success: bool,
    /// What went wrong, at most 200 code points.
    pub error: Option<String>,
    /// In whole milliseconds.
    pub duration_ms: u64,
}

/// How many deliveries stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QueueDepth {
    /// Waiting for an attempt.
    pub pending: u64,
    /// Of these, the ones whose attempt is due.
    pub due: u64,
    /// Dead letters.
    pub dead_letters: u64,
    /// Events in the outbox that can never be sent; the column `error` says why.
    pub refused: u64,
}

/// What became of an event that was enqueued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enqueued {
    /// How many deliveries were queued: one for each subscription that wants the event.
    pub deliveries: usize,
    /// The event's id was known already, and nothing was done.
    pub duplicate: bool,
}

/// Which deliveries are meant.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Only those that stand here.
    pub state: Option<DeliveryState>,
    /// Only this customer's.
    pub customer_id: Option<String>,
    /// Only those to this subscription.
    pub subscription_id: Option<String>,
    /// Only those that were enqueued (dead letters: that died) at or after this second since 1970.
    pub since: i64,
}

/// A subscription's secrets as they stand in the database.
#[derive(Serialize, Deserialize)]
struct SecretText {
    secret: Zeroizing<String>,
    expires_at: Option<i64>,
}

pub(in crate::sender) fn secrets_to_json(secrets: &[SubscriptionSecret]) -> Zeroizing<String> {
    let text = |secret: &SubscriptionSecret| SecretText {
        secret: secret.secret.expose().to_owned().into(),
        expires_at: secret.expires_at,
    };
    let texts: Vec<_> = secrets.iter().map(text).collect();
    serde_json::to_string(&texts).expect("text and integers have a JSON form").into()
}

pub(in crate::sender) fn secrets_from_json(json: &str) -> Result<Vec<SubscriptionSecret>, serde_json::Error> {
    let texts: Vec<SecretText> = serde_json::from_str(json)?;
    let secrets = texts.into_iter();
    Ok(secrets
        .map(|text| SubscriptionSecret { secret: Secret::from(text.secret.as_str()), expires_at: text.expires_at })
        .collect())
}
