//! The worker: asks the database for what is due, makes the attempts, and keeps house.

mod attempt;
mod endpoints;
mod shared;

use super::engine::Queue;
use super::queue::error::QueueError;
use super::queue::options::WorkOptions;
use super::queue::summary::{WorkCounters, WorkSummary};
use super::store::database::{LeaseRequest, Leased, Surveyed, Wanted};
use super::store::news::News;
use super::transport::Transport;
use crate::event;
use crate::sender::system::random;
use attempt::{Attempt, Delivering};
use endpoints::Vacancy;
use futures_util::future::join_all;
use shared::{Backoff, Shared};
use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, sleep, sleep_until, timeout};
use tracing::{Level, error, info, warn};

/// How often to look for what nobody told of: the net beneath the news.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Looking at everything takes at most a twentieth of the time.
const REST: u32 = 20;
/// What is due later than this is found by a later survey.
const NEAR: Duration = Duration::from_secs(60);
const HOUSEKEEPING_INTERVAL: Duration = Duration::from_secs(10);
const PRUNE_INTERVAL: Duration = Duration::from_secs(3600);
const IDLE_INTERVAL: Duration = Duration::from_millis(50);
const LEAST_LEASE: Duration = Duration::from_secs(2);
/// How long a worker that leaves waits for the database to take back what it held.
const GIVING_BACK: Duration = Duration::from_secs(2);

/// Makes the attempts that are due: [`Queue::worker`].
///
/// It tells `tracing` what it does, under the names that `tracing-opentelemetry` makes metrics of:
///
/// | event, at level `INFO` | fields |
/// | --- | --- |
/// | `attempt made`, in a span `attempt` with `delivery_id` and `attempt` | `monotonic_counter.dealix_attempts`, `monotonic_counter.dealix_attempt_successes`, `histogram.dealix_attempt_ms`, `event_id`, `subscription_id`, `status_code`, `error` |
/// | `queue depth`, every 10 s or, where that takes long, less often | `gauge.dealix_queue_pending`, `gauge.dealix_queue_due`, `gauge.dealix_queue_dead_letters`, `gauge.dealix_queue_refused` |
pub struct Worker {
    delivering: Arc<dyn Attempt>,
    shared: Arc<Shared>,
    max_envelope_bytes: usize,
    /// It is time for a survey.
    look: Notify,
    /// It is time to look into the outbox.
    look_into_outbox: Notify,
    stop: Notify,
}

impl Queue {
    /// A worker that makes the attempts which are due; any number of them may share a database.
    pub fn worker(&self, transport: impl Transport + 'static, options: WorkOptions) -> Worker {
        let options = WorkOptions {
            concurrency: options.concurrency.max(1),
            concurrency_per_endpoint: options.concurrency_per_endpoint.max(1),
            // The databases have no greater integer.
            max_bytes_in_flight: options.max_bytes_in_flight.min(i64::MAX as usize),
            lease: options.lease.max(LEAST_LEASE),
            ..options
        };
        let shared = Arc::new(Shared::new(event::new_id("wrk_", random()), self.store.clone(), options));
        Worker {
            delivering: Arc::new(Delivering { transport, shared: shared.clone() }),
            shared,
            max_envelope_bytes: self.options.max_envelope_bytes,
            look: Notify::new(),
            look_into_outbox: Notify::new(),
            stop: Notify::new(),
        }
    }
}

impl Worker {
    /// Counts along while the worker runs.
    pub fn counters(&self) -> Arc<WorkCounters> {
        self.shared.counters.clone()
    }

