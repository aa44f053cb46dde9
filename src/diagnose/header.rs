//! The ways to read a signature header, the strict one first.

use super::clock;
use super::encoding::{from_base64, from_url};
use super::facts::{HeaderFault, Time};
use super::mistake::Mistake;
use super::provider::Provider;
use crate::signature::{MAC_BYTES, parse_timestamp, values};
use crate::{MAX_HEADER_BYTES, SignatureHeader};
use subtle::ConstantTimeEq;

/// A `v1` that was cut off is recognised by this many hex digits: 64 bits do not match by chance.
const MIN_HEX_DIGITS: usize = 16;

/// One way to read the header: what was signed, and the MACs.
pub(super) struct Reading {
    /// The time that was signed; `None` if the MAC covers the body alone.
    pub(super) signed_time: Option<i64>,
    /// `t`; `None` if the header has none.
    pub(super) timestamp: Option<i64>,
    signatures: Vec<Vec<u8>>,
    pub(super) mistakes: Vec<Mistake>,
}

impl Reading {
    /// The cost of comparing the signatures, in bytes hashed.
    pub(super) fn cost(&self) -> usize {
        16 * self.signatures.len()
    }

    /// Whether one of the signatures, or what is left of it, equals this MAC.
    pub(super) fn has(&self, mac: &[u8; MAC_BYTES]) -> bool {
        self.signatures.iter().any(|signature| bool::from(mac[..signature.len()].ct_eq(signature)))
    }
}

/// Every way to read the header, with the mistakes that each one presumes.
pub(super) fn readings(header: &str) -> Vec<Reading> {
    if header.len() > MAX_HEADER_BYTES {
        return Vec::new();
    }
    let mut readings = read(header, &[]);
    let (repaired, faults) = repair(header);
    if let Some(fault) = faults.first() {
        readings.extend(read(&repaired, &[Mistake::HeaderRewritten(*fault)]));
    }
    let groups = split_at_times(&repaired);
    if groups.len() > 1 {
        for group in groups {
            readings.extend(read(&group, &[Mistake::HeaderRewritten(HeaderFault::Joined)]));
        }
    }
    readings.extend(truncated(&repaired));
    readings.extend(bare(&repaired));
    readings
}

/// What is wrong with a header that cannot be repaired; `None` if it is well-formed.
pub(super) fn fault(header: &str) -> Option<HeaderFault> {
    if SignatureHeader::parse(header).is_ok_and(|parsed| parsed.candidates().next().is_some()) {
        return None;
    }
    if header.len() > MAX_HEADER_BYTES {
        return Some(HeaderFault::Other);
    }
    let (repaired, faults) = repair(header);
    let hex = values(repaired.as_bytes(), b"v1").find(|value| !value.is_empty());
    if hex.is_some_and(|hex| hex.len() < 2 * MAC_BYTES) || repaired.starts_with("t=") && hex.is_none() {
        return Some(HeaderFault::Truncated);
    }
    Some(faults.first().copied().unwrap_or(HeaderFault::Other))
}

/// Reads the header as the verifier does, but also accepts other notations of the MAC and other signed text.
fn read(header: &str, mistakes: &[Mistake]) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut times = values(header.as_bytes(), b"t");
    let (Some(time), None) = (times.next(), times.next()) else { return readings };
    let Some(timestamp) = parse_timestamp(time) else { return readings };
    let mut add = |signatures: Vec<Vec<u8>>, signed_time, more: &[Mistake]| {
        if !signatures.is_empty() {
            let mistakes = [mistakes, more].concat();
            readings.push(Reading { signed_time, timestamp: Some(timestamp), signatures, mistakes });
        }
    };
    let all =
        |decode: fn(&[u8]) -> Option<Vec<u8>>| values(header.as_bytes(), b"v1").filter_map(decode).collect::<Vec<_>>();
    let strict = SignatureHeader::parse(header).map_or_else(|_| Vec::new(), |parsed| parsed.candidates().collect());
    let strict: Vec<Vec<u8>> = strict.iter().map(|mac| mac.to_vec()).collect();
    add(strict.clone(), Some(timestamp), &[]);
    add(all(upper_case_hex), Some(timestamp), &[Mistake::UpperCaseHex]);
    add(all(base64_mac), Some(timestamp), &[Mistake::Base64Signature]);
    if clock::seconds(timestamp) != timestamp {
        add(strict.clone(), Some(clock::seconds(timestamp)), &[Mistake::Milliseconds(Time::Timestamp)]);
    }
    add(strict, None, &[Mistake::TimestampNotSigned]);
    readings
}

