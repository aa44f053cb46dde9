#[cfg(feature = "diagnose")]
use super::mac::MAC_BYTES;
use super::signature_error::SignatureError;
use std::fmt;

/// The longest signature header that is accepted: 8 KiB.
pub const MAX_HEADER_BYTES: usize = 8 * 1024;

/// The largest `t`, 2^53 - 1: the largest integer that every receiver, JavaScript included, represents exactly.
pub const MAX_TIMESTAMP: i64 = (1 << 53) - 1;

/// A signature header, `t=<unix seconds>,v1=<hex>[,v1=<hex>…]`, parsed without copying.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SignatureHeader<'h> {
    text: &'h [u8],
    timestamp: i64,
    signature_count: usize,
}

impl<'h> SignatureHeader<'h> {
    /// Parses a header: split at commas, then at the first `=`. Nothing is trimmed, keys are
    /// case-sensitive, and parts that are not `t` or `v1` are ignored.
    ///
    /// # Errors
    /// [`MalformedHeader`](SignatureError::MalformedHeader), [`BadTimestamp`](SignatureError::BadTimestamp)
    /// or [`MissingV1`](SignatureError::MissingV1), tested in this order.
    ///
    /// ```
    /// use dealix_webhooks::{SignatureError, SignatureHeader};
    ///
    /// let header = format!("t=1700000000,v1={}", "0a".repeat(32));
    /// assert_eq!(SignatureHeader::parse(&header)?.timestamp(), 1_700_000_000);
    /// assert_eq!(SignatureHeader::parse("t=1700000000"), Err(SignatureError::MalformedHeader));
    /// # Ok::<(), SignatureError>(())
    /// ```
    pub fn parse(header: &'h (impl AsRef<[u8]> + ?Sized)) -> Result<Self, SignatureError> {
        let text = header.as_ref();
        if text.len() > MAX_HEADER_BYTES || comma(text) == text.len() {
            return Err(SignatureError::MalformedHeader);
        }
        let (mut timestamps, mut timestamp, mut signature_count) = (0, None, 0);
        for part in parts(text) {
            if let Some(digits) = value(part, b"t") {
                timestamps += 1;
                timestamp = parse_timestamp(digits);
            } else if value(part, b"v1").is_some_and(|hex| !hex.is_empty()) {
                signature_count += 1;
            }
        }
        let timestamp = timestamp.filter(|_| timestamps == 1).ok_or(SignatureError::BadTimestamp)?;
        if signature_count == 0 {
            return Err(SignatureError::MissingV1);
        }
        Ok(Self { text, timestamp, signature_count })
    }

    /// A header that was parsed before, from the same text and with the same results.
    #[cfg(feature = "wasm")]
    pub(crate) fn again(text: &'h [u8], timestamp: i64, signature_count: usize) -> Self {
        Self { text, timestamp, signature_count }
    }

    /// `t`: the seconds since 1970 at which the delivery was signed, within 0..=2^53-1.
    pub fn timestamp(&self) -> i64 {
        self.timestamp
    }

    /// How many `v1` have a value, well-formed or not.
    pub fn signature_count(&self) -> usize {
        self.signature_count
    }

    /// The `v1` values, unchanged.
    pub(super) fn signatures(&self) -> impl Iterator<Item = &'h [u8]> + use<'h> {
        values(self.text, b"v1")
    }

    /// The `v1` values that could match at all: 64 lower-case hex digits.
    #[cfg(feature = "diagnose")]
    pub(crate) fn candidates(&self) -> impl Iterator<Item = [u8; MAC_BYTES]> + use<'h> {
        self.signatures().filter_map(decode_lower_hex)
    }

    /// Refuses a signature outside the window: `max_age_seconds` before or after the receiver's clock, inclusive.
    pub(crate) fn check_age(&self, now: i64, max_age_seconds: i64) -> Result<(), SignatureError> {
        if is_fresh(self.timestamp, now, max_age_seconds) {
            return Ok(());
        }
        Err(SignatureError::StaleSignature { age_seconds: now.saturating_sub(self.timestamp), max_age_seconds })
    }
}

/// Omits the signatures: a genuine one is the expected MAC, and could be replayed within the window.
impl fmt::Debug for SignatureHeader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureHeader")
            .field("timestamp", &self.timestamp)
            .field("signatures", &format_args!("[{} redacted]", self.signature_count))
            .finish()
    }
}

/// Whether a signature is within the window, which reaches both ways and is inclusive. A negative window is empty.
pub(crate) fn is_fresh(timestamp: i64, now: i64, max_age_seconds: i64) -> bool {
    u64::try_from(max_age_seconds).is_ok_and(|max_age| now.abs_diff(timestamp) <= max_age)
}

/// The values of a key in a header.
pub(crate) fn values<'h>(header: &'h [u8], key: &'static [u8]) -> impl Iterator<Item = &'h [u8]> {
    parts(header).filter_map(move |part| value(part, key))
}

/// What is between the commas; `split` looks at one byte at a time, and a header is read for each secret.
fn parts(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(header);
    std::iter::from_fn(move || {
        let text = rest?;
        let (part, after) = text.split_at(comma(text));
        rest = after.split_first().map(|(_, after)| after);
        Some(part)
    })
}

/// Where the first comma is, or the end.
///
/// Never inlined, because a Worker loads the wasm module at every cold start.
#[inline(never)]
fn comma(text: &[u8]) -> usize {
    const LOW: u64 = u64::MAX / 255;
    const HIGH: u64 = LOW << 7;
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let differences = u64::from_le_bytes(*word) ^ (LOW * b',' as u64);
        // The lowest bit that is set belongs to the first byte that is zero.
        let zeros = differences.wrapping_sub(LOW) & !differences & HIGH;
        if zeros != 0 {
            return 8 * index + zeros.trailing_zeros() as usize / 8;
        }
    }
    let at = rest.iter().position(|&byte| byte == b',').unwrap_or(rest.len());
    8 * words.len() + at
}

fn value<'h>(part: &'h [u8], key: &[u8]) -> Option<&'h [u8]> {
    part.strip_prefix(key)?.strip_prefix(b"=")
}

/// `0` or `[1-9][0-9]{0,15}`, up to 2^53 - 1: stricter than `str::parse`, which accepts `+5` and `007`.
pub(crate) fn parse_timestamp(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 16 || (digits[0] == b'0' && digits.len() > 1) {
        return None;
    }
    let mut seconds = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        seconds = seconds * 10 + i64::from(digit - b'0');
    }
    (seconds <= MAX_TIMESTAMP).then_some(seconds)
}

/// The contract requires lower case; the `hex` crate alone would accept upper case too.
#[cfg(feature = "diagnose")]
fn decode_lower_hex(value: &[u8]) -> Option<[u8; MAC_BYTES]> {
    if value.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut mac = [0; MAC_BYTES];
    hex::decode_to_slice(value, &mut mac).ok()?;
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_split() {
        // Every place of a comma, and its neighbours in ASCII, in one word or several.
        for length in 0..20 {
            for bits in 0..1u32 << length.min(12) {
                for other in [b'+', b'-', 0xac, 0, 0xff] {
                    let text: Vec<u8> =
                        (0..length).map(|at| if bits >> (at % 12) & 1 == 1 { b',' } else { other }).collect();
                    assert!(parts(&text).eq(text.split(|&byte| byte == b',')), "{text:?}");
                }
            }
        }
    }
}