    /// Works until `shutdown` resolves, or until nothing is due with [`WorkOptions::until_idle`]. No attempt begins after
    /// that; those in flight are finished.
    ///
    /// A database that fails is waited for; no attempt is forgotten. Where the tables are no longer of this library's
    /// version, the worker stops; [`Queue::check_schema`] says so afterwards.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> WorkSummary {
        let leaving = Leaving(&self.shared);
        tokio::select! {
            never = self.keep_house() => match never {},
            () = self.work(shutdown) => {}
        }
        drop(leaving);
        // What is still in flight after the grace period.
        let given_back = timeout(GIVING_BACK, self.give_back(self.shared.in_flight()));
        if given_back.await.is_err() {
            warn!("the database does not answer; other workers wait until the leases end");
        }
        self.shared.counters.summary()
    }

    async fn work(&self, shutdown: impl Future<Output = ()> + Send) {
        let mut beginning = std::pin::pin!(self.begin_what_is_due());
        tokio::select! {
            () = &mut beginning => {}
            () = shutdown => {}
            () = self.until_idle() => {}
            error = self.until_other_schema() => error!(%error, "the worker stops"),
        }
        self.shared.is_stopping.store(true, Relaxed);
        self.stop.notify_one();
        let ending = async {
            beginning.await;
            while self.shared.endpoints.in_flight() > 0 {
                self.shared.ended.notified().await;
            }
        };
        if timeout(self.shared.options.shutdown_grace, ending).await.is_err() {
            warn!("attempts are still in flight after the grace period; their outcome may go unrecorded");
        }
    }

    /// Until the worker is told to stop.
    async fn begin_what_is_due(&self) {
        let mut backoff = Backoff::default();
        while !self.shared.is_stopping.load(Relaxed) {
            let wanted = match self.shared.endpoints.vacancies() {
                Ok(vacancies) => self.wanted(vacancies),
                Err(next) => {
                    tokio::select! {
                        () = self.shared.endpoints.changed() => {}
                        () = sleep_until(next) => {}
                        () = self.stop.notified() => {}
                    }
                    continue;
                }
            };
            match self.lease(&wanted).await {
                Ok(leased) => {
                    backoff = Backoff::default();
                    self.begin(&wanted, leased).await;
                }
                Err(error) => {
                    let delay = backoff.next();
                    warn!(%error, ?delay, "the database fails; asking again for what is due");
                    // They are asked for again, and so is what was leased in an answer that was lost.
                    self.note_due(&wanted, Instant::now() + delay);
                    sleep(delay).await;
                }
            }
        }
    }

    /// Bytes go as places do: a quarter is for endpoints that were seen to work.
    fn wanted(&self, vacancies: Vec<Vacancy>) -> Vec<Wanted> {
        let most = self.shared.options.max_bytes_in_flight;
        let left = most.saturating_sub(self.shared.bytes_in_flight());
        let left_unproven = (most - most / 4).saturating_sub(self.shared.bytes_in_flight_unproven()).min(left);
        let wanted = vacancies.into_iter().map(|Vacancy { subscription_id, places, is_proven }| Wanted {
            in_flight: self.shared.in_flight_at(&subscription_id),
            subscription_id: subscription_id.to_string(),
            places,
            bytes: if is_proven { left } else { left_unproven },
        });
        wanted.collect()
    }

    async fn lease(&self, wanted: &[Wanted]) -> Result<Vec<Leased>, QueueError> {
        let options = &self.shared.options;
        let is_first = self.shared.bytes_in_flight() <= options.max_bytes_in_flight / 2;
        self.shared
            .store
            .lease(LeaseRequest { worker: &self.shared.name, wanted, is_first, lease: options.lease })
            .await
    }

    async fn begin(&self, wanted: &[Wanted], leased: Vec<Leased>) {
        if self.shared.is_stopping.load(Relaxed) {
            return self.give_back(leased.into_iter().map(|leased| leased.delivery_id)).await;
        }
        let mut given: HashMap<String, usize> = HashMap::new();
        for leased in leased {
            *given.entry(leased.subscription_id.clone()).or_default() += 1;
            // A task of its own: it runs on any core, and is finished though the worker is dropped.
            tokio::spawn(self.delivering.clone().attempt(leased));
        }
        let now = Instant::now();
        // Its own bodies may be what keeps the rest of an endpoint's waiting.
        let are_bytes_scarce = self.shared.bytes_in_flight() > self.shared.options.max_bytes_in_flight / 2;
        for Wanted { subscription_id, places, .. } in wanted {
            if given.get(subscription_id) == Some(places) {
                self.shared.endpoints.note_due(subscription_id, now);
            } else if are_bytes_scarce {
                self.shared.endpoints.note_due(subscription_id, now + IDLE_INTERVAL);
            }
        }
    }

    fn note_due(&self, wanted: &[Wanted], at: Instant) {
        wanted.iter().for_each(|wanted| self.shared.endpoints.note_due(&wanted.subscription_id, at));
    }

    async fn give_back(&self, delivery_ids: impl IntoIterator<Item = String>) {
        let giving = delivery_ids.into_iter().map(|delivery_id| {
            let change = self.shared.deferral(&delivery_id, Duration::ZERO, None);
            async move {
                if let Err(error) = self.shared.store.write(change).await {
                    warn!(%error, delivery_id, "other workers wait until its lease ends");
                }
            }
        });
        join_all(giving).await;
    }

    async fn until_idle(&self) {
        if !self.shared.options.until_idle {
            std::future::pending::<()>().await;
        }
        loop {
            sleep(IDLE_INTERVAL).await;
            if self.shared.endpoints.in_flight() == 0 && self.is_idle().await.unwrap_or(false) {
                return;
            }
        }
    }

    /// Nothing is due, in nobody's hands either.
    async fn is_idle(&self) -> Result<bool, QueueError> {
        let store = &self.shared.store;
        Ok(!store.has_outbox().await? && store.survey().await?.iter().all(|pending| pending.due_in_ms > 0))
    }

    async fn until_other_schema(&self) -> QueueError {
        loop {
            sleep(HOUSEKEEPING_INTERVAL).await;
            if let Err(error @ (QueueError::OlderSchema { .. } | QueueError::NewerSchema { .. })) =
                self.shared.store.check_schema().await
            {
                return error;
            }
        }
    }

    async fn keep_house(&self) -> Infallible {
        tokio::select! {
            never = self.hear_news() => never,
            never = self.survey() => never,
            never = self.relay() => never,
            never = self.renew_leases() => never,
            never = self.measure() => never,
            never = self.prune() => never,
        }
    }

    async fn hear_news(&self) -> Infallible {
        let mut news = self.shared.store.news();
        loop {
            match news.next().await {
                News::Due(subscription_id) => self.shared.endpoints.note_due(&subscription_id, Instant::now()),
                News::Outbox => self.look_into_outbox.notify_one(),
                News::Anything => {
                    self.look.notify_one();
                    self.look_into_outbox.notify_one();
                }
            }
        }
    }

    async fn survey(&self) -> Infallible {
        loop {
            let started = Instant::now();
            let surveyed = self.shared.store.survey().await;
            // A database that did not return it is asked again soon.
            let rest = if surveyed.is_ok() { started.elapsed() * REST } else { Duration::ZERO };
            match surveyed {
                Ok(pending) => self.note_all(pending).await,
                Err(error) => warn!(%error, "what is pending cannot be read"),
            }
            sleep(rest).await;
            let _ = timeout(LOOK_INTERVAL.saturating_sub(rest), self.look.notified()).await;
        }
    }

    async fn note_all(&self, pending: Vec<Surveyed>) {
        for Surveyed { subscription_id, due_in_ms, disabled } in pending {
            match disabled {
                None => {
                    self.shared.note_due(&subscription_id, Duration::from_millis(due_in_ms.try_into().unwrap_or(0)))
                }
                Some(reason) if due_in_ms <= 0 => self.abandon(&subscription_id, &reason).await,
                Some(_) => {}
            }
        }
    }

    /// A portion: the next survey, which follows soon, finds the rest, and meanwhile it does not stop the others.
    async fn abandon(&self, subscription_id: &str, reason: &str) {
        match self.shared.store.abandon(subscription_id, reason).await {
            Ok(0) => {}
            Ok(abandoned) => {
                info!(abandoned, subscription_id, reason, "given up: the deliveries are dead letters");
                self.shared.counters.dead_letters.fetch_add(abandoned, Relaxed);
                self.look.notify_one();
            }
            Err(error) => warn!(%error, subscription_id, "what is due for it cannot be given up"),
        }
    }

    async fn relay(&self) -> Infallible {
        loop {
            while let Err(error) = self.relay_all().await {
                warn!(%error, "the outbox cannot be read");
                sleep(LOOK_INTERVAL).await;
            }
            let _ = timeout(LOOK_INTERVAL, self.look_into_outbox.notified()).await;
        }
    }

    async fn relay_all(&self) -> Result<(), QueueError> {
        while self.shared.store.has_outbox().await? {
            if self.shared.store.relay(self.max_envelope_bytes).await? == 0 {
                // Another worker is at it.
                return Ok(());
            }
        }
        Ok(())
    }

    async fn renew_leases(&self) -> Infallible {
        let lease = self.shared.options.lease;
        loop {
            sleep(lease / 3).await;
            let in_flight = self.shared.in_flight();
            if in_flight.is_empty() {
                continue;
            }
            if let Err(error) = self.shared.store.renew(&self.shared.name, &in_flight, lease).await {
                warn!(%error, "the leases of the attempts in flight cannot be renewed");
            }
        }
    }

    async fn measure(&self) -> Infallible {
        loop {
            let started = Instant::now();
            self.shared.endpoints.tidy();
            if tracing::enabled!(Level::INFO) {
                self.tell_depth().await;
            }
            sleep(HOUSEKEEPING_INTERVAL.max(started.elapsed() * REST)).await;
        }
    }

    async fn tell_depth(&self) {
        match self.shared.store.depth().await {
            Ok(depth) => info!(
                gauge.dealix_queue_pending = depth.pending,
                gauge.dealix_queue_due = depth.due,
                gauge.dealix_queue_dead_letters = depth.dead_letters,
                gauge.dealix_queue_refused = depth.refused,
                "queue depth"
            ),
            Err(error) => warn!(%error, "the queue's depth cannot be read"),
        }
    }

    async fn prune(&self) -> Infallible {
        loop {
            if let Err(error) = self.shared.store.prune(self.shared.options.keep_finished).await {
                warn!(%error, "finished deliveries cannot be pruned");
            }
            sleep(PRUNE_INTERVAL).await;
        }
    }
}

impl Shared {
    /// Something will be due at this endpoint, after so long. What is far is left to a later survey.
    fn note_due(&self, subscription_id: &str, after: Duration) {
        if after <= NEAR {
            self.endpoints.note_due(subscription_id, Instant::now() + after);
        }
    }
}

/// Also where `run` is dropped half-way.
struct Leaving<'w>(&'w Shared);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.is_stopping.store(true, Relaxed);
        self.0.has_left.store(true, Relaxed);
    }
}
