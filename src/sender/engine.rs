//! The durable queue: what was enqueued arrives at least once, whatever fails in between.

use super::queue::error::QueueError;
use super::queue::options::{QueueOptions, ReplayOptions};
use super::queue::record::{
    DeliveryFilter, DeliveryState, Enqueued, LoggedAttempt, QueueDepth, QueuedDelivery, StoredSubscription,
    secrets_to_json,
};
use super::store::change::{Change, NewEvent, SubscriptionChange};
use super::store::database::{Opening, Store};
use super::store::open;
use super::store::sql::connection::QueueConnection;
use super::subscription::{Secret, WebhookSubscription};
use super::system::{random, unix_now};
use crate::signature::secret;
use crate::{ConfigurationError, WebhookEvent, event};
use std::fmt;
use std::sync::Arc;

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
    /// Opens a queue, and creates its tables where there are none. It belongs to the tokio runtime that it is opened in.
    ///
    /// `sqlite://queue.db` is a file, for one machine; `postgres://…` (feature `postgres`) is for several. Everything that was
    /// answered with success is on disk: SQLite is told to sync at every commit, and PostgreSQL does so unless
    /// `synchronous_commit` is off.
    ///
    /// # Errors
    /// [`QueueError::Url`], [`QueueError::Unreachable`] and [`QueueError::Database`]; [`QueueError::OlderSchema`] where the
    /// tables need [`Queue::migrate`], [`QueueError::NewerSchema`] where this library is too old for them.
    pub async fn open(url: &str) -> Result<Self, QueueError> {
        Self::open_as(url, Opening::Create, QueueOptions::default()).await
    }

    /// [`Queue::open`] with other limits.
    ///
    /// # Errors
    /// As [`Queue::open`].
    pub async fn open_with(url: &str, options: QueueOptions) -> Result<Self, QueueError> {
        Self::open_as(url, Opening::Create, options).await
    }

    /// [`Queue::open`] for a queue that is there: nothing is created.
    ///
    /// # Errors
    /// As [`Queue::open`].
    pub async fn open_existing(url: &str) -> Result<Self, QueueError> {
        Self::open_as(url, Opening::Existing, QueueOptions::default()).await
    }

    /// [`Queue::open`], and upgrades the tables of an earlier version, in one transaction. The programs that use them must be
    /// stopped. Afterwards a role that may read and write the tables can do everything else.
    ///
    /// # Errors
    /// As [`Queue::open`].
    pub async fn migrate(url: &str) -> Result<Self, QueueError> {
        Self::open_as(url, Opening::Migrate, QueueOptions::default()).await
    }

    /// Whether the tables are still of this library's version.
    ///
    /// # Errors
    /// [`QueueError::OlderSchema`], [`QueueError::NewerSchema`]; [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn check_schema(&self) -> Result<(), QueueError> {
        self.store.check_schema().await
    }

    async fn open_as(url: &str, opening: Opening, options: QueueOptions) -> Result<Self, QueueError> {
        Ok(Self { store: open::open(url, opening).await?, options })
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
        let stored = StoredSubscription {
            id: id.clone(),
            subscription,
            paused: false,
            disabled_reason: None,
            failing_since: None,
            held_until: None,
        };
        self.store.change_subscription(SubscriptionChange::Add(Box::new(stored))).await?;
        Ok(id)
    }

    /// All subscriptions, the oldest first.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn subscriptions(&self) -> Result<Vec<StoredSubscription>, QueueError> {
        self.store.subscriptions().await
    }

    /// One subscription.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`].
    pub async fn subscription(&self, id: &str) -> Result<StoredSubscription, QueueError> {
        self.store.subscription(id).await?.ok_or_else(|| QueueError::NoSubscription(id.to_owned()))
    }

    /// Sends to a subscription again, or no more. What is pending for one that is disabled becomes a dead letter when its
    /// attempt is due, and events are not queued for it; [`Queue::recover`] makes good for both.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`].
    pub async fn enable_subscription(&self, id: &str, enabled: bool) -> Result<(), QueueError> {
        self.subscription(id).await?;
        let id = id.to_owned();
        let change = match enabled {
            true => SubscriptionChange::Enable { id },
            false => SubscriptionChange::Disable { id, reason: "disabled by an operator".to_owned() },
        };
        self.store.change_subscription(change).await.map(drop)
    }

    /// Keeps a subscription's deliveries back, or lets them go. While it is paused its events are queued as ever, and nothing
    /// becomes a dead letter.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`].
    pub async fn pause_subscription(&self, id: &str, paused: bool) -> Result<(), QueueError> {
        match self.store.change_subscription(SubscriptionChange::Pause { id: id.to_owned(), paused }).await? {
            0 => Err(QueueError::NoSubscription(id.to_owned())),
            _ => Ok(()),
        }
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
            let mut stored = self.subscription(id).await?;
            let expected = secrets_to_json(&stored.subscription.secrets);
            stored.subscription.rotate_secret(secret.clone(), unix_now())?;
            let secrets = secrets_to_json(&stored.subscription.secrets);
            let change = SubscriptionChange::SetSecrets { id: id.to_owned(), expected, secrets };
            if self.store.change_subscription(change).await? == 1 {
                return Ok(stored);
            }
        }
        Err(QueueError::Conflict)
    }

    /// Queues an event for every subscription that wants it, all of them or none, durably. An event id that is known
    /// already is not queued again, so that a caller who is not sure may simply repeat itself.
    ///
    /// # Errors
    /// [`QueueError::Event`] where the event could never be sent, [`QueueError::Payload`] where it has no canonical form,
    /// [`QueueError::TooLarge`], [`QueueError::Unreachable`] and [`QueueError::Database`].
    pub async fn enqueue(&self, event: &WebhookEvent) -> Result<Enqueued, QueueError> {
        self.store.write(Change::Enqueue(self.sealed(event)?)).await.map(enqueued)
    }

    /// [`Queue::enqueue`] for many events, in one transaction: all of them are queued, or none. The answers are in the
    /// events' order.
    ///
    /// # Errors
    /// As [`Queue::enqueue`]; nothing was queued.
    pub async fn enqueue_all(&self, events: &[WebhookEvent]) -> Result<Vec<Enqueued>, QueueError> {
        let sealed: Vec<_> = events.iter().map(|event| self.sealed(event)).collect::<Result<_, _>>()?;
        Ok(self.store.enqueue_all(&sealed).await?.into_iter().map(enqueued).collect())
    }

    /// [`Queue::enqueue`] in a transaction of the caller's, with whatever else the caller writes in it: the event is queued
    /// when the transaction is committed, and never where it is rolled back. The queue must be in the same database.
    ///
    /// ```no_run
    /// # use dealix_webhooks::{WebhookEvent, sender::Queue};
    /// # async fn example(pool: sqlx::PgPool, queue: Queue, event: WebhookEvent) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut transaction = pool.begin().await?;
    /// sqlx::query("UPDATE deals SET state = 'won' WHERE id = 7").execute(&mut *transaction).await?;
    /// queue.enqueue_in(&mut transaction, &event).await?;
    /// transaction.commit().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Queue::enqueue`], and [`QueueError::OtherDatabase`].
    pub async fn enqueue_in<'c>(
        &self,
        transaction: impl Into<QueueConnection<'c>>,
        event: &WebhookEvent,
    ) -> Result<Enqueued, QueueError> {
        self.store.enqueue_in(transaction.into(), &self.sealed(event)?).await.map(enqueued)
    }

    /// Whether an event would be taken: what [`Queue::enqueue`] checks before it asks the database.
    ///
    /// # Errors
    /// [`QueueError::Event`], [`QueueError::Payload`], [`QueueError::TooLarge`].
    pub fn check(&self, event: &WebhookEvent) -> Result<(), QueueError> {
        self.sealed(event).map(drop)
    }

    fn sealed(&self, event: &WebhookEvent) -> Result<NewEvent, QueueError> {
        NewEvent::of(event, self.options.max_envelope_bytes)
    }

    /// Deliveries, the newest first; at most so many.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn deliveries(&self, filter: &DeliveryFilter, limit: u32) -> Result<Vec<QueuedDelivery>, QueueError> {
        self.store.deliveries(filter, limit).await
    }

    /// How many deliveries the filter means.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn count(&self, filter: &DeliveryFilter) -> Result<u64, QueueError> {
        self.store.count(filter).await
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
    /// [`QueueError::NoDelivery`], [`QueueError::StillPending`], [`QueueError::Disabled`].
    pub async fn replay(&self, delivery_id: &str) -> Result<(), QueueError> {
        self.check_enabled(&self.delivery(delivery_id).await?.subscription_id).await?;
        match self.store.replay(delivery_id).await? {
            0 => Err(QueueError::StillPending(delivery_id.to_owned())),
            _ => Ok(()),
        }
    }

    /// [`Queue::replay`] for every delivery that the filter means: the dead letters, unless it names a state. Those of
    /// subscriptions that are disabled are left alone. The answer is how many they are.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`], [`QueueError::Disabled`] where the filter names a subscription;
    /// [`QueueError::Unreachable`], [`QueueError::Database`]: some may have been replayed before.
    pub async fn replay_all(&self, filter: &DeliveryFilter, options: ReplayOptions) -> Result<u64, QueueError> {
        if let Some(subscription_id) = &filter.subscription_id {
            self.check_enabled(subscription_id).await?;
        }
        let state = filter.state.or(Some(DeliveryState::DeadLetter));
        self.store.replay_all(&DeliveryFilter { state, ..filter.clone() }, options).await
    }

    /// Makes good for the time in which a subscription was disabled: its dead letters since then are replayed, and its events
    /// since then that were not queued for it are queued now. The answer is how many deliveries there are of each.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`], [`QueueError::Disabled`]; [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn recover(
        &self,
        subscription_id: &str,
        since: i64,
        options: ReplayOptions,
    ) -> Result<(u64, u64), QueueError> {
        let dead = DeliveryFilter { subscription_id: Some(subscription_id.to_owned()), since, ..Default::default() };
        let replayed = self.replay_all(&dead, options).await?;
        let missed = self.store.deliver_missed(subscription_id, since, replayed, options).await?;
        Ok((replayed, missed))
    }

    async fn check_enabled(&self, subscription_id: &str) -> Result<(), QueueError> {
        match self.subscription(subscription_id).await?.subscription.enabled {
            true => Ok(()),
            false => Err(QueueError::Disabled(subscription_id.to_owned())),
        }
    }

    /// How many deliveries wait, are due, and are dead letters; and how many events in the outbox can never be sent.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn depth(&self) -> Result<QueueDepth, QueueError> {
        self.store.depth().await
    }
}

fn enqueued(written: Option<u64>) -> Enqueued {
    let deliveries = written.unwrap_or_default().try_into().unwrap_or(usize::MAX);
    Enqueued { deliveries, duplicate: written.is_none() }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("options", &self.options).finish_non_exhaustive()
    }
}
