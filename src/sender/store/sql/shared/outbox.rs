//! The outbox: events that other programs wrote in their own transactions, and that have no deliveries yet.

use super::super::dialect::{Connection, Row};
use super::group::{enqueue, tell_due};
use super::rows::traceparent;
use super::store::SqlStore;
use crate::WebhookEvent;
use crate::sender::queue::{QueueError, TracedEvent};
use crate::sender::store::database::Outbox;
use crate::sender::store::new_event::NewEvent;
use crate::sender::store::sql::values::to_json;
use async_trait::async_trait;
use serde_json::value::RawValue;
use sqlx::{Row as _, query, query_scalar};
use tracing::warn;

#[async_trait]
impl Outbox for SqlStore {
    async fn relay(&self, max_envelope_bytes: usize) -> Result<usize, QueueError> {
        let mut due = Vec::new();
        let relay = async |connection: &mut Connection| relay(connection, max_envelope_bytes, &mut due).await;
        let relayed = self.transact_on(&self.lines.tasks, relay).await?;
        tell_due(&self.news, due);
        Ok(relayed)
    }

    async fn has_outbox(&self) -> Result<bool, QueueError> {
        let first = query_scalar::<_, i64>("SELECT seq FROM dealix_outbox WHERE error IS NULL ORDER BY seq LIMIT 1");
        self.read_often(async |connection| Ok(first.fetch_optional(connection).await?.is_some())).await
    }
}

async fn relay(
    connection: &mut Connection,
    max_envelope_bytes: usize,
    due: &mut Vec<String>,
) -> Result<usize, QueueError> {
    // The oldest events, up to 4 MiB of them, or one that is longer.
    #[rustfmt::skip]
    const TAKE: &str = concat!(
        "SELECT seq, event_id, event_type, customer_id, data, created_at, traceparent FROM dealix_outbox WHERE seq IN (SELECT seq FROM ( \
         SELECT seq, sum(octet_length(data)) OVER (ORDER BY seq) - octet_length(data) AS before FROM ( \
         SELECT seq, data FROM dealix_outbox WHERE error IS NULL ORDER BY seq LIMIT 256) AS oldest) AS summed \
         WHERE before < 4194304) ORDER BY seq", skip_locked!()
    );
    #[rustfmt::skip]
    const DELETE: &str = concat!(
        "DELETE FROM dealix_outbox WHERE seq IN (SELECT CAST(value AS BIGINT) FROM (", texts!("$1"), ") AS sent)"
    );
    const REFUSE: &str =
        concat!("UPDATE dealix_outbox SET error = $2, refused_at = ", now_ms!(), " / 1000 WHERE seq = $1");
    let rows = query(TAKE).fetch_all(&mut *connection).await?;
    let mut events = Vec::new();
    let mut sent: Vec<i64> = Vec::new();
    for row in &rows {
        let seq: i64 = row.try_get("seq")?;
        match new_event(row, max_envelope_bytes) {
            Ok(event) => {
                events.push(event);
                sent.push(seq);
            }
            Err(error) => {
                warn!(%error, seq, "an event in the outbox can never be sent; it stays there");
                query(REFUSE).bind(seq).bind(error.to_string()).execute(&mut *connection).await?;
            }
        }
    }
    enqueue(connection, &events, due).await?;
    query(DELETE).bind(to_json(&sent)).execute(connection).await?;
    Ok(rows.len())
}

fn new_event(row: &Row, max_envelope_bytes: usize) -> Result<NewEvent, QueueError> {
    let event = TracedEvent { event: &event_from_row(row)?, traceparent: traceparent(row)? };
    NewEvent::of(event, max_envelope_bytes)
}

fn event_from_row(row: &Row) -> Result<WebhookEvent, QueueError> {
    let data: String = row.try_get("data")?;
    let data = RawValue::from_string(data).map_err(|_| QueueError::damaged("the data is not JSON"))?;
    if !data.get().trim_start().starts_with('{') {
        return Err(QueueError::damaged("the data is not a JSON object"));
    }
    let event_id: String = row.try_get("event_id")?;
    let mut event = crate::make_event(
        row.try_get::<String, _>("event_type")?,
        row.try_get::<String, _>("customer_id")?,
        data,
        row.try_get("created_at")?,
        [0; 16],
    );
    event.event_id = event_id;
    Ok(event)
}
