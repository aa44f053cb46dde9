//! The worker: makes the attempts that are due, one `handle` each, and writes down what became of them.

use super::QueueError;
use super::endpoints::{Endpoints, Entry};
use super::record::{DeliveryState, LoggedAttempt, QueuedDelivery, StoredSubscription, ordered_id};
use super::store::{AttemptTask, Change, Health, Next, Store, WorkerSettings};
use crate::event;
use crate::native::delivery::{SealedEvent, deliver_sealed};
use crate::native::http::MAX_ERROR_CHARS;
use crate::native::{DeliveryError, DeliveryOptions, Transport, WebhookDelivery, delay_after, random, unix_now};
use apalis::prelude::{WorkerContext, WorkerError};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::convert::Infallible;
use std::future::{Future, Pending};
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{interval, sleep, timeout};
use tracing::{Instrument, error, info, info_span, warn};

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
/// Before an attempt is tried again that failed on this machine.
const LOCAL_FAILURE_DEFERRAL_SECONDS: i64 = 5;
/// An endpoint that has only failed for so long is disabled.
const DISABLE_AFTER_SECONDS: i64 = 5 * 24 * 60 * 60;

/// How a [`Worker`] works.
#[derive(Clone, Copy, Debug)]
pub struct WorkOptions {
    /// How many attempts are under way at once: 64, and at most 4096.
    pub concurrency: usize,
    /// How many of them at one endpoint: 16.
    pub concurrency_per_endpoint: usize,
    /// Whether up to a tenth is added to each delay, so that what failed together does not come back together: yes.
    pub jitter: bool,
    /// Whether to stop when nothing is due any more, rather than when told to: no.
    pub until_idle: bool,
    /// After how long without a sign of life a worker is taken for dead, and its attempts are made by another: 60 s, and
    /// at least 2 s.
    pub presumed_dead_after: Duration,
    /// How long, once told to stop, to wait for the attempts under way: 30 s.
    pub shutdown_grace: Duration,
    /// For how long finished deliveries and their log are kept: 30 days.
    pub keep_finished: Duration,
}

impl Default for WorkOptions {
    fn default() -> Self {
        Self {
            concurrency: 64,
            concurrency_per_endpoint: 16,
            jitter: true,
            until_idle: false,
            presumed_dead_after: Duration::from_secs(60),
            shutdown_grace: Duration::from_secs(30),
            keep_finished: Duration::from_hours(30 * 24),
        }
    }
}

/// What a worker has done so far; see [`Worker::counters`].
#[derive(Debug, Default)]
pub struct WorkCounters {
    delivered: AtomicU64,
    retries: AtomicU64,
    dead_letters: AtomicU64,
}

/// What a worker did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkSummary {
    /// Attempts that were answered with a 2xx.
    pub delivered: u64,
    /// Attempts that failed and are tried again.
    pub retries: u64,
    /// Deliveries that became dead letters.
    pub dead_letters: u64,
}

impl WorkCounters {
    /// How things stand now.
    pub fn summary(&self) -> WorkSummary {
        WorkSummary {
            delivered: self.delivered.load(Relaxed),
            retries: self.retries.load(Relaxed),
            dead_letters: self.dead_letters.load(Relaxed),
        }
    }
}

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

struct Shared {
    store: Arc<dyn Store>,
    options: WorkOptions,
    endpoints: Endpoints,
    /// One for each attempt under way: those that outlive apalis' worker, when the database fails it, count as well.
    places: Semaphore,
    counters: Arc<WorkCounters>,
    /// The worker has left: what still runs must not send any more, nor wait for the database.
    left: AtomicBool,
    /// The queue cannot be written to any more, and so nothing may be delivered.
    closed: Notify,
}

struct Delivering<T> {
    transport: T,
    shared: Arc<Shared>,
}

/// An attempt that is to be made.
struct Job {
    queued: QueuedDelivery,
    envelope: Bytes,
    stored: StoredSubscription,
}

/// [`Delivering`] with any transport.
trait Handle: Send + Sync {
    /// Whether there is nothing more to do for the task. Otherwise it must not be acknowledged: somebody else will do it.
    fn handle(self: Arc<Self>, task: AttemptTask) -> BoxFuture<'static, bool>;
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
        let _leaving = Leaving(&self.shared.left);
        let name = Mutex::new(String::new());
        let ended = tokio::select! {
            never = self.keep_working(&name) => match never {},
            ended = self.until_end(shutdown) => ended,
        };
        // Before the places are free again for what has not begun.
        self.shared.left.store(true, Relaxed);
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

