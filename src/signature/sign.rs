use super::configuration_error::ConfigurationError;
use super::header::MAX_TIMESTAMP;
use super::keys::keys;
use super::mac::hex_digits;
use std::iter;

/// Signs a body and returns the value of the `Dealix-Signature` header.
///
/// `secret` is used as its UTF-8 bytes and `body` unchanged; `timestamp` is in seconds since 1970.
///
/// # Errors
/// [`ConfigurationError::EmptySecret`]; [`ConfigurationError::InvalidSecret`] if anyone can guess the secret; or
/// [`ConfigurationError::InvalidTimestamp`] if the timestamp is outside 0..=[`MAX_TIMESTAMP`], where no receiver would
/// accept the signature.
///
/// ```
/// use dealix_webhooks::sign_payload;
///
/// let header = sign_payload("whsec_test", b"{}", 1_700_000_000)?;
/// assert_eq!(header, "t=1700000000,v1=35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91");
/// # Ok::<(), dealix_webhooks::ConfigurationError>(())
/// ```
pub fn sign_payload(secret: &str, body: &[u8], timestamp: i64) -> Result<String, ConfigurationError> {
    sign_with_each(iter::once(secret), body, timestamp)
}

/// Signs a body with each of several secrets: one `v1` for each, in their order, so that a receiver with any one of them
/// accepts the delivery.
pub(crate) fn sign_with_each<'s>(
    secrets: impl Iterator<Item = &'s str>,
    body: &[u8],
    timestamp: i64,
) -> Result<String, ConfigurationError> {
    let keys = keys(secrets)?;
    if !(0..=MAX_TIMESTAMP).contains(&timestamp) {
        return Err(ConfigurationError::InvalidTimestamp);
    }
    let mut header = format!("t={timestamp}");
    for key in keys {
        let mut mac = key.start(timestamp);
        mac.update(body);
        header.push_str(",v1=");
        header.extend(hex_digits(&mac.finish()).map(char::from));
    }
    Ok(header)
}
