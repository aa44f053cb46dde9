use super::ConfigurationError;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

/// The largest `t`, 2^53 - 1: the largest integer that every receiver, JavaScript included, holds exactly.
pub const MAX_TIMESTAMP: i64 = (1 << 53) - 1;

pub(crate) const MAC_BYTES: usize = 32;
/// As many decimal digits as any timestamp has.
pub(crate) const MAX_DIGITS: usize = 20;
pub(crate) const HEX_DIGITS: usize = 2 * MAC_BYTES;

/// An engine of WebAssembly takes its fast code for a function when it is called again, not in the middle of a long body.
const CHUNK_BYTES: usize = 64 * 1024;

const BLOCK_BYTES: usize = 64;
const IPAD: u8 = 0x36;
const OPAD: u8 = 0x5c;

/// A secret as HMAC-SHA256 (RFC 2104) needs it, computed once and wiped on drop.
///
/// It is written out over sha2 because a host with a faster SHA-256 hashes the inner block and the payload itself, and
/// the `hmac` crate gives away neither that block nor the outer state; the tests hold this to that crate.
#[derive(Clone)]
pub(crate) struct Key {
    #[cfg(any(test, feature = "wasm"))]
    inner_block: [u8; BLOCK_BYTES],
    inner: Sha256,
    outer: Sha256,
}

impl Key {
    pub(crate) fn new(secret: impl AsRef<[u8]>) -> Result<Self, ConfigurationError> {
        let secret = secret.as_ref();
        if secret.is_empty() {
            return Err(ConfigurationError::EmptySecret);
        }
        let mut block = [0; BLOCK_BYTES];
        match block.get_mut(..secret.len()) {
            Some(start) => start.copy_from_slice(secret),
            None => block[..MAC_BYTES].copy_from_slice(&digest(hash(secret))),
        }
        block.iter_mut().for_each(|byte| *byte ^= OPAD);
        let outer = hash(&block);
        block.iter_mut().for_each(|byte| *byte ^= OPAD ^ IPAD);
        let key = Self {
            #[cfg(any(test, feature = "wasm"))]
            inner_block: block,
            inner: hash(&block),
            outer,
        };
        wipe(&mut block);
        Ok(key)
    }

    /// Starts the MAC of `<t>.<body>`; the body is still to come.
    pub(crate) fn start(&self, timestamp: i64) -> PayloadMac {
        let mut mac = PayloadMac(self.inner.clone());
        let mut digits = [0; MAX_DIGITS];
        mac.update(decimal(timestamp, &mut digits));
        mac.update(b".");
        mac
    }

    /// Ends the MAC of a payload that was started with this key.
    pub(crate) fn finish(&self, mac: PayloadMac) -> [u8; MAC_BYTES] {
        self.finish_digest(&digest(mac.0))
    }

    /// The MAC, from the digest of the inner block and the payload.
    pub(crate) fn finish_digest(&self, inner_digest: &[u8; MAC_BYTES]) -> [u8; MAC_BYTES] {
        let mut outer = self.outer.clone();
        update(&mut outer, inner_digest);
        digest(outer)
    }

    /// The MAC of a whole payload, or where there is no time of the body alone.
    pub(crate) fn mac(&self, timestamp: Option<i64>, body: &[u8]) -> [u8; MAC_BYTES] {
        let mut mac = timestamp.map_or_else(|| PayloadMac(self.inner.clone()), |timestamp| self.start(timestamp));
        body.chunks(CHUNK_BYTES).for_each(|chunk| mac.update(chunk));
        self.finish(mac)
    }

    /// The block that a host hashes before the payload. It is as secret as the secret.
    #[cfg(feature = "wasm")]
    pub(crate) fn inner_block(&self) -> &[u8; BLOCK_BYTES] {
        &self.inner_block
    }
}

/// `Sha256` wipes itself.
#[cfg(any(test, feature = "wasm"))]
impl Drop for Key {
    fn drop(&mut self) {
        wipe(&mut self.inner_block);
    }
}

/// The MAC of one payload while its body goes in; [`Key::finish`] ends it.
#[derive(Clone)]
pub(crate) struct PayloadMac(Sha256);

impl PayloadMac {
    pub(crate) fn update(&mut self, chunk: &[u8]) {
        update(&mut self.0, chunk);
    }
}

/// A timestamp in decimal; there are no negative ones. Not by `itoa`, whose table is 5 % of the wasm module.
pub(crate) fn decimal(timestamp: i64, digits: &mut [u8; MAX_DIGITS]) -> &[u8] {
    let mut rest = timestamp.unsigned_abs();
    let mut start = MAX_DIGITS;
    while start > 0 {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    &digits[start..]
}

fn hash(bytes: &[u8]) -> Sha256 {
    let mut hash = Sha256::new();
    update(&mut hash, bytes);
    hash
}

// Each of these stands once in the wasm module and not at each of its uses: a Worker loads it at every cold start.

#[inline(never)]
fn update(hash: &mut Sha256, bytes: &[u8]) {
    hash.update(bytes);
}

#[inline(never)]
fn digest(hash: Sha256) -> [u8; MAC_BYTES] {
    hash.finalize().into()
}

/// A MAC as a header holds it, in lower case.
#[inline(never)]
pub(crate) fn hex_digits(mac: &[u8; MAC_BYTES]) -> [u8; HEX_DIGITS] {
    let mut digits = [0; HEX_DIGITS];
    // It fails for a slice of another length only.
    let _ = hex::encode_to_slice(mac, &mut digits);
    digits
}

#[inline(never)]
fn wipe(bytes: &mut [u8]) {
    bytes.zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;
    use hmac::{Hmac, KeyInit, Mac};

    #[test]
    fn the_macs_are_those_of_the_hmac_crate() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
        for secret in (1..200).chain([1000]).map(|length| &bytes[..length]) {
            for body in [0, 1, 44, 52, 53, 54, 117, 1000].map(|length| &bytes[..length]) {
                let expected = |payload: &[&[u8]]| -> [u8; MAC_BYTES] {
                    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
                    payload.iter().for_each(|part| mac.update(part));
                    mac.finalize().into_bytes().into()
                };
                let key = Key::new(secret).unwrap();
                assert_eq!(key.mac(None, body), expected(&[body]));
                assert_eq!(key.mac(Some(1_700_000_000), body), expected(&[b"1700000000.", body]));
                let inner_digest = digest(hash(&[&key.inner_block, body].concat()));
                assert_eq!(key.finish_digest(&inner_digest), expected(&[body]));
            }
        }
    }
}
