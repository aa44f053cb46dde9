//! The worker: makes the attempts that are due, one `handle` each, and writes down what became of them.

use super::QueueError;
use super::endpoints::{Endpoints, Entry};
use super::record::{DeliveryState, LoggedAttempt, StoredSubscription};
use super::store::{AttemptTask, Change, Health, Next, Store, WorkItem, WorkerSettings};
use crate::event;
use crate::native::delivery::{SealedEvent, deliver_sealed};
use crate::native::http::MAX_ERROR_CHARS;
use crate::native::{DeliveryError, DeliveryOptions, Transport, WebhookDelivery, delay_after, random, unix_now};
use apalis::prelude::{WorkerContext, WorkerError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::{interval, sleep};
use tracing::{Instrument, error, info, info_span, warn};

/// Makes one attempt, to the end: apalis forgets the task when it returns.
pub(super) type Handler = Arc<dyn Fn(AttemptTask) -> BoxFuture<'static, ()> + Send + Sync>;
/// Turns true when the worker is to stop.
pub(super) type Stop = watch::Receiver<bool>;

/// How often an idle worker looks for what is due.
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(250);
const HOUSEKEEPING_INTERVAL: Duration = Duration::from_secs(10);
const PRUNE_INTERVAL: Duration = Duration::from_secs(3600);
/// Between two tries to reach the database.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LAST_BACKOFF: Duration = Duration::from_secs(5);
/// An endpoint that has only failed for so long is disabled.
const DISABLE_AFTER_SECONDS: i64 = 5 * 24 * 60 * 60;

/// How a [`Worker`] works.
#[derive(Clone, Copy, Debug)]
pub struct WorkOptions {
    /// How many attempts are under way at once: 64.
    pub concurrency: usize,
    /// How many of them at one endpoint: 16.
    pub concurrency_per_endpoint: usize,
    /// Whether up to a tenth is added to each delay, so that what failed together does not come back together: yes.
    pub jitter: bool,
    /// Whether to stop when nothing is due any more, rather than when told to: no.
    pub until_idle: bool,
    /// After how long without a sign of life a worker is taken for dead, and its attempts are made by another: 60 s.
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
pub struct Worker {
    delivering: Arc<dyn Handle>,
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    options: WorkOptions,
    endpoints: Endpoints,
    counters: Arc<WorkCounters>,
    /// The worker has left: what still runs must not wait for the database any more.
    left: AtomicBool,
}

struct Delivering<T> {
    transport: T,
    shared: Arc<Shared>,
}

/// [`Delivering`] with any transport.
trait Handle: Send + Sync {
    fn handle(self: Arc<Self>, task: AttemptTask) -> BoxFuture<'static, ()>;
}

impl Worker {
    pub(super) fn new(store: Arc<dyn Store>, transport: impl Transport + 'static, options: WorkOptions) -> Self {
        let shared = Arc::new(Shared {
            store,
            options,
            endpoints: Endpoints::new(options.concurrency_per_endpoint.max(1)),
            counters: Arc::default(),
            left: AtomicBool::new(false),
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
        let (stop, stopped) = watch::channel(false);
        let working = self.keep_working(stopped);
        let end = async {
            tokio::select! {
                () = shutdown => {}
                () = self.shared.until_idle() => {}
                () = self.shared.keep_house() => {}
            }
            stop.send_replace(true);
            sleep(self.shared.options.shutdown_grace).await;
            warn!("attempts are still under way after the grace period; their outcome may go unrecorded");
        };
        tokio::select! {
            () = working => {}
            () = end => {}
        }
        self.shared.left.store(true, Relaxed);
        self.shared.counters.summary()
    }

    /// apalis' worker ends at the first failure of its database: another takes its place.
    async fn keep_working(&self, stopped: Stop) {
        let options = &self.shared.options;
        let missed_heartbeats = 6;
        let settings = WorkerSettings {
            concurrency: options.concurrency.max(1),
            heartbeat: options.presumed_dead_after / missed_heartbeats,
            missed_heartbeats: missed_heartbeats as usize,
        };
        let mut backoff = Backoff::default();
        while !*stopped.borrow() {
            let started = Instant::now();
            match self.shared.store.run_worker(settings, self.handler(), stopped.clone()).await {
                Ok(()) if *stopped.borrow() => return,
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
        Arc::new(move |task| {
            // A task of its own: it runs on any core, and lives on when apalis' worker fails beneath it.
            let handling = tokio::spawn(delivering.clone().handle(task));
            async move {
                if let Err(error) = handling.await {
                    error!(%error, "an attempt ended in a panic");
                    // Never returned from, and so never acknowledged: another worker will take it up.
                    std::future::pending::<()>().await;
                }
            }
            .boxed()
        })
    }
}

/// What ends apalis' worker: it finishes what is under way, and puts back what it has not begun.
pub(super) async fn stop_when_told(mut stop: Stop, worker: WorkerContext) -> Result<(), WorkerError> {
    // A sender that is gone has stopped too.
    let _ = stop.wait_for(|stop| *stop).await;
    worker.stop()
}

/// apalis knows a worker by its name, and a name that was used before belongs to a worker that may be dead.
pub(super) fn worker_name() -> String {
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
        let mut ticks = interval(POLL_INTERVAL);
        loop {
            ticks.tick().await;
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

    /// Asks the database until it answers: what it is asked here must not be given up. `None` where the worker has left,
    /// or where the record makes no sense.
    async fn insist<T, F>(&self, ask: impl Fn() -> F) -> Result<T, QueueError>
    where
        F: Future<Output = Result<T, QueueError>>,
    {
        let mut backoff = Backoff::default();
        loop {
            match ask().await {
                Err(error @ QueueError::Database(_)) if !self.left.load(Relaxed) => {
                    let delay = backoff.next();
                    warn!(%error, ?delay, "the database fails; trying again");
                    sleep(delay).await;
                }
                answer => return answer,
            }
        }
    }

    async fn write(&self, change: &Change) -> Result<u64, QueueError> {
        self.insist(|| self.store.write(change.clone())).await
    }
}

impl<T: Transport + 'static> Handle for Delivering<T> {
    fn handle(self: Arc<Self>, task: AttemptTask) -> BoxFuture<'static, ()> {
        let span = info_span!("attempt", delivery_id = task.delivery_id, attempt = task.attempt);
        async move {
            let change = match self.shared.insist(|| self.shared.store.work_item(&task.delivery_id)).await {
                Ok(Some(item)) => self.attempt(&task, &item).await,
                // It was pruned.
                Ok(None) => None,
                Err(error @ QueueError::Damaged(_)) => Some(abandon(&task.delivery_id, &error.to_string())),
                Err(error) => return give_up(&error).await,
            };
            let Some(change) = change else { return };
            match self.shared.write(&change).await {
                Ok(0) => info!("another worker was faster"),
                Ok(_) => self.shared.counters.count(&change),
                Err(error) => give_up(&error).await,
            }
        }
        .instrument(span)
        .boxed()
    }
}

/// The worker has left, and the task is somebody else's now: it must not be acknowledged.
async fn give_up(error: &QueueError) {
    warn!(%error, "left unrecorded; the attempt will be made again");
    std::future::pending().await
}

impl<T: Transport> Delivering<T> {
    /// What there is to write down; nothing where the attempt was made before.
    async fn attempt(&self, task: &AttemptTask, item: &WorkItem) -> Option<Change> {
        let queued = &item.delivery;
        if queued.state != DeliveryState::Pending || queued.attempts + 1 != task.attempt {
            return None;
        }
        let Some(stored) = &item.subscription else {
            return Some(abandon(&task.delivery_id, "the subscription does not exist any more"));
        };
        if !stored.subscription.enabled {
            let reason = stored.disabled_reason.as_deref().unwrap_or("no reason given");
            return Some(abandon(&task.delivery_id, &format!("the subscription is disabled: {reason}")));
        }
        let _place = match self.shared.endpoints.enter(&stored.id).await {
            Entry::Now(place) => place,
            Entry::Later(until) => return Some(Change::Defer { task: task.clone(), until }),
        };
        let delivery = self.deliver(task, item, stored).await;
        Some(self.outcome(task, item, stored, delivery))
    }

    async fn deliver(&self, task: &AttemptTask, item: &WorkItem, stored: &StoredSubscription) -> WebhookDelivery {
        let sealed = SealedEvent {
            event_id: &item.delivery.event_id,
            event_type: &item.delivery.event_type,
            body: Ok(item.envelope.clone()),
        };
        let options = DeliveryOptions { attempt: task.attempt, ..Default::default() };
        let started = Instant::now();
        let delivery = deliver_sealed(&stored.subscription, &sealed, &self.transport, &options).await;
        self.shared.endpoints.took(&stored.id, started.elapsed());
        info!(
            monotonic_counter.dealix_attempts = 1_u64,
            monotonic_counter.dealix_attempt_successes = u64::from(delivery.success),
            histogram.dealix_attempt_ms = delivery.duration_ms,
            event_id = delivery.event_id,
            subscription_id = stored.id,
            status_code = delivery.status_code,
            error = delivery.error.as_ref().map(tracing::field::display),
            "attempt made"
        );
        delivery
    }

    fn outcome(
        &self,
        task: &AttemptTask,
        item: &WorkItem,
        stored: &StoredSubscription,
        mut delivery: WebhookDelivery,
    ) -> Change {
        // A replay starts the schedule anew.
        delivery.attempt = task.attempt.saturating_sub(item.delivery.attempts_before_replay);
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
            attempt_id: event::new_id("att_", random()),
            delivery_id: task.delivery_id.clone(),
            attempt: task.attempt,
            timestamp: delivery.timestamp,
            status_code: delivery.status_code,
            success: delivery.success,
            error: delivery.error.as_ref().map(storable),
            duration_ms: delivery.duration_ms,
        };
        Change::Record { attempt, next, health: health(stored, &delivery) }
    }
}

fn abandon(delivery_id: &str, reason: &str) -> Change {
    Change::Abandon { delivery_id: delivery_id.to_owned(), reason: reason.to_owned(), now: unix_now() }
}

/// A transport may say what it likes; PostgreSQL takes no text with a NUL in it.
fn storable(error: &DeliveryError) -> String {
    error.to_string().chars().take(MAX_ERROR_CHARS).map(|char| if char == '\0' { '\u{fffd}' } else { char }).collect()
}

/// What an attempt says about its endpoint, where it says anything new.
fn health(stored: &StoredSubscription, delivery: &WebhookDelivery) -> Option<Health> {
    let subscription_id = stored.id.clone();
    let now = delivery.timestamp;
    match stored.failing_since {
        _ if delivery.status_code == Some(410) => {
            let reason = "its endpoint answered 410 Gone".to_owned();
            Some(Health::Disable { subscription_id, reason })
        }
        None if delivery.success => None,
        Some(_) if delivery.success => Some(Health::Works { subscription_id }),
        None => Some(Health::Fails { subscription_id, since: now }),
        Some(since) if now - since >= DISABLE_AFTER_SECONDS => {
            let reason = "its endpoint has only failed for five days".to_owned();
            Some(Health::Disable { subscription_id, reason })
        }
        Some(_) => None,
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
