//! Event types and the event record.

use crate::canonical::path_of_syntax_error;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use thiserror::Error;

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

/// A body that is no envelope: [`WebhookEvent::from_envelope`].
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("invalid_envelope: the body is signed but its {field} is missing or of the wrong type")]
pub struct InvalidEnvelope {
    /// The envelope's first bad field, or `body` where it is no JSON object at all.
    pub field: &'static str,
}

/// A text that is no event record: [`WebhookEvent::from_json`].
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{path}: {reason}")]
pub struct InvalidRecord {
    /// Where in the record, such as `payload.items[3].price`.
    pub path: String,
    /// What was found there.
    pub reason: String,
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

const API_VERSION: &str = "v1";

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
        let fields = members(body).ok_or(InvalidEnvelope { field: "body" })?;
        Self::from_fields(&fields, &ENVELOPE).map_err(|field| InvalidEnvelope { field })
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
        let fields: Fields = serde_json::from_str(text).map_err(|error| syntax_error(text, &error))?;
        let is_record =
            [RECORD.event_id, RECORD.event_type, RECORD.payload].iter().any(|name| fields.contains_key(*name));
        let names = if is_record { &RECORD } else { &ENVELOPE };
        if let Some(unknown) = fields.keys().find(|key| !names.has(key)) {
            return Err(InvalidRecord::new(unknown, "this field is not one of an event's"));
        }
        Self::from_fields(&fields, names)
            .map_err(|field| InvalidRecord::new(field, "this field is missing or of the wrong type"))
    }

    fn from_fields(fields: &Fields, names: &FieldNames) -> Result<Self, &'static str> {
        Ok(Self {
            event_id: scalar(fields, names.event_id)?,
            event_type: scalar::<String>(fields, names.event_type)?.into(),
            customer_id: scalar(fields, "customer_id")?,
            timestamp: scalar(fields, "timestamp")?,
            api_version: match fields.get("api_version") {
                None if names.default_api_version => API_VERSION.to_owned(),
                _ => scalar(fields, "api_version")?,
            },
            payload: match fields.get(names.payload) {
                Some(payload) if payload.get().starts_with('{') => (*payload).to_owned(),
                _ => return Err(names.payload),
            },
        })
    }
}

impl InvalidRecord {
    fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
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

/// A JSON object's members; a map, so that of duplicate keys the last wins.
pub(crate) type Fields<'t> = BTreeMap<String, &'t RawValue>;

/// The members of an object; none where the text is no JSON or no object.
pub(crate) fn members(text: &[u8]) -> Option<Fields<'_>> {
    serde_json::from_str(std::str::from_utf8(text).ok()?).ok()
}

struct FieldNames {
    event_id: &'static str,
    event_type: &'static str,
    payload: &'static str,
    default_api_version: bool,
}

const RECORD: FieldNames =
    FieldNames { event_id: "event_id", event_type: "event_type", payload: "payload", default_api_version: true };
const ENVELOPE: FieldNames =
    FieldNames { event_id: "id", event_type: "type", payload: "data", default_api_version: false };

impl FieldNames {
    fn has(&self, key: &str) -> bool {
        [self.event_id, self.event_type, self.payload, "customer_id", "timestamp", "api_version"].contains(&key)
    }
}

fn scalar<T: serde::de::DeserializeOwned>(fields: &Fields, name: &'static str) -> Result<T, &'static str> {
    let value = fields.get(name).ok_or(name)?;
    serde_json::from_str(value.get()).map_err(|_| name)
}

fn syntax_error(text: &str, error: &serde_json::Error) -> InvalidRecord {
    if !text.trim_start().starts_with('{') {
        return InvalidRecord::new(".", "an event is a JSON object");
    }
    InvalidRecord::new(path_of_syntax_error(text, error), error.to_string())
}
