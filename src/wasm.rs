//! The npm package's receiver: conversion only, no decision.
//!
//! Everything crosses the boundary as a number. Text and bytes go through one fixed buffer, in chunks, so
//! that wasm memory does not grow with a body, and an error has no message here: JavaScript words it from
//! the code and two facts. [`Bindings`] is what the exported functions share; JavaScript has one thread.

use crate::{MAX_HEADER_BYTES, SignatureError, Verification, Verified, Verifier, signature::Signing};
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

/// Room for a header that is one byte too long, so that the core sees that it is.
const HEADER_ROOM: usize = MAX_HEADER_BYTES + 1;
const BODY_ROOM: usize = 64 * 1024;

/// Verifiers that are kept. A verifier that was dropped for a newer one is made again on demand, so a
/// Worker that makes one for each request needs no finalizer, and memory stays constant.
const VERIFIER_SLOTS: usize = 64;

const OK: i32 = 0;
/// In place of a verifier's id. Ids are whole numbers that JavaScript holds exactly, and there are more than will ever be
/// used: were one given twice, an old verifier would find the secrets of another.
const NO_VERIFIER: f64 = 0.0;
/// The verifier has been dropped for a newer one: make it again.
const UNKNOWN_VERIFIER: i32 = -6;
/// A usage that the JavaScript side rules out.
const REFUSED: i32 = -7;
/// A verification or a signing is under way. Not 0, which is the verdict "the first secret matched": no answer but
/// a verdict may pass for one.
const STARTED: i32 = -8;

struct Bindings {
    buffer: Box<[u8]>,
    secrets: Vec<String>,
    verifiers: [Option<(u64, Verifier)>; VERIFIER_SLOTS],
    last_id: u64,
    body: Option<Body>,
    age_seconds: i64,
    signatures: usize,
}

/// A body that comes in chunks, and what becomes of it.
enum Body {
    Verified(Verification),
    Signed(Signing),
}

thread_local! {
    static BINDINGS: RefCell<Bindings> = RefCell::new(Bindings {
        buffer: vec![0; HEADER_ROOM + BODY_ROOM].into(),
        secrets: Vec::new(),
        verifiers: [const { None }; VERIFIER_SLOTS],
        last_id: 0,
        body: None,
        age_seconds: 0,
        signatures: 0,
    });
}

fn with<T>(run: impl FnOnce(&mut Bindings) -> T) -> T {
    BINDINGS.with_borrow_mut(run)
}

/// Where the buffer is: [`header_room`] bytes for a header, then [`body_room`] for a chunk of a body.
#[wasm_bindgen]
pub fn buffer() -> *const u8 {
    with(|bindings| bindings.buffer.as_ptr())
}

/// The bytes of the buffer that are for the header.
#[wasm_bindgen]
pub fn header_room() -> usize {
    HEADER_ROOM
}

/// The bytes of the buffer that are for a chunk of a body, or for a secret.
#[wasm_bindgen]
pub fn body_room() -> usize {
    BODY_ROOM
}

/// Takes a secret, `length` bytes of UTF-8 in the body's room, for the next [`create_verifier`].
#[wasm_bindgen]
pub fn add_secret(length: usize) -> i32 {
    with(|bindings| {
        let Some(bytes) = bindings.buffer[HEADER_ROOM..].get_mut(..length) else { return REFUSED };
        let secret = std::str::from_utf8(bytes).map(str::to_owned);
        bytes.zeroize();
        secret.map_or(REFUSED, |secret| {
            bindings.secrets.push(secret);
            OK
        })
    })
}

