//! The npm package's receiver: conversion only, no decision.
//!
//! Everything crosses the boundary as a number. Text and bytes go through one fixed buffer, in chunks, and nothing is
//! allocated: wasm memory never grows, and the module holds no allocator. An error has no message here: JavaScript words
//! it from the code and two facts. [`Bindings`] is what the exported functions share; JavaScript has one thread.
//!
//! A call may be cut off anywhere, and leaves the memory as it then is: JavaScript goes on with a fresh instance.

mod keys;

use crate::signature::{Comparison, HEX_DIGITS, Key, MAC_BYTES, MAX_DIGITS, decimal, hex_digits};
use crate::{MAX_HEADER_BYTES, MAX_TIMESTAMP, SignatureError, SignatureHeader};
use keys::{Keys, Mac, SLOTS};
use std::cell::RefCell;
use std::ops::Range;
use wasm_bindgen::prelude::wasm_bindgen;

/// Room for a header that is one byte too long, so that the core sees that it is.
const HEADER_ROOM: usize = MAX_HEADER_BYTES + 1;
/// Room for what a host hashes before the body: a block of HMAC, `t` and a point.
const PREFIX_ROOM: usize = 128;
/// Room for any text of 64 Ki characters, which take three bytes each at most.
const BODY_ROOM: usize = 3 * 64 * 1024;
const BODY: usize = HEADER_ROOM + PREFIX_ROOM;

/// In place of a key's number.
const NO_KEY: f64 = 0.0;
/// A key has been dropped for a newer one: make the verifier's keys again.
const UNKNOWN_KEY: i32 = -6;
/// A usage that the JavaScript side rules out.
const REFUSED: i32 = -7;
/// A verification or a signing is under way. Not 0, which is the verdict "the first secret matched": no answer but
/// a verdict may pass for one.
const STARTED: i32 = -8;
/// The header is accepted, and no key was named: nothing is under way.
const HEADER_ACCEPTED: i32 = -9;

struct Bindings {
    buffer: [u8; BODY + BODY_ROOM],
    keys: Keys,
    payload: Option<Payload>,
    age_seconds: i64,
    signatures: usize,
}

/// What is being verified or signed while its body comes in.
#[derive(Clone, Copy)]
struct Payload {
    first_key: u64,
    keys: u64,
    timestamp: i64,
    purpose: Purpose,
    by_host: bool,
}

#[derive(Clone, Copy)]
enum Purpose {
    Verify { header_length: usize, signatures: usize },
    Sign,
}

thread_local! {
    static BINDINGS: RefCell<Bindings> = const { RefCell::new(Bindings {
        buffer: [0; BODY + BODY_ROOM],
        keys: Keys::EMPTY,
        payload: None,
        age_seconds: 0,
        signatures: 0,
    }) };
}

fn with<T>(run: impl FnOnce(&mut Bindings) -> T) -> T {
    BINDINGS.with_borrow_mut(run)
}

impl Payload {
    fn numbers(self) -> Range<u64> {
        self.first_key..self.first_key.saturating_add(self.keys)
    }

    /// The number of the key with this index, where a host hashes this payload.
    fn hosted(self, index: u32) -> Option<u64> {
        self.numbers().nth(index as usize).filter(|_| self.by_host)
    }
}

impl Bindings {
    fn start(&mut self, payload: Payload) -> i32 {
        if payload.keys == 0 {
            return HEADER_ACCEPTED;
        }
        if payload.keys > SLOTS as u64 {
            return REFUSED;
        }
        for number in payload.numbers() {
            let Some((key, mac)) = self.keys.get(number) else { return UNKNOWN_KEY };
            *mac = if payload.by_host { Mac::Nothing } else { Mac::Running(key.start(payload.timestamp)) };
        }
        self.payload = Some(payload);
        STARTED
    }

    fn refuse(&mut self, error: SignatureError) -> i32 {
        match error {
            SignatureError::MalformedHeader => -1,
            SignatureError::BadTimestamp => -2,
            SignatureError::MissingV1 => -3,
            SignatureError::StaleSignature { age_seconds, .. } => {
                self.age_seconds = age_seconds;
                -4
            }
            SignatureError::SignatureMismatch { signatures, .. } => {
                self.signatures = signatures;
                -5
            }
        }
    }
}

