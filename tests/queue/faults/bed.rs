//! The queue that the failure tests use, and the checks of what must hold in the end.

use crate::support::receiver::{Receiver, SECRET};
use crate::support::servers::{Database, Kind, shared};
use dealix_webhooks::WebhookEvent;
use dealix_webhooks::sender::{DeliveryFilter, DeliveryState, Queue, QueuedDelivery, WebhookSubscription, make_event};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{json, value::to_raw_value};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, SqliteConnection, query_scalar, raw_sql,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub const CUSTOMER: &str = "cus_1";

/// An empty queue in its own database. The server keeps running, and the tests share it.
pub struct Bed {
    pub queue: Queue,
    pub kind: Kind,
    pub url: String,
    server: Arc<Database>,
}

impl Bed {
    pub async fn start(kind: Kind) -> Self {
        let empty = Empty::start(kind).await;
        let queue = Queue::open(&empty.url).await.expect("a queue");
        Self { queue, kind, url: empty.url, server: empty.server }
    }

    /// Another, empty database on the same server.
    pub fn beside(&self) -> String {
        self.server.create()
    }

    /// A copy of the database on the same server, made by dumping and restoring it.
    pub fn dump_and_restore(&self) -> String {
        self.server.dump_and_restore(&self.url)
    }

    /// Adds a subscription to this type of event, or to all events. Returns its id.
    pub async fn subscribe(&self, endpoint_url: &str, event_type: Option<&str>) -> String {
        let mut subscription = WebhookSubscription::new(CUSTOMER, endpoint_url, SECRET, 0);
        subscription.events = event_type.into_iter().map(Into::into).collect();
        self.queue.add_subscription(subscription).await.expect("a subscription")
    }

    pub async fn sql(&self, statement: &str) {
        execute(&self.url, statement).await;
    }

    pub async fn number(&self, query: &str) -> i64 {
        number(&self.url, query).await
    }
}

/// A database without tables.
pub struct Empty {
    pub url: String,
    server: Arc<Database>,
}

impl Empty {
    pub async fn start(kind: Kind) -> Self {
        let server = tokio::task::spawn_blocking(move || shared(kind)).await.expect("a server");
        let url = server.create();
        Self { url, server }
    }
}

/// Executes statements as an operator or another program might.
pub async fn execute(url: &str, statements: &str) {
    let statements = raw_sql(AssertSqlSafe(statements.to_owned()));
    if url.starts_with("sqlite:") {
        let url = format!("{url}?mode=rwc");
        let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
        statements.execute(&mut connection).await.expect("executed");
        connection.close().await.expect("closed");
    } else {
        let mut connection = PgConnection::connect(url).await.expect("a connection");
        statements.execute(&mut connection).await.expect("executed");
    }
}

/// Whether a SQLite file can be written to, that is, no other process holds its lock. PostgreSQL has no such lock.
pub async fn is_writable(url: &str) -> bool {
    if !url.starts_with("sqlite:") {
        return true;
    }
    let options: SqliteConnectOptions = url.parse().expect("a SQLite URL");
    let patience = Duration::from_millis(500);
    let mut connection = options.busy_timeout(patience).connect().await.expect("a connection");
    raw_sql("BEGIN IMMEDIATE; ROLLBACK").execute(&mut connection).await.is_ok()
}

/// A single number from a database.
pub async fn number(url: &str, query: &str) -> i64 {
    let query = AssertSqlSafe(query.to_owned());
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.expect("a connection");
        query_scalar(query).fetch_one(&mut connection).await.expect("a number")
    } else {
        let mut connection = PgConnection::connect(url).await.expect("a connection");
        query_scalar(query).fetch_one(&mut connection).await.expect("a number")
    }
}

/// A column of text from a database.
pub async fn texts(url: &str, query: &str) -> Vec<String> {
    let query = AssertSqlSafe(query.to_owned());
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.expect("a connection");
        query_scalar(query).fetch_all(&mut connection).await.expect("texts")
    } else {
        let mut connection = PgConnection::connect(url).await.expect("a connection");
        query_scalar(query).fetch_all(&mut connection).await.expect("texts")
    }
}

pub fn event(event_type: &str, number: usize) -> WebhookEvent {
    make_event(event_type, CUSTOMER, to_raw_value(&json!({ "number": number })).expect("JSON"))
}

/// Enqueues `count` events and returns their ids.
pub async fn enqueue(queue: &Queue, event_type: &str, count: usize) -> BTreeSet<String> {
    let events: Vec<_> = (0..count).map(|number| event(event_type, number)).collect();
    queue.enqueue_all(&events).await.expect("enqueued");
    events.into_iter().map(|event| event.event_id).collect()
}

/// A receiver slow enough that some deliveries are always in flight.
pub async fn slow_receiver() -> Receiver {
    Receiver::slow(|_| Duration::from_millis(10)).await
}

/// Random numbers from a printed seed, so that a failure can be reproduced.
pub fn random(of: impl std::fmt::Debug) -> StdRng {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").subsec_nanos().into();
    println!("{of:?}: seed {seed}");
    StdRng::seed_from_u64(seed)
}

pub async fn all_deliveries(queue: &Queue) -> Vec<QueuedDelivery> {
    queue.deliveries(&DeliveryFilter::default(), u32::MAX).await.expect("the deliveries")
}

/// Checks that nothing was lost or made up: exactly these events have arrived, every delivery is marked as delivered,
/// and the log holds no attempt that the receiver did not see. Returns how many arrivals are missing from the log:
/// those whose worker was killed before it could record them.
pub async fn assert_all_arrived(queue: &Queue, receiver: &Receiver, events: &BTreeSet<String>) -> usize {
    assert_eq!(receiver.refused(), Vec::<String>::new(), "every signature is valid");
    let arrived: BTreeSet<_> = receiver.arrivals().into_keys().collect();
    let differ: Vec<_> = arrived.symmetric_difference(events).collect();
    assert!(differ.is_empty(), "these events did not arrive, or should not have arrived: {differ:?}");

    let mut unrecorded: BTreeMap<(String, u32), usize> = BTreeMap::new();
    for received in receiver.received() {
        *unrecorded.entry((received.event_id, received.attempt)).or_default() += 1;
    }
    let deliveries = all_deliveries(queue).await;
    assert_eq!(deliveries.len(), events.len());
    for delivery in deliveries {
        assert_eq!(delivery.state, DeliveryState::Delivered, "{delivery:?}");
        let log = queue.attempts(&delivery.delivery_id).await.expect("its log");
        assert!(log.iter().any(|attempt| attempt.success), "{log:?}");
        for attempt in log.iter().filter(|attempt| attempt.status_code.is_some()) {
            let left = unrecorded.get_mut(&(delivery.event_id.clone(), attempt.attempt)).filter(|left| **left > 0);
            *left.unwrap_or_else(|| panic!("the receiver never saw an attempt that is in the log: {attempt:?}")) -= 1;
        }
    }
    unrecorded.values().sum()
}

/// Checks that each event arrived only once.
pub fn assert_no_duplicates(receiver: &Receiver) {
    let twice: Vec<_> = receiver.arrivals().into_iter().filter(|(_, times)| *times > 1).collect();
    assert!(twice.is_empty(), "these arrived more than once: {twice:?}");
}
