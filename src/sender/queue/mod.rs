//! The durable queue: what was enqueued arrives at least once, whatever fails in between.
//!
//! The tables (subscriptions, events, deliveries, the log of attempts) are ours; apalis holds one task for each attempt
//! that is to be made, hands it to a worker when it is due, and hands it out again when that worker dies. A task only
//! says which attempt of which delivery to make; the delivery says whether it is still to be made.

mod attempt;
mod counters;
mod endpoints;
mod error;
mod options;
#[cfg(feature = "postgres")]
mod postgres;
mod record;
#[cfg(feature = "redis")]
mod redis;
mod sqlite;
mod store;
mod worker;
mod writer;

pub use counters::{WorkCounters, WorkSummary};
pub use error::QueueError;
pub use options::WorkOptions;
pub use record::{DeliveryFilter, DeliveryState, LoggedAttempt, QueueDepth, QueuedDelivery, StoredSubscription};
pub use worker::Worker;

use super::headers::is_header_value;
use super::{Secret, Transport, WebhookSubscription, random, unix_now};
use crate::signature::secret;
use crate::{ConfigurationError, WebhookEvent, event, serialize_envelope};
use futures_util::{StreamExt, TryStreamExt, stream};
use record::secrets_to_json;
use std::fmt;
use std::sync::Arc;
use store::{Change, Store};

/// The name of our queue among apalis'.
const QUEUE_NAME: &str = "dealix-webhooks";
/// Enough that they share a commit.
const REPLAYED_AT_ONCE: usize = 256;
/// How often a rotation is tried where others rotate at the same time.
const ROTATION_TRIES: usize = 5;

/// Events on their way to the subscriptions that want them, in a database.
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
/// let queue = Queue::open(&database).await?; // sqlite://…, postgres://… or redis://…
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
    store: Arc<dyn Store>,
}

/// What to do where there is no queue yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WhereMissing {
    Create,
    Fail,
}

/// What became of an event that was enqueued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enqueued {
    /// How many deliveries were queued: one for each subscription that wants the event.
    pub deliveries: usize,
    /// The event's id was known already, and nothing was done.
    pub duplicate: bool,
}

impl Queue {
    /// Opens a queue, and creates what is missing of it. It belongs to the tokio runtime that it is opened in.
    ///
    /// `sqlite://queue.db` is a file, for one machine; `postgres://…` (feature `postgres`) and `redis://…` (feature
    /// `redis`) are for several. Everything that was answered with success is on disk: SQLite is told to sync at every
    /// commit; PostgreSQL does so unless `synchronous_commit` is off, and Redis only with `appendfsync always`. Redis must
    /// also be one server, not a cluster, and evict nothing (`maxmemory-policy noeviction`, its default).
    ///
    /// # Errors
    /// [`QueueError::Url`], [`QueueError::Unreachable`] and [`QueueError::Database`].
    pub async fn open(url: &str) -> Result<Self, QueueError> {
        Self::open_or(url, WhereMissing::Create).await
    }

    /// [`Queue::open`] for a queue that is there: where a SQLite file is missing, it is not created.
    ///
    /// # Errors
    /// As [`Queue::open`].
    pub async fn open_existing(url: &str) -> Result<Self, QueueError> {
        Self::open_or(url, WhereMissing::Fail).await
    }

