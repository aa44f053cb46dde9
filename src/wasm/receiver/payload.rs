//! What is being verified or signed while its body arrives.

use crate::signature::Comparison;
use std::ops::Range;

#[derive(Clone, Copy)]
pub(super) struct Payload {
    pub(super) first_key: u64,
    pub(super) keys: u64,
    pub(super) purpose: Purpose,
    /// Whether the host hashes the payload.
    pub(super) by_host: bool,
    /// How many bytes right before the body's room are not hashed yet.
    pub(super) pending: usize,
    /// How many bytes have been hashed or are pending, HMAC's inner block included.
    pub(super) length: u64,
    /// The keys whose MACs have been compared.
    pub(super) comparison: Comparison,
}

#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Verify { header_length: usize, timestamp: i64, signatures: usize },
    Sign,
}

impl Payload {
    pub(super) fn numbers(&self) -> Range<u64> {
        self.first_key..self.first_key + self.keys
    }

    /// The number of the first key whose MAC has not been compared.
    pub(super) fn next_key(&self) -> u64 {
        self.first_key + u64::from(self.comparison.added())
    }
}
