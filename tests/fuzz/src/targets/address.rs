//! The address guard, beside Python's `ipaddress`. It must allow nothing that is not public, and refuse what is public only
//! in the networks that are named here.

use crate::reference::{Question, ask};
use dealix_webhooks::sender::EndpointPolicy;
use dealix_webhooks::sender::foreign::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::Host;

/// Public for Python, or for some of its versions, and refused by the guard.
const STRICTER: [(&str, &str); 4] = [
    ("192.0.0.0/24", "protocol assignments; some are global anycast, and no webhook is received there"),
    ("192.88.99.0/24", "6to4 relays, deprecated by RFC 7526"),
    ("2001::/23", "protocol assignments; some are global anycast"),
    ("3fff::/20", "documentation since RFC 9637; Python 3.11 and 3.12 do not know it"),
];

/// A text is the host of a URL if it begins with `h`; anything else holds the bytes of an address.
pub fn run(data: &[u8]) {
    match data.split_first() {
        Some((b'h', host)) => check_url(host),
        Some((_, bytes)) => check_address(bytes),
        None => {}
    }
}

fn check_address(bytes: &[u8]) {
    if let Some(bytes) = bytes.first_chunk::<16>() {
        compare(Ipv6Addr::from(*bytes).into());
        // Two families in one: what is embedded must not open a way around.
        let [.., a, b, c, d] = *bytes;
        let embedded = Ipv4Addr::new(a, b, c, d);
        let allows = |address: Ipv6Addr| EndpointPolicy::default().allows(address.into());
        assert_eq!(allows(embedded.to_ipv6_mapped()), EndpointPolicy::default().allows(embedded.into()), "{embedded}");
    } else if let Some(bytes) = bytes.first_chunk::<4>() {
        compare(Ipv4Addr::from(*bytes).into());
    }
}

fn compare(address: IpAddr) {
    let bytes = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let answer = ask(Question::Address, &bytes);
    let is_public = answer["public"].as_bool().expect("an answer");
    let is_allowed = EndpointPolicy::default().allows(address);
    assert!(is_public || !is_allowed, "{address} is allowed, and not public for Python: {answer}");
    if is_public && !is_allowed {
        let decisive: IpAddr = answer["address"].as_str().and_then(|text| text.parse().ok()).expect("an address");
        let is_named = |(network, _): &(&str, _)| network.parse::<IpNet>().expect("a network").contains(&decisive);
        assert!(STRICTER.iter().any(is_named), "{address} is refused, and public for Python: {answer}");
    }
    let only = EndpointPolicy { allow_networks: vec![IpNet::from(address)], ..EndpointPolicy::default() };
    assert!(only.allows(address), "a network that is allowed explicitly: {address}");
}

fn check_url(host: &[u8]) {
    let Ok(host) = std::str::from_utf8(host) else { return };
    let Ok(url) = EndpointPolicy::default().check_url(&format!("https://{host}/hook")) else { return };
    assert_eq!((url.scheme(), url.username(), url.password()), ("https", "", None), "{url}");
    match url.host().expect("a host") {
        Host::Ipv4(address) => compare_allowed(address.into()),
        Host::Ipv6(address) => compare_allowed(address.into()),
        Host::Domain(name) => {
            assert!(!is_localhost(name), "{url}");
            let number = ask(Question::Number, name.as_bytes());
            assert!(number["address"].is_null(), "{name} is an address for the resolver: {number}");
        }
    }
}

/// As RFC 6761 has it: the last label decides.
fn is_localhost(name: &str) -> bool {
    name.strip_suffix('.').unwrap_or(name).rsplit('.').next() == Some("localhost")
}

fn compare_allowed(address: IpAddr) {
    assert!(EndpointPolicy::default().allows(address), "{address}");
    compare(address);
}
