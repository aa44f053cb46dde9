//! Fills queues: with `enqueue`, as a sender does, or with SQL, which writes a million deliveries within a minute.

use crate::documents::{self, raw};
use crate::{SECRET, runtime};
use dealix_webhooks::WebhookEvent;
use dealix_webhooks::sender::{Queue, QueueOptions, SecretsKeys, WebhookSubscription, make_event, unix_now};
use futures_util::{StreamExt, TryStreamExt, stream};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use std::time::{Duration, Instant};

/// Several, because a single endpoint gets only `concurrency_per_endpoint` deliveries at a time.
pub const ENDPOINTS: usize = 8;
pub const ENQUEUED_AT_ONCE: usize = 256;

/// The endpoints' customers are named with this prefix and a number.
pub const CUSTOMERS: &str = "cus_";

/// Subscribes this many customers, all with the same receiver.
pub async fn subscribe(queue: &Queue, customers: &str, endpoints: usize, url: &str) {
    for endpoint in 0..endpoints {
        subscribe_one(queue, format!("{customers}{endpoint}"), url).await;
    }
}

pub async fn subscribe_one(queue: &Queue, customer_id: String, url: &str) {
    let subscription = WebhookSubscription::new(customer_id, url, SECRET, 0);
    queue.add_subscription(subscription).await.expect("a subscription");
}

pub fn event(customer_id: impl Into<String>) -> WebhookEvent {
    make_event("deal.won", customer_id, raw(&documents::small()))
}

/// How long this many concurrent callers take to enqueue this many events, for the endpoints in turn.
pub async fn enqueue(queue: &Queue, events: u64, callers: usize) -> Duration {
    let payload = raw(&documents::small());
    let started = Instant::now();
    stream::iter(0..events)
        .map(|number| make_event("deal.won", format!("{CUSTOMERS}{}", number % ENDPOINTS as u64), payload.clone()))
        .map(Ok)
        .try_for_each_concurrent(callers, |event| async move { queue.enqueue(&event).await.map(drop) })
        .await
        .expect("the database takes all events");
    started.elapsed()
}

/// Creates a queue with the usual endpoints and fills it with SQL.
pub fn fill(database_url: &str, deliveries: u64, receiver_url: &str) {
    fill_sealed(database_url, SecretsKeys::default(), deliveries, receiver_url);
}

/// The same, with the endpoints' secrets sealed if there is a key.
pub fn fill_sealed(database_url: &str, secrets_keys: SecretsKeys, deliveries: u64, receiver_url: &str) {
    runtime().block_on(async {
        let options = QueueOptions { secrets_keys, ..Default::default() };
        let queue = Queue::open_with(database_url, options).await.expect("a queue");
        subscribe(&queue, CUSTOMERS, ENDPOINTS, receiver_url).await;
        insert(database_url, CUSTOMERS, ENDPOINTS, deliveries).await;
    });
}

/// Writes an event for each of these customers in turn, and its delivery, as if `enqueue` had been called. PostgreSQL's
/// statistics are then brought up to date, as autovacuum would do.
pub async fn insert(database_url: &str, customers: &str, endpoints: usize, deliveries: u64) {
    let event = event("customer");
    let canonical = dealix_webhooks::serialize_envelope(&event).expect("canonical");
    let canonical = String::from_utf8(canonical).expect("ASCII").replace('\'', "''");
    let seconds = unix_now();
    // Event ids are scattered over their index, as random ones would be; delivery ids ascend.
    let event_id = "'evt_' || (100000000000 + i * 2654435761 % 4294967296)";
    let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {deliveries} - 1)");
    let milliseconds = seconds * 1000;
    let script = format!(
        "INSERT INTO dealix_events (id, event_type, customer_id, created_at, envelope) {numbers} \
         SELECT {event_id}, 'deal.won', '{customers}' || (i % {endpoints}), {seconds}, \
         replace('{canonical}', '{placeholder}', {event_id}) FROM n;
         INSERT INTO dealix_deliveries (id, event_id, event_type, customer_id, subscription_id, endpoint_url, bytes, state, \
         created_at, due_ms) {numbers} \
         SELECT 'dlv_{milliseconds:012x}' || (100000000000 + i), {event_id}, 'deal.won', s.customer_id, s.id, s.endpoint_url, \
         {bytes}, 'pending', {seconds}, {milliseconds} - {deliveries} + i \
         FROM n JOIN dealix_subscriptions s ON s.customer_id = '{customers}' || (i % {endpoints});",
        placeholder = event.event_id,
        bytes = canonical.len(),
    );
    execute(database_url, &script).await;
    if database_url.starts_with("postgres") {
        execute(database_url, "ANALYZE").await;
    }
}

async fn execute(database_url: &str, script: &str) {
    let script = sqlx::raw_sql(AssertSqlSafe(script));
    if database_url.starts_with("postgres") {
        let mut connection = PgConnection::connect(database_url).await.expect("PostgreSQL answers");
        connection.execute(script).await.expect("PostgreSQL takes it");
    } else {
        let mut connection = SqliteConnection::connect(database_url).await.expect("SQLite opens");
        connection.execute(script).await.expect("SQLite takes it");
    }
}
