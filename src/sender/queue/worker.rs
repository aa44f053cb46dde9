//! The worker: hands apalis' tasks to `attempt.rs`, for as long as it runs and whatever the database does.

use super::attempt::{Delivering, Handle, abandon};
use super::endpoints::Endpoints;
use super::store::{AttemptTask, Change, Store, WorkerSettings};
use super::{QueueError, WorkCounters, WorkOptions, WorkSummary};
use crate::event;
use crate::sender::{Transport, random, unix_now};
use apalis::prelude::{WorkerContext, WorkerError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::convert::Infallible;
use std::future::{Future, Pending};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{interval, sleep, timeout};
use tracing::{error, info, warn};

/// Makes one attempt, to the end: apalis forgets the task when it returns.
pub(super) type Handler = Arc<dyn Fn(AttemptTask) -> BoxFuture<'static, ()> + Send + Sync>;

/// How often an idle worker looks for what is due.
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(250);
const HOUSEKEEPING_INTERVAL: Duration = Duration::from_secs(10);
const PRUNE_INTERVAL: Duration = Duration::from_secs(3600);
/// Between two tries to reach the database.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LAST_BACKOFF: Duration = Duration::from_secs(5);
/// After so many without a sign of life a worker is taken for dead.
const MISSED_HEARTBEATS: u32 = 6;
/// apalis notes a worker's start in whole seconds: any less, and it could be taken for dead as soon as it starts.
const LEAST_PRESUMED_DEAD_AFTER: Duration = Duration::from_secs(2);
/// What a script of apalis' can take over at once on Redis, when the worker has died.
const MAX_CONCURRENCY: usize = 4096;
/// Within this apalis acknowledges the last tasks that are done.
const ACKNOWLEDGING: Duration = Duration::from_millis(50);

/// Makes the attempts that are due: [`Queue::worker`](super::Queue::worker).
///
/// It tells `tracing` what it does, under the names that `tracing-opentelemetry` makes metrics of:
///
/// | event, at level `INFO` | fields |
/// | --- | --- |
/// | `attempt made`, in a span `attempt` with `delivery_id` and `attempt` | `monotonic_counter.dealix_attempts`, `monotonic_counter.dealix_attempt_successes`, `histogram.dealix_attempt_ms`, `event_id`, `subscription_id`, `status_code`, `error` |
/// | `queue depth`, every 10 s | `gauge.dealix_queue_pending`, `gauge.dealix_queue_due`, `gauge.dealix_queue_dead_letters` |
pub struct Worker {
    delivering: Arc<dyn Handle>,
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub store: Arc<dyn Store>,
    pub options: WorkOptions,
    pub endpoints: Endpoints,
    /// One for each attempt under way: those that outlive apalis' worker, when the database fails it, count as well.
    pub places: Semaphore,
    pub counters: Arc<WorkCounters>,
    /// The worker has left: what still runs must not send any more, nor wait for the database.
    pub left: AtomicBool,
    /// The queue cannot be written to any more, and so nothing may be delivered.
    pub closed: Notify,
}

impl Worker {
    pub(super) fn new(store: Arc<dyn Store>, transport: impl Transport + 'static, options: WorkOptions) -> Self {
        let options = WorkOptions { concurrency: options.concurrency.clamp(1, MAX_CONCURRENCY), ..options };
        let shared = Arc::new(Shared {
            store,
            options,
            endpoints: Endpoints::new(options.concurrency_per_endpoint.max(1)),
            places: Semaphore::new(options.concurrency),
            counters: Arc::default(),
            left: AtomicBool::new(false),
            closed: Notify::new(),
        });
        Self { delivering: Arc::new(Delivering { transport, shared: shared.clone() }), shared }
    }

    /// Counts along while the worker runs.
    pub fn counters(&self) -> Arc<WorkCounters> {
        self.shared.counters.clone()
    }

    /// Works until `shutdown` resolves, or until nothing is due with [`WorkOptions::until_idle`]. What is under way then
    /// is finished, and what was fetched but not begun is put back.
    ///
    /// A database that fails is waited for; no attempt is forgotten.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> WorkSummary {
        let leaving = Leaving(&self.shared.left);
        let name = Mutex::new(String::new());
        let ended = tokio::select! {
            never = self.keep_working(&name) => match never {},
            ended = self.until_end(shutdown) => ended,
        };
        // Before the places are free again for what has not begun.
        drop(leaving);
        if ended.is_some() {
            self.release(name.into_inner().unwrap_or_else(PoisonError::into_inner)).await;
        }
        self.shared.counters.summary()
    }

    /// Until all that was under way has ended. All places are taken then, and nothing can begin; `None` where the grace
    /// period was too short.
    async fn until_end(&self, shutdown: impl Future<Output = ()> + Send) -> Option<SemaphorePermit<'_>> {
        tokio::select! {
            () = shutdown => {}
            () = self.shared.until_idle() => {}
            () = self.shared.keep_house() => {}
            () = self.shared.closed.notified() => error!("the queue is closed"),
        }
        let all = u32::try_from(self.shared.options.concurrency).unwrap_or(u32::MAX);
        // apalis' worker goes on meanwhile. Told to stop it would wait for our attempts, but with a transaction of its own
        // half-way, and the only connection that SQLite's writers have: they would wait for each other for ever.
        match timeout(self.shared.options.shutdown_grace, self.shared.places.acquire_many(all)).await {
            Ok(ended) => {
                sleep(ACKNOWLEDGING).await;
                ended.ok()
            }
            Err(_) => {
                warn!("attempts are still under way after the grace period; their outcome may go unrecorded");
                None
            }
        }
    }

    /// Puts back what apalis' worker fetched and nobody began. What was done but not acknowledged comes back as well, and
    /// is found to be done.
    async fn release(&self, worker: String) {
        match timeout(self.shared.options.shutdown_grace, self.shared.store.release(&worker)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(%error, "what was fetched comes back when this worker is presumed dead"),
            Err(_) => {
                warn!("the database does not answer; what was fetched comes back when this worker is presumed dead")
            }
        }
    }

    /// apalis' worker ends at the first failure of its database: another takes its place, under a name of its own.
    async fn keep_working(&self, name: &Mutex<String>) -> Infallible {
        let settings = worker_settings(&self.shared.options);
        let mut backoff = Backoff::default();
        loop {
            let started = Instant::now();
            let fresh = worker_name();
            name.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&fresh);
            match self.shared.store.run_worker(&fresh, settings, self.handler()).await {
                Ok(()) => warn!("the worker ended by itself; starting another"),
                Err(error) => warn!(%error, "the worker failed; starting another"),
            }
            if started.elapsed() > 2 * LAST_BACKOFF {
                backoff = Backoff::default();
            }
            sleep(backoff.next()).await;
        }
    }

    fn handler(&self) -> Handler {
        let delivering = self.delivering.clone();
        let shared = self.shared.clone();
        Arc::new(move |task| {
            let made = task.clone();
            // A task of its own: it runs on any core, and lives on when apalis' worker fails beneath it.
            let handling = tokio::spawn(delivering.clone().handle(task));
            let shared = shared.clone();
            async move {
                let is_done = match handling.await {
                    Ok(is_done) => is_done,
                    // The runtime is shutting down.
                    Err(error) if error.is_cancelled() => false,
                    Err(error) => {
                        error!(%error, made.delivery_id, "an attempt ended in a panic");
                        let reason = "the sender failed while it made the attempt";
                        shared.record(Some(abandon(&made, reason))).await.is_ok()
                    }
                };
                if !is_done {
                    // apalis acknowledges what returns.
                    std::future::pending::<()>().await;
                }
            }
            .boxed()
        })
    }
}

