use super::policy::EndpointPolicy;
use super::proxy_url::ProxyUrl;
use super::resolve::Resolve;
use std::sync::Arc;
use std::time::Duration;

/// How an [`HttpTransport`](super::HttpTransport) behaves.
///
/// Your own resolver:
///
/// ```
/// use dealix_webhooks::sender::{HttpOptions, HttpTransport, Resolve, Resolving};
/// use std::net::IpAddr;
/// use std::sync::Arc;
///
/// struct Fixed(IpAddr);
///
/// impl Resolve for Fixed {
///     fn resolve<'a>(&'a self, _name: &'a str) -> Resolving<'a> {
///         Box::pin(async { Ok(vec![self.0]) })
///     }
/// }
///
/// let resolver = Arc::new(Fixed("93.184.215.14".parse()?));
/// let transport = HttpTransport::new(HttpOptions { resolver: Some(resolver), ..Default::default() })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HttpOptions {
    /// Which endpoints may be called. Default: https and public addresses only.
    pub endpoints: EndpointPolicy,
    /// For a whole attempt, from the DNS look-up to the last byte of the response; 10 s by default, and an hour at most.
    ///
    /// At most half of it is for connecting, including the look-up and TLS; the addresses of a name share that half, so that
    /// one which does not respond leaves time for the next. At most four fifths of that half are for the look-up: 4 s.
    pub timeout: Duration,
    /// Certificates, in PEM, to trust in addition to the system's.
    pub root_certificates: Vec<Vec<u8>>,
    /// Resolves host names; `None` for the system's resolver. The address guard filters the addresses in either case.
    pub resolver: Option<Arc<dyn Resolve>>,
    /// The proxy to call every endpoint through; `None` to call them directly, whatever the environment says.
    ///
    /// The endpoint's name is looked up and checked here, and the proxy is asked (`CONNECT`) to connect to the checked
    /// address. The address guard does not apply to the proxy itself.
    pub proxy: Option<ProxyUrl>,
    /// Whether to keep the beginning of each response: see [`ResponseExcerpt`](crate::sender::ResponseExcerpt). On by default.
    pub keep_excerpt: bool,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            endpoints: EndpointPolicy::default(),
            timeout: Duration::from_secs(10),
            root_certificates: Vec::new(),
            resolver: None,
            proxy: None,
            keep_excerpt: true,
        }
    }
}
