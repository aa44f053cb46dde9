//! Which addresses are on the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is on the public internet. If it embeds an IPv4 address, that one decides.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Everything except what IANA's IPv4 Special-Purpose Address Registry (RFC 6890 and its successors) reserves.
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

/// Only 2000::/3 is routed on the internet, and some of it is reserved too.
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

/// The IPv4 address within an IPv4-mapped, NAT64 (RFC 6052) or 6to4 (RFC 3056) address.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let (high, low) = match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => (g, h),
        (0x2002, ..) => (b, c),
        _ => return None,
    };
    Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
}
