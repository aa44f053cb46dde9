//! What a worker has done.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What a worker has done so far; see [`Worker::counters`](crate::sender::Worker::counters).
#[derive(Debug, Default)]
pub struct WorkCounters {
    pub(in crate::sender) delivered: AtomicU64,
    pub(in crate::sender) retries: AtomicU64,
    pub(in crate::sender) dead_letters: AtomicU64,
}

/// What a worker did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkSummary {
    /// Attempts that were answered with a 2xx.
    pub delivered: u64,
    /// Attempts that failed and are tried again.
    pub retries: u64,
    /// Deliveries that became dead letters.
    pub dead_letters: u64,
}

impl WorkCounters {
    /// How things stand now.
    pub fn summary(&self) -> WorkSummary {
        WorkSummary {
            delivered: self.delivered.load(Relaxed),
            retries: self.retries.load(Relaxed),
            dead_letters: self.dead_letters.load(Relaxed),
        }
    }
}
