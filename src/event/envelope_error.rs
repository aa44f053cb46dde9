use thiserror::Error;

/// The body is not an envelope; returned by [`WebhookEvent::from_envelope`](crate::WebhookEvent::from_envelope).
///
/// ```
/// use dealix_webhooks::WebhookEvent;
///
/// let error = WebhookEvent::from_envelope(br#"{"id":7}"#).unwrap_err();
/// assert_eq!(error.field, "id");
/// ```
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("invalid_envelope: {field} is missing or of the wrong type")]
#[non_exhaustive]
pub struct EnvelopeError {
    /// The first field that is missing or of the wrong type, or `body` if the body is not a JSON object.
    pub field: &'static str,
}

impl EnvelopeError {
    pub(super) fn new(field: &'static str) -> Self {
        Self { field }
    }
}
