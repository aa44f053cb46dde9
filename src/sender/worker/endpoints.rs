//! The endpoints that deliveries are pending for: when to ask for them, and how many attempts may be in flight at each.
//!
//! An endpoint that hangs must not take the places of the others. So one that is new begins with few, and each success adds
//! one. One that times out several times in a row has a single place, and rests after each attempt: its attempts probe whether
//! it is back, and what is queued for it waits in the database, where it costs nothing. And a quarter of all places is for the
//! endpoints that were seen to work.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::{Duration, Instant};

/// The places of an endpoint that nothing is known of.
const FIRST_LIMIT: usize = 4;
/// After so many timeouts in a row an endpoint is only probed.
const TIMEOUTS_TO_BREAK: u32 = 3;
/// Such an endpoint rests for so many times as long as the attempt has taken: it holds a place for a quarter of the time.
const REST: u32 = 3;
/// Before another attempt at an endpoint where one has failed on this machine.
const REST_AFTER_LOCAL_FAILURE: Duration = Duration::from_secs(5);
/// Nobody asks for what is due later than this: it is as good as never, and no overflow.
const FAR: Duration = Duration::from_hours(24 * 365);

/// How an attempt ended, as far as it says something of its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Delivered,
    /// After so long that places are better kept for others.
    DeliveredSlowly,
    /// It answered, but with no 2xx.
    Answered,
    /// It timed out, or failed, after so long.
    TimedOut(Duration),
    /// On this machine.
    Locally,
    /// Without saying anything of it, or in an error that came at once.
    Otherwise,
}

/// An endpoint that something is due for, and its free places.
pub(super) struct Vacancy {
    pub subscription_id: Arc<str>,
    pub places: usize,
    pub is_proven: bool,
}

pub(super) struct Endpoints {
    places: usize,
    limit: usize,
    state: Mutex<State>,
    /// There may be something to ask for.
    changed: Notify,
}

/// Counted and listed separately for endpoints that are not proven, `[0]`, and for those that are, `[1]`.
#[derive(Default)]
struct State {
    in_flight: [usize; 2],
    by_subscription: HashMap<Arc<str>, Endpoint>,
    /// The endpoints that have a free place, by the time at which they have something for it.
    waiting: [BTreeSet<(Instant, Arc<str>)>; 2],
}

struct Endpoint {
    in_flight: usize,
    limit: usize,
    timeouts_in_a_row: u32,
    /// The last attempt was delivered, and not slowly.
    is_proven: bool,
    /// When something is due, as far as is known.
    due: Option<Instant>,
    rests_until: Option<Instant>,
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

    /// Where something may be asked for now; every one of these endpoints is taken off the list, until
    /// [`Endpoints::note_due`]. Otherwise, when to look again.
    pub(super) fn vacancies(&self) -> Result<Vec<Vacancy>, Instant> {
        let now = Instant::now();
        let mut state = self.lock();
        let mut vacancies = Vec::new();
        let mut free = self.places.saturating_sub(state.in_flight.iter().sum());
        let mut free_unproven = (self.places - self.places / 4).saturating_sub(state.in_flight[0]).min(free);
        // With no place free, the next attempt that ends says so.
        while let Some((since, subscription_id)) = state.first_waiting([free_unproven > 0, free > 0]) {
            if since > now {
                return if vacancies.is_empty() { Err(since) } else { Ok(vacancies) };
            }
            state.with(&subscription_id, self.limit, |endpoint| {
                let limit = if endpoint.is_proven { free } else { free_unproven };
                let places = (endpoint.limit - endpoint.in_flight).min(limit);
                free -= places;
                free_unproven = if endpoint.is_proven { free_unproven.min(free) } else { free_unproven - places };
                endpoint.due = None;
                let is_proven = endpoint.is_proven;
                vacancies.push(Vacancy { subscription_id: subscription_id.clone(), places, is_proven });
            });
        }
        if vacancies.is_empty() { Err(now + FAR) } else { Ok(vacancies) }
    }