/// Makes a verifier from the secrets added since the last one, and answers its id. Answers 0 where a secret is empty,
/// or where they are not `secret_count`: one was refused, or one is left over from a caller that gave up.
#[wasm_bindgen]
pub fn create_verifier(secret_count: usize, max_age_seconds: f64) -> f64 {
    with(|bindings| {
        let mut secrets = std::mem::take(&mut bindings.secrets);
        let is_complete = secrets.len() == secret_count;
        let verifier = Verifier::new(&secrets);
        secrets.iter_mut().for_each(Zeroize::zeroize);
        let Ok(verifier) = verifier else { return NO_VERIFIER };
        if !is_complete || max_age_seconds.is_nan() {
            return NO_VERIFIER;
        }
        bindings.last_id += 1;
        let id = bindings.last_id;
        // `as` saturates, which is what an integer past i64 means here.
        let verifier = verifier.with_max_age_seconds(max_age_seconds as i64);
        bindings.verifiers[slot(id)] = Some((id, verifier));
        id as f64
    })
}

fn slot(id: u64) -> usize {
    (id % VERIFIER_SLOTS as u64) as usize
}

impl Bindings {
    fn verifier(&self, id: f64) -> Option<&Verifier> {
        let id = id as u64;
        self.verifiers[slot(id)].as_ref().filter(|(held, _)| *held == id).map(|(_, verifier)| verifier)
    }

    /// The chunk in the body's room; none where the caller names more than there is room for.
    fn chunk(&self, length: usize) -> Option<&[u8]> {
        self.buffer[HEADER_ROOM..].get(..length)
    }

    fn start(&mut self, id: f64, header_length: usize, now: f64) -> Result<Verification, i32> {
        // What was under way is given up, whatever becomes of this.
        self.body = None;
        if now.is_nan() {
            return Err(REFUSED);
        }
        let verifier = self.verifier(id).ok_or(UNKNOWN_VERIFIER)?;
        let header = &self.buffer[..header_length.min(HEADER_ROOM)];
        verifier.start(header, now as i64).map_err(|error| self.refuse(error))
    }

