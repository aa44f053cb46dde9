//! Plays the JavaScript side.

use super::super::engine::with;
use super::super::exports::*;
use super::super::room::*;
use super::super::status::*;
use sha2::{Digest, Sha256};

pub(super) const NOW: i64 = 1_700_000_000;
pub(super) const CLOCK: f64 = NOW as f64;

pub(super) fn write(at: usize, bytes: &[u8]) -> usize {
    with(|engine| engine.buffer[at..][..bytes.len()].copy_from_slice(bytes));
    bytes.len()
}

pub(super) fn key(secret: &str) -> f64 {
    add_key(write(BODY, secret.as_bytes()))
}

pub(super) fn signed(secret: &str, body: &[u8]) -> usize {
    write(0, crate::sign_payload(secret, body, NOW).unwrap().as_bytes())
}

pub(super) fn start(key: f64, keys: u32, header: usize, by_host: bool) -> i32 {
    start_verification(key, keys, 300.0, header, CLOCK, by_host)
}

/// Verifies a body that lies in its room.
pub(super) fn verify(key: f64, header: usize, length: usize) -> i32 {
    match start(key, 1, header, false) {
        STARTED => finish(length),
        code => code,
    }
}

/// Does what a host does: hashes what is before the body, and the body, with SHA-256.
pub(super) fn digest(started: i32, body_length: usize) -> i32 {
    let before = (STARTED - started) as usize;
    let digest = with(|engine| Sha256::digest(&engine.buffer[BODY - before..BODY + body_length]));
    write(HEADER_ROOM, &digest);
    host_digest()
}
