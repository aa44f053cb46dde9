//! The functions that JavaScript calls.

use super::engine::with;
use super::payload::Purpose;
use super::room::{BODY, BODY_ROOM, HEADER_ROOM};
use super::status::{NO_KEY, REFUSED};
use crate::{MAX_TIMESTAMP, SignatureHeader};
use wasm_bindgen::prelude::wasm_bindgen;

/// The address of the buffer: [`HEADER_ROOM`] bytes for a header, `PREFIX_ROOM` for what is hashed before the body, and
/// [`BODY_ROOM`] for a chunk of the body or for a secret. JavaScript knows these lengths.
#[wasm_bindgen]
pub fn buffer() -> *const u8 {
    with(|engine| engine.buffer.as_ptr())
}

/// Makes a key from a secret, `length` bytes of UTF-8 in the body's room, and returns its number: one more than the last
/// key's. Returns 0 if the secret is empty or longer than the room.
#[wasm_bindgen]
pub fn add_key(length: usize) -> f64 {
    with(|engine| {
        // Its bytes are overwritten, and a key's may be in use.
        engine.payload = None;
        if length == 0 || length > BODY_ROOM {
            return NO_KEY;
        }
        let (number, key) = engine.keys.add();
        key.set(&mut engine.buffer[BODY..], length);
        number as f64
    })
}

/// Starts to verify a delivery under `keys` keys from number `first_key` on, and returns [`STARTED`](super::status::STARTED)
/// (if the host hashes, minus the length of what it hashes before the body) or another negative code. The body follows through [`update`] and [`finish`] or, if the host hashes it, as a digest for each
/// key. Without keys, only the header is checked: returns [`HEADER_ACCEPTED`](super::status::HEADER_ACCEPTED) or another
/// negative code.
#[wasm_bindgen]
pub fn start_verification(
    first_key: f64,
    keys: u32,
    max_age: f64,
    header_length: usize,
    now: f64,
    by_host: bool,
) -> i32 {
    with(|engine| {
        // Whatever was in progress is abandoned, even if this call fails.
        engine.payload = None;
        if now.is_nan() || max_age.is_nan() {
            return REFUSED;
        }
        let header_length = header_length.min(HEADER_ROOM);
        let header = SignatureHeader::parse(&engine.buffer[..header_length]);
        // `as` saturates, which is right for integers beyond i64.
        let accepted = header.and_then(|header| {
            header.check_age(now as i64, max_age as i64)?;
            Ok((header.timestamp(), header.signature_count()))
        });
        match accepted {
            Ok((timestamp, signatures)) => {
                let purpose = Purpose::Verify { header_length, timestamp, signatures };
                engine.start(first_key as u64, keys.into(), timestamp, purpose, by_host)
            }
            Err(error) => engine.refuse(error),
        }
    })
}

/// Starts to sign a body under one key, and returns the same as [`start_verification`].
#[wasm_bindgen]
pub fn start_signing(key: f64, timestamp: f64, by_host: bool) -> i32 {
    with(|engine| {
        engine.payload = None;
        if !(0.0..=MAX_TIMESTAMP as f64).contains(&timestamp) {
            return REFUSED;
        }
        engine.start(key as u64, 1, timestamp as i64, Purpose::Sign, by_host)
    })
}

/// Takes the next chunk of the body that is being verified or signed, but for the last. A chunk that is too long abandons it,
/// and so does one of a body that the host hashes.
#[wasm_bindgen]
pub fn update(length: usize) {
    with(|engine| engine.update(length))
}

/// Takes the last chunk of the body. Returns the index of the secret that matched, [`SIGNED`](super::status::SIGNED) with the
/// MAC as hex digits at the start of the buffer, or another negative code.
#[wasm_bindgen]
pub fn finish(length: usize) -> i32 {
    with(|engine| engine.finish(length))
}

/// Takes the host's digest for the key that is next: 32 bytes at the start of the prefix's room. Returns
/// [`NEXT`](super::status::NEXT) if there is another key, otherwise the same as [`finish`].
///
/// Before each digest, the host hashes what lies right before the body's room, and the body. What lies there is as secret as the
/// secret. This call wipes it; if the host fails, it stays.
#[wasm_bindgen]
pub fn host_digest() -> i32 {
    with(|engine| engine.take_host_digest())
}

/// After `stale_signature`, the receiver's clock minus `t`, in seconds; after `signature_mismatch`, how many `v1` values the
/// header holds.
#[wasm_bindgen]
pub fn fact() -> f64 {
    with(|engine| engine.fact)
}
