//! What a worker's tasks share.

use super::backoff::Backoff;
use super::endpoints::Endpoints;
use super::in_flight::InFlight;
use super::metering::{Call, Metering};
use crate::sender::queue::{QueueError, WorkCounters, WorkHealth, WorkOptions};
use crate::sender::store::change::{Change, Deferral};
use crate::sender::store::database::Store;
use crate::sender::store::parked::{Parked, ParkedOf};
use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, sleep};
use tracing::{info, warn};

const WARN_INTERVAL: Duration = Duration::from_secs(10);
/// How many subscriptions' parked deliveries are told of at once.
const MOST_PARKED: usize = 1000;
/// What is due later than this is left to a later survey.
const NEAR: Duration = Duration::from_secs(60);

pub(super) struct Shared {
    /// The name of the worker in its leases, unique to it.
    pub name: String,
    pub store: Arc<dyn Store>,
    pub options: WorkOptions,
    pub endpoints: Endpoints,
    pub counters: Arc<WorkCounters>,
    pub health: Arc<WorkHealth>,
    pub metering: Metering,
    pub in_flight: InFlight,
    /// Notified when an attempt has ended.
    pub ended: Notify,
    /// The worker was told to stop, and starts no more attempts.
    pub is_stopping: AtomicBool,
    /// Notified when `is_stopping` has been set.
    pub stop: Notify,
    /// The worker has returned: what is still running must not wait for the database.
    pub has_left: AtomicBool,
    /// What was parked since the alarms were last raised.
    parked: Mutex<ParkedOf>,
    /// When the last warning was logged that this machine fails.
    warned_at: Mutex<Option<Instant>>,
}

impl Shared {
    pub(super) fn new(name: String, store: Arc<dyn Store>, options: WorkOptions) -> Self {
        Self {
            name,
            store,
            options,
            endpoints: Endpoints::new(options.concurrency, options.concurrency_per_endpoint),
            counters: Arc::default(),
            health: Arc::default(),
            metering: Metering::start(options.metrics),
            in_flight: InFlight::default(),
            ended: Notify::new(),
            is_stopping: AtomicBool::new(false),
            stop: Notify::new(),
            has_left: AtomicBool::new(false),
            parked: Mutex::default(),
            warned_at: Mutex::default(),
        }
    }

    /// The length of all long bodies in flight.
    pub(super) fn bytes_in_flight(&self) -> usize {
        self.in_flight.long_bytes(|_| true)
    }

    /// The length of those that go to endpoints which have not been seen to work.
    pub(super) fn bytes_in_flight_unproven(&self) -> usize {
        self.in_flight.long_bytes(|subscription_id| !self.endpoints.is_proven(subscription_id))
    }

    /// Something will be due at this endpoint after this time.
    pub(super) fn note_due(&self, subscription_id: &str, after: Duration) {
        if after <= NEAR {
            self.endpoints.note_due(subscription_id, Instant::now() + after);
        }
    }

    /// Writes a change that must not be lost, retrying for as long as the database fails. It returns an error if the worker
    /// has left, or if the record is not valid.
    pub(super) async fn insist(&self, change: Change) -> Result<Option<u64>, QueueError> {
        let mut backoff = Backoff::default();
        loop {
            match self.store.write(change.clone()).await {
                Err(error @ (QueueError::Database(_) | QueueError::Unreachable(_))) if !self.has_left.load(Relaxed) => {
                    self.metering.database_error(Call::Record);
                    let delay = backoff.next();
                    // Not a warning, since every attempt in flight logs it; the task that leases warns.
                    info!(%error, ?delay, "the database fails; retrying");
                    sleep(delay).await;
                }
                result => return result,
            }
        }
    }

    /// Operators are told of it, if few enough are parked at once; the others are told when they are parked again.
    pub(super) fn note_parked(&self, subscription_id: &str, delivery_id: &str, reason: &str) {
        self.metering.parked();
        let mut noted = self.parked.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() < MOST_PARKED {
            let parked = Parked { delivery_id: delivery_id.to_owned(), reason: reason.to_owned() };
            noted.insert(subscription_id.to_owned(), parked);
        }
    }

    pub(super) fn take_parked(&self) -> ParkedOf {
        std::mem::take(&mut *self.parked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives back what could not be told.
    pub(super) fn keep_parked(&self, parked: ParkedOf) {
        let mut noted = self.parked.lock().unwrap_or_else(PoisonError::into_inner);
        for (subscription_id, parked) in parked {
            noted.entry(subscription_id).or_insert(parked);
        }
    }

    /// What fails on this machine fails for every attempt, so it is logged only from time to time.
    pub(super) fn warn_of_this_machine(&self, error: &dyn Error) {
        let mut warned_at = self.warned_at.lock().unwrap_or_else(PoisonError::into_inner);
        if warned_at.is_none_or(|at| at.elapsed() > WARN_INTERVAL) {
            *warned_at = Some(Instant::now());
            warn!(%error, "this worker cannot make attempts; they are deferred, and do not count");
        }
    }

    /// The change that defers an attempt which was not made.
    pub(super) fn deferral(&self, delivery_id: &str, delay: Duration, error: Option<String>) -> Change {
        let delay_ms = delay.as_millis().try_into().unwrap_or(u64::MAX);
        Change::Defer(Deferral { delivery_id: delivery_id.to_owned(), worker: self.name.clone(), delay_ms, error })
    }
}
