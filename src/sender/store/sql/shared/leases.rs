//! Leases, surveys, and abandoning deliveries.

use super::super::dialect::{self, Connection, IS_ONE_STATEMENT_A_KIND};
use super::leased::LeaseReader;
use super::line::in_transaction;
use super::rows::surveyed_from_row;
use super::store::SqlStore;
use crate::sender::queue::QueueError;
use crate::sender::store::database::Leases;
use crate::sender::store::lease::{LeaseRequest, Leased, Surveyed};
use crate::sender::store::news::NewsReader;
use crate::sender::store::sql::values::{integer, to_json};
use async_trait::async_trait;
use sqlx::{query, query_scalar};
use std::time::{Duration, Instant};

#[async_trait]
impl Leases for SqlStore {
    async fn lease(&self, request: LeaseRequest<'_>) -> Result<Vec<Leased>, QueueError> {
        let lease = async |connection: &mut Connection| dialect::lease(connection, &request).await;
        let asked_at = Instant::now();
        let rows = self.lines.leases.call(lease).await?;
        // Each row is dropped when it has been read, so that no body is in memory twice.
        let mut reader = LeaseReader::new(&self.keys, asked_at);
        rows.into_iter().map(|row| reader.read(&row)).collect()
    }

    async fn renew(&self, worker: &str, delivery_ids: &[String], lease: Duration) -> Result<(), QueueError> {
        #[rustfmt::skip]
        const RENEW: &str = concat!(
            "UPDATE dealix_deliveries SET leased_until_ms = ", now_ms!(), " + $3 WHERE id IN (", texts!("$1"), ") AND ",
            is_pending!(), " AND leased_by = $2"
        );
        let renew = async |connection: &mut Connection| {
            let renewal = query(RENEW).bind(to_json(delivery_ids)).bind(worker).bind(integer(lease.as_millis()));
            renewal.execute(connection).await?;
            Ok(())
        };
        let renew = async |connection: &mut Connection| match IS_ONE_STATEMENT_A_KIND {
            true => renew(connection).await,
            false => in_transaction(connection, renew).await,
        };
        self.lines.leases.call(renew).await
    }

    async fn survey(&self) -> Result<Vec<Surveyed>, QueueError> {
        // Steps from one subscription to the next in the index, so that the time it takes depends on the number of
        // subscriptions, not of deliveries.
        #[rustfmt::skip]
        const SURVEY: &str = concat!(
            "WITH RECURSIVE pending(id) AS ( \
               SELECT (SELECT min(subscription_id) FROM ", pending_by_subscription!(), ") \
               UNION ALL \
               SELECT (SELECT min(subscription_id) FROM ", pending_by_subscription!(), " AND subscription_id > pending.id) \
               FROM pending WHERE pending.id IS NOT NULL) \
             SELECT pending.id, s.enabled, s.disabled_reason, coalesce(s.held_until_ms, 0) - ", now_ms!(), " AS held_ms, \
               (SELECT min(due_ms) FROM ", pending_by_subscription!(), " AND subscription_id = pending.id) - ", now_ms!(),
            " AS due_in_ms FROM pending LEFT JOIN dealix_subscriptions s ON s.id = pending.id \
             WHERE pending.id IS NOT NULL AND coalesce(s.paused, 0) = 0"
        );
        let rows = self.read_often(async |connection| Ok(query(SURVEY).fetch_all(connection).await?)).await?;
        rows.iter().map(surveyed_from_row).collect()
    }

    async fn abandon(&self, subscription_id: &str, reason: &str) -> Result<u64, QueueError> {
        // Someone may have enabled it since the survey; nobody may enable it before this is committed.
        const IS_STILL_DISABLED: &str =
            concat!("SELECT enabled = 0 AND paused = 0 FROM dealix_subscriptions WHERE id = $1", for_share!());
        #[rustfmt::skip]
        const ABANDON: &str = concat!(
            "UPDATE dealix_deliveries SET state = 'dead_letter', due_ms = NULL, leased_until_ms = 0, leased_by = NULL, \
             finished_at = ", now_ms!(), " / 1000, status_code = NULL, error = $2 WHERE id IN (SELECT id FROM ",
            pending_by_subscription!(), " AND subscription_id = $1 AND due_ms <= coalesce($3, ", now_ms!(), ") \
             AND leased_until_ms <= ", now_ms!(), " ORDER BY due_ms, id LIMIT 1000", skip_locked!(), ")"
        );
        let abandon = async |connection: &mut Connection| {
            let is_still_disabled = query_scalar::<_, bool>(IS_STILL_DISABLED).bind(subscription_id);
            let due_until_ms = match is_still_disabled.fetch_optional(&mut *connection).await? {
                Some(false) => return Ok(0),
                // Now.
                Some(true) => None,
                // It was removed, and nobody can enable it.
                None => Some(i64::MAX),
            };
            let abandon = query(ABANDON).bind(subscription_id).bind(reason).bind(due_until_ms);
            Ok(abandon.execute(connection).await?.rows_affected())
        };
        self.transact_on(&self.lines.tasks, abandon).await
    }

    fn news(&self) -> NewsReader {
        self.news.reader(dialect::watch(self.readers.connect_options(), self.news.clone()))
    }
}
