//! HMAC-SHA256 (RFC 2104) written out, so that JavaScript can hash long bodies with the host's faster SHA-256: the `hmac`
//! crate exposes neither the inner block nor the outer state. The tests compare it with the core, which uses that crate.

use super::hash::{BLOCK_BYTES, INITIAL, State, compress, pad, write_digest};
use crate::signature::MAC_BYTES;
use zeroize::Zeroize;

const IPAD: u8 = 0x36;
const OPAD: u8 = 0x5c;

/// What HMAC derives from a secret. A key is never dropped: a newer one is written over it.
pub(super) struct Key {
    /// What the host hashes before the payload. It is as secret as the secret.
    pub(super) inner_block: [u8; BLOCK_BYTES],
    /// The state after the inner block.
    pub(super) inner: State,
    outer: State,
}

impl Key {
    pub(super) const EMPTY: Self = Self { inner_block: [0; BLOCK_BYTES], inner: [0; 8], outer: [0; 8] };

    /// Replaces this key by that of a secret: the first `length` bytes of `room`, which are wiped. The room is
    /// longer by what padding needs.
    pub(super) fn set(&mut self, room: &mut [u8], length: usize) {
        let block = &mut self.inner_block;
        *block = [0; BLOCK_BYTES];
        if length > BLOCK_BYTES {
            let mut state = INITIAL;
            let end = pad(room, length, length as u64);
            compress(&mut state, &room[..end]);
            write_digest(&state, block);
            state.zeroize();
        } else {
            block[..length].copy_from_slice(&room[..length]);
        }
        // JavaScript can see the room, so the compiler cannot optimise this away.
        room[..length].fill(0);
        block.iter_mut().for_each(|byte| *byte ^= OPAD);
        self.outer = INITIAL;
        compress(&mut self.outer, block);
        block.iter_mut().for_each(|byte| *byte ^= OPAD ^ IPAD);
        self.inner = INITIAL;
        compress(&mut self.inner, block);
    }

    /// The MAC, from the digest of the inner block and the payload.
    #[inline(never)]
    pub(super) fn finish(&self, inner_digest: &[u8; MAC_BYTES]) -> [u8; MAC_BYTES] {
        let mut block = [0; BLOCK_BYTES];
        block[..MAC_BYTES].copy_from_slice(inner_digest);
        pad(&mut block, MAC_BYTES, (BLOCK_BYTES + MAC_BYTES) as u64);
        let mut state = self.outer;
        compress(&mut state, &block);
        let mut mac = [0; MAC_BYTES];
        write_digest(&state, &mut mac);
        mac
    }
}
