//! Hashes payloads under keys, and finishes verifications and signings.

use super::hash::{BLOCK_BYTES, compress, pad, write_digest};
use super::keys::{Keys, SLOTS};
use super::payload::{Payload, Purpose};
use super::room::{BODY, BODY_ROOM, BUFFER_BYTES, Buffer, HEADER_ROOM, write_time};
use super::status::{HEADER_ACCEPTED, NEXT, REFUSED, SIGNED, STARTED, UNKNOWN_KEY};
use crate::signature::{Comparison, HEX_DIGITS, MAC_BYTES, hex_digits};
use crate::{SignatureError, SignatureHeader};
use std::cell::RefCell;

/// What the exported functions share; JavaScript has only one thread.
pub(super) struct Engine {
    pub(super) buffer: Buffer,
    pub(super) keys: Keys,
    pub(super) payload: Option<Payload>,
    /// What an error's message needs besides its code: see [`refuse`](Self::refuse).
    pub(super) fact: f64,
}

thread_local! {
    static ENGINE: RefCell<Engine> = const { RefCell::new(Engine {
        buffer: [0; BUFFER_BYTES],
        keys: Keys::EMPTY,
        payload: None,
        fact: 0.0,
    }) };
}

/// Runs a function on the shared state.
pub(super) fn with<T>(run: impl FnOnce(&mut Engine) -> T) -> T {
    ENGINE.with_borrow_mut(run)
}

impl Engine {
    /// Starts a payload, and returns [`STARTED`] minus the length of what the host hashes before the body, or another
    /// negative code.
    pub(super) fn start(&mut self, first_key: u64, keys: u64, timestamp: i64, purpose: Purpose, by_host: bool) -> i32 {
        if keys == 0 {
            return HEADER_ACCEPTED;
        }
        if keys > SLOTS as u64 {
            return REFUSED;
        }
        let Some(after_last) = first_key.checked_add(keys) else { return UNKNOWN_KEY };
        for number in first_key..after_last {
            let Some(slot) = self.keys.get(number) else { return UNKNOWN_KEY };
            if !by_host {
                slot.running = slot.key.inner;
            }
        }
        let pending = write_time(&mut self.buffer, timestamp as u64);
        let length = (BLOCK_BYTES + pending) as u64;
        let comparison = Comparison::default();
        let payload = Payload { first_key, keys, purpose, by_host, pending, length, comparison };
        self.payload = Some(payload);
        if by_host { self.write_inner_block(first_key, pending) } else { STARTED }
    }

    /// Writes the inner block of a key before what is pending, for the host to hash.
    fn write_inner_block(&mut self, number: u64, pending: usize) -> i32 {
        let Some(slot) = self.keys.get(number) else { return REFUSED };
        let from = BODY - pending - BLOCK_BYTES;
        self.buffer[from..from + BLOCK_BYTES].copy_from_slice(&slot.key.inner_block);
        STARTED - (BODY - from) as i32
    }

    /// Hashes the next `length` bytes of the body, except those that do not fill a block.
    pub(super) fn update(&mut self, length: usize) {
        let Some(payload) = self.payload.as_mut().filter(|payload| !payload.by_host && length <= BODY_ROOM) else {
            self.payload = None;
            return;
        };
        let end = BODY + length;
        let chunk = &self.buffer[BODY - payload.pending..end];
        for number in payload.numbers() {
            let Some(slot) = self.keys.get(number) else { return self.payload = None };
            compress(&mut slot.running, chunk);
        }
        payload.pending = chunk.len() % BLOCK_BYTES;
        payload.length += length as u64;
        self.buffer.copy_within(end - payload.pending..end, BODY - payload.pending);
    }

    /// Hashes the last `length` bytes of the body, and returns the verdict, or [`SIGNED`].
    pub(super) fn finish(&mut self, length: usize) -> i32 {
        let Some(payload) = self.payload.filter(|payload| !payload.by_host && length <= BODY_ROOM) else {
            self.payload = None;
            return REFUSED;
        };
        let from = BODY - payload.pending;
        let end = pad(&mut self.buffer[from..], payload.pending + length, payload.length + length as u64);
        for number in payload.numbers() {
            let Some(slot) = self.keys.get(number) else { break };
            compress(&mut slot.running, &self.buffer[from..][..end]);
            let mut inner_digest = [0; MAC_BYTES];
            write_digest(&slot.running, &mut inner_digest);
            match self.take_digest(&inner_digest) {
                NEXT => {}
                status => return status,
            }
        }
        self.payload = None;
        REFUSED
    }

    /// Takes the host's digest, from the start of the prefix's room, for the key that is next. Returns [`NEXT`] if another
    /// key follows, whose inner block then lies in place of this one's.
    pub(super) fn take_host_digest(&mut self) -> i32 {
        let mut inner_digest = [0; MAC_BYTES];
        inner_digest.copy_from_slice(&self.buffer[HEADER_ROOM..HEADER_ROOM + MAC_BYTES]);
        self.payload = self.payload.filter(|payload| payload.by_host);
        let pending = self.payload.map_or(0, |payload| payload.pending);
        // JavaScript can see the buffer, so the compiler cannot optimise this away.
        self.buffer[HEADER_ROOM..BODY - pending].fill(0);
        let status = self.take_digest(&inner_digest);
        if let Some(payload) = self.payload {
            self.write_inner_block(payload.next_key(), pending);
        }
        status
    }

    /// Takes the inner digest for the key that is next: writes its MAC if it signs, or compares it. Returns [`NEXT`], or
    /// [`SIGNED`], or the verdict after the last key.
    fn take_digest(&mut self, inner_digest: &[u8; MAC_BYTES]) -> i32 {
        let Some(mut payload) = self.payload.take() else { return REFUSED };
        let Some(slot) = self.keys.get(payload.next_key()) else { return REFUSED };
        let digits = hex_digits(&slot.key.finish(inner_digest));
        let Purpose::Verify { header_length, timestamp, signatures } = payload.purpose else {
            self.buffer[..HEX_DIGITS].copy_from_slice(&digits);
            return SIGNED;
        };
        let header = SignatureHeader::again(&self.buffer[..header_length], timestamp, signatures);
        payload.comparison.add(header, &digits);
        if payload.next_key() < payload.first_key + payload.keys {
            self.payload = Some(payload);
            return NEXT;
        }
        match payload.comparison.first_match() {
            Some(secret_index) => secret_index as i32,
            None => self.refuse(SignatureError::SignatureMismatch { signatures, secrets: payload.keys as usize }),
        }
    }

    /// The code of an error. Its fact is the receiver's clock minus `t`, in seconds, if the signature is stale, and how
    /// many `v1` the header holds if none matches.
    pub(super) fn refuse(&mut self, error: SignatureError) -> i32 {
        match error {
            SignatureError::MalformedHeader => -1,
            SignatureError::BadTimestamp => -2,
            SignatureError::MissingV1 => -3,
            SignatureError::StaleSignature { age_seconds, .. } => {
                self.fact = age_seconds as f64;
                -4
            }
            SignatureError::SignatureMismatch { signatures, .. } => {
                self.fact = signatures as f64;
                -5
            }
        }
    }
}
