//! Replays deliveries, and queues events that a disabled subscription missed.

use super::super::dialect::Driver;
use super::lists::{portion_of_events, push_filter, states};
use super::store::SqlStore;
use crate::sender::queue::QueueError;
use crate::sender::queue::ReplayOptions;
use crate::sender::queue::{DeliveryFilter, DeliveryState};
use crate::sender::store::database::Replays;
use async_trait::async_trait;
use sqlx::{QueryBuilder, query, query_scalar};

/// The condition that the subscription is enabled: nothing can be delivered to the others.
const OF_ENABLED: &str =
    " AND subscription_id IN (SELECT dealix_subscriptions.id FROM dealix_subscriptions WHERE enabled = 1)";

/// Also, that the delivery waits for a later time.
const OF_ENABLED_AND_WAITING: &str = concat!(
    " AND subscription_id IN (SELECT dealix_subscriptions.id FROM dealix_subscriptions WHERE enabled = 1) AND due_ms > ",
    now_ms!()
);

/// The events from the second `$2` to the second `$3` that the subscription `$1` wants but that were not queued for it.
macro_rules! missed {
    ($continued_by:ident) => {
        $continued_by!(
            "FROM (SELECT id, event_type, customer_id, created_at, octet_length(envelope) AS bytes FROM dealix_events \
             WHERE created_at BETWEEN $2 AND $3) AS e",
            " AND s.id = $1 AND e.created_at >= s.created_at AND NOT EXISTS (SELECT 1 FROM dealix_deliveries AS d \
             WHERE d.event_id = e.id AND d.subscription_id = $1)",
            " + CAST((row_number() OVER (ORDER BY e.created_at) - 1 + $4) * $5 AS BIGINT)"
        )
    };
}

#[async_trait]
impl Replays for SqlStore {
    async fn replay(&self, delivery_id: &str) -> Result<u64, QueueError> {
        #[rustfmt::skip]
        const REPLAY: &str = concat!(
            "UPDATE dealix_deliveries SET state = 'pending', attempts_before_replay = attempts, due_ms = ", now_ms!(),
            ", finished_at = NULL WHERE id = $1 AND state <> 'pending'"
        );
        let replay = query(REPLAY).bind(delivery_id);
        self.transact_and_tell(async |connection| Ok(replay.execute(connection).await?.rows_affected())).await
    }

    async fn replay_all(&self, filter: &DeliveryFilter, options: ReplayOptions) -> Result<u64, QueueError> {
        if options.dry_run {
            return self.count_matching(filter, replayable(filter.state)).await;
        }
        let mut replayed = 0;
        for state in states(filter) {
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

    async fn deliver_missed(
        &self,
        subscription_id: &str,
        since: i64,
        before: u64,
        options: ReplayOptions,
    ) -> Result<u64, QueueError> {
        let mut missed = 0;
        let mut from = since;
        loop {
            let until = self.read(async |connection| portion_of_events(connection, from, i64::MAX, 1000).await).await?;
            let Some(until) = until else { return Ok(missed) };
            missed += self.deliver_portion(subscription_id, from, until, before + missed, options).await?;
            from = until + 1;
        }
    }
}

/// The condition that a delivery in this state can be replayed.
fn replayable(state: Option<DeliveryState>) -> &'static str {
    if state == Some(DeliveryState::Pending) { OF_ENABLED_AND_WAITING } else { OF_ENABLED }
}

impl SqlStore {
    /// Replays the next deliveries after an id, so that those which fail again immediately are not found again.
    async fn replay_portion(
        &self,
        filter: &DeliveryFilter,
        state: DeliveryState,
        after: &str,
        before: u64,
        options: ReplayOptions,
    ) -> Result<Vec<String>, QueueError> {
        let mut replay: QueryBuilder<Driver> = QueryBuilder::new("UPDATE dealix_deliveries SET ");
        if state != DeliveryState::Pending {
            replay.push("state = 'pending', attempts_before_replay = attempts, finished_at = NULL, ");
        }
        replay.push(concat!("due_ms = ", now_ms!(), " + CAST((portion.place + "));
        replay.push_bind(before as f64).push(") * ").push_bind(options.interval_ms()).push(
            " AS BIGINT) FROM (SELECT id AS replayed_id, row_number() OVER (ORDER BY id) - 1 AS place FROM \
             (SELECT id FROM dealix_deliveries WHERE ",
        );
        push_filter(&mut replay, filter, state);
        replay.push(replayable(Some(state))).push(" AND id > ").push_bind(after.to_owned());
        // What someone else is changing is read again before it is replayed: it may have been delivered meanwhile.
        replay.push(concat!(
            " ORDER BY id LIMIT 1000",
            for_update!(),
            ") AS found) AS portion WHERE dealix_deliveries.id = portion.replayed_id RETURNING dealix_deliveries.id"
        ));
        self.transact_and_tell(async |connection| Ok(replay.build_query_scalar().fetch_all(connection).await?)).await
    }

    async fn deliver_portion(
        &self,
        subscription_id: &str,
        from: i64,
        until: i64,
        before: u64,
        options: ReplayOptions,
    ) -> Result<u64, QueueError> {
        #[rustfmt::skip]
        const COUNT: &str = missed!(count_deliveries);
        #[rustfmt::skip]
        const DELIVER: &str = missed!(insert_deliveries);
        if options.dry_run {
            let count = query_scalar(COUNT).bind(subscription_id).bind(from).bind(until);
            let count: i64 = self.read(async |connection| Ok(count.fetch_one(connection).await?)).await?;
            return Ok(count.unsigned_abs());
        }
        let deliver = query(DELIVER).bind(subscription_id).bind(from).bind(until);
        let deliver = deliver.bind(before as f64).bind(options.interval_ms());
        self.transact_and_tell(async |connection| Ok(deliver.execute(connection).await?.rows_affected())).await
    }
}
