//! Makes the records that the queue returns: callers cannot, because they are `#[non_exhaustive]`.

use dealix_webhooks::sender::{Enqueued, QueueDepth, Recovered, WorkSummary};

pub fn enqueued(deliveries: usize, duplicate: bool) -> Enqueued {
    let mut enqueued = Enqueued::default();
    (enqueued.deliveries, enqueued.duplicate) = (deliveries, duplicate);
    enqueued
}

pub fn recovered(replayed: u64, missed: u64) -> Recovered {
    let mut recovered = Recovered::default();
    (recovered.replayed, recovered.missed) = (replayed, missed);
    recovered
}

pub fn worked(delivered: u64, retries: u64, dead_letters: u64) -> WorkSummary {
    let mut summary = WorkSummary::default();
    (summary.delivered, summary.retries, summary.dead_letters) = (delivered, retries, dead_letters);
    summary
}

/// The depth of a queue whose outbox holds no refused events.
pub fn depth(pending: u64, due: u64, dead_letters: u64) -> QueueDepth {
    let mut depth = QueueDepth::default();
    (depth.pending, depth.due, depth.dead_letters) = (pending, due, dead_letters);
    depth
}