    /// What the task asks for, or what is to be written in its place; nothing where the attempt was made before.
    async fn job(&self, task: &AttemptTask) -> Result<ControlFlow<Option<Change>, Job>, QueueError> {
        let Some(item) = self.insist(|| self.store.work_item(&task.delivery_id)).await? else {
            // It was pruned.
            return Ok(Break(None));
        };
        let queued = item.delivery;
        if queued.state != DeliveryState::Pending || queued.attempts + 1 != task.attempt {
            return Ok(Break(None));
        }
        let Some(stored) = item.subscription else {
            return Ok(Break(Some(abandon(task, "the subscription does not exist any more"))));
        };
        if !stored.subscription.enabled {
            let reason = stored.disabled_reason.as_deref().unwrap_or("no reason given");
            return Ok(Break(Some(abandon(task, &format!("the subscription is disabled: {reason}")))));
        }
        Ok(Continue(Job { queued, envelope: item.envelope, stored }))
    }

    /// Whether an attempt may wait for its endpoint: not where it would keep those of other endpoints from being made.
    fn has_room_to_wait(&self) -> bool {
        self.places.available_permits() >= self.options.concurrency / 2
    }

    /// Asks the database until it answers: what it is asked here must not be given up. It fails where the worker has
    /// left, or where the record makes no sense.
    async fn insist<T, F>(&self, ask: impl Fn() -> F) -> Result<T, QueueError>
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
    async fn record(&self, change: Option<Change>) -> Result<(), QueueError> {
        let Some(change) = change else { return Ok(()) };
        match self.insist(|| self.store.write(change.clone())).await? {
            0 => info!("another worker was faster"),
            _ => self.counters.count(&change),
        }
        if let Some(reason) = change.reason_to_give_up() {
            warn!(reason, "given up: the delivery is a dead letter");
        }
        Ok(())
    }
}

impl<T: Transport + 'static> Handle for Delivering<T> {
    fn handle(self: Arc<Self>, task: AttemptTask) -> BoxFuture<'static, bool> {
        let span = info_span!("attempt", delivery_id = task.delivery_id, attempt = task.attempt);
        async move {
            let _place = self.shared.places.acquire().await;
            if self.shared.left.load(Relaxed) {
                return false;
            }
            let attempted = match self.attempt(&task).await {
                Err(error @ QueueError::Damaged(_)) => {
                    self.shared.record(Some(abandon(&task, &error.to_string()))).await
                }
                attempted => attempted,
            };
            match attempted {
                Ok(()) => true,
                Err(error) => {
                    warn!(%error, "left unrecorded; the attempt will be made again");
                    if matches!(error, QueueError::Closed) {
                        self.shared.closed.notify_one();
                    }
                    false
                }
            }
        }
        .instrument(span)
        .boxed()
    }
}

impl<T: Transport> Delivering<T> {
    /// Makes the attempt and writes down what became of it, or what is to be written in its place.
    async fn attempt(&self, task: &AttemptTask) -> Result<(), QueueError> {
        let job = match self.shared.job(task).await? {
            Continue(job) => job,
            Break(change) => return self.shared.record(change).await,
        };
        let (job, _place) = match self.shared.endpoints.enter(&job.stored.id, self.shared.has_room_to_wait()).await {
            Entry::Now(place) => (job, place),
            // Meanwhile the subscription may have been disabled, or its secret rotated.
            Entry::AfterWaiting(place) => match self.shared.job(task).await? {
                Continue(job) => (job, place),
                Break(change) => return self.shared.record(change).await,
            },
            Entry::Later(until) => {
                return self.shared.record(Some(Change::Defer { task: task.clone(), until })).await;
            }
        };
        if self.shared.left.load(Relaxed) {
            // Nothing is sent that might not be written down.
            return Err(QueueError::Closed);
        }
        let delivery = self.deliver(task, &job).await;
        // Before the place is free: who waits for it must see what this attempt says of the endpoint.
        self.shared.record(Some(self.outcome(task, &job, delivery))).await
    }