/// Also where `run` is dropped half-way.
struct Leaving<'w>(&'w AtomicBool);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

fn worker_settings(options: &WorkOptions) -> WorkerSettings {
    let presumed_dead_after = options.presumed_dead_after.max(LEAST_PRESUMED_DEAD_AFTER);
    // apalis multiplies them again, and drops what is short of a whole second.
    let heartbeat_ms = presumed_dead_after.as_millis().div_ceil(MISSED_HEARTBEATS.into());
    WorkerSettings {
        concurrency: options.concurrency,
        heartbeat: Duration::from_millis(heartbeat_ms.try_into().unwrap_or(u64::MAX)),
        missed_heartbeats: MISSED_HEARTBEATS as usize,
    }
}

/// What would tell apalis' worker to stop.
pub(super) fn until_dropped(_: WorkerContext) -> Pending<Result<(), WorkerError>> {
    std::future::pending()
}

/// apalis knows a worker by its name, and a name that was used before belongs to a worker that may be dead.
fn worker_name() -> String {
    event::new_id("wrk_", random())
}

struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(FIRST_BACKOFF)
    }
}

impl Backoff {
    fn next(&mut self) -> Duration {
        let delay = self.0;
        self.0 = (delay * 2).min(LAST_BACKOFF);
        delay
    }
}

