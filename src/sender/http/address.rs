//! Which addresses a delivery may go to: those of the public internet, and those that were allowed by name.

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

/// Whether an address is one of the public internet, judged by the address that it embeds where it embeds one.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// All but what IANA's IPv4 Special-Purpose Address Registry (RFC 6890 and its successors) sets apart.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)                // this host, private, loopback
            | (100, 64..=127, _)            // shared by carriers
            | (169, 254, _)                 // link-local, and the clouds' metadata servers
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)               // protocol assignments, documentation
            | (192, 88, 99)                 // 6to4 relays
            | (192, 168, _)
            | (198, 18..=19, _)             // benchmarks
            | (198, 51, 100) | (203, 0, 113) // documentation
            | (224..=255, _, _) // multicast, reserved, broadcast
    )
}

/// Nothing but 2000::/3 is routed on the internet; some of that is set apart too.
fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(embedded) = embedded_v4(address) {
        return is_public_v4(embedded);
    }
    let [a, b, ..] = address.segments();
    matches!(a, 0x2000..=0x3fff)
        && !(a == 0x2001 && b < 0x0200)     // protocol assignments, Teredo
        && !(a == 0x2001 && b == 0x0db8)    // documentation
        && !(a == 0x3fff && b < 0x1000) // documentation
}

/// The IPv4 address within an IPv4-mapped, a NAT64 (RFC 6052) or a 6to4 (RFC 3056) address.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let (high, low) = match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => (g, h),
        (0x2002, ..) => (b, c),
        _ => return None,
    };
    Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
}
