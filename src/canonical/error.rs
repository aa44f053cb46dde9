use thiserror::Error;

/// The payload has no canonical form.
///
/// ```
/// use dealix_webhooks::{CanonicalErrorKind, EventType, make_event, serialize_envelope};
///
/// let payload = serde_json::from_str(r#"{"items":[{"price":1e400}]}"#)?;
/// let event = make_event(EventType::DEAL_WON, "cus_1", payload, 1_700_000_000, [7; 16]);
/// let error = serialize_envelope(&event).unwrap_err();
/// assert_eq!((error.path.as_str(), error.kind), ("payload.items[0].price", CanonicalErrorKind::NumberOverflow));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{path}: {kind}")]
pub struct CanonicalError {
    /// The place, such as `payload.items[3].price`.
    pub path: String,
    /// What is wrong there.
    pub kind: CanonicalErrorKind,
}

/// What is wrong with a payload; see [`CanonicalError`].
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CanonicalErrorKind {
    /// A number such as 1e400, which Python would write as `Infinity`; that is not JSON.
    #[error("the number overflows a double")]
    NumberOverflow,
    /// The payload is not an object, and no receiver would accept it as an envelope's data.
    #[error("the payload is not an object")]
    NotAnObject,
    /// A number with a point or an exponent takes more than 64 KiB of text.
    #[error("the number takes more than 64 KiB of text")]
    NumberTooLong,
    /// A string or key such as `"\ud800"`, which is not Unicode text.
    #[error("the text holds a lone surrogate")]
    LoneSurrogate,
    /// More than 128 levels of nesting, including the envelope's two.
    #[error("the payload is nested more than 128 levels deep")]
    TooDeep,
}
