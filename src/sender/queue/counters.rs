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
#[non_exhaustive]
pub struct WorkSummary {
    /// Attempts that got a 2xx response.
    pub delivered: u64,
    /// Attempts that failed and will be retried.
    pub retries: u64,
    /// Deliveries that became dead letters.
    pub dead_letters: u64,
}

impl WorkCounters {
    /// The counts at this moment.
    pub fn summary(&self) -> WorkSummary {
        WorkSummary {
            delivered: self.delivered.load(Relaxed),
            retries: self.retries.load(Relaxed),
            dead_letters: self.dead_letters.load(Relaxed),
        }
    }
}
