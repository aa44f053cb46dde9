// The queue in an SQL database, compiled once for each: see `mod.rs`. Both read `$1`, and spell what is written here in the
// same way.

mod group;
mod lists;
mod outbox;
mod prune;
mod replay;
mod rows;
pub(super) mod setup;
pub(super) mod store;
mod subscriptions;

use super::dialect::{self, BEGIN};
use crate::sender::queue::error::QueueError;
use crate::sender::queue::options::ReplayOptions;
use crate::sender::queue::record::{DeliveryFilter, LoggedAttempt, QueueDepth, QueuedDelivery, StoredSubscription};
use crate::sender::store::change::{Change, NewEvent, SubscriptionChange};
use crate::sender::store::database::{LeaseRequest, Leased, Store, Surveyed};
use crate::sender::store::news::{News, NewsReader};
use crate::sender::store::sql::connection::QueueConnection;
use crate::sender::store::sql::values::{integer, to_json};
use crate::sender::store::writer::Written;
use async_trait::async_trait;
use group::enqueue;
use rows::{leased_from_row, surveyed_from_row};
use sqlx::{query, query_scalar};
use std::time::Duration;
use store::SqlStore;

/// How many events are written by one statement.
const PORTION: usize = 256;

#[async_trait]
impl Store for SqlStore {
    async fn write(&self, change: Change) -> Result<Written, QueueError> {
        self.writer.write(change).await
    }

    async fn enqueue_all(&self, events: &[NewEvent]) -> Result<Vec<Written>, QueueError> {
        let mut due = Vec::new();
        let mut written = Vec::with_capacity(events.len());
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        for portion in events.chunks(PORTION) {
            written.extend(enqueue(&mut transaction, portion, &mut due).await?);
        }
        transaction.commit().await?;
        self.news.tell(News::Anything);
        Ok(written)
    }

    async fn enqueue_in(&self, connection: QueueConnection<'_>, event: &NewEvent) -> Result<Written, QueueError> {
        let written = enqueue(dialect::own(connection)?, &[event], &mut Vec::new()).await?;
        Ok(written.into_iter().next().flatten())
    }

    async fn change_subscription(&self, change: SubscriptionChange) -> Result<u64, QueueError> {
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let changed = subscriptions::change(&mut transaction, &change).await?;
        self.finish(transaction).await?;
        Ok(changed)
    }

    async fn subscriptions(&self) -> Result<Vec<StoredSubscription>, QueueError> {
        subscriptions::all(&self.readers).await
    }

    async fn subscription(&self, id: &str) -> Result<Option<StoredSubscription>, QueueError> {
        subscriptions::one(&self.readers, id).await
    }

    async fn delivery(&self, id: &str) -> Result<Option<QueuedDelivery>, QueueError> {
        lists::delivery(&self.readers, id).await
    }

    async fn deliveries(&self, filter: &DeliveryFilter, limit: u32) -> Result<Vec<QueuedDelivery>, QueueError> {
        lists::deliveries(&self.readers, filter, limit).await
    }

    async fn count(&self, filter: &DeliveryFilter) -> Result<u64, QueueError> {
        lists::count(&self.readers, filter, false).await
    }

    async fn attempts(&self, delivery_id: &str) -> Result<Vec<LoggedAttempt>, QueueError> {
        lists::attempts(&self.readers, delivery_id).await
    }

    async fn depth(&self) -> Result<QueueDepth, QueueError> {
        lists::depth(&self.readers).await
    }

    async fn replay(&self, delivery_id: &str) -> Result<u64, QueueError> {
        self.replay_one(delivery_id).await
    }

    async fn replay_all(&self, filter: &DeliveryFilter, options: ReplayOptions) -> Result<u64, QueueError> {
        match options.dry_run {
            true => lists::count(&self.readers, filter, true).await,
            false => self.replay_filtered(filter, options).await,
        }
    }

    async fn deliver_missed(
        &self,
        subscription_id: &str,
        since: i64,
        before: u64,
        options: ReplayOptions,
    ) -> Result<u64, QueueError> {
        self.queue_missed(subscription_id, since, before, options).await
    }

    async fn lease(&self, request: LeaseRequest<'_>) -> Result<Vec<Leased>, QueueError> {
        // Each row is dropped when it is read: the bodies are not held twice.
        dialect::lease(&self.writers, &request).await?.into_iter().map(|row| leased_from_row(&row)).collect()
    }

