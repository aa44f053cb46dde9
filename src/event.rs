//! Event types and the event record.

use crate::fields::{Fields, InvalidEnvelope, InvalidRecord};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// What kind of event this is. The list is open: a receiver meets types that are newer than its copy
/// of this crate, and [`is_known`](Self::is_known) tells.
///
/// ```
/// use dealix_webhooks::EventType;
///
/// let event_type = EventType::from("deal.won");
/// assert!(event_type == EventType::DEAL_WON && event_type.is_known());
/// assert!(!EventType::from("deal.paused").is_known());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventType(Cow<'static, str>);

macro_rules! event_types {
    ($($name:ident $text:literal)*) => {
        impl EventType {
            $(#[doc = concat!("`", $text, "`")] pub const $name: Self = Self(Cow::Borrowed($text));)*
        }

        /// The event types known today, in the contract's order (CONTRACT §2).
        pub const EVENT_TYPES: &[&str] = &[$($text),*];
    };
}

event_types! {
    LEAD_CREATED "lead.created"
    LEAD_QUALIFIED "lead.qualified"
    LEAD_DISQUALIFIED "lead.disqualified"
    LEAD_ENRICHED "lead.enriched"
    DRAFT_CREATED "draft.created"
    DRAFT_APPROVED "draft.approved"
    DRAFT_SENT "draft.sent"
    REPLY_RECEIVED "reply.received"
    REPLY_CLASSIFIED "reply.classified"
    DEMO_BOOKED "demo.booked"
    DEMO_HELD "demo.held"
    DEAL_CREATED "deal.created"
    DEAL_WON "deal.won"
    DEAL_LOST "deal.lost"
    PAYMENT_RECEIVED "payment.received"
    HEALTH_CHANGED "health.changed"
    CHURN_PREDICTED "churn.predicted"
    QBR_GENERATED "qbr.generated"
    PULSE_PUBLISHED "pulse.published"
}

impl EventType {
    /// The type as it stands in the envelope.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the type is one of [`EVENT_TYPES`].
    pub fn is_known(&self) -> bool {
        EVENT_TYPES.contains(&self.as_str())
    }
}

impl From<&str> for EventType {
    fn from(text: &str) -> Self {
        Self(Cow::Owned(text.to_owned()))
    }
}

impl From<String> for EventType {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One event, before it is an envelope and after.
///
/// The fields have the reference's names; in the envelope `event_id` is `id`, `event_type` is `type` and
/// `payload` is `data`. `Debug` leaves the payload out.
#[derive(Clone)]
pub struct WebhookEvent {
    /// `evt_` and 24 hex digits; receivers dedupe on it.
    pub event_id: String,
    /// What happened.
    pub event_type: EventType,
    /// Whose event it is.
    pub customer_id: String,
    /// The payload as JSON text, so that every number keeps its digits.
    pub payload: Box<RawValue>,
    /// When it happened, in seconds since 1970.
    pub timestamp: i64,
    /// `v1`.
    pub api_version: String,
}

/// Makes an event of this API version.
///
/// The core has no clock and no randomness: `now` is in seconds since 1970, `random` is 16 bytes of a
/// cryptographic random source, for the [`event_id`].
///
/// The payload is JSON text. From a Rust value make it with [`serde_json::value::to_raw_value`], bearing in
/// mind that serde_json writes a float that is NaN or infinite as `null`.
///
/// ```
/// use dealix_webhooks::{EventType, make_event};
/// use serde_json::{json, value::to_raw_value};
///
/// let payload = to_raw_value(&json!({"amount": 12.5}))?;
/// let event = make_event(EventType::DEAL_WON, "cus_1", payload, 1_700_000_000, [7; 16]);
/// assert_eq!(event.event_id, "evt_070707070707470787070707");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn make_event(
    event_type: impl Into<EventType>,
    customer_id: impl Into<String>,
    payload: Box<RawValue>,
    now: i64,
    random: [u8; 16],
) -> WebhookEvent {
    WebhookEvent {
        event_id: event_id(random),
        event_type: event_type.into(),
        customer_id: customer_id.into(),
        payload,
        timestamp: now,
        api_version: API_VERSION.to_owned(),
    }
}

pub(crate) const API_VERSION: &str = "v1";

/// `evt_` and the first 24 hex digits of the UUID v4 (RFC 9562 §5.4) that these random bytes make.
pub fn event_id(random: [u8; 16]) -> String {
    new_id("evt_", random)
}

pub(crate) fn new_id(prefix: &str, mut random: [u8; 16]) -> String {
    random[6] = (random[6] & 0x0f) | 0x40;
    random[8] = (random[8] & 0x3f) | 0x80;
    format!("{prefix}{}", hex::encode(&random[..12]))
}

impl WebhookEvent {
    /// Reads an envelope that was verified. Unknown types and unknown fields are fine: receivers outlive
    /// the sender's version.
    ///
    /// # Errors
    /// [`InvalidEnvelope`] names the first field that is missing or of the wrong type.
    pub fn from_envelope(body: &[u8]) -> Result<Self, InvalidEnvelope> {
        Fields::from_envelope(body)?.into_event().map_err(|_| InvalidEnvelope { field: "data" })
    }

    /// Reads an event from JSON text, every number kept to the digit: the record
    /// (`event_id`, `event_type`, `customer_id`, `payload`, `timestamp`, `api_version`) or the envelope
    /// (`id`, `type`, `customer_id`, `data`, `timestamp`, `api_version`). A record may leave out `api_version`; of
    /// duplicate keys the last wins, as in Python.
    ///
    /// # Errors
    /// [`InvalidRecord`] names the place of a syntax error (`NaN` is one), of a missing or mistyped
    /// field, and of an unknown one, which would be lost in silence otherwise.
    pub fn from_json(text: &str) -> Result<Self, InvalidRecord> {
        Fields::from_json(text)?.into_event().map_err(|error| InvalidRecord::new("payload", error.to_string()))
    }
}

impl fmt::Debug for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEvent")
            .field("event_id", &self.event_id)
            .field("event_type", &self.event_type)
            .field("customer_id", &self.customer_id)
            .field("payload", &format_args!("[{} bytes]", self.payload.get().len()))
            .field("timestamp", &self.timestamp)
            .field("api_version", &self.api_version)
            .finish()
    }
}