    fn finish(&mut self, verification: Verification) -> i32 {
        match verification.finish() {
            Ok(Verified { secret_index, .. }) => i32::try_from(secret_index).unwrap_or(REFUSED),
            Err(error) => self.refuse(error),
        }
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

/// Verifies a delivery that is in the buffer as a whole: answers the index of the secret that matched,
/// or a negative code.
#[wasm_bindgen]
pub fn verify(id: f64, header_length: usize, body_length: usize, now: f64) -> i32 {
    with(|bindings| match bindings.start(id, header_length, now) {
        Ok(mut verification) => {
            let Some(body) = bindings.chunk(body_length) else { return REFUSED };
            verification.update(body);
            bindings.finish(verification)
        }
        Err(code) => code,
    })
}

/// Starts to verify a delivery whose body comes in chunks: answers [`STARTED`], or another negative code.
#[wasm_bindgen]
pub fn start_verification(id: f64, header_length: usize, now: f64) -> i32 {
    with(|bindings| match bindings.start(id, header_length, now) {
        Ok(verification) => {
            bindings.body = Some(Body::Verified(verification));
            STARTED
        }
        Err(code) => code,
    })
}

/// Takes the next chunk of the body that is being verified or signed, and gives it up where the chunk is too long.
#[wasm_bindgen]
pub fn update(length: usize) {
    with(|bindings| {
        let mut body = bindings.body.take();
        let Some(chunk) = bindings.chunk(length) else { return };
        match &mut body {
            Some(Body::Verified(verification)) => verification.update(chunk),
            Some(Body::Signed(signing)) => signing.update(chunk),
            None => {}
        }
        bindings.body = body;
    })
}

/// Answers for the chunks as [`verify`] does for a whole body.
#[wasm_bindgen]
pub fn finish_verification() -> i32 {
    with(|bindings| match bindings.body.take() {
        Some(Body::Verified(verification)) => bindings.finish(verification),
        _ => REFUSED,
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

/// Starts to sign a body with the verifier's first secret: answers [`STARTED`], or another negative code.
#[wasm_bindgen]
pub fn start_signing(id: f64, timestamp: f64) -> i32 {
    with(|bindings| {
        bindings.body = None;
        let Some(verifier) = bindings.verifier(id) else { return UNKNOWN_VERIFIER };
        if timestamp.is_nan() {
            return REFUSED;
        }
        match verifier.start_signing(timestamp as i64) {
            Ok(signing) => {
                bindings.body = Some(Body::Signed(signing));
                STARTED
            }
            Err(_) => REFUSED,
        }
    })
}

/// Leaves the signature header at the start of the buffer and answers its length in bytes.
#[wasm_bindgen]
pub fn finish_signing() -> usize {
    with(|bindings| {
        let Some(Body::Signed(signing)) = bindings.body.take() else { return 0 };
        let header = signing.finish();
        bindings.buffer[..header.len()].copy_from_slice(header.as_bytes());
        header.len()
    })
}

#[cfg(test)]
mod tests {
    //! Calls that the JavaScript side does not make: none may end in an accept.

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn write(at: usize, bytes: &[u8]) -> usize {
        with(|bindings| bindings.buffer[at..][..bytes.len()].copy_from_slice(bytes));
        bytes.len()
    }

    fn verifier(secrets: &[&str]) -> f64 {
        for secret in secrets {
            assert_eq!(add_secret(write(HEADER_ROOM, secret.as_bytes())), OK);
        }
        create_verifier(secrets.len(), 300.0)
    }

    fn signed(secret: &str, body: &[u8]) -> usize {
        write(0, crate::sign_payload(secret, body, NOW).unwrap().as_bytes())
    }

    #[test]
    fn a_length_beyond_the_buffer_is_refused() {
        let id = verifier(&["s"]);
        let body = vec![7; BODY_ROOM];
        let header = signed("s", &body);
        write(HEADER_ROOM, &body);
        assert_eq!(verify(id, header, BODY_ROOM, NOW as f64), 0);
        assert_eq!(verify(id, header, BODY_ROOM + 1, NOW as f64), REFUSED);
        assert_eq!(start_verification(id, header, NOW as f64), STARTED);
        update(BODY_ROOM);
        update(BODY_ROOM + 1);
        assert_eq!(finish_verification(), REFUSED);
        assert_eq!(add_secret(BODY_ROOM + 1), REFUSED);
    }

    #[test]
    fn a_start_that_is_refused_ends_what_was_under_way() {
        let id = verifier(&["s"]);
        let header = signed("s", b"");
        assert_eq!(start_verification(id, header, NOW as f64), STARTED);
        assert_eq!(start_verification(id, 0, NOW as f64), -1);
        assert_eq!(finish_verification(), REFUSED);
        assert_eq!(start_signing(id, NOW as f64), STARTED);
        assert_eq!(start_signing(id, -1.0), REFUSED);
        assert_eq!(finish_signing(), 0);
    }

    #[test]
    fn a_verifier_has_its_own_secrets_or_is_not_made() {
        assert_eq!(add_secret(write(HEADER_ROOM, b"abandoned")), OK);
        assert_eq!(verifier(&["s"]), NO_VERIFIER);
        assert_ne!(verifier(&["s"]), NO_VERIFIER);
        assert_eq!(add_secret(write(HEADER_ROOM, b"\xff")), REFUSED);
        assert_eq!(create_verifier(1, 300.0), NO_VERIFIER);
        assert_eq!(create_verifier(0, 300.0), NO_VERIFIER);
        let id = verifier(&["s"]);
        assert_eq!(verify(id + 1.0, signed("s", b""), 0, NOW as f64), UNKNOWN_VERIFIER);
    }

    #[test]
    fn no_number_is_no_time() {
        let id = verifier(&["s"]);
        let header = write(0, crate::sign_payload("s", b"", 0).unwrap().as_bytes());
        assert_eq!(verify(id, header, 0, 0.0), 0);
        assert_eq!(verify(id, header, 0, f64::NAN), REFUSED);
        assert_eq!(start_signing(id, f64::NAN), REFUSED);
    }
}
