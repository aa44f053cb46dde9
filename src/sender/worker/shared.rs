//! What a worker's tasks share.

use super::endpoints::{Ended, Endpoints};
use crate::sender::error::DeliveryError;
use crate::sender::queue::error::QueueError;
use crate::sender::queue::options::WorkOptions;
use crate::sender::queue::summary::WorkCounters;
use crate::sender::store::change::{Change, Deferral};
use crate::sender::store::database::{Leased, SHORT_BYTES, Store};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, sleep};
use tracing::{info, warn};

/// Between two tries to reach the database.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
const LAST_BACKOFF: Duration = Duration::from_secs(2);
const WARN_AGAIN: Duration = Duration::from_secs(10);

pub(super) struct Shared {
    /// The worker's name in its leases, of which there is no other.
    pub name: String,
    pub store: Arc<dyn Store>,
    pub options: WorkOptions,
    pub endpoints: Endpoints,
    pub counters: Arc<WorkCounters>,
    in_flight: Mutex<InFlight>,
    /// When it was last said that this machine fails.
    warned_at: Mutex<Option<Instant>>,
    /// An attempt has ended.
    pub ended: Notify,
    /// The worker was told to stop: no attempt begins.
    pub is_stopping: AtomicBool,
    /// The worker has left: what still runs waits for no database.
    pub has_left: AtomicBool,
}

/// How long the bodies of the deliveries in flight are, by the subscription.
type InFlight = HashMap<String, HashMap<String, usize>>;

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
            warned_at: Mutex::default(),
            ended: Notify::new(),
            is_stopping: AtomicBool::new(false),
            has_left: AtomicBool::new(false),
        }
    }

    pub(super) fn enter(self: &Arc<Self>, leased: &Leased) -> Place {
        let (delivery_id, subscription_id) = (leased.delivery_id.clone(), leased.subscription_id.clone());
        self.lock().entry(subscription_id.clone()).or_default().insert(delivery_id.clone(), leased.bytes);
        self.endpoints.enter(&subscription_id);
        Place { shared: self.clone(), delivery_id, subscription_id, ended: Ended::Otherwise }
    }

    /// The deliveries whose attempts are in flight.
    pub(super) fn in_flight(&self) -> Vec<String> {
        self.lock().values().flat_map(|deliveries| deliveries.keys()).cloned().collect()
    }

    pub(super) fn in_flight_at(&self, subscription_id: &str) -> Vec<String> {
        self.lock().get(subscription_id).into_iter().flat_map(|deliveries| deliveries.keys()).cloned().collect()
    }

    /// How long the long bodies in flight are, all told.
    pub(super) fn bytes_in_flight(&self) -> usize {
        self.lock().values().map(long_bytes).sum()
    }

    /// And those of them that go to endpoints that were not seen to work.
    pub(super) fn bytes_in_flight_unproven(&self) -> usize {
        let in_flight = self.lock();
        let unproven = in_flight.iter().filter(|(subscription_id, _)| !self.endpoints.is_proven(subscription_id));
        unproven.map(|(_, deliveries)| long_bytes(deliveries)).sum()
    }

    fn lock(&self) -> MutexGuard<'_, InFlight> {
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

    /// What fails here fails for every attempt: it is said once in a while.
    pub(super) fn warn_of_this_machine(&self, error: &DeliveryError) {
        let mut warned_at = self.warned_at.lock().unwrap_or_else(PoisonError::into_inner);
        if warned_at.is_none_or(|at| at.elapsed() > WARN_AGAIN) {
            *warned_at = Some(Instant::now());
            warn!(%error, "this machine cannot make attempts; they are put off, and do not count");
        }
    }

    /// What is written of an attempt that was not made.
    pub(super) fn deferral(&self, delivery_id: &str, delay: Duration, error: Option<String>) -> Change {
        let delay_ms = delay.as_millis().try_into().unwrap_or(u64::MAX);
        Change::Defer(Deferral { delivery_id: delivery_id.to_owned(), worker: self.name.clone(), delay_ms, error })
    }
}

fn long_bytes(deliveries: &HashMap<String, usize>) -> usize {
    deliveries.values().filter(|bytes| **bytes > SHORT_BYTES).sum()
}

impl Drop for Place {
    fn drop(&mut self) {
        {
            let mut in_flight = self.shared.lock();
            let deliveries = in_flight.entry(self.subscription_id.clone()).or_default();
            deliveries.remove(&self.delivery_id);
            if deliveries.is_empty() {
                in_flight.remove(&self.subscription_id);
            }
        }
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
