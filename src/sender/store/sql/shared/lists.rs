//! What an operator looks at.

use super::super::dialect::{Driver, Pool};
use super::rows::{attempt_from_row, delivery_from_row, small};
use crate::sender::queue::error::QueueError;
use crate::sender::queue::record::{DeliveryFilter, DeliveryState, LoggedAttempt, QueueDepth, QueuedDelivery};
use sqlx::{QueryBuilder, Row as _, query};

pub(super) async fn delivery(pool: &Pool, id: &str) -> Result<Option<QueuedDelivery>, QueueError> {
    let statement = query("SELECT * FROM dealix_deliveries WHERE id = $1");
    statement.bind(id).fetch_optional(pool).await?.as_ref().map(delivery_from_row).transpose()
}

pub(super) async fn attempts(pool: &Pool, delivery_id: &str) -> Result<Vec<LoggedAttempt>, QueueError> {
    let statement = query("SELECT * FROM dealix_attempts WHERE delivery_id = $1 ORDER BY attempt, timestamp");
    statement.bind(delivery_id).fetch_all(pool).await?.iter().map(attempt_from_row).collect()
}

/// The newest, a state at a time: each state has an index of its own.
pub(super) async fn deliveries(
    pool: &Pool,
    filter: &DeliveryFilter,
    limit: u32,
) -> Result<Vec<QueuedDelivery>, QueueError> {
    let mut list = QueryBuilder::new("SELECT * FROM (");
    for (number, state) in states(filter).iter().enumerate() {
        list.push(if number == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
        list.push("SELECT * FROM dealix_deliveries WHERE ");
        push_filter(&mut list, filter, *state);
        list.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(limit)).push(") AS of_a_state");
    }
    list.push(") AS listed ORDER BY id DESC LIMIT ").push_bind(i64::from(limit));
    list.build().fetch_all(pool).await?.iter().map(delivery_from_row).collect()
}

/// How many there are; on demand only of those whose subscription is enabled.
pub(super) async fn count(pool: &Pool, filter: &DeliveryFilter, enabled_only: bool) -> Result<u64, QueueError> {
    let mut sum = QueryBuilder::new("SELECT 0");
    for state in states(filter) {
        sum.push(" + (SELECT count(*) FROM dealix_deliveries WHERE ");
        push_filter(&mut sum, filter, *state);
        if enabled_only {
            sum.push(OF_ENABLED);
        }
        sum.push(")");
    }
    small(sum.build_query_scalar::<i64>().fetch_one(pool).await?)
}

/// Nothing can be delivered to the others.
pub(super) const OF_ENABLED: &str =
    " AND subscription_id IN (SELECT dealix_subscriptions.id FROM dealix_subscriptions WHERE enabled = 1)";

pub(super) async fn depth(pool: &Pool) -> Result<QueueDepth, QueueError> {
    #[rustfmt::skip]
    const DEPTH: &str = concat!(
        "SELECT count(*), count(*) FILTER (WHERE due_ms <= ", now_ms!(), " AND subscription_id NOT IN \
           (SELECT dealix_subscriptions.id FROM dealix_subscriptions WHERE paused = 1)), \
         (SELECT count(*) FROM dealix_deliveries WHERE state = 'dead_letter') FROM ", pending_by_subscription!()
    );
    let row = query(DEPTH).fetch_one(pool).await?;
    Ok(QueueDepth {
        pending: small(row.try_get(0)?)?,
        due: small(row.try_get(1)?)?,
        dead_letters: small(row.try_get(2)?)?,
    })
}

pub(super) fn states(filter: &DeliveryFilter) -> &'static [DeliveryState] {
    match filter.state {
        None => &[DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::DeadLetter],
        Some(DeliveryState::Pending) => &[DeliveryState::Pending],
        Some(DeliveryState::Delivered) => &[DeliveryState::Delivered],
        Some(DeliveryState::DeadLetter) => &[DeliveryState::DeadLetter],
    }
}

/// What the filter means among the deliveries of one state.
pub(super) fn push_filter(builder: &mut QueryBuilder<Driver>, filter: &DeliveryFilter, state: DeliveryState) {
    builder.push("state = '").push(state.as_str()).push("'");
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

/// No delivery that was queued at this second since 1970 or later has a lesser id.
pub(super) fn first_id_since(seconds: i64) -> String {
    format!("dlv_{:012x}", seconds.clamp(0, 1 << 37) * 1000)
}
