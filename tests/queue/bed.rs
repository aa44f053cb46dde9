//! What the queue's tests do again and again.

use crate::support::receiver::SECRET;
use crate::support::servers::{Database, Kind};
use dealix_webhooks::WebhookEvent;
use dealix_webhooks::sender::{
    DeliveryFilter, DeliveryRequest, DeliveryResult, Queue, QueuedDelivery, StoredSubscription, Transport,
    WebhookSubscription, WorkOptions, WorkSummary, make_event,
};
use serde_json::{json, value::to_raw_value};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, raw_sql};
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub const ENDPOINT: &str = "https://example.com/hook";

/// An empty queue. The tests of one kind that run at the same time share a server, which takes a second to start.
pub struct Bed {
    pub queue: Queue,
    pub kind: Kind,
    pub url: String,
    _server: Arc<Database>,
}

static SERVERS: Mutex<[Weak<Database>; 3]> = Mutex::new([const { Weak::new() }; 3]);

fn server(kind: Kind) -> Arc<Database> {
    let mut servers = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
    let server = &mut servers[kind as usize];
    server.upgrade().unwrap_or_else(|| {
        let started = Arc::new(Database::start(kind));
        *server = Arc::downgrade(&started);
        started
    })
}

impl Bed {
    pub async fn start(kind: Kind) -> Self {
        static DATABASES: AtomicUsize = AtomicUsize::new(1);
        let server = tokio::task::spawn_blocking(move || server(kind)).await.expect("a server");
        let url = server.create(DATABASES.fetch_add(1, Ordering::Relaxed));
        let queue = Queue::open(&url).await.expect("a queue");
        Self { queue, kind, url, _server: server }
    }

    /// A subscription of `cus_1` to everything; the answer is its id.
    pub async fn subscribe(&self, endpoint_url: &str) -> String {
        let subscription = WebhookSubscription::new("cus_1", endpoint_url, SECRET, 0);
        self.queue.add_subscription(subscription).await.expect("a subscription")
    }

    pub async fn subscription(&self, id: &str) -> StoredSubscription {
        let all = self.queue.subscriptions().await.expect("the subscriptions");
        all.into_iter().find(|stored| stored.id == id).expect("the subscription")
    }

    pub async fn enqueue(&self) -> WebhookEvent {
        let event = event("deal.won", "cus_1");
        self.queue.enqueue(&event).await.expect("enqueued");
        event
    }

    pub async fn deliveries(&self) -> Vec<QueuedDelivery> {
        self.queue.deliveries(&DeliveryFilter::default()).await.expect("the deliveries")
    }

    /// The only delivery.
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

    /// Lets the time pass that the deliveries wait for.
    pub async fn make_due(&self) {
        match self.kind {
            Kind::Sqlite => self.sql("UPDATE Jobs SET run_at = 0").await,
            Kind::Postgres => self.sql("UPDATE apalis.jobs SET run_at = now()").await,
            Kind::Redis => {
                return self
                    .redis(
                        "for _, key in ipairs({'dealix:scheduled', 'dealix:pending'}) do \
                     for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZADD', key, 0, id) end end",
                    )
                    .await;
            }
        }
        self.sql("UPDATE dealix_deliveries SET next_attempt_at = 0 WHERE state = 'pending'").await;
    }

    /// Hands each task out once more, as apalis does when it takes a worker for dead that is not.
    pub async fn hand_out_again(&self) {
        match self.kind {
            Kind::Sqlite => {
                self.sql(
                    "CREATE TEMP TABLE again AS SELECT * FROM Jobs; UPDATE again SET id = '01ARZ3NDEKTSV4RRFFQ69G5FAV'; \
                     INSERT INTO Jobs SELECT * FROM again",
                )
                .await;
            }
            Kind::Postgres => {
                self.sql(
                    "CREATE TEMP TABLE again AS SELECT * FROM apalis.jobs; UPDATE again SET id = '01ARZ3NDEKTSV4RRFFQ69G5FAV'; \
                     INSERT INTO apalis.jobs SELECT * FROM again",
                )
                .await;
            }
            Kind::Redis => {
                self.redis(
                    "local queue = 'dealix-webhooks' \
                     redis.call('HSET', queue .. ':data', 'again', redis.call('HVALS', queue .. ':data')[1]) \
                     redis.call('COPY', queue .. ':meta:1', queue .. ':meta:again') \
                     redis.call('RPUSH', queue .. ':active', 'again')",
                )
                .await
            }
        }
    }

    /// As if the endpoint had only failed since then.
    pub async fn set_failing_since(&self, subscription_id: &str, since: i64) {
        if self.kind == Kind::Redis {
            let key = format!("dealix:subscription:{subscription_id}");
            return self.redis(&format!("redis.call('HSET', '{key}', 'failing_since', {since})")).await;
        }
        let set = format!("UPDATE dealix_subscriptions SET failing_since = {since} WHERE id = '{subscription_id}'");
        self.sql(&set).await;
    }

