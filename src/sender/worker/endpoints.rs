//! The endpoints that deliveries are pending for: when to ask for them, and how many attempts may be in flight at each.
//!
//! An endpoint that hangs must not take the places of the others. So one that is new begins with few, each success adds one,
//! and one that times out several times in a row keeps a single place: its attempts probe whether it is back, and what is
//! queued for it waits in the database, where it costs nothing.

use crate::sender::store::database::Wanted;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::{Duration, Instant};

/// The places of an endpoint that nothing is known of.
const FIRST_LIMIT: usize = 4;
/// After so many timeouts in a row an endpoint is only probed.
const TIMEOUTS_TO_BREAK: u32 = 3;
/// Nobody asks for what is due later than this: it is as good as never, and no overflow.
const FAR: Duration = Duration::from_hours(24 * 365);

/// How an attempt ended, as far as it says something of its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Delivered,
    /// It answered, but with no 2xx.
    Answered,
    TimedOut,
    /// Without saying anything of it, or in an error that came at once.
    Otherwise,
}

pub(super) struct Endpoints {
    places: usize,
    limit: usize,
    state: Mutex<State>,
    /// There may be something to ask for.
    changed: Notify,
}

#[derive(Default)]
struct State {
    in_flight: usize,
    by_subscription: HashMap<Arc<str>, Endpoint>,
    /// The endpoints that have a free place, by the time at which they have something for it.
    waiting: BTreeSet<(Instant, Arc<str>)>,
}

struct Endpoint {
    in_flight: usize,
    limit: usize,
    timeouts_in_a_row: u32,
    /// The last attempt was delivered.
    is_proven: bool,
    /// When something is due, as far as is known.
    due: Option<Instant>,
    /// Its entry among those that wait.
    waiting_since: Option<Instant>,
}

impl Endpoints {
    pub(super) fn new(places: usize, limit: usize) -> Self {
        Self { places, limit, state: Mutex::default(), changed: Notify::new() }
    }

    /// Something is due at this endpoint, then or before.
    pub(super) fn note_due(&self, subscription_id: &str, at: Instant) {
        self.with(subscription_id, |endpoint| endpoint.due = Some(endpoint.due.map_or(at, |due| due.min(at))));
        self.changed.notify_one();
    }

    /// What may be asked for now; every endpoint of it is taken off the list, until [`Endpoints::note_due`]. Otherwise, when
    /// to look again.
    pub(super) fn wanted(&self) -> Result<Vec<Wanted>, Instant> {
        let now = Instant::now();
        let mut state = self.lock();
        let mut free = self.places.saturating_sub(state.in_flight);
        let mut wanted = Vec::new();
        while free > 0
            && let Some((since, _)) = state.waiting.first()
            && *since <= now
        {
            let (_, subscription_id) = state.waiting.pop_first().expect("it was just seen");
            // Where places are scarce, an endpoint that has not shown that it works has one, and the rest are for those that do.
            let are_scarce = free < self.places / 4;
            let endpoint = state.by_subscription.get_mut(&subscription_id).expect("it waits");
            (endpoint.waiting_since, endpoint.due) = (None, None);
            let limit = if are_scarce && !endpoint.is_proven { 1 } else { endpoint.limit };
            let places = limit.saturating_sub(endpoint.in_flight).min(free);
            if places > 0 {
                free -= places;
                wanted.push(Wanted { subscription_id: subscription_id.to_string(), places });
            } else {
                // When one of its attempts ends.
                endpoint.due = Some(now);
            }
        }
        if !wanted.is_empty() {
            return Ok(wanted);
        }
        // With no place free, the next attempt that ends says so.
        let next = state.waiting.first().map(|(since, _)| *since).filter(|_| free > 0);
        Err(next.unwrap_or(now + FAR))
    }

    /// Until there may be something to ask for.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// An attempt begins.
    pub(super) fn enter(&self, subscription_id: &str) {
        self.lock().in_flight += 1;
        self.with(subscription_id, |endpoint| endpoint.in_flight += 1);
    }

    /// An attempt has ended, and is recorded.
    pub(super) fn leave(&self, subscription_id: &str, ended: Ended) {
        self.lock().in_flight -= 1;
        self.with(subscription_id, |endpoint| endpoint.end(ended, self.limit));
        self.changed.notify_one();
    }

    pub(super) fn in_flight(&self) -> usize {
        self.lock().in_flight
    }

    /// Whether it has timed out several times in a row.
    pub(super) fn is_broken(&self, subscription_id: &str) -> bool {
        self.lock().by_subscription.get(subscription_id).is_some_and(Endpoint::is_broken)
    }

    /// Forgets the endpoints that nothing is known to be pending for, and nothing is to be remembered of.
    pub(super) fn tidy(&self) {
        self.lock()
            .by_subscription
            .retain(|_, endpoint| endpoint.in_flight > 0 || endpoint.due.is_some() || endpoint.is_broken());
    }

