//! What a worker asks a database for, and what it gets.

use crate::sender::queue::{QueueError, StoredSubscription};
use crate::sender::trace_parent::TraceParent;
use bytes::Bytes;
use serde::Serialize;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A body up to this length does not count towards the bytes in flight: it is sent even when long ones have used them all.
pub(in crate::sender) const SHORT_BYTES: usize = 16 * 1024;

/// One endpoint that a worker has free slots for.
#[derive(Clone, Debug, Serialize)]
pub(in crate::sender) struct Wanted {
    pub subscription_id: String,
    pub slots: usize,
    /// How many bytes of long bodies to lease at most, including those for the endpoints before it.
    pub bytes: usize,
    /// The deliveries whose attempts are in flight.
    pub in_flight: Vec<String>,
}

/// What a worker asks for.
pub(in crate::sender) struct LeaseRequest<'r> {
    pub worker: &'r str,
    pub wanted: &'r [Wanted],
    /// Little is in flight, so the first body may be longer than the bytes that are left.
    pub is_first: bool,
    pub lease: Duration,
}

/// A leased delivery, with everything that its attempt needs.
pub(in crate::sender) struct Leased {
    pub delivery_id: String,
    pub subscription_id: String,
    pub bytes: usize,
    /// How many attempts a second may start at its endpoint.
    pub max_per_second: Option<NonZeroU32>,
    /// Everything else, if it can be read.
    pub job: Result<Job, QueueError>,
}

/// An attempt to make.
pub(in crate::sender) struct Job {
    pub event_id: String,
    pub event_type: String,
    /// How many attempts were made before.
    pub attempts: u32,
    pub attempts_before_replay: u32,
    /// When it was due, in milliseconds since 1970.
    pub due_ms: i64,
    pub envelope: Bytes,
    /// If the event has a valid one.
    pub traceparent: Option<TraceParent>,
    pub stored: Arc<StoredSubscription>,
    /// The database's time when it was leased, in milliseconds since 1970.
    pub leased_at_ms: i64,
    /// Just before that: the process may be suspended between the database's answer and its being read.
    pub leased_at: Instant,
}

impl Job {
    /// The database's time now, in milliseconds since 1970.
    pub(in crate::sender) fn now_ms(&self) -> i64 {
        self.leased_at_ms.saturating_add(self.leased_at.elapsed().as_millis().try_into().unwrap_or(i64::MAX))
    }
}

/// A subscription that has pending deliveries.
pub(in crate::sender) struct Surveyed {
    pub subscription_id: String,
    /// When the first of them is due, in milliseconds from now; negative if it is due already.
    pub due_in_ms: i64,
    /// Why no attempts are to be made, if that is the case.
    pub disabled: Option<String>,
}