/// Where the buffer is: [`header_room`] bytes for a header, [`prefix_room`] for what a host hashes before the body,
/// and [`body_room`] for a chunk of the body.
#[wasm_bindgen]
pub fn buffer() -> *const u8 {
    with(|bindings| bindings.buffer.as_ptr())
}

/// The bytes of the buffer that are for the header.
#[wasm_bindgen]
pub fn header_room() -> usize {
    HEADER_ROOM
}

/// The bytes of the buffer that are for what a host hashes before the body.
#[wasm_bindgen]
pub fn prefix_room() -> usize {
    PREFIX_ROOM
}

/// The bytes of the buffer that are for a chunk of a body, or for a secret.
#[wasm_bindgen]
pub fn body_room() -> usize {
    BODY_ROOM
}

/// Makes a key of a secret, `length` bytes of UTF-8 in the body's room, and answers its number: one more than the last
/// key's. Answers 0 where the secret is empty or longer than the room.
#[wasm_bindgen]
pub fn add_key(length: usize) -> f64 {
    with(|bindings| {
        let Some(secret) = bindings.buffer[BODY..].get_mut(..length) else { return NO_KEY };
        let Ok(key) = Key::new(&*secret) else { return NO_KEY };
        secret.fill(0);
        bindings.keys.add(key) as f64
    })
}

/// Starts to verify a delivery under the `keys` keys from `first_key` on: answers [`STARTED`], or another negative code.
/// The body is still to come: through [`update`], or where a host hashes it, as a digest for each key. Without keys it answers
/// for the header alone: [`HEADER_ACCEPTED`], or another negative code.
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
        // What was under way is given up, whatever becomes of this.
        bindings.payload = None;
        if now.is_nan() || max_age.is_nan() {
            return REFUSED;
        }
        let header_length = header_length.min(HEADER_ROOM);
        let header = SignatureHeader::parse(&bindings.buffer[..header_length]);
        // `as` saturates, which is what an integer past i64 means here.
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

/// Starts to sign a body under one key: answers [`STARTED`], or another negative code.
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

/// Takes the next chunk of the body that is being verified or signed, and gives it up where the chunk is too long.
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

/// Puts what a host hashes before the body right before the body's room, for the key with this index, and answers its
/// length in bytes. It is as secret as the secret; [`host_digest`] wipes it, and a host that fails leaves it.
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

/// Takes the host's digest for the key with this index, 32 bytes at the start of the prefix's room.
#[wasm_bindgen]
pub fn host_digest(index: u32) {
    with(|bindings| {
        let room = &mut bindings.buffer[HEADER_ROOM..BODY];
        let mut digest = [0; MAC_BYTES];
        digest.copy_from_slice(&room[..MAC_BYTES]);
        // JavaScript sees the buffer, so that no compiler can leave this out.
        room.fill(0);
        let number = bindings.payload.and_then(|payload| payload.hosted(index));
        let Some((key, mac)) = number.and_then(|number| bindings.keys.get(number)) else { return };
        *mac = Mac::Made(key.finish_digest(&digest));
    })
}

/// Ends a verification: answers the index of the secret that matched, or a negative code.
#[wasm_bindgen]
pub fn finish_verification() -> i32 {
    with(|bindings| {
        let Some(payload) = bindings.payload.take() else { return REFUSED };
        let Purpose::Verify { header_length, signatures } = payload.purpose else { return REFUSED };
        let header = SignatureHeader::again(&bindings.buffer[..header_length], payload.timestamp, signatures);
        let mut comparison = Comparison::new(header);
        for number in payload.numbers() {
            // A key without a MAC got no body: were it left out, the indices behind it would be wrong.
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

/// Ends a signing: leaves the MAC as hex digits at the start of the buffer and answers how many, 0 for none.
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

/// After `signature_mismatch`: how many `v1` the header holds.
#[wasm_bindgen]
pub fn signatures() -> usize {
    with(|bindings| bindings.signatures)
}

#[cfg(test)]
mod tests;