    fn with(&self, subscription_id: &str, act: impl FnOnce(&mut Endpoint)) {
        let mut state = self.lock();
        let State { by_subscription, waiting, .. } = &mut *state;
        let id = match by_subscription.get_key_value(subscription_id) {
            Some((id, _)) => id.clone(),
            None => Arc::from(subscription_id),
        };
        let endpoint = by_subscription.entry(id.clone()).or_insert_with(|| Endpoint::new(self.limit));
        act(endpoint);
        let since = endpoint.due.filter(|_| endpoint.in_flight < endpoint.limit);
        if endpoint.waiting_since != since {
            if let Some(before) = endpoint.waiting_since {
                waiting.remove(&(before, id.clone()));
            }
            if let Some(since) = since {
                waiting.insert((since, id));
            }
            endpoint.waiting_since = since;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Endpoint {
    fn new(limit: usize) -> Self {
        Self {
            in_flight: 0,
            limit: limit.min(FIRST_LIMIT),
            timeouts_in_a_row: 0,
            is_proven: false,
            due: None,
            waiting_since: None,
        }
    }

    fn end(&mut self, ended: Ended, limit: usize) {
        self.in_flight -= 1;
        match ended {
            Ended::Delivered => {
                (self.timeouts_in_a_row, self.is_proven) = (0, true);
                self.limit = (self.limit + 1).min(limit);
            }
            Ended::Answered => {
                (self.timeouts_in_a_row, self.is_proven) = (0, false);
                self.limit = self.limit.max(limit.min(FIRST_LIMIT));
            }
            Ended::TimedOut => {
                (self.timeouts_in_a_row, self.is_proven) = (self.timeouts_in_a_row + 1, false);
                self.limit = if self.is_broken() { 1 } else { (self.limit / 2).max(1) };
            }
            Ended::Otherwise => {}
        }
    }

    fn is_broken(&self) -> bool {
        self.timeouts_in_a_row >= TIMEOUTS_TO_BREAK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(endpoints: &Endpoints) -> Vec<(String, usize)> {
        let wanted = endpoints.wanted().unwrap_or_default();
        wanted.into_iter().map(|wanted| (wanted.subscription_id, wanted.places)).collect()
    }

    fn enter(endpoints: &Endpoints, id: &str, attempts: usize) {
        (0..attempts).for_each(|_| endpoints.enter(id));
    }

    fn leave(endpoints: &Endpoints, id: &str, attempts: usize, ended: Ended) {
        (0..attempts).for_each(|_| endpoints.leave(id, ended));
    }

    #[test]
    fn an_endpoint_begins_with_few_places_and_each_success_adds_one() {
        let endpoints = Endpoints::new(100, 6);
        assert_eq!(places(&endpoints), []);
        endpoints.note_due("a", Instant::now());
        assert_eq!(places(&endpoints), [("a".to_owned(), 4)]);
        assert_eq!(places(&endpoints), [], "nothing more is known to be due");
        enter(&endpoints, "a", 4);
        endpoints.note_due("a", Instant::now());
        assert_eq!(places(&endpoints), [], "it has no place");
        leave(&endpoints, "a", 3, Ended::Delivered);
        assert_eq!(places(&endpoints), [("a".to_owned(), 5)]);
    }

    #[test]
    fn one_that_times_out_is_probed_until_it_answers() {
        let endpoints = Endpoints::new(100, 16);
        enter(&endpoints, "a", 4);
        leave(&endpoints, "a", 4, Ended::TimedOut);
        assert!(endpoints.is_broken("a"));
        endpoints.note_due("a", Instant::now());
        assert_eq!(places(&endpoints), [("a".to_owned(), 1)]);
        enter(&endpoints, "a", 1);
        leave(&endpoints, "a", 1, Ended::Answered);
        endpoints.note_due("a", Instant::now());
        assert_eq!(places(&endpoints), [("a".to_owned(), 4)]);
    }

    #[test]
    fn the_last_places_are_for_those_that_work() {
        let endpoints = Endpoints::new(16, 8);
        enter(&endpoints, "works", 1);
        leave(&endpoints, "works", 1, Ended::Delivered);
        enter(&endpoints, "hangs", 13);
        for id in ["new", "works"] {
            endpoints.note_due(id, Instant::now());
        }
        assert_eq!(places(&endpoints), [("new".to_owned(), 1), ("works".to_owned(), 2)]);
    }

    #[test]
    fn what_is_due_later_is_not_asked_for_now() {
        let endpoints = Endpoints::new(100, 16);
        let later = Instant::now() + Duration::from_secs(60);
        endpoints.note_due("a", later);
        assert_eq!(endpoints.wanted().expect_err("nothing yet"), later);
        endpoints.note_due("a", later + Duration::from_secs(60));
        assert_eq!(endpoints.wanted().expect_err("nothing yet"), later, "the earlier counts");
        endpoints.tidy();
        assert_eq!(endpoints.wanted().expect_err("nothing yet"), later, "it is not forgotten");
    }
}
