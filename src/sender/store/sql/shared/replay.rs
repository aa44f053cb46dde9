//! Delivering again, and making good for events that were not queued.

use super::super::dialect::{BEGIN, Driver};
use super::lists::{OF_ENABLED, push_filter, states};
use super::store::SqlStore;
use crate::sender::queue::error::QueueError;
use crate::sender::queue::options::ReplayOptions;
use crate::sender::queue::record::{DeliveryFilter, DeliveryState};
use sqlx::{QueryBuilder, query};

impl SqlStore {
    pub(super) async fn replay_one(&self, delivery_id: &str) -> Result<u64, QueueError> {
        #[rustfmt::skip]
        const REPLAY: &str = concat!(
            "UPDATE dealix_deliveries SET state = 'pending', attempts_before_replay = attempts, due_ms = ", now_ms!(),
            ", finished_at = NULL WHERE id = $1 AND state <> 'pending'"
        );
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let replayed = query(REPLAY).bind(delivery_id).execute(&mut *transaction).await?.rows_affected();
        self.finish(transaction).await?;
        Ok(replayed)
    }

    pub(super) async fn replay_filtered(
        &self,
        filter: &DeliveryFilter,
        options: ReplayOptions,
    ) -> Result<u64, QueueError> {
        let mut replayed = 0;
        for state in states(filter).iter().filter(|state| **state != DeliveryState::Pending) {
            let mut after = String::new();
            loop {
                let ids = self.replay_portion(filter, *state, &after, replayed, options).await?;
                let Some(last) = ids.iter().max() else { break };
                replayed += ids.len() as u64;
                after.clone_from(last);
            }
        }
        Ok(replayed)
    }

    /// The next deliveries after an id, so that what fails again at once is not found again.
    async fn replay_portion(
        &self,
        filter: &DeliveryFilter,
        state: DeliveryState,
        after: &str,
        before: u64,
        options: ReplayOptions,
    ) -> Result<Vec<String>, QueueError> {
        let mut replay: QueryBuilder<Driver> = QueryBuilder::new(concat!(
            "UPDATE dealix_deliveries SET state = 'pending', attempts_before_replay = attempts, finished_at = NULL, due_ms = ",
            now_ms!(),
            " + CAST((portion.place + "
        ));
        replay.push_bind(before as f64).push(") * ").push_bind(options.interval_ms()).push(
            " AS BIGINT) FROM (SELECT id AS replayed_id, row_number() OVER (ORDER BY id) - 1 AS place FROM \
             (SELECT id FROM dealix_deliveries WHERE ",
        );
        push_filter(&mut replay, filter, state);
        replay.push(OF_ENABLED).push(" AND id > ").push_bind(after.to_owned());
        replay.push(
            " ORDER BY id LIMIT 1000) AS found) AS portion WHERE dealix_deliveries.id = portion.replayed_id \
             RETURNING dealix_deliveries.id",
        );
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let ids = replay.build_query_scalar().fetch_all(&mut *transaction).await?;
        self.finish(transaction).await?;
        Ok(ids)
    }

    /// A subscription's events since then, and since it was made, that were not queued for it; they follow so many others.
    pub(super) async fn queue_missed(
        &self,
        subscription_id: &str,
        since: i64,
        before: u64,
        options: ReplayOptions,
    ) -> Result<u64, QueueError> {
        #[rustfmt::skip]
        const MISSED: &str = insert_deliveries!(
            "FROM (SELECT id, event_type, customer_id, created_at, octet_length(envelope) AS bytes FROM dealix_events \
             WHERE created_at >= $2) AS e",
            " AND s.id = $1 AND e.created_at >= s.created_at AND NOT EXISTS (SELECT 1 FROM dealix_deliveries AS d \
             WHERE d.event_id = e.id AND d.subscription_id = $1)",
            " + CAST((row_number() OVER (ORDER BY e.created_at) - 1 + $3) * $4 AS BIGINT)"
        );
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let missed = query(MISSED).bind(subscription_id).bind(since).bind(before as f64).bind(options.interval_ms());
        let missed = missed.execute(&mut *transaction).await?.rows_affected();
        if options.dry_run {
            transaction.rollback().await?;
        } else {
            self.finish(transaction).await?;
        }
        Ok(missed)
    }
}
