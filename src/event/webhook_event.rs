use super::envelope_error::EnvelopeError;
use super::event_type::EventType;
use super::fields::{API_VERSION, Fields};
use super::id::event_id;
use super::record_error::RecordError;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// One event, whether it is about to be sent or was received.
///
/// The fields are named as in the Python reference; in the envelope, `event_id` is `id`, `event_type` is `type` and
/// `payload` is `data`. `Debug` omits the payload.
#[derive(Clone)]
pub struct WebhookEvent {
    /// `evt_` and 24 hex digits; receivers deduplicate on it.
    pub event_id: String,
    /// What happened.
    pub event_type: EventType,
    /// The customer the event belongs to.
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
/// The core has no clock and no source of randomness: `now` is in seconds since 1970, and `random` holds 16 bytes from a
/// cryptographic random source, for the [`event_id`](crate::event_id).
///
/// The payload is JSON text. To make it from a Rust value, use [`serde_json::value::to_raw_value`]; note that serde_json
/// writes NaN and infinite floats as `null`.
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

impl WebhookEvent {
    /// Reads a verified envelope. Unknown types and unknown fields are accepted, because a receiver may be older than the
    /// sender.
    ///
    /// # Errors
    /// [`EnvelopeError`] names the first field that is missing or of the wrong type.
    pub fn from_envelope(body: &[u8]) -> Result<Self, EnvelopeError> {
        Self::from_fields(Fields::from_envelope(body)?).map_err(|_| EnvelopeError::new("data"))
    }

    /// Reads an event from JSON text, keeping every digit of its numbers: either the record
    /// (`event_id`, `event_type`, `customer_id`, `payload`, `timestamp`, `api_version`) or the envelope
    /// (`id`, `type`, `customer_id`, `data`, `timestamp`, `api_version`). A record may omit `api_version`. If a key is
    /// repeated the last one wins, as in Python.
    ///
    /// # Errors
    /// [`RecordError`] names the place of a syntax error (`NaN` is one), of a field that is missing or of the wrong type,
    /// or of an unknown field, which would otherwise be lost silently.
    pub fn from_json(text: &str) -> Result<Self, RecordError> {
        Self::from_fields(Fields::from_json(text)?).map_err(|error| RecordError::new("payload", error.to_string()))
    }

    fn from_fields(fields: Fields) -> serde_json::Result<Self> {
        Ok(Self {
            event_id: fields.event_id.into_owned(),
            event_type: fields.event_type.into_owned().into(),
            customer_id: fields.customer_id.into_owned(),
            payload: RawValue::from_string(fields.payload.to_owned())?,
            timestamp: fields.timestamp,
            api_version: fields.api_version.into_owned(),
        })
    }

    pub(crate) fn fields(&self) -> Fields<'_> {
        Fields {
            event_id: Cow::Borrowed(&self.event_id),
            event_type: Cow::Borrowed(self.event_type.as_str()),
            customer_id: Cow::Borrowed(&self.customer_id),
            payload: self.payload.get(),
            timestamp: self.timestamp,
            api_version: Cow::Borrowed(&self.api_version),
        }
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