fn upper_case_hex(value: &[u8]) -> Option<Vec<u8>> {
    let mac = hex::decode(value).ok().filter(|mac| mac.len() == MAC_BYTES)?;
    value.iter().any(u8::is_ascii_uppercase).then_some(mac)
}

fn base64_mac(value: &[u8]) -> Option<Vec<u8>> {
    from_base64(value).filter(|mac| mac.len() == MAC_BYTES)
}

/// The repaired header, and what was wrong with it.
fn repair(text: &str) -> (String, Vec<HeaderFault>) {
    let mut faults = Vec::new();
    let mut repaired = text.to_owned();
    let mut step = |fault, repair: &dyn Fn(&str) -> String| {
        let after = repair(&repaired);
        if after != repaired {
            faults.push(fault);
            repaired = after;
        }
    };
    step(HeaderFault::UrlEncoded, &|text| from_url(text).unwrap_or_else(|| text.to_owned()));
    step(HeaderFault::NameInValue, &without_name);
    step(HeaderFault::Quotes, &|text| text.chars().filter(|character| !matches!(character, '"' | '\'')).collect());
    step(HeaderFault::WhiteSpace, &|text| text.chars().filter(|character| !character.is_whitespace()).collect());
    step(HeaderFault::Semicolons, &|text| text.replace(';', ","));
    step(HeaderFault::UpperCase, &|text| {
        if text.starts_with("T=") { text.to_ascii_lowercase() } else { text.to_owned() }
    });
    (repaired, faults)
}

/// The value without `Dealix-Signature:` before it.
fn without_name(text: &str) -> String {
    let start = text.trim_start_matches(|character: char| character.is_whitespace() || matches!(character, '"' | '\''));
    match start.split_once([':', '=']) {
        Some((name, value)) if name.trim_end().eq_ignore_ascii_case("dealix-signature") => value.to_owned(),
        _ => text.to_owned(),
    }
}

/// Splits several headers that were joined into one.
fn split_at_times(text: &str) -> Vec<String> {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    for part in text.split(',') {
        match groups.last_mut() {
            Some(group) if !part.starts_with("t=") => group.push(part),
            _ => groups.push(vec![part]),
        }
    }
    groups.into_iter().map(|group| group.join(",")).collect()
}

/// A header whose last `v1` was cut off.
fn truncated(text: &str) -> Option<Reading> {
    let timestamp = values(text.as_bytes(), b"t").next().and_then(parse_timestamp)?;
    let hex = values(text.as_bytes(), b"v1").last()?;
    if !(MIN_HEX_DIGITS..2 * MAC_BYTES).contains(&hex.len()) {
        return None;
    }
    let signature = hex::decode(&hex[..hex.len() & !1]).ok()?;
    let mistakes = vec![Mistake::HeaderRewritten(HeaderFault::Truncated)];
    Some(Reading { signed_time: Some(timestamp), timestamp: Some(timestamp), signatures: vec![signature], mistakes })
}

/// A MAC of the body alone, as GitHub or Shopify writes it, or in plain hex.
fn bare(text: &str) -> Option<Reading> {
    let github = text.strip_prefix("sha256=");
    let hex = github.or_else(|| text.strip_prefix("v1=")).unwrap_or(text);
    let (mac, mistake) = match (hex::decode(hex.as_bytes()), github) {
        (Ok(mac), Some(_)) => (mac, Mistake::OtherProvider(Provider::GitHub)),
        (Ok(mac), None) => (mac, Mistake::TimestampNotSigned),
        (Err(_), _) => (from_base64(text.as_bytes())?, Mistake::OtherProvider(Provider::Shopify)),
    };
    let is_whole = mac.len() == MAC_BYTES;
    is_whole.then(|| Reading { signed_time: None, timestamp: None, signatures: vec![mac], mistakes: vec![mistake] })
}
