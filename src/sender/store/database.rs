//! What the queue asks of a database.

use super::change::{Change, NewEvent, SubscriptionChange};
use super::news::NewsReader;
use super::sql::connection::QueueConnection;
use crate::sender::queue::error::QueueError;
use crate::sender::queue::options::ReplayOptions;
use crate::sender::queue::record::{DeliveryFilter, LoggedAttempt, QueueDepth, QueuedDelivery, StoredSubscription};
use async_trait::async_trait;
use bytes::Bytes;
use std::time::{Duration, Instant};

/// The version of the tables that this library works with.
pub(in crate::sender) const SCHEMA_VERSION: i64 = 2;

/// What to do where there is no queue yet, or one of an earlier version.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::sender) enum Opening {
    /// Creates what is missing, where nothing is there.
    Create,
    /// Fails where nothing is there.
    Existing,
    /// Creates or upgrades.
    Migrate,
}

/// A body that is no longer counts for nothing: it goes though long ones have taken all the bytes there are.
pub(in crate::sender) const SHORT_BYTES: usize = 16 * 1024;

/// One endpoint that a worker has places for.
#[derive(Clone, Debug, serde::Serialize)]
pub(in crate::sender) struct Wanted {
    pub subscription_id: String,
    pub places: usize,
    /// At most so many bytes of long bodies, together with those for the endpoints before it.
    pub bytes: usize,
    /// The deliveries whose attempts are in flight.
    pub in_flight: Vec<String>,
}

/// What a worker asks for.
pub(in crate::sender) struct LeaseRequest<'r> {
    pub worker: &'r str,
    pub wanted: &'r [Wanted],
    /// Little is in flight: the first may be longer.
    pub is_first: bool,
    pub lease: Duration,
}

/// A delivery that was leased, and all that its attempt needs to know.
pub(in crate::sender) struct Leased {
    pub delivery_id: String,
    pub subscription_id: String,
    pub bytes: usize,
    /// The rest, where it can be read.
    pub job: Result<Job, QueueError>,
}

/// An attempt that is to be made.
pub(in crate::sender) struct Job {
    pub event_id: String,
    pub event_type: String,
    /// The attempts that were made before.
    pub attempts: u32,
    pub attempts_before_replay: u32,
    pub envelope: Bytes,
    pub stored: StoredSubscription,
    /// The database's time when it was leased, in milliseconds since 1970.
    pub leased_at_ms: i64,
    pub leased_at: Instant,
}

impl Job {
    /// The database's time now, in milliseconds since 1970.
    pub(in crate::sender) fn now_ms(&self) -> i64 {
        self.leased_at_ms.saturating_add(self.leased_at.elapsed().as_millis().try_into().unwrap_or(i64::MAX))
    }
}

/// A subscription that deliveries are pending for.
pub(in crate::sender) struct Surveyed {
    pub subscription_id: String,
    /// In how many milliseconds the first of them is due; negative where it is.
    pub due_in_ms: i64,
    /// Why none will be made, where that is so.
    pub disabled: Option<String>,
}

/// A database that holds a queue. Time is the database's.
pub(in crate::sender) trait Store:
    WaysIn + Subscriptions + Lists + Replays + Leases + Outbox + Housekeeping + Send + Sync
{
}

impl<S: WaysIn + Subscriptions + Lists + Replays + Leases + Outbox + Housekeeping + Send + Sync> Store for S {}

#[async_trait]
pub(in crate::sender) trait WaysIn {
    /// Writes one change durably. For an event the answer is how many deliveries it has, for the others 1; nothing where
    /// the event was known, or another worker was faster.
    async fn write(&self, change: Change) -> Result<Option<u64>, QueueError>;
    /// Events in one transaction: all of them, or none.
    async fn enqueue_all(&self, events: &[NewEvent]) -> Result<Vec<Option<u64>>, QueueError>;
    /// An event in a transaction of the caller's.
    async fn enqueue_in(&self, connection: QueueConnection<'_>, event: &NewEvent) -> Result<Option<u64>, QueueError>;
}

#[async_trait]
pub(in crate::sender) trait Subscriptions {
    /// The number says how many subscriptions were changed.
    async fn change_subscription(&self, change: SubscriptionChange) -> Result<u64, QueueError>;
    async fn subscriptions(&self) -> Result<Vec<StoredSubscription>, QueueError>;
    async fn subscription(&self, id: &str) -> Result<Option<StoredSubscription>, QueueError>;
}

#[async_trait]
pub(in crate::sender) trait Lists {
    async fn delivery(&self, id: &str) -> Result<Option<QueuedDelivery>, QueueError>;
    async fn deliveries(&self, filter: &DeliveryFilter, limit: u32) -> Result<Vec<QueuedDelivery>, QueueError>;
    async fn count(&self, filter: &DeliveryFilter) -> Result<u64, QueueError>;
    async fn attempts(&self, delivery_id: &str) -> Result<Vec<LoggedAttempt>, QueueError>;
    async fn depth(&self) -> Result<QueueDepth, QueueError>;
}

#[async_trait]
pub(in crate::sender) trait Replays {
    async fn replay(&self, delivery_id: &str) -> Result<u64, QueueError>;
    /// All that the filter means, that is not pending, and whose subscription is enabled.
    async fn replay_all(&self, filter: &DeliveryFilter, options: ReplayOptions) -> Result<u64, QueueError>;
    /// Deliveries for the subscription's events since then that it has none for; due after so many others.
    async fn deliver_missed(
        &self,
        subscription_id: &str,
        since: i64,
        before: u64,
        options: ReplayOptions,
    ) -> Result<u64, QueueError>;
}

#[async_trait]
pub(in crate::sender) trait Leases {
    /// Takes what can be begun.
    async fn lease(&self, request: LeaseRequest<'_>) -> Result<Vec<Leased>, QueueError>;
    async fn renew(&self, worker: &str, delivery_ids: &[String], lease: Duration) -> Result<(), QueueError>;
    /// Every subscription that deliveries are pending for, save those that are paused.
    async fn survey(&self) -> Result<Vec<Surveyed>, QueueError>;
    /// Makes dead letters of some that are due for a subscription that is disabled.
    async fn abandon(&self, subscription_id: &str, reason: &str) -> Result<u64, QueueError>;
    /// What happens from now on.
    fn news(&self) -> NewsReader;
}

#[async_trait]
pub(in crate::sender) trait Outbox {
    /// Takes some events from the outbox, the oldest first, and makes their deliveries. What can never be sent stays there,
    /// with the reason. The answer is how many were taken or refused.
    async fn relay(&self, max_envelope_bytes: usize) -> Result<usize, QueueError>;
    /// Whether events wait in the outbox.
    async fn has_outbox(&self) -> Result<bool, QueueError>;
}

#[async_trait]
pub(in crate::sender) trait Housekeeping {
    /// Forgets what was finished so long ago, in portions between which others get their turn.
    async fn prune(&self, keep: Duration) -> Result<(), QueueError>;
    /// Fails where the tables are not those that this library works with.
    async fn check_schema(&self) -> Result<(), QueueError>;
}