    /// As another program might write them.
    pub async fn damage_secrets(&self, subscription_id: &str) {
        if self.kind == Kind::Redis {
            let key = format!("dealix:subscription:{subscription_id}");
            let script = "redis.call('HSET', KEY, 'secrets', '[' .. redis.call('HGET', KEY, 'secrets'))";
            return self.redis(&script.replace("KEY", &format!("'{key}'"))).await;
        }
        self.sql(&format!("UPDATE dealix_subscriptions SET secrets = '[' || secrets WHERE id = '{subscription_id}'"))
            .await;
    }

    /// As an earlier version stored it, which took any secret.
    pub async fn store_secret(&self, subscription_id: &str, secret: &str) {
        if self.kind == Kind::Redis {
            let key = format!("dealix:subscription:{subscription_id}");
            let script = "local old = redis.call('HGET', KEY, 'secrets') \
                          redis.call('HSET', KEY, 'secrets', (string.gsub(old, OLD, NEW)))";
            let script = script.replace("KEY", &format!("'{key}'")).replace("OLD", &format!("'{SECRET}'"));
            return self.redis(&script.replace("NEW", &format!("'{secret}'"))).await;
        }
        let set = format!("UPDATE dealix_subscriptions SET secrets = replace(secrets, '{SECRET}', '{secret}')");
        self.sql(&format!("{set} WHERE id = '{subscription_id}'")).await;
    }

    /// As if all that is finished had been finished then, and all events enqueued.
    pub async fn set_finished_at(&self, at: i64) {
        if self.kind != Kind::Redis {
            self.sql(&format!("UPDATE dealix_deliveries SET finished_at = {at} WHERE finished_at IS NOT NULL")).await;
            return self.sql(&format!("UPDATE dealix_events SET created_at = {at}")).await;
        }
        let script = format!(
            "for _, key in ipairs({{'dealix:delivered', 'dealix:dead_letter', 'dealix:events_without_deliveries'}}) do \
             for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZADD', key, {at}, id) end end"
        );
        self.redis(&script).await
    }

    /// How many tasks apalis holds, and how many events are known.
    pub async fn tasks_and_events(&self) -> (i64, i64) {
        match self.kind {
            Kind::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.expect("a connection");
                let counts = "SELECT (SELECT COUNT(*) FROM Jobs), (SELECT COUNT(*) FROM dealix_events)";
                sqlx::query_as(counts).fetch_one(&mut connection).await.expect("counted")
            }
            Kind::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.expect("a connection");
                let counts = "SELECT (SELECT COUNT(*) FROM apalis.jobs), (SELECT COUNT(*) FROM dealix_events)";
                sqlx::query_as(counts).fetch_one(&mut connection).await.expect("counted")
            }
            Kind::Redis => {
                let counts =
                    "return {redis.call('HLEN', 'dealix-webhooks:data'), #redis.call('KEYS', 'dealix:event:*')}";
                self.redis(counts).await
            }
        }
    }

    /// How many lines the log has.
    pub async fn logged_attempts(&self) -> i64 {
        let count = "SELECT COUNT(*) FROM dealix_attempts";
        match self.kind {
            Kind::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.expect("a connection");
                sqlx::query_scalar(count).fetch_one(&mut connection).await.expect("counted")
            }
            Kind::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.expect("a connection");
                sqlx::query_scalar(count).fetch_one(&mut connection).await.expect("counted")
            }
            Kind::Redis => self.redis("return #redis.call('KEYS', 'dealix:attempts:*')").await,
        }
    }

    pub async fn sql(&self, statement: &str) {
        let statement = raw_sql(AssertSqlSafe(statement.to_owned()));
        match self.kind {
            Kind::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.expect("a connection");
                statement.execute(&mut connection).await.expect("executed");
            }
            _ => {
                let mut connection = PgConnection::connect(&self.url).await.expect("a connection");
                statement.execute(&mut connection).await.expect("executed");
            }
        }
    }

    pub async fn redis<T: redis::FromRedisValue>(&self, script: &str) -> T {
        let client = redis::Client::open(self.url.as_str()).expect("a URL");
        let mut connection = client.get_multiplexed_async_connection().await.expect("a connection");
        redis::Script::new(script).invoke_async(&mut connection).await.expect("the script runs")
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

/// A transport that is always answered so.
pub fn answered(result: DeliveryResult) -> impl Transport + Clone + 'static {
    move |_: DeliveryRequest| std::future::ready(result.clone())
}

/// A transport that is answered so after a while, and counts how often it is called.
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

/// Waits until it is so; a minute at most.
pub async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(60), "{what} does not come about");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() as i64
}
