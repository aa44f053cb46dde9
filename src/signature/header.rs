use super::SignatureError;
use super::key::{MAC_BYTES, MAX_TIMESTAMP};
use std::fmt;

/// The longest signature header that is read at all, in bytes.
pub const MAX_HEADER_BYTES: usize = 8 * 1024;

/// A signature header's parts: `t=<unix seconds>,v1=<hex>[,v1=<hex>…]`.
#[derive(Clone, PartialEq, Eq)]
pub struct SignatureHeader {
    timestamp: i64,
    signature_count: usize,
    candidates: Vec<[u8; MAC_BYTES]>,
}

impl SignatureHeader {
    /// Reads a header: split at commas, then at the first `=`. Nothing is trimmed, keys are
    /// case-sensitive, and parts that are not `t` or `v1` are ignored.
    ///
    /// # Errors
    /// [`MalformedHeader`](SignatureError::MalformedHeader), [`BadTimestamp`](SignatureError::BadTimestamp)
    /// or [`MissingV1`](SignatureError::MissingV1), tested in this order.
    ///
    /// ```
    /// use dealix_webhooks::{SignatureError, SignatureHeader};
    ///
    /// let header = SignatureHeader::parse(format!("t=1700000000,v1={}", "0a".repeat(32)))?;
    /// assert_eq!(header.timestamp(), 1_700_000_000);
    /// assert_eq!(SignatureHeader::parse("t=1700000000"), Err(SignatureError::MalformedHeader));
    /// # Ok::<(), SignatureError>(())
    /// ```
    pub fn parse(header: impl AsRef<[u8]>) -> Result<Self, SignatureError> {
        let header = header.as_ref();
        if header.len() > MAX_HEADER_BYTES || !header.contains(&b',') {
            return Err(SignatureError::MalformedHeader);
        }
        let mut timestamps = values(header, b"t");
        let timestamp = match (timestamps.next(), timestamps.next()) {
            (Some(digits), None) => parse_timestamp(digits).ok_or(SignatureError::BadTimestamp)?,
            _ => return Err(SignatureError::BadTimestamp),
        };
        let signatures = || values(header, b"v1").filter(|value| !value.is_empty());
        let signature_count = signatures().count();
        if signature_count == 0 {
            return Err(SignatureError::MissingV1);
        }
        let candidates = signatures().filter_map(decode_lower_hex).collect();
        Ok(Self { timestamp, signature_count, candidates })
    }

    /// `t`: the seconds since 1970 at which the delivery was signed, within 0..=2^53-1.
    pub fn timestamp(&self) -> i64 {
        self.timestamp
    }

    /// How many `v1` have a value, well-formed or not.
    pub fn signature_count(&self) -> usize {
        self.signature_count
    }

    /// The `v1` values that could match at all: 64 lower-case hex digits.
    pub(crate) fn candidates(&self) -> &[[u8; MAC_BYTES]] {
        &self.candidates
    }
}

/// Without the signatures: a genuine one is the expected MAC, and could be replayed within the window.
impl fmt::Debug for SignatureHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureHeader")
            .field("timestamp", &self.timestamp)
            .field("signatures", &format_args!("[{} redacted]", self.signature_count))
            .finish()
    }
}

pub(crate) fn values<'h>(header: &'h [u8], key: &'static [u8]) -> impl Iterator<Item = &'h [u8]> {
    header.split(|&byte| byte == b',').filter_map(move |part| part.strip_prefix(key)?.strip_prefix(b"="))
}

/// `0` or `[1-9][0-9]{0,15}`, up to 2^53 - 1: stricter than `str::parse`, which takes `+5` and `007`.
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

/// The contract's `v1` is lower-case; the `hex` crate alone would take upper-case too.
fn decode_lower_hex(value: &[u8]) -> Option<[u8; MAC_BYTES]> {
    if value.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut mac = [0; MAC_BYTES];
    hex::decode_to_slice(value, &mut mac).ok()?;
    Some(mac)
}
