//! What a worker's tasks share.

use super::endpoints::{Ended, Endpoints};
use crate::sender::queue::error::QueueError;
use crate::sender::queue::options::WorkOptions;
use crate::sender::queue::summary::WorkCounters;
use crate::sender::store::change::{Change, Deferral};
use crate::sender::store::database::{Leased, Store, Wanted};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::{Duration, sleep};
use tracing::info;

/// Between two tries to reach the database.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
const LAST_BACKOFF: Duration = Duration::from_secs(2);

pub(super) struct Shared {
    /// The worker's name in its leases, of which there is no other.
    pub name: String,
    pub store: Arc<dyn Store>,
    pub options: WorkOptions,
    pub endpoints: Endpoints,
    pub counters: Arc<WorkCounters>,
    in_flight: Mutex<HashMap<String, InFlight>>,
    /// An attempt has ended.
    pub ended: Notify,
    /// The worker was told to stop: no attempt begins.
    pub is_stopping: AtomicBool,
    /// The worker has left: what still runs waits for no database.
    pub has_left: AtomicBool,
}

struct InFlight {
    subscription_id: String,
    bytes: usize,
}

/// The places of an attempt, from its lease to its record; they are free when it is dropped.
pub(super) struct Place {
    shared: Arc<Shared>,
    delivery_id: String,
    subscription_id: String,
    pub ended: Ended,
}

impl Shared {
    pub(super) fn new(name: String, store: Arc<dyn Store>, options: WorkOptions) -> Self {
        Self {
            name,
            store,
            options,
            endpoints: Endpoints::new(options.concurrency, options.concurrency_per_endpoint),
            counters: Arc::default(),
            in_flight: Mutex::default(),
            ended: Notify::new(),
            is_stopping: AtomicBool::new(false),
            has_left: AtomicBool::new(false),
        }
    }

    pub(super) fn enter(self: &Arc<Self>, leased: &Leased) -> Place {
        let (delivery_id, subscription_id) = (leased.delivery_id.clone(), leased.subscription_id.clone());
        let in_flight = InFlight { subscription_id: subscription_id.clone(), bytes: leased.bytes };
        self.lock().insert(delivery_id.clone(), in_flight);
        self.endpoints.enter(&subscription_id);
        Place { shared: self.clone(), delivery_id, subscription_id, ended: Ended::Otherwise }
    }

    /// The deliveries whose attempts are in flight.
    pub(super) fn in_flight(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// Those of them that go to one of these endpoints.
    pub(super) fn in_flight_at(&self, wanted: &[Wanted]) -> Vec<String> {
        let wanted: HashSet<_> = wanted.iter().map(|wanted| wanted.subscription_id.as_str()).collect();
        let in_flight = self.lock();
        let there = in_flight.iter().filter(|(_, attempt)| wanted.contains(attempt.subscription_id.as_str()));
        there.map(|(delivery_id, _)| delivery_id.clone()).collect()
    }

    /// How long the bodies in flight are, all told.
    pub(super) fn bytes_in_flight(&self) -> usize {
        self.lock().values().map(|attempt| attempt.bytes).sum()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, InFlight>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a change, asking the database until it answers: what is written here must not be given up. It fails where
    /// the worker has left, or where the record makes no sense.
    pub(super) async fn insist(&self, change: Change) -> Result<Option<u64>, QueueError> {
        let mut backoff = Backoff::default();
        loop {
            match self.store.write(change.clone()).await {
                Err(error @ (QueueError::Database(_) | QueueError::Unreachable(_))) if !self.has_left.load(Relaxed) => {
                    let delay = backoff.next();
                    // Whoever asks for work warns; this is said by each attempt in flight.
                    info!(%error, ?delay, "the database fails; trying again");
                    sleep(delay).await;
                }
                answer => return answer,
            }
        }
    }

    /// What is written of an attempt that was not made.
    pub(super) fn deferral(&self, delivery_id: &str, delay: Duration, error: Option<String>) -> Change {
        let delay_ms = delay.as_millis().try_into().unwrap_or(u64::MAX);
        Change::Defer(Deferral { delivery_id: delivery_id.to_owned(), worker: self.name.clone(), delay_ms, error })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.lock().remove(&self.delivery_id);
        self.shared.endpoints.leave(&self.subscription_id, self.ended);
        self.shared.ended.notify_one();
    }
}

pub(super) struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(FIRST_BACKOFF)
    }
}

impl Backoff {
    pub(super) fn next(&mut self) -> Duration {
        let delay = self.0;
        self.0 = (delay * 2).min(LAST_BACKOFF);
        delay
    }
}
