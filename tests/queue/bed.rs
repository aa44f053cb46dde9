//! What most of the queue's tests need.

use crate::support::receiver::SECRET;
use crate::support::servers::{Database, Kind, shared};
use dealix_webhooks::WebhookEvent;
use dealix_webhooks::sender::{
    DeliveryFilter, DeliveryRequest, DeliveryResult, Queue, QueuedDelivery, StoredSubscription, Transport,
    WebhookSubscription, WorkOptions, WorkSummary, make_event,
};
use serde_json::{json, value::to_raw_value};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, query_scalar, raw_sql};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub const ENDPOINT: &str = "https://example.com/hook";

/// An empty queue. Tests of one kind that run at the same time share a server, because starting it takes a second.
pub struct Bed {
    pub queue: Queue,
    pub kind: Kind,
    pub url: String,
    _server: Arc<Database>,
}

impl Bed {
    pub async fn start(kind: Kind) -> Self {
        let server = tokio::task::spawn_blocking(move || shared(kind)).await.expect("a server");
        let url = server.create();
        let queue = Queue::open(&url).await.expect("a queue");
        Self { queue, kind, url, _server: server }
    }

    /// Subscribes `cus_1` to all events. Returns the subscription's id.
    pub async fn subscribe(&self, endpoint_url: &str) -> String {
        let subscription = WebhookSubscription::new("cus_1", endpoint_url, SECRET, 0);
        self.queue.add_subscription(subscription).await.expect("a subscription")
    }

    pub async fn subscription(&self, id: &str) -> StoredSubscription {
        let all = self.queue.subscriptions().await.expect("the subscriptions");
        all.readable.into_iter().find(|stored| stored.id == id).expect("the subscription")
    }

    pub async fn enqueue(&self) -> WebhookEvent {
        let event = event("deal.won", "cus_1");
        self.queue.enqueue(&event).await.expect("enqueued");
        event
    }

    pub async fn deliveries(&self) -> Vec<QueuedDelivery> {
        self.queue.deliveries(&DeliveryFilter::default(), 1000).await.expect("the deliveries")
    }

    /// The only delivery. Panics if there is not exactly one.
    pub async fn delivery(&self) -> QueuedDelivery {
        let mut deliveries = self.deliveries().await;
        assert_eq!(deliveries.len(), 1, "{deliveries:?}");
        deliveries.remove(0)
    }

    /// Makes every attempt that is due.
    pub async fn work(&self, transport: impl Transport + 'static) -> WorkSummary {
        let working = self.queue.worker(transport, until_idle()).run(std::future::pending());
        tokio::time::timeout(Duration::from_secs(120), working).await.expect("the worker is idle within two minutes")
    }

    /// Makes every pending delivery due now.
    pub async fn make_due(&self) {
        self.sql("UPDATE dealix_deliveries SET due_ms = 0, leased_until_ms = 0 WHERE state = 'pending'").await;
        self.release_endpoints().await;
    }

    /// Ends the pauses that endpoints asked for.
    pub async fn release_endpoints(&self) {
        self.sql("UPDATE dealix_subscriptions SET held_until_ms = 0").await;
    }

    /// Pretends that the endpoint has been failing since `since`, and was tried just now.
    pub async fn set_failing_since(&self, subscription_id: &str, since: i64) {
        let set = format!(
            "UPDATE dealix_subscriptions SET failing_since = {since}, failed_at = {} WHERE id = '{subscription_id}'",
            now()
        );
        self.sql(&set).await;
    }

    /// Stores secrets that cannot be read, as another program might.
    pub async fn damage_secrets(&self, subscription_id: &str) {
        self.sql(&format!("UPDATE dealix_subscriptions SET secrets = '[' || secrets WHERE id = '{subscription_id}'"))
            .await;
    }

    pub async fn mend_secrets(&self, subscription_id: &str) {
        self.sql(&format!(
            "UPDATE dealix_subscriptions SET secrets = substr(secrets, 2) WHERE id = '{subscription_id}'"
        ))
        .await;
    }

    /// Stores a secret without checking it, as an earlier version did.
    pub async fn store_secret(&self, subscription_id: &str, secret: &str) {
        let set = format!("UPDATE dealix_subscriptions SET secrets = replace(secrets, '{SECRET}', '{secret}')");
        self.sql(&format!("{set} WHERE id = '{subscription_id}'")).await;
    }

    /// Pretends that every finished delivery was queued and finished at `at`, and every event enqueued then.
    pub async fn set_finished_at(&self, at: i64) {
        let id = format!("'dlv_{:012x}' || substr(id, 17)", at * 1000);
        let of_attempts = id.replace("substr(id", "substr(delivery_id");
        self.sql(&format!(
            "UPDATE dealix_attempts SET delivery_id = {of_attempts} WHERE delivery_id IN \
             (SELECT id FROM dealix_deliveries WHERE finished_at IS NOT NULL); \
             UPDATE dealix_deliveries SET id = {id}, created_at = {at}, finished_at = {at} WHERE finished_at IS NOT NULL; \
             UPDATE dealix_events SET created_at = {at}"
        ))
        .await;
    }

    /// A single number from the database.
    pub async fn number(&self, query: &str) -> i64 {
        let query = AssertSqlSafe(query.to_owned());
        match self.kind {
            Kind::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.expect("a connection");
                query_scalar(query).fetch_one(&mut connection).await.expect("a number")
            }
            Kind::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.expect("a connection");
                query_scalar(query).fetch_one(&mut connection).await.expect("a number")
            }
        }
    }

    pub async fn events(&self) -> i64 {
        self.number("SELECT count(*) FROM dealix_events").await
    }

    pub async fn sql(&self, statement: &str) {
        let statement = raw_sql(AssertSqlSafe(statement.to_owned()));
        match self.kind {
            Kind::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.expect("a connection");
                statement.execute(&mut connection).await.expect("executed");
            }
            Kind::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.expect("a connection");
                statement.execute(&mut connection).await.expect("executed");
            }
        }
    }
}

pub fn event(event_type: &str, customer_id: &str) -> WebhookEvent {
    make_event(event_type, customer_id, to_raw_value(&json!({"amount": 1})).expect("JSON"))
}

pub fn until_idle() -> WorkOptions {
    WorkOptions { until_idle: true, jitter: false, ..Default::default() }
}

pub fn status(status_code: u16) -> DeliveryResult {
    DeliveryResult { status_code: Some(status_code), ..Default::default() }
}

/// A transport that always returns this result.
pub fn answered(result: DeliveryResult) -> impl Transport + Clone + 'static {
    move |_: DeliveryRequest| std::future::ready(result.clone())
}

/// A transport that returns this result after a while, and counts how often it is called.
pub fn slow(calls: Arc<AtomicUsize>, after: Duration, result: DeliveryResult) -> impl Transport + 'static {
    move |_: DeliveryRequest| {
        calls.fetch_add(1, Ordering::Relaxed);
        let result = result.clone();
        async move {
            tokio::time::sleep(after).await;
            result
        }
    }
}

/// Waits until the condition holds, for at most a minute.
pub async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() as i64
}
