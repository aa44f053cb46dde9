use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use std::str::FromStr;
use thiserror::Error;
use url::Url;
use zeroize::Zeroizing;

const SCHEME: &[u8] = b"Basic ";

/// An HTTP proxy for deliveries, as `http://HOST:PORT` or `http://USER:PASSWORD@HOST:PORT`. `Debug` leaves out the user and the
/// password, which are wiped from memory when the last clone is dropped.
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
pub struct ProxyUrl {
    uri: Uri,
    authorization: Option<HeaderValue>,
}

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
        // Not left to `Url`, which would keep copies of the password.
        let (credentials, text) = split_credentials(text);
        let url = Url::parse(&text).map_err(|_| ProxyUrlError::InvalidUrl)?;
        if url.scheme() != "http" {
            return Err(ProxyUrlError::NotHttp);
        }
        if !url.username().is_empty() || url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyUrlError::InvalidUrl);
        }
        let uri = url.as_str().parse().map_err(|_| ProxyUrlError::InvalidUrl)?;
        Ok(Self { uri, authorization: credentials.map(basic_authorization) })
    }
}

impl ProxyUrl {
    /// Its address, without the credentials.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The value of `Proxy-Authorization`, if it has credentials; marked as sensitive.
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }
}

/// `user:password`, if there is one, and the URL without it.
fn split_credentials(text: &str) -> (Option<&str>, String) {
    let start = text.find("://").map_or(0, |scheme_end| scheme_end + "://".len());
    let end = text[start..].find(['/', '\\', '?', '#']).map_or(text.len(), |length| start + length);
    match text[start..end].rsplit_once('@') {
        // Without a host, the path would become one.
        Some((credentials, host)) if !host.is_empty() => {
            (Some(credentials), format!("{}{host}{}", &text[..start], &text[end..]))
        }
        Some(_) => (None, String::new()),
        None => (None, text.to_owned()),
    }
}

/// RFC 7617. All clones of the value share one buffer.
fn basic_authorization(credentials: &str) -> HeaderValue {
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let mut plain = Zeroizing::new(Vec::with_capacity(credentials.len() + 1));
    plain.extend(percent_decode_str(user));
    plain.push(b':');
    plain.extend(percent_decode_str(password));
    let mut value = Zeroizing::new(vec![0; SCHEME.len() + plain.len().div_ceil(3) * 4]);
    let (scheme, encoded) = value.split_at_mut(SCHEME.len());
    scheme.copy_from_slice(SCHEME);
    BASE64_STANDARD.encode_slice(&plain, encoded).expect("it is as long as needed");
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(value)).expect("base64 is ASCII");
    value.set_sensitive(true);
    value
}
