use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use std::str::FromStr;
use thiserror::Error;
use url::Url;

/// An HTTP proxy for deliveries, as `http://HOST:PORT` or `http://USER:PASSWORD@HOST:PORT`. `Debug` leaves out the user and the
/// password.
///
/// ```
/// use dealix_webhooks::sender::{HttpOptions, HttpTransport, ProxyUrl};
///
/// let proxy: ProxyUrl = "http://user:password@proxy.example:3128".parse()?;
/// assert!(!format!("{proxy:?}").contains("password"));
/// let transport = HttpTransport::new(HttpOptions { proxy: Some(proxy), ..Default::default() })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProxyUrl(Intercept);

/// Why a proxy's URL is refused. It never shows the URL, which may hold a password.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyUrlError {
    /// Not a URL, or one with a path.
    #[error("the proxy must be given as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT")]
    InvalidUrl,
    /// The scheme is not `http`.
    #[error("the proxy's URL must begin with http://; https endpoints are called over TLS through it too")]
    NotHttp,
}

impl FromStr for ProxyUrl {
    type Err = ProxyUrlError;

    fn from_str(text: &str) -> Result<Self, ProxyUrlError> {
        let url = Url::parse(text).map_err(|_| ProxyUrlError::InvalidUrl)?;
        if url.scheme() != "http" {
            return Err(ProxyUrlError::NotHttp);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyUrlError::InvalidUrl);
        }
        // It decodes the credentials and takes them out of the URL.
        let matcher = Matcher::builder().all(url.as_str()).build();
        let any_endpoint = Uri::from_static("https://endpoint");
        matcher.intercept(&any_endpoint).map(Self).ok_or(ProxyUrlError::InvalidUrl)
    }
}

impl ProxyUrl {
    /// Without the credentials.
    pub(super) fn uri(&self) -> &Uri {
        self.0.uri()
    }

    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.0.basic_auth()
    }
}
