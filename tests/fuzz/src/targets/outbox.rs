//! Rows that any program may write into the outbox: each is delivered once, as it was written, or stays with its error.

use crate::case::SEPARATOR;
use crate::desk::DESK;
use dealix_webhooks::sender::{DeliveryRequest, DeliveryResult, WebhookSubscription, WorkOptions};
use dealix_webhooks::{WebhookEvent, make_event, serialize_envelope};
use serde_json::value::RawValue;
use sqlx::{Connection, Sqlite, SqliteConnection, query, query_scalar, raw_sql};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

/// Text with any bytes in it: SQLite checks neither the encoding nor, beyond the table's own checks, the type.
const INSERT: &str = "INSERT INTO dealix_outbox (event_id, event_type, customer_id, data, created_at) \
    VALUES (CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT))";
const CLEAR: &str =
    "DELETE FROM dealix_outbox; DELETE FROM dealix_attempts; DELETE FROM dealix_deliveries; DELETE FROM dealix_events;";
const PATIENCE: Duration = Duration::from_secs(10);

static CONNECTION: LazyLock<Mutex<SqliteConnection>> = LazyLock::new(|| {
    let subscription = WebhookSubscription::new("cus_1", "https://example.com/hook", "whsec_1", 0);
    DESK.runtime.block_on(DESK.queue.add_subscription(subscription)).expect("a subscription");
    Mutex::new(DESK.runtime.block_on(SqliteConnection::connect(&DESK.url)).expect("a connection"))
});

pub fn run(data: &[u8]) {
    let fields: Vec<&[u8]> = data.splitn(5, |byte| *byte == SEPARATOR).collect();
    let [event_id, event_type, customer_id, created_at, data] = fields[..] else { return };
    let mut connection = CONNECTION.lock().expect("no panic before this one");
    DESK.runtime.block_on(async {
        let connection = &mut *connection;
        raw_sql(CLEAR).execute(&mut *connection).await.expect("cleared");
        let row = [event_id, event_type, customer_id, data, created_at];
        let insert = row.iter().fold(query::<Sqlite>(INSERT), |insert, field| insert.bind(field.to_vec()));
        if insert.execute(&mut *connection).await.is_err() {
            return;
        }
        let integer = "SELECT created_at FROM dealix_outbox WHERE typeof(created_at) = 'integer'";
        let created_at: Option<i64> = query_scalar(integer).fetch_optional(&mut *connection).await.expect("a row");
        let bodies = work().await;
        let left: Vec<Option<String>> =
            query_scalar("SELECT error FROM dealix_outbox").fetch_all(&mut *connection).await.expect("rows");
        match expected(event_id, event_type, customer_id, data, created_at) {
            Some(envelope) => {
                assert!(left.is_empty(), "a good row stays: {left:?}");
                let is_wanted = customer_id == b"cus_1";
                assert_eq!(bodies, if is_wanted { vec![envelope] } else { vec![] });
            }
            None => {
                assert_eq!(bodies, Vec::<Vec<u8>>::new());
                assert!(matches!(left[..], [Some(_)]), "a row that can never be sent stays with its error: {left:?}");
            }
        }
    });
}

/// What a worker sends until nothing is due any more.
async fn work() -> Vec<Vec<u8>> {
    let bodies: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let kept = bodies.clone();
    let transport = move |request: DeliveryRequest| {
        kept.lock().expect("no panic").push(request.body.to_vec());
        std::future::ready(DeliveryResult { status_code: Some(204), ..Default::default() })
    };
    let worker = DESK.queue.worker(transport, WorkOptions { until_idle: true, ..Default::default() });
    let summary = tokio::time::timeout(PATIENCE, worker.run(std::future::pending())).await.expect("an end");
    let bodies = std::mem::take(&mut *bodies.lock().expect("no panic"));
    assert_eq!(summary.delivered, bodies.len() as u64);
    bodies
}

/// The envelope, if the row can be sent at all.
fn expected(id: &[u8], kind: &[u8], customer: &[u8], data: &[u8], created_at: Option<i64>) -> Option<Vec<u8>> {
    let text = |bytes| std::str::from_utf8(bytes).ok();
    let is_sendable =
        |bytes: &[u8]| (1..=255).contains(&bytes.len()) && bytes.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    if !is_sendable(id) || !is_sendable(kind) || customer.len() > 255 {
        return None;
    }
    let payload = RawValue::from_string(text(data)?.to_owned()).ok()?;
    let mut event: WebhookEvent = make_event(text(kind)?, text(customer)?, payload, created_at?, [0; 16]);
    event.event_id = text(id)?.to_owned();
    serialize_envelope(&event).ok()
}
