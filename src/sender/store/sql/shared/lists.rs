//! Lists and counts for operators.

use super::super::dialect::{Connection, Driver};
use super::activity::activity;
use super::rows::{attempt_from_row, delivery_from_row, small};
use super::store::SqlStore;
use crate::sender::queue::QueueError;
use crate::sender::queue::{
    DeliveryFilter, DeliveryState, LoggedAttempt, QueueDepth, QueuedDelivery, SubscriptionActivity,
};
use crate::sender::store::database::Lists;
use crate::sender::system::age;
use async_trait::async_trait;
use sqlx::{QueryBuilder, Row as _, query, query_as, query_scalar};
use std::time::Duration;

#[async_trait]
impl Lists for SqlStore {
    async fn delivery(&self, id: &str) -> Result<Option<QueuedDelivery>, QueueError> {
        let one = query("SELECT * FROM dealix_deliveries WHERE id = $1").bind(id);
        let row = self.read(async |connection| Ok(one.fetch_optional(connection).await?)).await?;
        row.as_ref().map(delivery_from_row).transpose()
    }

    async fn attempts(&self, delivery_id: &str) -> Result<Vec<LoggedAttempt>, QueueError> {
        let log = query("SELECT * FROM dealix_attempts WHERE delivery_id = $1 ORDER BY attempt, timestamp");
        let log = log.bind(delivery_id);
        let rows = self.read(async |connection| Ok(log.fetch_all(connection).await?)).await?;
        rows.iter().map(attempt_from_row).collect()
    }

    /// One state at a time, because each has its own index.
    async fn deliveries(&self, filter: &DeliveryFilter, limit: u32) -> Result<Vec<QueuedDelivery>, QueueError> {
        let mut list = QueryBuilder::new("SELECT * FROM (");
        for (number, state) in states(filter).iter().enumerate() {
            list.push(if number == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
            list.push("SELECT * FROM dealix_deliveries WHERE ");
            push_filter(&mut list, filter, *state);
            list.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(limit)).push(") AS of_a_state");
        }
        list.push(") AS listed ORDER BY id DESC LIMIT ").push_bind(i64::from(limit));
        let rows = self.read(async |connection| Ok(list.build().fetch_all(connection).await?)).await?;
        rows.iter().map(delivery_from_row).collect()
    }

    async fn count(&self, filter: &DeliveryFilter) -> Result<u64, QueueError> {
        self.count_matching(filter, "").await
    }

    async fn subscription_activity(
        &self,
        customer_id: &str,
        subscription_id: &str,
    ) -> Result<SubscriptionActivity, QueueError> {
        self.read(async |connection| activity(connection, customer_id, subscription_id).await).await
    }

    async fn depth(&self) -> Result<QueueDepth, QueueError> {
        #[rustfmt::skip]
        const DEPTH: &str = concat!(
            "SELECT count(*), count(*) FILTER (WHERE due_ms <= ", now_ms!(), " AND subscription_id NOT IN \
               (SELECT dealix_subscriptions.id FROM dealix_subscriptions WHERE paused = 1)), \
             (SELECT count(*) FROM dealix_deliveries WHERE state = 'dead_letter'), \
             (SELECT count(*) FROM dealix_outbox WHERE error IS NOT NULL) FROM ", pending_by_subscription!()
        );
        let row = self.read(async |connection| Ok(query(DEPTH).fetch_one(connection).await?)).await?;
        Ok(QueueDepth {
            pending: small(row.try_get(0)?)?,
            due: small(row.try_get(1)?)?,
            dead_letters: small(row.try_get(2)?)?,
            refused: small(row.try_get(3)?)?,
        })
    }

    async fn age(&self) -> Result<Duration, QueueError> {
        const OLDEST: &str = concat!("SELECT min(id), ", now_ms!(), " FROM dealix_deliveries WHERE state = 'pending'");
        let oldest = query_as::<_, (Option<String>, i64)>(OLDEST);
        let (id, now_ms) = self.read(async |connection| Ok(oldest.fetch_one(connection).await?)).await?;
        Ok(id.map_or(Duration::ZERO, |id| age(&id, now_ms)))
    }
}

impl SqlStore {
    /// How many deliveries match both the filter and a condition.
    pub(super) async fn count_matching(&self, filter: &DeliveryFilter, and: &'static str) -> Result<u64, QueueError> {
        let mut sum = QueryBuilder::new("SELECT 0");
        for state in states(filter) {
            sum.push(" + (SELECT count(*) FROM dealix_deliveries WHERE ");
            push_filter(&mut sum, filter, *state);
            sum.push(and).push(")");
        }
        let sum = async |connection: &mut _| Ok(sum.build_query_scalar::<i64>().fetch_one(connection).await?);
        small(self.read(sum).await?)
    }
}

pub(super) fn states(filter: &DeliveryFilter) -> &'static [DeliveryState] {
    match filter.state {
        None => &[DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::DeadLetter],
        Some(DeliveryState::Pending) => &[DeliveryState::Pending],
        Some(DeliveryState::Delivered) => &[DeliveryState::Delivered],
        Some(DeliveryState::DeadLetter) => &[DeliveryState::DeadLetter],
    }
}

/// The filter's condition, for the deliveries in one state.
pub(super) fn push_filter(builder: &mut QueryBuilder<Driver>, filter: &DeliveryFilter, state: DeliveryState) {
    match &filter.event_id {
        // Its few deliveries are found by the event's own index. The concatenation keeps the database from the states'.
        Some(event_id) => builder.push("event_id = ").push_bind(event_id.clone()).push(" AND state || '' = '"),
        None => builder.push("state = '"),
    };
    builder.push(state.as_str()).push("'");
    if let Some(customer_id) = &filter.customer_id {
        builder.push(" AND customer_id = ").push_bind(customer_id.clone());
    }
    if let Some(subscription_id) = &filter.subscription_id {
        builder.push(" AND subscription_id = ").push_bind(subscription_id.clone());
    }
    if filter.since > 0 {
        match state {
            DeliveryState::DeadLetter => builder.push(" AND finished_at >= ").push_bind(filter.since),
            _ => builder.push(" AND id >= ").push_bind(first_id_since(filter.since)),
        };
    }
}

/// The smallest id that a delivery queued at or after this second since 1970 can have.
pub(super) fn first_id_since(seconds: i64) -> String {
    format!("dlv_{:012x}", seconds.clamp(0, 1 << 37) * 1000)
}

/// The end of a portion of about this many events that begins at the second `from` and ends before the second `before`.
pub(super) async fn portion_of_events(
    connection: &mut Connection,
    from: i64,
    before: i64,
    events: i64,
) -> Result<Option<i64>, QueueError> {
    const PORTION: &str = "SELECT max(created_at) FROM (SELECT created_at FROM dealix_events \
         WHERE created_at >= $1 AND created_at < $2 ORDER BY created_at LIMIT $3) AS portion";
    Ok(query_scalar(PORTION).bind(from).bind(before).bind(events).fetch_one(connection).await?)
}
