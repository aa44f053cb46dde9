//! The contract's verdict, written a second time: slow and plain, and not in constant time. Tests compare the crate with it.

use dealix_webhooks::SignatureError;
use sha2::{Digest, Sha256};

const BLOCK_BYTES: usize = 64;

/// The index of the secret that matched and `t`, or the first error in the contract's order.
pub fn verify(
    secrets: &[&str],
    header: &[u8],
    body: &[u8],
    max_age_seconds: i64,
    now: i64,
) -> Result<(usize, i64), SignatureError> {
    let (timestamp, signatures) = read_header(header)?;
    let age = i128::from(now) - i128::from(timestamp);
    if age.abs() > i128::from(max_age_seconds) {
        let age_seconds = age.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        return Err(SignatureError::StaleSignature { age_seconds, max_age_seconds });
    }
    for (index, secret) in secrets.iter().enumerate() {
        if signatures.contains(&mac(secret, timestamp, body).as_bytes()) {
            return Ok((index, timestamp));
        }
    }
    Err(SignatureError::SignatureMismatch { signatures: signatures.len(), secrets: secrets.len() })
}

/// `t`, and each `v1` that has a value.
pub fn read_header(header: &[u8]) -> Result<(i64, Vec<&[u8]>), SignatureError> {
    if header.len() > 8192 || !header.contains(&b',') {
        return Err(SignatureError::MalformedHeader);
    }
    let values = |key: &[u8]| -> Vec<&[u8]> {
        let parts = header.split(|byte| *byte == b',');
        let pairs = parts.filter_map(|part| part.iter().position(|byte| *byte == b'=').map(|at| part.split_at(at)));
        pairs.filter(|(name, _)| *name == key).map(|(_, value)| &value[1..]).collect()
    };
    let [timestamp] = values(b"t")[..] else { return Err(SignatureError::BadTimestamp) };
    let timestamp = read_timestamp(timestamp).ok_or(SignatureError::BadTimestamp)?;
    let signatures: Vec<&[u8]> = values(b"v1").into_iter().filter(|value| !value.is_empty()).collect();
    if signatures.is_empty() { Err(SignatureError::MissingV1) } else { Ok((timestamp, signatures)) }
}

/// A number that is spelled the way a number is printed.
fn read_timestamp(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text && (0..1 << 53).contains(&number)).then_some(number)
}

/// What `v1` must be, in hex.
pub fn mac(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let message = [timestamp.to_string().as_bytes(), b".", body].concat();
    hmac(secret.as_bytes(), &message).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// RFC 2104, §2.
fn hmac(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let mut key = if secret.len() > BLOCK_BYTES { Sha256::digest(secret).to_vec() } else { secret.to_vec() };
    key.resize(BLOCK_BYTES, 0);
    let padded = |pad: u8| -> Vec<u8> { key.iter().map(|byte| byte ^ pad).collect() };
    let inner = Sha256::digest([&padded(0x36)[..], message].concat());
    Sha256::digest([&padded(0x5c)[..], &inner].concat()).to_vec()
}
