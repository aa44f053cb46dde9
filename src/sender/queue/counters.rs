//! What a worker has done.

use super::store::{Change, Next};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What a worker has done so far; see [`Worker::counters`](super::Worker::counters).
#[derive(Debug, Default)]
pub struct WorkCounters {
    delivered: AtomicU64,
    retries: AtomicU64,
    dead_letters: AtomicU64,
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

    pub(super) fn count(&self, change: &Change) {
        let counter = match change {
            Change::Record { next: Next::Delivered, .. } => &self.delivered,
            Change::Record { next: Next::Retry { .. }, .. } => &self.retries,
            Change::Record { next: Next::DeadLetter, .. } | Change::Abandon { .. } => &self.dead_letters,
            _ => return,
        };
        counter.fetch_add(1, Relaxed);
    }
}