    /// Until there may be something to ask for.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// An attempt begins.
    pub(super) fn enter(&self, subscription_id: &str) {
        self.with(subscription_id, |endpoint| endpoint.in_flight += 1);
    }

    /// An attempt has ended, and is recorded.
    pub(super) fn leave(&self, subscription_id: &str, ended: Ended) {
        self.with(subscription_id, |endpoint| endpoint.end(ended, self.limit));
        self.changed.notify_one();
    }

    pub(super) fn in_flight(&self) -> usize {
        self.lock().in_flight.iter().sum()
    }

    /// Whether it has timed out several times in a row.
    pub(super) fn is_broken(&self, subscription_id: &str) -> bool {
        self.lock().by_subscription.get(subscription_id).is_some_and(Endpoint::is_broken)
    }

    /// Whether it was seen to work.
    pub(super) fn is_proven(&self, subscription_id: &str) -> bool {
        self.lock().by_subscription.get(subscription_id).is_some_and(|endpoint| endpoint.is_proven)
    }

    /// Forgets the endpoints that nothing is known to be pending for, and nothing is to be remembered of.
    pub(super) fn tidy(&self) {
        self.lock().by_subscription.retain(|_, endpoint| {
            endpoint.in_flight > 0 || endpoint.due.is_some() || endpoint.is_proven || endpoint.is_broken()
        });
    }

    fn with(&self, subscription_id: &str, act: impl FnOnce(&mut Endpoint)) {
        self.lock().with(subscription_id, self.limit, act);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Of the kinds that may have a place.
    fn first_waiting(&self, may: [bool; 2]) -> Option<(Instant, Arc<str>)> {
        let firsts = self.waiting.iter().zip(may).filter(|(_, may)| *may).filter_map(|(waiting, _)| waiting.first());
        firsts.min().cloned()
    }

    /// Changes an endpoint, and what is counted and listed of it.
    fn with(&mut self, subscription_id: &str, limit: usize, act: impl FnOnce(&mut Endpoint)) {
        let Self { in_flight, by_subscription, waiting } = self;
        let id = match by_subscription.get_key_value(subscription_id) {
            Some((id, _)) => id.clone(),
            None => Arc::from(subscription_id),
        };
        let endpoint = by_subscription.entry(id.clone()).or_insert_with(|| Endpoint::new(limit));
        let kind = usize::from(endpoint.is_proven);
        in_flight[kind] -= endpoint.in_flight;
        if let Some(since) = endpoint.waiting_since {
            waiting[kind].remove(&(since, id.clone()));
        }
        act(endpoint);
        let kind = usize::from(endpoint.is_proven);
        in_flight[kind] += endpoint.in_flight;
        endpoint.waiting_since = endpoint.waits_since();
        if let Some(since) = endpoint.waiting_since {
            waiting[kind].insert((since, id));
        }
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
            rests_until: None,
            waiting_since: None,
        }
    }

    /// When it has something for a free place.
    fn waits_since(&self) -> Option<Instant> {
        let due = self.due.filter(|_| self.in_flight < self.limit)?;
        Some(self.rests_until.map_or(due, |until| until.max(due)))
    }

    fn end(&mut self, ended: Ended, limit: usize) {
        self.in_flight -= 1;
        match ended {
            Ended::Delivered | Ended::DeliveredSlowly => {
                self.is_back(ended == Ended::Delivered);
                self.limit = (self.limit + 1).max(FIRST_LIMIT).min(limit);
            }
            Ended::Answered => {
                self.is_back(false);
                self.limit = self.limit.max(FIRST_LIMIT).min(limit);
            }
            Ended::TimedOut(took) => {
                (self.timeouts_in_a_row, self.is_proven) = (self.timeouts_in_a_row + 1, false);
                self.limit = (self.limit / 2).max(1);
                if self.is_broken() {
                    (self.limit, self.rests_until) = (1, Some(Instant::now() + took * REST));
                }
            }
            Ended::Locally => self.rests_until = Some(Instant::now() + REST_AFTER_LOCAL_FAILURE),
            Ended::Otherwise => {}
        }
    }