impl Shared {
    async fn until_idle(&self) {
        if !self.options.until_idle {
            std::future::pending::<()>().await;
        }
        loop {
            sleep(POLL_INTERVAL).await;
            if self.store.depth(unix_now()).await.is_ok_and(|depth| depth.due == 0) {
                return;
            }
        }
    }

    /// Never ends.
    async fn keep_house(&self) {
        let mut house = interval(HOUSEKEEPING_INTERVAL);
        let mut pruned: Option<Instant> = None;
        loop {
            house.tick().await;
            self.endpoints.tidy();
            match self.store.depth(unix_now()).await {
                Ok(depth) => info!(
                    gauge.dealix_queue_pending = depth.pending,
                    gauge.dealix_queue_due = depth.due,
                    gauge.dealix_queue_dead_letters = depth.dead_letters,
                    "queue depth"
                ),
                Err(error) => warn!(%error, "the queue's depth cannot be read"),
            }
            if pruned.is_none_or(|pruned| pruned.elapsed() > PRUNE_INTERVAL) {
                pruned = Some(Instant::now());
                let keep = i64::try_from(self.options.keep_finished.as_secs()).unwrap_or(i64::MAX);
                if let Err(error) = self.store.prune(unix_now().saturating_sub(keep)).await {
                    warn!(%error, "finished deliveries cannot be pruned");
                }
            }
        }
    }

    /// Whether an attempt may wait for its endpoint: not where it would keep those of other endpoints from being made.
    pub(super) fn has_room_to_wait(&self) -> bool {
        self.places.available_permits() >= self.options.concurrency / 2
    }

    /// Asks the database until it answers: what it is asked here must not be given up. It fails where the worker has
    /// left, or where the record makes no sense.
    pub(super) async fn insist<T, F>(&self, ask: impl Fn() -> F) -> Result<T, QueueError>
    where
        F: Future<Output = Result<T, QueueError>>,
    {
        let mut backoff = Backoff::default();
        loop {
            match ask().await {
                Err(error @ (QueueError::Database(_) | QueueError::Unreachable(_))) if !self.left.load(Relaxed) => {
                    let delay = backoff.next();
                    warn!(%error, ?delay, "the database fails; trying again");
                    sleep(delay).await;
                }
                answer => return answer,
            }
        }
    }

    /// Writes a change, where there is one.
    pub(super) async fn record(&self, change: Option<Change>) -> Result<(), QueueError> {
        let Some(change) = change else { return Ok(()) };
        match self.insist(|| self.store.write(change.clone())).await? {
            0 => info!("another worker was faster"),
            _ => {
                self.counters.count(&change);
                if let Some(reason) = change.reason_to_give_up() {
                    warn!(reason, "given up: the delivery is a dead letter");
                }
            }
        }
        Ok(())
    }
}
