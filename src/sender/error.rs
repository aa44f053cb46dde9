//! Why a delivery fails.

use crate::{CanonicalError, ConfigurationError};
use thiserror::Error;

/// How much of an error's text is kept, in code points.
pub(in crate::sender) const MAX_ERROR_CHARS: usize = 200;

/// Why a delivery did not go out, or got no answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The network or the receiver failed, in the transport's words; worth another attempt.
    #[error("{0}")]
    Transport(String),
    /// No answer came in time, or not all of it; worth another attempt.
    #[error("{0}")]
    TimedOut(String),
    /// The sender's own machine failed: it has run out of sockets, or cannot resolve names, whichever they are. It says
    /// nothing of the endpoint.
    #[error("the sender's machine failed: {0}")]
    Local(String),
    /// A header's value cannot be sent: it holds CR, LF, another control character, or non-ASCII text.
    #[error("the value of the header {0} holds characters that a header cannot carry")]
    InvalidHeader(String),
    /// An extra header has no valid name.
    #[error("an extra header's name is empty or holds characters that a name cannot")]
    InvalidHeaderName,
    /// An extra header would replace one that only the sender may set.
    #[error("the header {0} is the sender's own and cannot be replaced")]
    ReservedHeader(String),
    /// The event has no canonical form.
    #[error("the event cannot be serialized: {0}")]
    Payload(#[from] CanonicalError),
    /// The subscription has no active secret, or the clock stands where no receiver would accept the signature.
    #[error("the delivery cannot be signed: {0}")]
    Signature(#[from] ConfigurationError),
    /// The endpoint may not be called.
    #[error("the endpoint is refused: {0}")]
    Endpoint(#[from] EndpointError),
}

/// Why an endpoint is refused before anything is sent to it. Never says which address a name stands for.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// No URL, or one without a host.
    #[error("it is not a URL with a host")]
    InvalidUrl,
    /// The scheme is not `https`.
    #[error("it must be an https URL")]
    NotHttps,
    /// The URL holds a user name or a password, which would end up in logs.
    #[error("its URL must not hold a user name or password")]
    Credentials,
    /// It is, or its name stands for, no address of the public internet.
    #[error("its address is not a public one")]
    NotPublic,
}

impl DeliveryError {
    /// Whether another attempt would fail in the same way.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Self::Transport(_) | Self::TimedOut(_) | Self::Local(_))
    }
}
