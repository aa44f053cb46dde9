use super::ConfigurationError;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The largest `t`, 2^53 - 1: the largest integer that every receiver, JavaScript included, holds exactly.
pub const MAX_TIMESTAMP: i64 = (1 << 53) - 1;

pub(crate) const MAC_BYTES: usize = 32;

/// A secret as HMAC's precomputed inner and outer states; sha2's `zeroize` feature wipes them on drop.
#[derive(Clone)]
pub(crate) struct Key(Hmac<Sha256>);

impl Key {
    pub(crate) fn new(secret: &str) -> Result<Self, ConfigurationError> {
        if secret.is_empty() {
            return Err(ConfigurationError::EmptySecret);
        }
        let hmac = Hmac::new_from_slice(secret.as_bytes()).map_err(|_| ConfigurationError::EmptySecret)?;
        Ok(Self(hmac))
    }

    /// Starts the MAC of `<t>.<body>`; the body is still to come.
    pub(super) fn start(&self, timestamp: i64) -> PayloadMac {
        let mut hmac = self.0.clone();
        hmac.update(itoa::Buffer::new().format(timestamp).as_bytes());
        hmac.update(b".");
        PayloadMac(hmac)
    }

    /// The MAC of a whole payload, or where there is no time of the body alone.
    pub(crate) fn mac(&self, timestamp: Option<i64>, body: &[u8]) -> [u8; MAC_BYTES] {
        let mut mac = timestamp.map_or_else(|| PayloadMac(self.0.clone()), |timestamp| self.start(timestamp));
        mac.update(body);
        mac.finish()
    }
}

/// The MAC of one payload under one key, while the body goes in.
#[derive(Clone)]
pub(super) struct PayloadMac(Hmac<Sha256>);

impl PayloadMac {
    pub(super) fn update(&mut self, chunk: &[u8]) {
        self.0.update(chunk);
    }

    pub(super) fn finish(self) -> [u8; MAC_BYTES] {
        self.0.finalize().into_bytes().into()
    }
}
