//! The functions that JavaScript calls.

use super::bindings::{BODY, BODY_ROOM, HEADER_ROOM, NO_KEY, PREFIX_ROOM, Payload, Purpose, REFUSED, with};
use super::key::{Key, MAX_DIGITS, decimal};
use super::keys::Mac;
use crate::signature::{Comparison, HEX_DIGITS, MAC_BYTES, hex_digits};
use crate::{MAX_TIMESTAMP, SignatureError, SignatureHeader};
use wasm_bindgen::prelude::wasm_bindgen;

/// The address of the buffer: [`header_room`] bytes for a header, [`prefix_room`] for what the host hashes before the body,
/// and [`body_room`] for a chunk of the body.
#[wasm_bindgen]
pub fn buffer() -> *const u8 {
    with(|bindings| bindings.buffer.as_ptr())
}

/// The size in bytes of the header's room in the buffer.
#[wasm_bindgen]
pub fn header_room() -> usize {
    HEADER_ROOM
}

/// The size in bytes of the room for what the host hashes before the body.
#[wasm_bindgen]
pub fn prefix_room() -> usize {
    PREFIX_ROOM
}

/// The size in bytes of the room for a chunk of the body, or for a secret.
#[wasm_bindgen]
pub fn body_room() -> usize {
    BODY_ROOM
}

/// Makes a key from a secret, `length` bytes of UTF-8 in the body's room, and returns its number: one more than the last
/// key's. Returns 0 if the secret is empty or longer than the room.
#[wasm_bindgen]
pub fn add_key(length: usize) -> f64 {
    with(|bindings| {
        let Some(secret) = bindings.buffer[BODY..].get_mut(..length) else { return NO_KEY };
        let Some(key) = Key::new(secret) else { return NO_KEY };
        secret.fill(0);
        bindings.keys.add(key) as f64
    })
}

/// Starts to verify a delivery under `keys` keys from number `first_key` on, and returns [`STARTED`](super::bindings::STARTED) or another negative
/// code. The body follows through [`update`] or, if the host hashes it, as a digest for each key. Without keys, only the
/// header is checked: returns [`HEADER_ACCEPTED`](super::bindings::HEADER_ACCEPTED) or another negative code.
#[wasm_bindgen]
pub fn start_verification(
    first_key: f64,
    keys: u32,
    max_age: f64,
    header_length: usize,
    now: f64,
    by_host: bool,
) -> i32 {
    with(|bindings| {
        // Whatever was in progress is abandoned, even if this call fails.
        bindings.payload = None;
        if now.is_nan() || max_age.is_nan() {
            return REFUSED;
        }
        let header_length = header_length.min(HEADER_ROOM);
        let header = SignatureHeader::parse(&bindings.buffer[..header_length]);
        // `as` saturates, which is right for integers beyond i64.
        let accepted = header.and_then(|header| {
            header.check_age(now as i64, max_age as i64)?;
            Ok((header.timestamp(), header.signature_count()))
        });
        match accepted {
            Ok((timestamp, signatures)) => {
                let purpose = Purpose::Verify { header_length, signatures };
                bindings.start(Payload { first_key: first_key as u64, keys: keys.into(), timestamp, purpose, by_host })
            }
            Err(error) => bindings.refuse(error),
        }
    })
}

/// Starts to sign a body under one key, and returns [`STARTED`](super::bindings::STARTED) or another negative code.
#[wasm_bindgen]
pub fn start_signing(key: f64, timestamp: f64, by_host: bool) -> i32 {
    with(|bindings| {
        bindings.payload = None;
        if !(0.0..=MAX_TIMESTAMP as f64).contains(&timestamp) {
            return REFUSED;
        }
        let timestamp = timestamp as i64;
        bindings.start(Payload { first_key: key as u64, keys: 1, timestamp, purpose: Purpose::Sign, by_host })
    })
}

