use super::ConfigurationError;
use super::key::{Key, MAX_TIMESTAMP, PayloadMac};

/// Signs a body and returns the `Dealix-Signature` header's value.
///
/// `secret` is used as its UTF-8 bytes, `body` as it is, `timestamp` is in seconds since 1970.
///
/// # Errors
/// [`ConfigurationError::EmptySecret`], or [`ConfigurationError::InvalidTimestamp`] outside
/// 0..=[`MAX_TIMESTAMP`], where no receiver would accept the signature.
///
/// ```
/// use dealix_webhooks::sign_payload;
///
/// let header = sign_payload("whsec_test", b"{}", 1_700_000_000)?;
/// assert_eq!(header, "t=1700000000,v1=35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91");
/// # Ok::<(), dealix_webhooks::ConfigurationError>(())
/// ```
pub fn sign_payload(secret: &str, body: &[u8], timestamp: i64) -> Result<String, ConfigurationError> {
    let mut signing = Signing::start(&Key::new(secret)?, timestamp)?;
    signing.update(body);
    Ok(signing.finish())
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

/// A signature in the making, for a body that arrives in chunks.
pub(crate) struct Signing {
    timestamp: i64,
    mac: PayloadMac,
}

impl Signing {
    pub(super) fn start(key: &Key, timestamp: i64) -> Result<Self, ConfigurationError> {
        if !(0..=MAX_TIMESTAMP).contains(&timestamp) {
            return Err(ConfigurationError::InvalidTimestamp);
        }
        Ok(Self { timestamp, mac: key.start(timestamp) })
    }

    pub(crate) fn update(&mut self, chunk: &[u8]) {
        self.mac.update(chunk);
    }

    pub(crate) fn finish(self) -> String {
        let mut header = String::from("t=");
        header.push_str(itoa::Buffer::new().format(self.timestamp));
        header.push_str(",v1=");
        header.push_str(&hex::encode(self.mac.finish()));
        header
    }
}
