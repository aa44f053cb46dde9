//! How deliveries go over HTTP.

use super::policy::EndpointPolicy;
use reqwest::dns::Resolve;
use std::sync::Arc;
use std::time::Duration;

/// How an [`HttpTransport`](super::HttpTransport) behaves.
#[derive(Clone)]
pub struct HttpOptions {
    /// Which endpoints may be called; https and public addresses unless told otherwise.
    pub endpoints: EndpointPolicy,
    /// For the whole exchange, from the look-up to the last byte of the answer: 10 s.
    ///
    /// Half of it at most is for connecting, look-up and TLS included, and each address of a name has its share of that:
    /// one that does not answer leaves time for the next. Four fifths of that half at most are for the look-up: 4 s.
    pub timeout: Duration,
    /// Certificates, in PEM, that are trusted beside the system's.
    pub root_certificates: Vec<Vec<u8>>,
    /// Who resolves names; `None` for the system's resolver. The address guard filters its answers all the same.
    pub resolver: Option<Arc<dyn Resolve>>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            endpoints: EndpointPolicy::default(),
            timeout: Duration::from_secs(10),
            root_certificates: Vec::new(),
            resolver: None,
        }
    }
}

/// The part of [`HttpOptions::timeout`] that is for connecting.
pub(super) fn connect_timeout(timeout: Duration) -> Duration {
    timeout / 2
}

/// The part of the time for connecting that is for the look-up. It ends first, so that a look-up without an answer is
/// told from an address without one.
pub(super) fn look_up_timeout(timeout: Duration) -> Duration {
    connect_timeout(timeout) * 4 / 5
}
