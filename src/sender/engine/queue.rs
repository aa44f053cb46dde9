use crate::sender::queue::{QueueError, QueueOptions};
use crate::sender::store::database::{Opening, Store};
use crate::sender::store::open::open;
use std::fmt;
use std::sync::Arc;

/// A database of events, of the subscriptions that want them, and of their deliveries.
///
/// ```
/// use dealix_webhooks::sender::{
///     DeliveryRequest, DeliveryResult, Queue, WebhookSubscription, WorkOptions, make_event,
/// };
/// use serde_json::{json, value::to_raw_value};
///
/// # let folder = std::env::temp_dir().join(format!("dealix-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let database = format!("sqlite://{}", folder.join("queue.db").display());
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let queue = Queue::open(&database).await?; // sqlite://… or postgres://…
/// queue.add_subscription(WebhookSubscription::new("cus_1", "https://example.com/hook", "whsec_1", 0)).await?;
///
/// let event = make_event("deal.won", "cus_1", to_raw_value(&json!({"amount": 12.5}))?);
/// assert_eq!(queue.enqueue(&event).await?.deliveries, 1);
///
/// // A closure for the example; `HttpTransport::new(HttpOptions::default())?` sends for real.
/// let transport =
///     |_: DeliveryRequest| async { DeliveryResult { status_code: Some(200), ..Default::default() } };
/// let worker = queue.worker(transport, WorkOptions { until_idle: true, ..Default::default() });
/// let summary = worker.run(std::future::pending()).await;
/// assert_eq!(summary.delivered, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Queue {
    pub(super) store: Arc<dyn Store>,
    pub(super) options: QueueOptions,
}

impl Queue {
    /// Opens a queue, and creates its tables if there are none. The queue belongs to the tokio runtime in which it is opened.
    ///
    /// `sqlite://queue.db` is a file, for one machine; `postgres://…` (feature `postgres`) is for several. When a call that
    /// writes returns successfully, its data is on disk: SQLite is told to sync at every commit, and PostgreSQL does so unless
    /// `synchronous_commit` is off.
    ///
    /// # Errors
    /// [`QueueError::Url`], [`QueueError::Unreachable`] and [`QueueError::Database`]; [`QueueError::OlderSchema`] if the
    /// tables need [`Queue::migrate`], and [`QueueError::NewerSchema`] if this library is too old for them.
    pub async fn open(url: &str) -> Result<Self, QueueError> {
        Self::open_as(url, Opening::Create, QueueOptions::default()).await
    }

    /// [`Queue::open`] with other limits.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{Queue, QueueError, QueueOptions};
    /// # async fn example() -> Result<(), QueueError> {
    /// let queue = Queue::open_with("sqlite://queue.db", QueueOptions { max_envelope_bytes: 64 * 1024, ..Default::default() }).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Queue::open`].
    pub async fn open_with(url: &str, options: QueueOptions) -> Result<Self, QueueError> {
        Self::open_as(url, Opening::Create, options).await
    }

    /// [`Queue::open_with`] for an existing queue: nothing is created.
    ///
    /// # Errors
    /// As [`Queue::open`].
    pub async fn open_existing(url: &str, options: QueueOptions) -> Result<Self, QueueError> {
        Self::open_as(url, Opening::Existing, options).await
    }

    /// [`Queue::open`], but also upgrades the tables of an earlier version, in one transaction. Stop the programs that use them
    /// first. Once the tables exist, a role that may only read and write them can do everything else.
    ///
    /// # Errors
    /// As [`Queue::open`].
    pub async fn migrate(url: &str) -> Result<Self, QueueError> {
        Self::open_as(url, Opening::Migrate, QueueOptions::default()).await
    }

    /// Checks that the tables still have the version that this library works with.
    ///
    /// # Errors
    /// [`QueueError::OlderSchema`], [`QueueError::NewerSchema`]; [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn check_schema(&self) -> Result<(), QueueError> {
        self.store.check_schema().await
    }

    /// Whether secrets are sealed when they are stored.
    pub fn seals_secrets(&self) -> bool {
        !self.options.secrets_keys.is_empty()
    }

    async fn open_as(url: &str, opening: Opening, options: QueueOptions) -> Result<Self, QueueError> {
        Ok(Self { store: open(url, opening, options.secrets_keys.clone()).await?, options })
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("options", &self.options).finish_non_exhaustive()
    }
}
