//! What workers ask for.

use super::super::dialect::{self, COMMITS_BY_ITSELF, Connection};
use super::line::in_transaction;
use super::rows::{leased_from_row, surveyed_from_row};
use super::store::SqlStore;
use crate::sender::queue::error::QueueError;
use crate::sender::store::database::{LeaseRequest, Leased, Leases, Surveyed};
use crate::sender::store::news::NewsReader;
use crate::sender::store::sql::values::{integer, to_json};
use async_trait::async_trait;
use sqlx::{query, query_scalar};
use std::time::Duration;

#[async_trait]
impl Leases for SqlStore {
    async fn lease(&self, request: LeaseRequest<'_>) -> Result<Vec<Leased>, QueueError> {
        let lease = async |connection: &mut Connection| dialect::lease(connection, &request).await;
        // Each row is dropped when it is read: the bodies are not held twice.
        self.lines.leases.ask(lease).await?.into_iter().map(|row| leased_from_row(&row)).collect()
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
        let renew = async |connection: &mut Connection| match COMMITS_BY_ITSELF {
            true => renew(connection).await,
            false => in_transaction(connection, renew).await,
        };
        self.lines.leases.ask(renew).await
    }

    async fn survey(&self) -> Result<Vec<Surveyed>, QueueError> {
        // From one subscription to the next in the index: it takes as long as there are subscriptions, however many deliveries
        // wait for each.
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
        let rows = self.look(async |connection| Ok(query(SURVEY).fetch_all(connection).await?)).await?;
        rows.iter().map(surveyed_from_row).collect()
    }

    async fn abandon(&self, subscription_id: &str, reason: &str) -> Result<u64, QueueError> {
        // Somebody may have enabled it since it was surveyed, and must not do so before this is committed.
        const IS_STILL_TO_BE: &str =
            concat!("SELECT enabled = 0 AND paused = 0 FROM dealix_subscriptions WHERE id = $1", for_share!());
        #[rustfmt::skip]
        const ABANDON: &str = concat!(
            "UPDATE dealix_deliveries SET state = 'dead_letter', due_ms = NULL, leased_until_ms = 0, leased_by = NULL, \
             finished_at = ", now_ms!(), " / 1000, status_code = NULL, error = $2 WHERE id IN (SELECT id FROM ",
            pending_by_subscription!(), " AND subscription_id = $1 AND due_ms <= ", now_ms!(), " AND leased_until_ms <= ",
            now_ms!(), " ORDER BY due_ms, id LIMIT 1000", skip_locked!(), ")"
        );
        let abandon = async |connection: &mut Connection| {
            let is_still_to_be = query_scalar::<_, bool>(IS_STILL_TO_BE).bind(subscription_id);
            // Where there is no subscription any more, nobody can enable it.
            if is_still_to_be.fetch_optional(&mut *connection).await? == Some(false) {
                return Ok(0);
            }
            Ok(query(ABANDON).bind(subscription_id).bind(reason).execute(connection).await?.rows_affected())
        };
        self.transact_on(&self.lines.tasks, abandon).await
    }

    fn news(&self) -> NewsReader {
        self.news.reader(dialect::watch(self.readers.connect_options(), self.news.clone()))
    }
}
