//! Forgetting what was finished long ago.

use super::super::dialect::{BEGIN, Pool};
use super::lists::first_id_since;
use crate::sender::queue::error::QueueError;
use crate::sender::queue::record::DeliveryState;
use crate::sender::store::sql::values::to_json;
use sqlx::{query, query_scalar};

/// Forgets some of what was finished before this second since 1970, and the answer is how much. What was queued long ago
/// lies at the beginning of the index of its state.
pub(super) async fn prune(pool: &Pool, before: i64) -> Result<u64, QueueError> {
    let mut transaction = pool.begin_with(BEGIN).await?;
    let mut finished: Vec<String> = Vec::new();
    for state in [DeliveryState::Delivered, DeliveryState::DeadLetter] {
        let statement = query_scalar(
            "SELECT id FROM dealix_deliveries WHERE state = $1 AND id < $2 AND finished_at < $3 ORDER BY id LIMIT 1000",
        );
        let statement = statement.bind(state.as_str()).bind(first_id_since(before)).bind(before);
        finished.extend(statement.fetch_all(&mut *transaction).await?);
    }
    for statement in [
        concat!("DELETE FROM dealix_attempts WHERE delivery_id IN (", texts!("$1"), ")"),
        concat!("DELETE FROM dealix_deliveries WHERE id IN (", texts!("$1"), ")"),
    ] {
        query(statement).bind(to_json(&finished)).execute(&mut *transaction).await?;
    }
    let events = query(
        "DELETE FROM dealix_events WHERE id IN (SELECT id FROM dealix_events WHERE created_at < $1 AND NOT EXISTS \
         (SELECT 1 FROM dealix_deliveries WHERE dealix_deliveries.event_id = dealix_events.id) LIMIT 1000)",
    );
    let events = events.bind(before).execute(&mut *transaction).await?.rows_affected();
    transaction.commit().await?;
    Ok(finished.len() as u64 + events)
}
