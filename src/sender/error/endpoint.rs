use thiserror::Error;

/// Why an endpoint is refused before anything is sent to it. Never says which address a name resolves to.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// Not a URL, or a URL without a host.
    #[error("it is not a URL with a host")]
    InvalidUrl,
    /// The scheme is not `https`.
    #[error("it must be an https URL")]
    NotHttps,
    /// The URL holds a user name or password, which would end up in logs.
    #[error("its URL must not hold a user name or password")]
    Credentials,
    /// The host is not, or does not resolve to, an address on the public internet.
    #[error("its address is not public")]
    NotPublic,
}