    async fn open_or(url: &str, missing: WhereMissing) -> Result<Self, QueueError> {
        let store: Arc<dyn Store> = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Arc::new(sqlite::open(url, missing).await?),
            #[cfg(feature = "postgres")]
            Some("postgres" | "postgresql") => Arc::new(postgres::open(url).await?),
            #[cfg(feature = "redis")]
            Some("redis" | "rediss") => Arc::new(redis::open(url).await?),
            _ => return Err(QueueError::Url(SCHEMES)),
        };
        Ok(Self { store })
    }

    /// Stores a subscription; the answer is its id. The secrets are stored as they are: whoever reads the database can
    /// sign. On their way to the database they pass through its driver's buffers, which are not wiped.
    ///
    /// # Errors
    /// [`QueueError::Signature`] where no secret is active, or where one is empty or anyone can guess it.
    pub async fn add_subscription(&self, subscription: WebhookSubscription) -> Result<String, QueueError> {
        if subscription.active_secrets(unix_now()).next().is_none() {
            return Err(ConfigurationError::EmptySecret.into());
        }
        subscription.active_secrets(unix_now()).try_for_each(secret::check)?;
        let id = event::new_id("sub_", random());
        let stored = StoredSubscription { id: id.clone(), subscription, disabled_reason: None, failing_since: None };
        self.store.write(Change::AddSubscription(stored)).await?;
        Ok(id)
    }

    /// All subscriptions, the oldest first.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn subscriptions(&self) -> Result<Vec<StoredSubscription>, QueueError> {
        self.store.subscriptions().await
    }

    /// Sends to a subscription again, or no more. What was pending for one that is disabled becomes a dead letter when
    /// its attempt is due.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`].
    pub async fn enable_subscription(&self, id: &str, enabled: bool) -> Result<(), QueueError> {
        let subscription_id = id.to_owned();
        let change = if enabled {
            Change::Enable { subscription_id }
        } else {
            Change::Disable { subscription_id, reason: "disabled by an operator".to_owned() }
        };
        self.existing_subscription(id).await?;
        self.store.write(change).await.map(drop)
    }

    /// [`WebhookSubscription::rotate_secret`] for a stored subscription; the answer is the subscription as it is now.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`], [`QueueError::TooManySecrets`], [`QueueError::Signature`] for a secret that is empty
    /// or that anyone can guess.
    pub async fn rotate_secret(&self, id: &str, secret: impl Into<Secret>) -> Result<StoredSubscription, QueueError> {
        let secret = secret.into();
        secret::check(secret.expose())?;
        for _ in 0..ROTATION_TRIES {
            let mut stored = self.existing_subscription(id).await?;
            let expected = secrets_to_json(&stored.subscription.secrets);
            stored.subscription.rotate_secret(secret.clone(), unix_now())?;
            let secrets = secrets_to_json(&stored.subscription.secrets);
            let change = Change::SetSecrets { subscription_id: id.to_owned(), expected, secrets };
            if self.store.write(change).await? == 1 {
                return Ok(stored);
            }
        }
        Err(QueueError::Conflict)
    }

    async fn existing_subscription(&self, id: &str) -> Result<StoredSubscription, QueueError> {
        self.store.subscription(id).await?.ok_or_else(|| QueueError::NoSubscription(id.to_owned()))
    }

    /// Queues an event for every subscription that wants it, all of them or none, durably. An event id that is known
    /// already is not queued again, so that a caller who is not sure may simply repeat itself.
    ///
    /// # Errors
    /// [`QueueError::Event`] where the event could never be sent, [`QueueError::Payload`] where it has no canonical form, [`QueueError::Unreachable`] and [`QueueError::Database`].
    pub async fn enqueue(&self, event: &WebhookEvent) -> Result<Enqueued, QueueError> {
        check_event(event)?;
        let envelope = serialize_envelope(event)?;
        let subscriptions = self.store.subscriptions_of(&event.customer_id).await?;
        let now = unix_now();
        let deliveries: Vec<_> = subscriptions
            .iter()
            .filter(|stored| stored.subscription.wants(event))
            .map(|stored| QueuedDelivery::new(event, stored, now))
            .collect();
        let matched = deliveries.len();
        let change = Change::Enqueue { event_id: event.event_id.clone(), created_at: now, envelope, deliveries };
        let duplicate = self.store.write(change).await? == 0;
        Ok(Enqueued { deliveries: if duplicate { 0 } else { matched }, duplicate })
    }

    /// A worker that makes the attempts which are due; any number of them may share a database.
    pub fn worker(&self, transport: impl Transport + 'static, options: WorkOptions) -> Worker {
        Worker::new(self.store.clone(), transport, options)
    }

    /// Deliveries, the newest first.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<QueuedDelivery>, QueueError> {
        self.store.deliveries(filter).await
    }

    /// One delivery.
    ///
    /// # Errors
    /// [`QueueError::NoDelivery`].
    pub async fn delivery(&self, id: &str) -> Result<QueuedDelivery, QueueError> {
        self.store.delivery(id).await?.ok_or_else(|| QueueError::NoDelivery(id.to_owned()))
    }

    /// The log of one delivery's attempts, in their order.
    ///
    /// # Errors
    /// [`QueueError::NoDelivery`].
    pub async fn attempts(&self, delivery_id: &str) -> Result<Vec<LoggedAttempt>, QueueError> {
        self.delivery(delivery_id).await?;
        self.store.attempts(delivery_id).await
    }

    /// Delivers once more what was delivered or became a dead letter, at once and with the whole schedule before it.
    ///
    /// # Errors
    /// [`QueueError::NoDelivery`], [`QueueError::StillPending`].
    pub async fn replay(&self, delivery_id: &str) -> Result<(), QueueError> {
        self.delivery(delivery_id).await?;
        match self.replay_existing(delivery_id).await? {
            0 => Err(QueueError::StillPending(delivery_id.to_owned())),
            _ => Ok(()),
        }
    }

    /// [`Queue::replay`] for every delivery that became a dead letter at or after this second since 1970; the answer is
    /// how many they are.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`]; some may have been replayed before.
    pub async fn replay_failed_since(&self, since: i64) -> Result<u64, QueueError> {
        let state = Some(DeliveryState::DeadLetter);
        let failed = DeliveryFilter { state, since, limit: u32::MAX, customer_id: None };
        let replaying = self
            .deliveries(&failed)
            .await?
            .into_iter()
            .map(|delivery| async move { self.replay_existing(&delivery.delivery_id).await });
        stream::iter(replaying).buffer_unordered(REPLAYED_AT_ONCE).try_fold(0, async |all, one| Ok(all + one)).await
    }

    async fn replay_existing(&self, delivery_id: &str) -> Result<u64, QueueError> {
        self.store.write(Change::Replay { delivery_id: delivery_id.to_owned(), now: unix_now() }).await
    }

    /// How many deliveries wait, are due, and are dead letters.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn depth(&self) -> Result<QueueDepth, QueueError> {
        self.store.depth(unix_now()).await
    }
}

/// What a header cannot carry would only become a dead letter.
fn check_event(event: &WebhookEvent) -> Result<(), QueueError> {
    let is_sendable = |text: &str| !text.is_empty() && is_header_value(text);
    if !is_sendable(&event.event_id) {
        return Err(QueueError::Event("event_id"));
    }
    if !is_sendable(event.event_type.as_str()) {
        return Err(QueueError::Event("event_type"));
    }
    Ok(())
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

#[cfg(not(any(feature = "postgres", feature = "redis")))]
const SCHEMES: &str = "sqlite: (the features postgres and redis are not built in)";
#[cfg(all(feature = "postgres", not(feature = "redis")))]
const SCHEMES: &str = "sqlite:, postgres: (the feature redis is not built in)";
#[cfg(all(feature = "redis", not(feature = "postgres")))]
const SCHEMES: &str = "sqlite:, redis: (the feature postgres is not built in)";
#[cfg(all(feature = "postgres", feature = "redis"))]
const SCHEMES: &str = "sqlite:, postgres:, redis:";
