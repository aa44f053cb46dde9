use super::policy::EndpointPolicy;
use reqwest::dns::Resolve;
use std::sync::Arc;
use std::time::Duration;

/// How an [`HttpTransport`](super::HttpTransport) behaves.
///
/// Your own resolver, with the types that [`foreign`](crate::sender::foreign) re-exports:
///
/// ```
/// use dealix_webhooks::sender::foreign::{Addrs, Name, Resolve, Resolving};
/// use dealix_webhooks::sender::{HttpOptions, HttpTransport};
/// use std::net::SocketAddr;
/// use std::sync::Arc;
///
/// struct Fixed(SocketAddr);
///
/// impl Resolve for Fixed {
///     fn resolve(&self, _name: Name) -> Resolving {
///         let addresses: Addrs = Box::new(std::iter::once(self.0));
///         Box::pin(std::future::ready(Ok(addresses)))
///     }
/// }
///
/// let resolver = Arc::new(Fixed("93.184.215.14:0".parse()?));
/// let transport = HttpTransport::new(HttpOptions { resolver: Some(resolver), ..Default::default() })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HttpOptions {
    /// Which endpoints may be called. Default: https and public addresses only.
    pub endpoints: EndpointPolicy,
    /// For a whole attempt, from the DNS look-up to the last byte of the response; 10 s by default.
    ///
    /// At most half of it is for connecting, including the look-up and TLS; the addresses of a name share that half, so that
    /// one which does not respond leaves time for the next. At most four fifths of that half are for the look-up: 4 s.
    pub timeout: Duration,
    /// Certificates, in PEM, to trust in addition to the system's.
    pub root_certificates: Vec<Vec<u8>>,
    /// Resolves host names; `None` for the system's resolver. The address guard filters the addresses in either case.
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