    async fn deliver(&self, task: &AttemptTask, job: &Job) -> WebhookDelivery {
        let sealed = SealedEvent {
            event_id: &job.queued.event_id,
            event_type: &job.queued.event_type,
            body: Ok(job.envelope.clone()),
        };
        let options = DeliveryOptions { attempt: task.attempt, ..Default::default() };
        let started = Instant::now();
        let delivery = deliver_sealed(&job.stored.subscription, &sealed, &self.transport, &options).await;
        self.shared.endpoints.took(&job.stored.id, started.elapsed());
        info!(
            monotonic_counter.dealix_attempts = 1_u64,
            monotonic_counter.dealix_attempt_successes = u64::from(delivery.success),
            histogram.dealix_attempt_ms = delivery.duration_ms,
            event_id = delivery.event_id,
            subscription_id = job.stored.id,
            status_code = delivery.status_code,
            error = delivery.error.as_ref().map(tracing::field::display),
            "attempt made"
        );
        delivery
    }

    fn outcome(&self, task: &AttemptTask, job: &Job, mut delivery: WebhookDelivery) -> Change {
        if let Some(error @ DeliveryError::Local(_)) = &delivery.error {
            warn!(%error, "the attempt is put off");
            return Change::Defer { task: task.clone(), until: unix_now() + LOCAL_FAILURE_DEFERRAL_SECONDS };
        }
        // A replay starts the schedule anew.
        delivery.attempt = task.attempt.saturating_sub(job.queued.attempts_before_replay);
        let jitter = if self.shared.options.jitter { f64::from(random()[0]) / 255.0 } else { 0.0 };
        let next = match delay_after(&delivery, jitter) {
            _ if delivery.success => Next::Delivered,
            // Whole seconds, and never early.
            Some(delay) => {
                Next::Retry { at: unix_now() + i64::try_from(delay.as_millis().div_ceil(1000)).unwrap_or(i64::MAX) }
            }
            None => Next::DeadLetter,
        };
        let attempt = LoggedAttempt {
            attempt_id: ordered_id("att_"),
            delivery_id: task.delivery_id.clone(),
            attempt: task.attempt,
            timestamp: delivery.timestamp,
            status_code: delivery.status_code,
            success: delivery.success,
            error: delivery.error.as_ref().map(storable),
            duration_ms: delivery.duration_ms,
        };
        Change::Record { attempt, next, health: health(&job.stored, &delivery, next) }
    }
}

fn abandon(task: &AttemptTask, reason: &str) -> Change {
    Change::Abandon { task: task.clone(), reason: reason.to_owned(), now: unix_now() }
}

/// A transport may say what it likes; PostgreSQL takes no text with a NUL in it.
fn storable(error: &DeliveryError) -> String {
    error.to_string().chars().take(MAX_ERROR_CHARS).map(|char| if char == '\0' { '\u{fffd}' } else { char }).collect()
}

/// What an attempt says about its endpoint, where it says anything new.
fn health(stored: &StoredSubscription, delivery: &WebhookDelivery, next: Next) -> Option<Health> {
    let subscription_id = stored.id.clone();
    if delivery.success {
        // Even where it was not failing when the attempt began: another attempt may have failed meanwhile.
        return Some(Health::Works { subscription_id });
    }
    if delivery.status_code == Some(410) {
        let reason = "its endpoint answered 410 Gone".to_owned();
        return Some(Health::Disable { subscription_id, reason, failing_since: None });
    }
    if !is_the_endpoints_failure(delivery) {
        return None;
    }
    match stored.failing_since {
        None => Some(Health::Fails { subscription_id, since: delivery.timestamp }),
        // Not by an attempt that another follows, which may succeed.
        Some(since) if matches!(next, Next::DeadLetter) && delivery.timestamp - since >= DISABLE_AFTER_SECONDS => {
            let reason = "its endpoint has only failed for five days".to_owned();
            Some(Health::Disable { subscription_id, reason, failing_since: Some(since) })
        }
        Some(_) => None,
    }
}

/// A header that cannot be sent, say, is the sender's.
fn is_the_endpoints_failure(delivery: &WebhookDelivery) -> bool {
    match &delivery.error {
        None | Some(DeliveryError::Transport(_) | DeliveryError::Endpoint(_)) => true,
        Some(_) => delivery.status_code.is_some(),
    }
}

impl WorkCounters {
    fn count(&self, change: &Change) {
        let counter = match change {
            Change::Record { next: Next::Delivered, .. } => &self.delivered,
            Change::Record { next: Next::Retry { .. }, .. } => &self.retries,
            Change::Record { next: Next::DeadLetter, .. } | Change::Abandon { .. } => &self.dead_letters,
            _ => return,
        };
        counter.fetch_add(1, Relaxed);
    }
}
