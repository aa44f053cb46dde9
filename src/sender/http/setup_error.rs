use super::causes::innermost;
use std::error::Error;
use thiserror::Error;

/// Why an HTTP client cannot be set up, such as a root certificate that is not in PEM.
///
/// ```
/// use dealix_webhooks::sender::{HttpOptions, HttpSetupError, HttpTransport};
///
/// let options = HttpOptions { root_certificates: vec![b"not PEM".to_vec()], ..Default::default() };
/// assert!(matches!(HttpTransport::new(options), Err(HttpSetupError::NoCertificate)));
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HttpSetupError {
    /// One of [`HttpOptions::root_certificates`](super::HttpOptions::root_certificates) is not a PEM text that holds a certificate.
    #[error("the HTTP client cannot be set up: a root certificate is not in PEM")]
    NoCertificate,
    /// The HTTP client refused; the source is its error.
    #[error("the HTTP client cannot be set up: {}", innermost(.0.as_ref()))]
    Client(#[source] Box<dyn Error + Send + Sync>),
}

impl HttpSetupError {
    pub(super) fn client(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Client(Box::new(error))
    }
}
