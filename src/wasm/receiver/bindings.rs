use super::keys::{Keys, Mac, SLOTS};
use crate::{MAX_HEADER_BYTES, SignatureError};
use std::cell::RefCell;
use std::ops::Range;

/// Room for a header one byte over the limit, so that the core sees that it is too long.
pub(super) const HEADER_ROOM: usize = MAX_HEADER_BYTES + 1;
/// Room for what the host hashes before the body: a block of HMAC, `t` and a dot.
pub(super) const PREFIX_ROOM: usize = 128;
/// Room for any text of 64 Ki UTF-16 units, which take at most three bytes each.
pub(super) const BODY_ROOM: usize = 3 * 64 * 1024;
/// Where the body's room starts in the buffer.
pub(super) const BODY: usize = HEADER_ROOM + PREFIX_ROOM;

/// Returned in place of a key's number.
pub(super) const NO_KEY: f64 = 0.0;
/// A key was replaced by a newer one: the verifier's keys must be recreated.
pub(super) const UNKNOWN_KEY: i32 = -6;
/// A call that the JavaScript side never makes.
pub(super) const REFUSED: i32 = -7;
/// A verification or a signing has started. Not 0, which is the verdict "the first secret matched": nothing but a verdict
/// may be mistaken for one.
pub(super) const STARTED: i32 = -8;
/// The header is accepted, but no keys were given, so nothing has started.
pub(super) const HEADER_ACCEPTED: i32 = -9;

/// What the exported functions share; JavaScript has only one thread.
pub(super) struct Bindings {
    pub(super) buffer: [u8; BODY + BODY_ROOM],
    pub(super) keys: Keys,
    pub(super) payload: Option<Payload>,
    pub(super) age_seconds: i64,
    pub(super) signatures: usize,
}

/// What is being verified or signed while its body arrives.
#[derive(Clone, Copy)]
pub(super) struct Payload {
    pub(super) first_key: u64,
    pub(super) keys: u64,
    pub(super) timestamp: i64,
    pub(super) purpose: Purpose,
    /// Whether the host hashes the payload.
    pub(super) by_host: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Purpose {
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

/// Runs a function on the shared state.
pub(super) fn with<T>(run: impl FnOnce(&mut Bindings) -> T) -> T {
    BINDINGS.with_borrow_mut(run)
}

impl Payload {
    pub(super) fn numbers(self) -> Range<u64> {
        self.first_key..self.first_key.saturating_add(self.keys)
    }

    /// The number of the key with this index, if the host hashes this payload.
    pub(super) fn hosted(self, index: u32) -> Option<u64> {
        self.numbers().nth(index as usize).filter(|_| self.by_host)
    }
}

impl Bindings {
    pub(super) fn start(&mut self, payload: Payload) -> i32 {
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

    pub(super) fn refuse(&mut self, error: SignatureError) -> i32 {
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