    async fn renew(&self, worker: &str, delivery_ids: &[String], lease: Duration) -> Result<(), QueueError> {
        #[rustfmt::skip]
        const RENEW: &str = concat!(
            "UPDATE dealix_deliveries SET leased_until_ms = ",
            now_ms!(),
            " + $3 WHERE id IN (",
            texts!("$1"),
            ") AND ",
            is_pending!(),
            " AND leased_by = $2"
        );
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let renewal = query(RENEW).bind(to_json(delivery_ids)).bind(worker).bind(integer(lease.as_millis()));
        renewal.execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    async fn survey(&self) -> Result<Vec<Surveyed>, QueueError> {
        // From one subscription to the next in the index: it takes as long as there are subscriptions, however many deliveries
        // wait for each.
        #[rustfmt::skip]
        const SURVEY: &str = concat!(
            "WITH RECURSIVE pending(id) AS ( \
               SELECT (SELECT min(subscription_id) FROM ",
            pending_by_subscription!(),
            ") \
               UNION ALL \
               SELECT (SELECT min(subscription_id) FROM ",
            pending_by_subscription!(),
            " AND subscription_id > pending.id) \
               FROM pending WHERE pending.id IS NOT NULL) \
             SELECT pending.id, s.enabled, s.disabled_reason, coalesce(s.held_until_ms, 0) - ",
            now_ms!(),
            " AS held_ms, \
               (SELECT min(due_ms) FROM ",
            pending_by_subscription!(),
            " AND subscription_id = pending.id) - ",
            now_ms!(),
            " AS due_in_ms FROM pending LEFT JOIN dealix_subscriptions s ON s.id = pending.id \
             WHERE pending.id IS NOT NULL AND coalesce(s.paused, 0) = 0"
        );
        let rows = query(SURVEY).fetch_all(&self.readers).await?;
        rows.iter().map(surveyed_from_row).collect()
    }

    async fn abandon(&self, subscription_id: &str, reason: &str) -> Result<u64, QueueError> {
        #[rustfmt::skip]
        const ABANDON: &str = concat!(
            "UPDATE dealix_deliveries SET state = 'dead_letter', due_ms = NULL, leased_until_ms = 0, leased_by = NULL, \
             finished_at = ",
            now_ms!(),
            " / 1000, status_code = NULL, error = $2 WHERE id IN (SELECT id FROM ",
            pending_by_subscription!(),
            " AND subscription_id = $1 AND due_ms <= ",
            now_ms!(),
            " AND leased_until_ms <= ",
            now_ms!(),
            // Somebody may have enabled it since it was surveyed.
            " AND NOT EXISTS (SELECT 1 FROM dealix_subscriptions AS s WHERE s.id = $1 AND (s.enabled = 1 OR s.paused = 1)) \
             ORDER BY due_ms, id LIMIT 1000",
            skip_locked!(),
            ")"
        );
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let abandonment = query(ABANDON).bind(subscription_id).bind(reason);
        let abandoned = abandonment.execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        Ok(abandoned)
    }

    async fn relay(&self, max_envelope_bytes: usize) -> Result<usize, QueueError> {
        self.relay_some(max_envelope_bytes).await
    }

    async fn has_outbox(&self) -> Result<bool, QueueError> {
        let first = query_scalar::<_, i64>("SELECT seq FROM dealix_outbox WHERE error IS NULL ORDER BY seq LIMIT 1");
        Ok(first.fetch_optional(&self.readers).await?.is_some())
    }

    async fn prune(&self, keep: Duration) -> Result<u64, QueueError> {
        let now_ms: i64 = query_scalar(concat!("SELECT ", now_ms!())).fetch_one(&self.readers).await?;
        let before = (now_ms - integer(keep.as_millis())).max(0) / 1000;
        prune::prune(&self.writers, before).await
    }

    async fn check_schema(&self) -> Result<(), QueueError> {
        setup::check_version(query_scalar("SELECT max(version) FROM dealix_schema").fetch_one(&self.readers).await?)
    }

    fn news(&self) -> NewsReader {
        self.news.reader(dialect::watch(self.readers.connect_options(), self.news.clone()))
    }
}
