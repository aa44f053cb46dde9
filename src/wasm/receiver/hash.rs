//! SHA-256 on the compression function of sha2, in place: what is hashed already lies in the buffer that JavaScript fills, so
//! nothing is copied into a hasher first.

use sha2::block_api::compress256;

pub(super) const BLOCK_BYTES: usize = 64;
/// The most that padding adds: 0x80, zeros up to the end of a block, and eight bytes with the length.
pub(super) const PADDING_ROOM: usize = BLOCK_BYTES + 8;

pub(super) type State = [u32; 8];

/// FIPS 180-4, section 5.3.3.
pub(super) const INITIAL: State =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/// Hashes the whole blocks at the start of `bytes`.
///
/// Never inlined, so that the module holds one copy: a Worker loads it at every cold start.
#[inline(never)]
pub(super) fn compress(state: &mut State, bytes: &[u8]) {
    compress256(state, bytes.as_chunks().0);
}

/// Pads what ends at `end`, of a message of `length` bytes in total (FIPS 180-4, section 5.1.1), and returns where it ends then.
/// What follows `end` must have room for [`PADDING_ROOM`] bytes.
#[inline(never)]
pub(super) fn pad(bytes: &mut [u8], end: usize, length: u64) -> usize {
    let padded = (end + 9).next_multiple_of(BLOCK_BYTES);
    bytes[end..padded].fill(0);
    bytes[end] = 0x80;
    bytes[padded - 8..padded].copy_from_slice(&(length << 3).to_be_bytes());
    padded
}

/// Writes the digest, once everything is hashed, to the start of `bytes`.
#[inline(never)]
pub(super) fn write_digest(state: &State, bytes: &mut [u8]) {
    for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
}
