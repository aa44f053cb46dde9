//! HMAC-SHA256 (RFC 2104) written out over sha2, so that JavaScript can hash long bodies with the host's faster SHA-256: the
//! `hmac` crate exposes neither the inner block nor the outer state. The tests compare it with the core, which uses that
//! crate.

use crate::signature::MAC_BYTES;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

/// The number of decimal digits of the longest timestamp.
pub(super) const MAX_DIGITS: usize = 20;

const BLOCK_BYTES: usize = 64;
const IPAD: u8 = 0x36;
const OPAD: u8 = 0x5c;

/// The states and the block that HMAC derives from a secret, wiped on drop.
pub(super) struct Key {
    inner_block: [u8; BLOCK_BYTES],
    inner: Sha256,
    outer: Sha256,
}

impl Key {
    /// `None` if the secret is empty.
    pub(super) fn new(secret: &[u8]) -> Option<Self> {
        if secret.is_empty() {
            return None;
        }
        let mut block = [0; BLOCK_BYTES];
        match block.get_mut(..secret.len()) {
            Some(start) => start.copy_from_slice(secret),
            None => block[..MAC_BYTES].copy_from_slice(&digest(hash(secret))),
        }
        block.iter_mut().for_each(|byte| *byte ^= OPAD);
        let outer = hash(&block);
        block.iter_mut().for_each(|byte| *byte ^= OPAD ^ IPAD);
        let key = Self { inner_block: block, inner: hash(&block), outer };
        wipe(&mut block);
        Some(key)
    }

    /// Starts the MAC of `<t>.<body>`; the body is passed later.
    pub(super) fn start(&self, timestamp: i64) -> PayloadMac {
        let mut mac = PayloadMac(self.inner.clone());
        let mut digits = [0; MAX_DIGITS];
        mac.update(decimal(timestamp, &mut digits));
        mac.update(b".");
        mac
    }

    /// Finishes the MAC of a payload that was started with this key.
    pub(super) fn finish(&self, mac: PayloadMac) -> [u8; MAC_BYTES] {
        self.finish_digest(&digest(mac.0))
    }

    /// The MAC, from the digest of the inner block and the payload.
    pub(super) fn finish_digest(&self, inner_digest: &[u8; MAC_BYTES]) -> [u8; MAC_BYTES] {
        let mut outer = self.outer.clone();
        update(&mut outer, inner_digest);
        digest(outer)
    }

    /// The block that the host hashes before the payload. It is as secret as the secret.
    pub(super) fn inner_block(&self) -> &[u8; BLOCK_BYTES] {
        &self.inner_block
    }
}

/// `Sha256` wipes itself.
impl Drop for Key {
    fn drop(&mut self) {
        wipe(&mut self.inner_block);
    }
}

/// The MAC of one payload while its body is passed in; [`Key::finish`] finishes it.
pub(super) struct PayloadMac(Sha256);

impl PayloadMac {
    pub(super) fn update(&mut self, chunk: &[u8]) {
        update(&mut self.0, chunk);
    }
}

/// A timestamp in decimal; it is never negative. Not written by `itoa`, whose table would be 5 % of the module.
pub(super) fn decimal(timestamp: i64, digits: &mut [u8; MAX_DIGITS]) -> &[u8] {
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

// These are never inlined, so that the module holds one copy of each: a Worker loads it at every cold start.

#[inline(never)]
fn update(hash: &mut Sha256, bytes: &[u8]) {
    hash.update(bytes);
}

#[inline(never)]
fn digest(hash: Sha256) -> [u8; MAC_BYTES] {
    hash.finalize().into()
}

#[inline(never)]
fn wipe(bytes: &mut [u8]) {
    bytes.zeroize();
}
