//! What the queue needs from a database.

use super::change::{Change, SubscriptionChange};
use super::connection::QueueConnection;
use super::lease::{LeaseRequest, Leased, Surveyed};
use super::new_event::NewEvent;
use super::news::NewsReader;
use super::parked::ParkedOf;
use crate::sender::queue::{
    Alarm, AlarmOptions, DatabaseStatus, DeliveryFilter, LoggedAttempt, QueueActivity, QueueDepth, QueueError,
    QueuePrivileges, QueuedDelivery, ReplayOptions, StoredSubscription, SubscriptionActivity, SubscriptionList,
    SubscriptionUpdate,
};
use crate::sender::secret::Secret;
use async_trait::async_trait;
use std::time::Duration;

/// What to do if there is no queue yet, or one of an earlier version.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::sender) enum Opening {
    /// Create the tables if there are none.
    Create,
    /// Fail if there are none.
    Existing,
    /// Create or upgrade them.
    Migrate,
}

/// A database that holds a queue. All times are by the database's clock.
pub(in crate::sender) trait Store:
    Writes + Subscriptions + Lists + Replays + Leases + Outbox + Alarms + Housekeeping + Inspections + Send + Sync
{
}

impl<S> Store for S where
    S: Writes + Subscriptions + Lists + Replays + Leases + Outbox + Alarms + Housekeeping + Inspections + Send + Sync
{
}

#[async_trait]
pub(in crate::sender) trait Writes {
    /// Writes one change durably. Returns the number of deliveries for an event, and 1 for the other changes; `None` if the
    /// event existed already, or another worker was faster.
    async fn write(&self, change: Change) -> Result<Option<u64>, QueueError>;
    /// Writes events in one transaction: all of them, or none.
    async fn enqueue_all(&self, events: &[NewEvent]) -> Result<Vec<Option<u64>>, QueueError>;
    /// Writes an event in the caller's transaction.
    async fn enqueue_in(&self, connection: QueueConnection<'_>, event: &NewEvent) -> Result<Option<u64>, QueueError>;
}

#[async_trait]
pub(in crate::sender) trait Subscriptions {
    /// Returns how many subscriptions were changed.
    async fn change_subscription(&self, change: SubscriptionChange) -> Result<u64, QueueError>;
    /// All subscriptions, or one customer's.
    async fn subscriptions(&self, customer_id: Option<&str>) -> Result<SubscriptionList, QueueError>;
    async fn subscription(&self, id: &str) -> Result<Option<StoredSubscription>, QueueError>;
    async fn update_subscription(&self, id: &str, update: SubscriptionUpdate)
    -> Result<StoredSubscription, QueueError>;
    /// Returns how many deliveries to it are pending.
    async fn remove_subscription(&self, id: &str) -> Result<u64, QueueError>;
    /// [`WebhookSubscription::rotate_secret`](crate::sender::WebhookSubscription::rotate_secret) for a stored one.
    async fn rotate_secret(&self, id: &str, secret: Secret, now: i64) -> Result<StoredSubscription, QueueError>;
    /// Seals a subscription's secrets and headers with the current key, if they are not. Returns whether they were not.
    async fn reseal(&self, id: &str) -> Result<bool, QueueError>;
    /// Removes what was overwritten from the database's files as well. Returns whether nothing prevented it.
    async fn scrub(&self) -> Result<bool, QueueError>;
}

#[async_trait]
pub(in crate::sender) trait Lists {
    async fn delivery(&self, id: &str) -> Result<Option<QueuedDelivery>, QueueError>;
    async fn deliveries(&self, filter: &DeliveryFilter, limit: u32) -> Result<Vec<QueuedDelivery>, QueueError>;
    async fn count(&self, filter: &DeliveryFilter) -> Result<u64, QueueError>;
    async fn attempts(&self, delivery_id: &str) -> Result<Vec<LoggedAttempt>, QueueError>;
    async fn depth(&self) -> Result<QueueDepth, QueueError>;
    /// How long ago the oldest pending delivery was queued; zero if there is none.
    async fn age(&self) -> Result<Duration, QueueError>;
    async fn subscription_activity(
        &self,
        customer_id: &str,
        subscription_id: &str,
    ) -> Result<SubscriptionActivity, QueueError>;
}

#[async_trait]
pub(in crate::sender) trait Replays {
    async fn replay(&self, delivery_id: &str) -> Result<u64, QueueError>;
    /// Replays every delivery that the filter selects, except those of disabled subscriptions. Pending ones become due.
    async fn replay_all(&self, filter: &DeliveryFilter, options: ReplayOptions) -> Result<u64, QueueError>;
    /// Queues the events since `since` that the subscription wants but has no deliveries for. With a pace, they become due
    /// after `before` other deliveries.
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
    /// Leases deliveries whose attempts can start now.
    async fn lease(&self, request: LeaseRequest<'_>) -> Result<Vec<Leased>, QueueError>;
    async fn renew(&self, worker: &str, delivery_ids: &[String], lease: Duration) -> Result<(), QueueError>;
    /// Every subscription that has pending deliveries, except paused ones.
    async fn survey(&self) -> Result<Vec<Surveyed>, QueueError>;
    /// Turns some of the due deliveries of a disabled subscription into dead letters, or some of all the deliveries of a removed
    /// one.
    async fn abandon(&self, subscription_id: &str, reason: &str) -> Result<u64, QueueError>;
    /// What happens from now on.
    fn news(&self) -> NewsReader;
}

#[async_trait]
pub(in crate::sender) trait Outbox {
    /// Takes some events from the outbox, the oldest first, and creates their deliveries. Events that can never be sent stay
    /// there, with the reason. Returns how many events were taken or refused.
    async fn relay(&self, max_envelope_bytes: usize) -> Result<usize, QueueError>;
    /// Whether events are waiting in the outbox.
    async fn has_outbox(&self) -> Result<bool, QueueError>;
}

#[async_trait]
pub(in crate::sender) trait Alarms {
    /// Raises the alarms that are due, and enqueues their events. Returns those raised. `parked` is what a worker has parked
    /// since it last called.
    async fn raise_alarms(&self, options: AlarmOptions, parked: &ParkedOf) -> Result<Vec<Alarm>, QueueError>;
}

#[async_trait]
pub(in crate::sender) trait Housekeeping {
    /// Deletes what finished longer ago than `keep`, in portions, so that others get their turn in between.
    async fn prune(&self, keep: Duration) -> Result<(), QueueError>;
    /// Fails if the version of the tables is not the one that this library works with.
    async fn check_schema(&self) -> Result<(), QueueError>;
}

#[async_trait]
pub(in crate::sender) trait Inspections {
    async fn status(&self) -> Result<DatabaseStatus, QueueError>;
    async fn privileges(&self) -> Result<QueuePrivileges, QueueError>;
    async fn activity(&self) -> Result<QueueActivity, QueueError>;
}
