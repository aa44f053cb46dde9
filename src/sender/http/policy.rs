//! Which endpoints may be called: those on the public internet, and those that are allowed explicitly.

use super::address::is_public;
use crate::sender::error::EndpointError;
use http::uri::Authority;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Which endpoints may be called. By default: https URLs with public addresses.
///
/// ```
/// use dealix_webhooks::sender::EndpointPolicy;
///
/// // For local development: this machine, and without TLS.
/// let policy = EndpointPolicy { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse()?] };
/// assert!(policy.check_url("http://127.0.0.1:3000/hook").is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct EndpointPolicy {
    /// Also allow `http` URLs.
    pub allow_http: bool,
    /// Networks to allow although their addresses are not public, such as `127.0.0.0/8` in a test.
    pub allow_networks: Vec<IpNet>,
}

impl EndpointPolicy {
    /// Checks everything about an endpoint that needs no DNS look-up, and returns its URL. An address in the URL is checked
    /// here, however it is spelled (`url` reads `2130706433` and `0x7f.1` as 127.0.0.1), and so is `localhost`; the addresses
    /// of any other name are checked when the client connects to them.
    ///
    /// # Errors
    /// [`EndpointError`].
    ///
    /// ```
    /// use dealix_webhooks::sender::{EndpointError, EndpointPolicy};
    ///
    /// let policy = EndpointPolicy::default();
    /// assert!(policy.check_url("https://example.com/hook").is_ok());
    /// assert_eq!(policy.check_url("https://2130706433/"), Err(EndpointError::NotPublic));
    /// ```
    pub fn check_url(&self, endpoint_url: &str) -> Result<Url, EndpointError> {
        let url = Url::parse(endpoint_url).map_err(|_| EndpointError::InvalidUrl)?;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http => {}
            _ => return Err(EndpointError::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        // `Url` has names that no request can be sent to.
        if url.host_str().is_some_and(|host| host.parse::<Authority>().is_err()) {
            return Err(EndpointError::InvalidUrl);
        }
        let allowed = match url.host() {
            None => return Err(EndpointError::InvalidUrl),
            Some(Host::Domain(name)) => !is_localhost(name) || self.allows_loopback(),
            Some(Host::Ipv4(address)) => self.allows(address.into()),
            Some(Host::Ipv6(address)) => self.allows(address.into()),
        };
        if allowed { Ok(url) } else { Err(EndpointError::NotPublic) }
    }

    fn allows_loopback(&self) -> bool {
        self.allows(Ipv4Addr::LOCALHOST.into()) || self.allows(Ipv6Addr::LOCALHOST.into())
    }

    /// Whether the client may connect to this address.
    pub fn allows(&self, address: IpAddr) -> bool {
        is_public(address) || self.allow_networks.iter().any(|network| network.contains(&address))
    }
}

/// Names for this machine that resolve without a name server (RFC 6761 §6.3). `url` has already lower-cased the name.
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}
