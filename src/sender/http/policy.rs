//! Which endpoints a delivery may go to: those of the public internet, and those that were allowed by name.

use super::address::is_public;
use crate::sender::error::EndpointError;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Where deliveries may go. The default is https, to public addresses.
#[derive(Clone, Debug, Default)]
pub struct EndpointPolicy {
    /// Also lets `http` URLs through.
    pub allow_http: bool,
    /// Networks whose addresses may be called although they are not public, such as `127.0.0.0/8` in a test.
    pub allow_networks: Vec<IpNet>,
}

impl EndpointPolicy {
    /// Everything that can be known of an endpoint without asking a resolver. An address in the URL is checked here,
    /// in all of its spellings (`url` reads `2130706433` and `0x7f.1` as 127.0.0.1), and so is `localhost`; the addresses
    /// of any other name are checked when they are connected to.
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

    /// Whether this address may be connected to.
    pub fn allows(&self, address: IpAddr) -> bool {
        is_public(address) || self.allow_networks.iter().any(|network| network.contains(&address))
    }
}

/// Names that stand for this machine and need no resolver (RFC 6761 §6.3). `url` has made them lower-case.
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}
