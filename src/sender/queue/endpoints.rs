//! How many attempts are under way at one endpoint, so that one that is slow cannot take every place of the worker.

use crate::sender::{random, unix_now};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long an attempt takes, until the endpoint has shown it.
const FIRST_GUESS: Duration = Duration::from_millis(100);
/// The longest that an attempt is put off: a dead endpoint's backlog is not to keep coming back, and an endpoint that works
/// again is not to wait for hours.
const LONGEST_DEFERRAL: Duration = Duration::from_mins(15);

/// All endpoints that attempts are made at.
pub(super) struct Endpoints {
    limit: usize,
    by_subscription: Mutex<HashMap<String, Endpoint>>,
}

struct Endpoint {
    places: Arc<Semaphore>,
    waiting: usize,
    /// A moving average.
    attempt_takes: Duration,
    /// Until when the attempts that were put off keep the endpoint busy.
    booked_until: Instant,
}

/// Whether an attempt may be made.
pub(super) enum Entry {
    Now(OwnedSemaphorePermit),
    /// Now, but it was not so when asked.
    AfterWaiting(OwnedSemaphorePermit),
    /// Not before this second since 1970.
    Later(i64),
}

impl Endpoints {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, by_subscription: Mutex::default() }
    }

    /// Takes a place at an endpoint. Of those that find none, `limit` wait for one where they may; the others are put off
    /// for as long as those before them will take.
    pub(super) async fn enter(&self, subscription_id: &str, may_wait: bool) -> Entry {
        let most_waiting = if may_wait { self.limit } else { 0 };
        let places = match self.with(subscription_id, |endpoint| endpoint.try_enter(self.limit, most_waiting)) {
            Ok(entry) => return entry,
            Err(places) => places,
        };
        let permit = places.acquire_owned().await.expect("the semaphore is never closed");
        self.with(subscription_id, |endpoint| endpoint.waiting -= 1);
        Entry::AfterWaiting(permit)
    }

    /// Learns how long an attempt took.
    pub(super) fn took(&self, subscription_id: &str, attempt: Duration) {
        self.with(subscription_id, |endpoint| endpoint.attempt_takes = (endpoint.attempt_takes * 7 + attempt) / 8);
    }

    /// Forgets the endpoints that nothing is under way at.
    pub(super) fn tidy(&self) {
        let now = Instant::now();
        self.lock().retain(|_, endpoint| !endpoint.is_idle(self.limit, now));
    }

    fn with<T>(&self, subscription_id: &str, act: impl FnOnce(&mut Endpoint) -> T) -> T {
        let mut endpoints = self.lock();
        if !endpoints.contains_key(subscription_id) {
            endpoints.insert(subscription_id.to_owned(), Endpoint::new(self.limit));
        }
        act(endpoints.get_mut(subscription_id).expect("it was just inserted"))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Endpoint>> {
        self.by_subscription.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What would all come back at the limit comes back at any time in the second half of it.
fn spread(wait: Duration) -> Duration {
    let half = LONGEST_DEFERRAL / 2;
    if wait <= half { wait } else { half + half.mul_f64(f64::from(random()[0]) / 255.0) }
}

impl Endpoint {
    fn new(limit: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limit)),
            waiting: 0,
            attempt_takes: FIRST_GUESS,
            booked_until: Instant::now(),
        }
    }

    /// The places to wait at, where the attempt may wait.
    fn try_enter(&mut self, limit: usize, most_waiting: usize) -> Result<Entry, Arc<Semaphore>> {
        if let Ok(permit) = self.places.clone().try_acquire_owned() {
            return Ok(Entry::Now(permit));
        }
        if self.waiting < most_waiting {
            self.waiting += 1;
            return Err(self.places.clone());
        }
        let now = Instant::now();
        let takes = self.attempt_takes / u32::try_from(limit).unwrap_or(u32::MAX);
        self.booked_until = (self.booked_until.max(now) + takes).min(now + LONGEST_DEFERRAL);
        let wait = spread(self.booked_until - now).max(Duration::from_secs(1));
        Ok(Entry::Later(unix_now() + i64::try_from(wait.as_secs()).unwrap_or(1)))
    }

    fn is_idle(&self, limit: usize, now: Instant) -> bool {
        self.waiting == 0 && self.places.available_permits() == limit && self.booked_until <= now
    }
}
