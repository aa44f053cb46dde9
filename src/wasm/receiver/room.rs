//! The buffer through which text and bytes cross the boundary, in three rooms: for a header, for what is hashed before the
//! body, and for a chunk of the body. What is hashed is hashed where it lies.

use super::hash::{BLOCK_BYTES, PADDING_ROOM};
use crate::MAX_HEADER_BYTES;
use crate::signature::MAC_BYTES;

/// Room for a header one byte over the limit, so that the core sees that it is too long.
pub(super) const HEADER_ROOM: usize = MAX_HEADER_BYTES + 1;
/// Room for what is hashed before the body, which ends where the body starts: HMAC's inner block if the host hashes, `t` and a
/// dot, or the end of the chunk before. The host's digests arrive at its start.
pub(super) const PREFIX_ROOM: usize = 128;
/// Room for any text of 64 Ki UTF-16 units, which take at most three bytes each.
pub(super) const BODY_ROOM: usize = 3 * 64 * 1024;
/// Where the body's room starts in the buffer.
pub(super) const BODY: usize = HEADER_ROOM + PREFIX_ROOM;

pub(super) const BUFFER_BYTES: usize = BODY + BODY_ROOM + PADDING_ROOM;

/// The number of decimal digits of the longest timestamp.
const MAX_DIGITS: usize = 16;

/// A digest, and what the host hashes before the body.
const _: () = assert!(MAC_BYTES + BLOCK_BYTES + MAX_DIGITS < PREFIX_ROOM);

pub(super) type Buffer = [u8; BUFFER_BYTES];

/// Writes `<t>.` right before the body's room, and returns its length. Not written by `itoa`, whose table would be 5 % of
/// the module.
pub(super) fn write_time(buffer: &mut Buffer, timestamp: u64) -> usize {
    let mut at = BODY - 1;
    buffer[at] = b'.';
    let mut rest = timestamp;
    // Not `while rest > 0`, since 0 has a digit too; with a bound, since an index out of bounds would be code to panic.
    for _ in 0..MAX_DIGITS {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    BODY - at
}
