use super::endpoint::EndpointError;
use crate::{CanonicalError, ConfigurationError};
use thiserror::Error;

/// The maximum length of an error's text, in code points (CONTRACT §4).
pub(in crate::sender) const MAX_CHARS: usize = 200;

/// Why an attempt was not sent, or got no response.
///
/// ```
/// use dealix_webhooks::sender::{DeliveryError, EndpointError};
///
/// assert!(DeliveryError::from(EndpointError::NotHttps).is_permanent());
/// assert!(!DeliveryError::TimedOut("timed out after 10 s".to_owned()).is_permanent());
/// ```
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The network or the receiver failed; the text is the transport's. Worth retrying.
    #[error("{0}")]
    Transport(String),
    /// The response did not arrive in time, or only part of it did. Worth retrying.
    #[error("{0}")]
    TimedOut(String),
    /// The sender's own machine failed: it ran out of sockets, or cannot resolve any name at all, or its proxy does not let it
    /// in. This says nothing about the endpoint.
    #[error("the sender's machine failed: {0}")]
    Local(String),
    /// The value of the named header holds CR, LF, another control character, or non-ASCII text.
    #[error("the value of the header {0} holds characters that a header cannot carry")]
    InvalidHeader(String),
    /// The name of an extra header is empty or not valid.
    #[error("an extra header's name is empty or holds characters that a header name cannot")]
    InvalidHeaderName,
    /// An extra header would replace one that only the sender may set.
    #[error("the header {0} is the sender's own and cannot be replaced")]
    ReservedHeader(String),
    /// The event has no canonical envelope.
    #[error("the event cannot be serialized: {0}")]
    Envelope(#[from] CanonicalError),
    /// The subscription has no active secret, or the clock is so far off that no receiver would accept the signature.
    #[error("the delivery cannot be signed: {0}")]
    Signature(#[from] ConfigurationError),
    /// The endpoint may not be called.
    #[error("the endpoint is refused: {0}")]
    Endpoint(#[from] EndpointError),
}

impl DeliveryError {
    /// Whether another attempt would fail in the same way.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Self::Transport(_) | Self::TimedOut(_) | Self::Local(_))
    }

    /// The same error with a foreign text cut, so that the whole text is at most [`MAX_CHARS`] long.
    pub(in crate::sender) fn shortened(self) -> Self {
        match self {
            Self::Transport(text) => Self::Transport(first_chars(text, MAX_CHARS)),
            Self::TimedOut(text) => Self::TimedOut(first_chars(text, MAX_CHARS)),
            Self::Local(text) => Self::Local(first_chars(text, MAX_CHARS - "the sender's machine failed: ".len())),
            other => other,
        }
    }
}

fn first_chars(mut text: String, count: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(count) {
        text.truncate(end);
    }
    text
}
