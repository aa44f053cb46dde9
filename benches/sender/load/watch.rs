//! Which events are on their way, and how long the others took.

use crate::statistics::Percentiles;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

#[derive(Default)]
pub struct Watch(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    /// When each event was enqueued that has not arrived yet.
    pending: HashMap<String, Instant>,
    times: Vec<Duration>,
    /// How many of the times the last look has seen.
    looked_at: usize,
    arrived: u64,
    again: u64,
}

impl Watch {
    pub fn start() -> Arc<Self> {
        Arc::default()
    }

    pub fn expect(&self, event_id: &str) {
        self.seen().pending.insert(event_id.to_owned(), Instant::now());
    }

    /// Only the times of endpoints that are healthy count.
    pub fn note(&self, event_id: &str, is_healthy: bool) {
        let mut seen = self.seen();
        let Some(enqueued) = seen.pending.remove(event_id) else {
            seen.again += 1;
            return;
        };
        seen.arrived += 1;
        if is_healthy {
            seen.times.push(enqueued.elapsed());
        }
    }

    pub fn pending(&self) -> usize {
        self.seen().pending.len()
    }

    /// How many events have arrived.
    pub fn arrived(&self) -> u64 {
        self.seen().arrived
    }

    /// How many arrivals were not the first of their event.
    pub fn again(&self) -> u64 {
        self.seen().again
    }

    pub fn times(&self) -> Vec<Duration> {
        self.seen().times.clone()
    }

    /// Of what has arrived since the last call, in milliseconds; nothing if that is nothing.
    pub fn p99_since_last(&self) -> Option<f64> {
        let recent = {
            let mut seen = self.seen();
            let from = std::mem::replace(&mut seen.looked_at, usize::MAX).min(seen.times.len());
            seen.looked_at = seen.times.len();
            seen.times[from..].to_vec()
        };
        (!recent.is_empty()).then(|| Percentiles::of(recent).p99)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().expect("no panic")
    }
}
