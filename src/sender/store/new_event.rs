use crate::sender::headers::is_header_value;
use crate::sender::queue::{QueueError, TracedEvent};
use crate::serialize_envelope;
use serde::Serialize;

/// PostgreSQL's indexes accept at most about 2,700 bytes, and one event that an index refuses would block the whole outbox.
const MAX_ID_BYTES: usize = 255;

/// The type of the event that a ping sends. A receiver may pass over it, so no event of a customer may have it.
pub(in crate::sender) const PING: &str = "dealix.ping";

/// An event in its canonical form.
#[derive(Clone, Serialize)]
pub(in crate::sender) struct NewEvent {
    pub id: String,
    pub event_type: String,
    pub customer_id: String,
    pub envelope: String,
    pub traceparent: Option<String>,
}

impl NewEvent {
    /// # Errors
    /// Refuses whatever could only become a dead letter: [`QueueError::Event`], [`QueueError::Envelope`],
    /// [`QueueError::TooLarge`], [`QueueError::ReservedEventType`].
    pub(in crate::sender) fn of(event: TracedEvent<'_>, max_envelope_bytes: usize) -> Result<Self, QueueError> {
        let TracedEvent { event, traceparent } = event;
        let is_sendable = |text: &str| !text.is_empty() && text.len() <= MAX_ID_BYTES && is_header_value(text);
        if !is_sendable(&event.event_id) {
            return Err(QueueError::Event("event_id"));
        }
        if !is_sendable(event.event_type.as_str()) {
            return Err(QueueError::Event("event_type"));
        }
        if event.event_type.as_str() == PING {
            return Err(QueueError::ReservedEventType(PING));
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
            traceparent: traceparent.map(|traceparent| traceparent.to_string()),
        })
    }

    /// The approximate length of its row.
    pub(in crate::sender) fn bytes(&self) -> usize {
        256 + self.envelope.len()
    }
}
