//! Deletes what finished long ago.

use super::super::dialect::{Connection, PRUNE_PORTION as PORTION, PRUNE_REST as REST};
use super::lists::{first_id_since, portion_of_events};
use super::setup::check_version;
use super::store::SqlStore;
use crate::sender::queue::DeliveryState;
use crate::sender::queue::QueueError;
use crate::sender::store::database::Housekeeping;
use crate::sender::store::sql::values::{integer, to_json};
use async_trait::async_trait;
use sqlx::{query, query_scalar};
use std::time::{Duration, Instant};
use tokio::time::sleep;

#[async_trait]
impl Housekeeping for SqlStore {
    async fn prune(&self, keep: Duration) -> Result<(), QueueError> {
        let now = query_scalar::<_, i64>(concat!("SELECT ", now_ms!()));
        let now_ms = self.read(async |connection| Ok(now.fetch_one(connection).await?)).await?;
        let before = (now_ms - integer(keep.as_millis())).max(0) / 1000;
        for state in [DeliveryState::Delivered, DeliveryState::DeadLetter] {
            let mut after = String::new();
            loop {
                let started = Instant::now();
                let delete =
                    async |connection: &mut Connection| delete_deliveries(connection, state, &after, before).await;
                let Some(last) = self.transact(delete).await? else { break };
                after = last;
                sleep(started.elapsed() * REST).await;
            }
        }
        let mut from = 0;
        loop {
            let started = Instant::now();
            let next = self.transact(async |connection| delete_events(connection, from, before).await).await?;
            let Some(next) = next else { break };
            from = next;
            sleep(started.elapsed() * REST).await;
        }
        let refused = query("DELETE FROM dealix_outbox WHERE error IS NOT NULL AND refused_at < $1").bind(before);
        self.transact(async |connection| Ok(refused.execute(connection).await.map(drop)?)).await
    }

    async fn check_schema(&self) -> Result<(), QueueError> {
        let version = query_scalar("SELECT max(version) FROM dealix_schema");
        check_version(self.read(async |connection| Ok(version.fetch_one(connection).await?)).await?)
    }
}

/// Deletes a portion of the deliveries after an id, and returns the last id, so that those which stay are read only once. The
/// oldest come first in the index by state.
async fn delete_deliveries(
    connection: &mut Connection,
    state: DeliveryState,
    after: &str,
    before: i64,
) -> Result<Option<String>, QueueError> {
    // Nobody may replay them before they are deleted.
    #[rustfmt::skip]
    const FINISHED: &str = concat!(
        "SELECT id FROM dealix_deliveries WHERE state = $1 AND id > $2 AND id < $3 AND finished_at < $4 ORDER BY id LIMIT $5",
        skip_locked!()
    );
    let finished = query_scalar(FINISHED).bind(state.as_str()).bind(after).bind(first_id_since(before)).bind(before);
    let finished = finished.bind(PORTION);
    let mut finished: Vec<String> = finished.fetch_all(&mut *connection).await?;
    for statement in [
        concat!("DELETE FROM dealix_attempts WHERE delivery_id IN (", texts!("$1"), ")"),
        concat!("DELETE FROM dealix_deliveries WHERE id IN (", texts!("$1"), ")"),
    ] {
        query(statement).bind(to_json(&finished)).execute(&mut *connection).await?;
    }
    Ok(finished.pop())
}

/// Deletes a portion of the events from a second on, and returns the second after the last of them.
async fn delete_events(connection: &mut Connection, from: i64, before: i64) -> Result<Option<i64>, QueueError> {
    const DELETE: &str = "DELETE FROM dealix_events WHERE created_at BETWEEN $1 AND $2 AND NOT EXISTS \
         (SELECT 1 FROM dealix_deliveries WHERE dealix_deliveries.event_id = dealix_events.id)";
    let Some(until) = portion_of_events(connection, from, before, PORTION).await? else { return Ok(None) };
    query(DELETE).bind(from).bind(until).execute(connection).await?;
    Ok(Some(until + 1))
}
