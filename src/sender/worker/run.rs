use super::attempt::Attempts;
use super::housekeeping::Housekeeping;
use super::leasing::Leasing;
use super::shared::Shared;
use crate::event;
use crate::sender::queue::{QueueError, WorkCounters, WorkHealth, WorkOptions, WorkSummary};
use crate::sender::store::database::Store;
use crate::sender::system::random;
use crate::sender::transport::Transport;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::time::{Duration, sleep, timeout};
use tracing::{error, warn};

const IDLE_INTERVAL: Duration = Duration::from_millis(50);
const SCHEMA_INTERVAL: Duration = Duration::from_secs(10);
const MIN_LEASE: Duration = Duration::from_secs(2);
/// How long a worker that leaves waits for the database while it releases its leases.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(2);

/// Makes the attempts that are due. [`Queue::worker`](crate::sender::Queue::worker) makes one; [`Queue`](crate::sender::Queue)
/// has an example.
///
/// It reports to `tracing`, with field names from which `tracing-opentelemetry` makes metrics:
///
/// | event, at level `INFO` | fields |
/// | --- | --- |
/// | `attempt made`, in a span `attempt` with `delivery_id` and `attempt` | `monotonic_counter.dealix_attempts`, `monotonic_counter.dealix_attempt_successes`, `histogram.dealix_attempt_ms`, `event_id`, `subscription_id`, `status_code`, `error` |
/// | `queue depth`, every 10 s, or less often if counting takes long | `gauge.dealix_queue_pending`, `gauge.dealix_queue_due`, `gauge.dealix_queue_dead_letters`, `gauge.dealix_queue_refused` |
///
/// With [`WorkOptions::metrics`], it reports more to the `metrics` facade; `docs/sender.md` lists the names.
pub struct Worker {
    leasing: Leasing,
    housekeeping: Housekeeping,
    shared: Arc<Shared>,
}

impl Worker {
    pub(in crate::sender) fn new(
        store: Arc<dyn Store>,
        transport: impl Transport + 'static,
        max_envelope_bytes: usize,
        options: WorkOptions,
    ) -> Self {
        let options = WorkOptions {
            concurrency: options.concurrency.max(1),
            concurrency_per_endpoint: options.concurrency_per_endpoint.max(1),
            // The databases have no larger integer.
            max_bytes_in_flight: options.max_bytes_in_flight.min(i64::MAX as usize),
            lease: options.lease.max(MIN_LEASE),
            ..options
        };
        let shared = Arc::new(Shared::new(event::new_id("wrk_", random()), store, options));
        let attempts = Arc::new(Attempts { transport, shared: shared.clone() });
        Self {
            leasing: Leasing { attempts, shared: shared.clone() },
            housekeeping: Housekeeping::new(shared.clone(), max_envelope_bytes),
            shared,
        }
    }

    /// Live counters of what the worker has done.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{HttpOptions, HttpTransport, Queue, WorkCounters, WorkOptions, WorkSummary};
    /// # use std::sync::Arc;
    /// # async fn example(queue: Queue) -> Result<(), Box<dyn std::error::Error>> {
    /// let worker = queue.worker(HttpTransport::new(HttpOptions::default())?, WorkOptions::default());
    /// let counters: Arc<WorkCounters> = worker.counters();
    /// tokio::spawn(worker.run(std::future::pending()));
    /// let so_far: WorkSummary = counters.summary();
    /// # Ok(()) }
    /// ```
    pub fn counters(&self) -> Arc<WorkCounters> {
        self.shared.counters.clone()
    }

    /// Whether it can deliver at present.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{WorkHealth, Worker};
    /// # use std::sync::Arc;
    /// # fn example(worker: Worker) {
    /// let health: Arc<WorkHealth> = worker.health();
    /// tokio::spawn(worker.run(std::future::pending()));
    /// let is_ready = health.problems().is_empty();
    /// # }
    /// ```
    pub fn health(&self) -> Arc<WorkHealth> {
        self.shared.health.clone()
    }

    /// Works until `shutdown` resolves, or, with [`WorkOptions::until_idle`], until nothing is due. Then it starts no more
    /// attempts, and finishes those in flight.
    ///
    /// If the database fails, the worker waits until it is back; the outcomes of all attempts are recorded then. If the tables
    /// no longer have this library's version, the worker stops;
    /// [`Queue::check_schema`](crate::sender::Queue::check_schema) tells you so afterwards.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> WorkSummary {
        let leaving = Leaving(&self.shared);
        tokio::select! {
            never = self.housekeeping.run() => match never {},
            () = self.work(shutdown) => {}
        }
        drop(leaving);
        // Those still in flight after the grace period.
        let releasing = timeout(RELEASE_TIMEOUT, self.leasing.release(self.shared.in_flight.deliveries()));
        if releasing.await.is_err() {
            warn!("the database does not respond; other workers must wait until the leases end");
        }
        self.shared.counters.summary()
    }

    async fn work(&self, shutdown: impl Future<Output = ()> + Send) {
        let mut leasing = std::pin::pin!(self.leasing.run());
        tokio::select! {
            () = &mut leasing => {}
            () = shutdown => {}
            () = self.until_idle() => {}
            error = self.until_other_schema() => error!(%error, "the worker stops"),
        }
        self.shared.is_stopping.store(true, Relaxed);
        self.shared.health.stops();
        self.shared.stop.notify_one();
        let ending = async {
            leasing.await;
            while self.shared.endpoints.in_flight() > 0 {
                self.shared.ended.notified().await;
            }
        };
        if timeout(self.shared.options.shutdown_grace, ending).await.is_err() {
            warn!("attempts are still in flight after the grace period; their outcomes may not be recorded");
        }
    }

    async fn until_idle(&self) {
        if !self.shared.options.until_idle {
            std::future::pending::<()>().await;
        }
        self.idle().await;
        self.housekeeping.finish().await;
        // That may have taken a while.
        self.idle().await;
    }

    async fn idle(&self) {
        loop {
            sleep(IDLE_INTERVAL).await;
            if self.shared.endpoints.in_flight() == 0 && self.is_idle().await.unwrap_or(false) {
                return;
            }
        }
    }

    /// Whether nothing is due, not even to other workers.
    async fn is_idle(&self) -> Result<bool, QueueError> {
        let store = &self.shared.store;
        Ok(!store.has_outbox().await? && store.survey().await?.iter().all(|pending| pending.due_in_ms > 0))
    }

    async fn until_other_schema(&self) -> QueueError {
        loop {
            sleep(SCHEMA_INTERVAL).await;
            if let Err(error @ (QueueError::OlderSchema { .. } | QueueError::NewerSchema { .. })) =
                self.shared.store.check_schema().await
            {
                return error;
            }
        }
    }
}

/// Marks the worker as left when `run` returns, and also when its future is dropped halfway.
struct Leaving<'w>(&'w Shared);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.is_stopping.store(true, Relaxed);
        self.0.has_left.store(true, Relaxed);
    }
}