    fn is_back(&mut self, is_proven: bool) {
        (self.timeouts_in_a_row, self.is_proven, self.rests_until) = (0, is_proven, None);
    }

    fn is_broken(&self) -> bool {
        self.timeouts_in_a_row >= TIMEOUTS_TO_BREAK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(endpoints: &Endpoints) -> Vec<(String, usize)> {
        let vacancies = endpoints.vacancies().unwrap_or_default();
        vacancies.into_iter().map(|vacancy| (vacancy.subscription_id.to_string(), vacancy.places)).collect()
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

    #[tokio::test(start_paused = true)]
    async fn one_that_times_out_is_probed_until_it_answers() {
        let endpoints = Endpoints::new(100, 16);
        let timed_out = Ended::TimedOut(Duration::from_secs(10));
        enter(&endpoints, "a", 4);
        leave(&endpoints, "a", 4, timed_out);
        assert!(endpoints.is_broken("a"));
        endpoints.note_due("a", Instant::now());
        assert_eq!(places(&endpoints), [], "it rests");
        tokio::time::advance(Duration::from_secs(30)).await;
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
        enter(&endpoints, "slow", 1);
        leave(&endpoints, "slow", 1, Ended::DeliveredSlowly);
        enter(&endpoints, "hangs", 11);
        for id in ["new", "slow", "works"] {
            endpoints.note_due(id, Instant::now());
        }
        assert_eq!(places(&endpoints), [("new".to_owned(), 1), ("works".to_owned(), 4)]);
        enter(&endpoints, "new", 1);
        enter(&endpoints, "works", 4);
        assert_eq!(places(&endpoints), [], "no place is free");
        leave(&endpoints, "hangs", 1, Ended::Otherwise);
        assert_eq!(places(&endpoints), [("slow".to_owned(), 1)], "it was not forgotten");
    }

    #[test]
    fn endpoints_that_hang_in_any_number_leave_places_for_those_that_work() {
        let endpoints = Endpoints::new(64, 16);
        enter(&endpoints, "works", 1);
        leave(&endpoints, "works", 1, Ended::Delivered);
        endpoints.tidy();
        for number in 0..10_000 {
            endpoints.note_due(&format!("hangs {number}"), Instant::now());
        }
        for (id, count) in places(&endpoints) {
            enter(&endpoints, &id, count);
        }
        assert_eq!(endpoints.in_flight(), 48);
        endpoints.note_due("works", Instant::now());
        assert_eq!(places(&endpoints), [("works".to_owned(), 5)]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_where_this_machine_failed_is_left_alone_for_a_while() {
        let endpoints = Endpoints::new(100, 16);
        enter(&endpoints, "a", 1);
        leave(&endpoints, "a", 1, Ended::Locally);
        endpoints.note_due("a", Instant::now());
        assert_eq!(places(&endpoints), []);
        tokio::time::advance(REST_AFTER_LOCAL_FAILURE).await;
        assert_eq!(places(&endpoints), [("a".to_owned(), 4)]);
    }

    #[test]
    fn what_is_due_later_is_not_asked_for_now() {
        let endpoints = Endpoints::new(100, 16);
        let later = Instant::now() + Duration::from_secs(60);
        endpoints.note_due("a", later);
        assert_eq!(endpoints.vacancies().map(|_| ()).expect_err("nothing yet"), later);
        endpoints.note_due("a", later + Duration::from_secs(60));
        assert_eq!(endpoints.vacancies().map(|_| ()).expect_err("nothing yet"), later, "the earlier counts");
        endpoints.tidy();
        assert_eq!(endpoints.vacancies().map(|_| ()).expect_err("nothing yet"), later, "it is not forgotten");
    }
}
