//! An event, ready to be signed and sent.

use crate::{CanonicalError, WebhookEvent, serialize_envelope};
use bytes::Bytes;

/// An event in the form in which it is sent, the same for every subscription and attempt.
pub(in crate::sender) struct SealedEvent<'e> {
    pub event_id: &'e str,
    pub event_type: &'e str,
    /// The canonical envelope.
    pub body: Result<Bytes, CanonicalError>,
}

impl<'e> From<&'e WebhookEvent> for SealedEvent<'e> {
    fn from(event: &'e WebhookEvent) -> Self {
        Self {
            event_id: &event.event_id,
            event_type: event.event_type.as_str(),
            body: serialize_envelope(event).map(Bytes::from),
        }
    }
}