/// Takes the next chunk of the body that is being verified or signed. A chunk that is too long abandons it.
#[wasm_bindgen]
pub fn update(length: usize) {
    with(|bindings| {
        let Some(payload) = bindings.payload else { return };
        let Some(chunk) = bindings.buffer[BODY..].get(..length) else {
            bindings.payload = None;
            return;
        };
        for number in payload.numbers() {
            if let Some((_, mac)) = bindings.keys.get(number) {
                mac.update(chunk);
            }
        }
    })
}

/// Writes what the host hashes before the body for the key with this index, right before the body's room, and returns its
/// length in bytes. It is as secret as the secret. [`host_digest`] wipes it; if the host fails, it stays.
#[wasm_bindgen]
pub fn host_prefix(index: u32) -> usize {
    with(|bindings| {
        let Some(payload) = bindings.payload else { return 0 };
        let Some((key, _)) = payload.hosted(index).and_then(|number| bindings.keys.get(number)) else { return 0 };
        let mut digits = [0; MAX_DIGITS];
        let parts = [key.inner_block().as_slice(), decimal(payload.timestamp, &mut digits), b"."];
        let length = parts.iter().map(|part| part.len()).sum();
        let mut at = BODY - length;
        for part in parts {
            bindings.buffer[at..][..part.len()].copy_from_slice(part);
            at += part.len();
        }
        length
    })
}

/// Takes the host's digest for the key with this index: 32 bytes at the start of the prefix's room.
#[wasm_bindgen]
pub fn host_digest(index: u32) {
    with(|bindings| {
        let room = &mut bindings.buffer[HEADER_ROOM..BODY];
        let mut digest = [0; MAC_BYTES];
        digest.copy_from_slice(&room[..MAC_BYTES]);
        // JavaScript can see the buffer, so the compiler cannot optimise this away.
        room.fill(0);
        let number = bindings.payload.and_then(|payload| payload.hosted(index));
        let Some((key, mac)) = number.and_then(|number| bindings.keys.get(number)) else { return };
        *mac = Mac::Finished(key.finish_digest(&digest));
    })
}

/// Finishes a verification, and returns the index of the secret that matched, or a negative code.
#[wasm_bindgen]
pub fn finish_verification() -> i32 {
    with(|bindings| {
        let Some(payload) = bindings.payload.take() else { return REFUSED };
        let Purpose::Verify { header_length, signatures } = payload.purpose else { return REFUSED };
        let header = SignatureHeader::again(&bindings.buffer[..header_length], payload.timestamp, signatures);
        let mut comparison = Comparison::new(header);
        for number in payload.numbers() {
            // A key without a MAC got no body. If it were skipped, the indices after it would be wrong.
            let mac = bindings.keys.get(number).and_then(|(key, mac)| mac.take(key));
            let Some(mac) = mac else { return REFUSED };
            comparison.add(&mac);
        }
        match comparison.first_match() {
            Some(secret_index) => secret_index as i32,
            None => bindings.refuse(SignatureError::SignatureMismatch { signatures, secrets: payload.keys as usize }),
        }
    })
}

/// Finishes a signing: writes the MAC as hex digits at the start of the buffer and returns how many there are, or 0 if there
/// is no MAC.
#[wasm_bindgen]
pub fn finish_signing() -> usize {
    with(|bindings| {
        let Some(Payload { first_key, purpose: Purpose::Sign, .. }) = bindings.payload.take() else { return 0 };
        let Some(mac) = bindings.keys.get(first_key).and_then(|(key, mac)| mac.take(key)) else { return 0 };
        bindings.buffer[..HEX_DIGITS].copy_from_slice(&hex_digits(&mac));
        HEX_DIGITS
    })
}

/// After `stale_signature`: the receiver's clock minus `t`, in seconds.
#[wasm_bindgen]
pub fn age_seconds() -> f64 {
    with(|bindings| bindings.age_seconds as f64)
}

/// After `signature_mismatch`: how many `v1` values the header holds.
#[wasm_bindgen]
pub fn signatures() -> usize {
    with(|bindings| bindings.signatures)
}
