use super::ended::Ended;
use super::endpoint::Endpoint;
use super::standing::Standing;
use super::state::State;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::{Duration, Instant};

/// As good as never, without overflowing an `Instant`.
const FAR: Duration = Duration::from_hours(24 * 365);

/// An endpoint that something is due for, and how many of its slots are free.
pub(in crate::sender::worker) struct Vacancy {
    pub subscription_id: Arc<str>,
    pub slots: usize,
    pub is_proven: bool,
}

/// The slots of a worker, and the endpoints that use them.
pub(in crate::sender::worker) struct Endpoints {
    slots: usize,
    /// The largest number of slots that one endpoint may have.
    limit: usize,
    state: Mutex<State>,
    /// Notified when there may be something to ask for.
    changed: Notify,
}

impl Endpoints {
    pub(in crate::sender::worker) fn new(slots: usize, limit: usize) -> Self {
        Self { slots, limit, state: Mutex::default(), changed: Notify::new() }
    }

    /// Something is due at this endpoint at this time, or earlier.
    pub(in crate::sender::worker) fn note_due(&self, subscription_id: &str, at: Instant) {
        self.with(subscription_id, |endpoint| endpoint.due = Some(endpoint.due.map_or(at, |due| due.min(at))));
        self.changed.notify_one();
    }

    /// The endpoints for which to ask the database now. They are not returned again until [`Endpoints::note_due`] is called
    /// for them. If there are none, returns when to look again.
    pub(in crate::sender::worker) fn vacancies(&self) -> Result<Vec<Vacancy>, Instant> {
        let now = Instant::now();
        let mut state = self.lock();
        let mut vacancies = Vec::new();
        let mut free = self.slots.saturating_sub(state.in_flight.iter().sum());
        let mut free_unproven = (self.slots - self.slots / 4).saturating_sub(state.in_flight[0]).min(free);
        // If no slot is free, the next attempt that ends notifies `changed`.
        while let Some((since, subscription_id)) = state.first_waiting([free_unproven > 0, free > 0]) {
            if since > now {
                return if vacancies.is_empty() { Err(since) } else { Ok(vacancies) };
            }
            state.with(&subscription_id, self.limit, |endpoint| {
                let limit = if endpoint.is_proven { free } else { free_unproven };
                let slots = endpoint.slots().min(limit);
                free -= slots;
                free_unproven = if endpoint.is_proven { free_unproven.min(free) } else { free_unproven - slots };
                endpoint.due = None;
                let is_proven = endpoint.is_proven;
                vacancies.push(Vacancy { subscription_id: subscription_id.clone(), slots, is_proven });
            });
        }
        if vacancies.is_empty() { Err(now + FAR) } else { Ok(vacancies) }
    }

    /// Waits until there may be something to ask for.
    pub(in crate::sender::worker) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// An attempt starts at an endpoint of which this rate is known now.
    pub(in crate::sender::worker) fn enter(&self, subscription_id: &str, max_per_second: Option<NonZeroU32>) {
        self.with(subscription_id, |endpoint| endpoint.enter(max_per_second));
    }

    /// An attempt has ended and is recorded.
    pub(in crate::sender::worker) fn leave(&self, subscription_id: &str, ended: Ended) {
        self.with(subscription_id, |endpoint| endpoint.end(ended, self.limit));
        self.changed.notify_one();
    }

    pub(in crate::sender::worker) fn in_flight(&self) -> usize {
        self.lock().in_flight.iter().sum()
    }

    /// Whether it has timed out several times in a row.
    pub(in crate::sender::worker) fn is_broken(&self, subscription_id: &str) -> bool {
        self.lock().by_subscription.get(subscription_id).is_some_and(Endpoint::is_broken)
    }

    /// Whether its attempts are limited by a rate.
    pub(in crate::sender::worker) fn has_pace(&self, subscription_id: &str) -> bool {
        self.lock().by_subscription.get(subscription_id).is_some_and(Endpoint::has_pace)
    }

    /// Whether it has been seen to work.
    pub(in crate::sender::worker) fn is_proven(&self, subscription_id: &str) -> bool {
        self.lock().by_subscription.get(subscription_id).is_some_and(|endpoint| endpoint.is_proven)
    }

    /// Drops the endpoints that have nothing pending, as far as is known, and nothing worth remembering.
    pub(in crate::sender::worker) fn tidy(&self) {
        self.lock().by_subscription.retain(|_, endpoint| {
            endpoint.in_flight > 0
                || endpoint.due.is_some()
                || endpoint.is_proven
                || endpoint.is_broken()
                || endpoint.is_paced()
        });
    }

    /// What each endpoint's standing is.
    pub(in crate::sender::worker) fn standings(&self) -> Vec<Standing> {
        self.lock().by_subscription.values().map(Endpoint::standing).collect()
    }

    fn with(&self, subscription_id: &str, act: impl FnOnce(&mut Endpoint)) {
        self.lock().with(subscription_id, self.limit, act);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
