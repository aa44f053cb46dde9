use thiserror::Error;

/// The text is not an event record; returned by [`WebhookEvent::from_json`](crate::WebhookEvent::from_json).
///
/// ```
/// use dealix_webhooks::WebhookEvent;
///
/// let error = WebhookEvent::from_json(r#"{"event_id":"evt_1","payload":{"items":[{"price":NaN}]}}"#).unwrap_err();
/// assert_eq!(error.path, "payload.items[0].price");
/// ```
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{path}: {reason}")]
#[non_exhaustive]
pub struct RecordError {
    /// The place in the record, such as `payload.items[3].price`; `.` is the record itself.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

impl RecordError {
    pub(super) fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }
}
