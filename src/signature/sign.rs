use super::ConfigurationError;
use super::key::{Key, MAX_TIMESTAMP};
use super::secret;

/// Signs a body and returns the `Dealix-Signature` header's value.
///
/// `secret` is used as its UTF-8 bytes, `body` as it is, `timestamp` is in seconds since 1970.
///
/// # Errors
/// [`ConfigurationError::EmptySecret`], [`ConfigurationError::InvalidSecret`] where anyone can guess it, or
/// [`ConfigurationError::InvalidTimestamp`] outside 0..=[`MAX_TIMESTAMP`], where no receiver would accept the signature.
///
/// ```
/// use dealix_webhooks::sign_payload;
///
/// let header = sign_payload("whsec_test", b"{}", 1_700_000_000)?;
/// assert_eq!(header, "t=1700000000,v1=35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91");
/// # Ok::<(), dealix_webhooks::ConfigurationError>(())
/// ```
pub fn sign_payload(secret: &str, body: &[u8], timestamp: i64) -> Result<String, ConfigurationError> {
    secret::check(secret)?;
    let key = Key::new(secret)?;
    if !(0..=MAX_TIMESTAMP).contains(&timestamp) {
        return Err(ConfigurationError::InvalidTimestamp);
    }
    let mac = key.mac(Some(timestamp), body);
    Ok(format!("t={timestamp},v1={}", hex::encode(mac)))
}

/// [`sign_payload`] with each of several secrets: one `v1` for each, in their order, so that a receiver that holds any
/// of them accepts the delivery.
#[cfg(feature = "native")]
pub(crate) fn sign_with_each<'s>(
    secrets: impl Iterator<Item = &'s str>,
    body: &[u8],
    timestamp: i64,
) -> Result<String, ConfigurationError> {
    let mut header = String::new();
    for secret in secrets {
        let signed = sign_payload(secret, body, timestamp)?;
        match signed.split_once(',') {
            Some((_, v1)) if !header.is_empty() => {
                header.push(',');
                header.push_str(v1);
            }
            _ => header = signed,
        }
    }
    if header.is_empty() { Err(ConfigurationError::EmptySecret) } else { Ok(header) }
}
