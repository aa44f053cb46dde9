//! PostgreSQL killed, down for a while, or suddenly silent.

use crate::faults::bed::{CUSTOMER, assert_all_arrived, assert_no_duplicates, enqueue, event, slow_receiver};
use crate::faults::worker::{Worker, until, until_async};
use crate::support::proxy::Proxy;
use crate::support::receiver::{Receiver, SECRET};
use crate::support::servers::{Database, Kind};
use dealix_webhooks::sender::{Queue, QueueError, WebhookSubscription};
use std::time::{Duration, Instant};

async fn queue_for(database: &Database, receiver: &Receiver) -> Queue {
    let queue = Queue::open(&database.url()).await.expect("a queue");
    let subscription = WebhookSubscription::new(CUSTOMER, receiver.url("/hook"), SECRET, 0);
    queue.add_subscription(subscription).await.expect("a subscription");
    queue
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_waits_for_a_postgres_that_is_down() {
    let mut database = Database::start(Kind::Postgres);
    let receiver = slow_receiver().await;
    let queue = queue_for(&database, &receiver).await;
    let events = enqueue(&queue, "deal.won", 300).await;

    let worker = Worker::start(&database.url(), &["--until-idle"]);
    until("some deliveries", || receiver.count() >= 50).await;
    database.kill();
    let refused = queue.enqueue(&event("deal.won", 0)).await;
    assert!(matches!(refused, Err(QueueError::Unreachable(_))), "{refused:?}");
    // Longer than the leases, and longer than the worker waits for a connection.
    tokio::time::sleep(Duration::from_secs(1)).await;
    database.resume();
    worker.finish().await;

    // Attempts that were in flight are recorded once the database is back.
    assert_eq!(assert_all_arrived(&queue, &receiver, &events).await, 0, "every attempt is in the log");
    assert_no_duplicates(&receiver);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_resumes_soon_after_each_postgres_crash() {
    const SOON: Duration = Duration::from_secs(3);
    let mut database = Database::start(Kind::Postgres);
    let receiver = Receiver::slow(|_| Duration::from_millis(50)).await;
    let queue = queue_for(&database, &receiver).await;
    let events = enqueue(&queue, "deal.won", 800).await;

    let worker = Worker::start(&database.url(), &["--until-idle"]);
    let mut waited = Vec::new();
    for gone_ms in [0, 300, 1000, 4000] {
        let before = receiver.count();
        until("more deliveries", || receiver.count() >= before + 20).await;
        database.kill();
        tokio::time::sleep(Duration::from_millis(gone_ms)).await;
        // What arrives now was begun before the database was killed.
        let before = receiver.count();
        database.resume();
        let back = Instant::now();
        until("the next delivery", || receiver.count() > before).await;
        waited.push(back.elapsed());
    }
    println!("deliveries resumed {waited:?} after the database was back");
    assert!(waited.iter().all(|waited| *waited < SOON), "{waited:?}");
    assert!(receiver.arrivals().len() < events.len(), "the last kill came too late to interrupt anything");
    worker.finish().await;
    assert_eq!(assert_all_arrived(&queue, &receiver, &events).await, 0, "every attempt is in the log");
    assert_no_duplicates(&receiver);
}

/// A look at the queue that waited for the database took long, but not because it is costly.
#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_comes_soon_after_a_postgres_was_down() {
    const GONE: Duration = Duration::from_secs(12);
    let mut database = Database::start(Kind::Postgres);
    let receiver = Receiver::start(|_| 204).await;
    let queue = queue_for(&database, &receiver).await;
    let id = queue.subscriptions().await.expect("the subscriptions").readable[0].id.clone();
    let worker = Worker::start(&database.url(), &["--log-filter", "warn"]);
    let enqueued = enqueue(&queue, "deal.won", 1).await.len();
    until("the worker works", || receiver.count() == enqueued).await;
    database.kill();
    // Workers look for alarms every 10 s, so they do in this time.
    tokio::time::sleep(GONE).await;
    database.resume();
    queue.enable_subscription(&id, false).await.expect("disabled");
    let disabled = Instant::now();
    until("the alarm", || worker.log().contains("dealix.endpoint.disabled")).await;
    assert!(disabled.elapsed() < Duration::from_secs(25), "{:?}", disabled.elapsed());
    worker.signal("TERM");
    worker.finish().await;
}

/// As if the server's host had lost its network: no connection is reset, and no error is reported.
#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_goes_silent_is_reconnected_to() {
    /// Enough for the timeout of a query and a few more seconds.
    const SOON: Duration = Duration::from_secs(30);
    let database = Database::start(Kind::Postgres);
    let proxy = Proxy::start(database.port()).await;
    let by_proxy = database.url().replace(&database.port().to_string(), &proxy.port().to_string());
    let receiver = Receiver::slow(|_| Duration::from_millis(20)).await;
    let queue = queue_for(&database, &receiver).await;
    let events = enqueue(&queue, "deal.won", 2000).await;
    let producer = Queue::open(&by_proxy).await.expect("a queue");
    producer.enqueue(&event("deal.lost", 0)).await.expect("enqueued");

    let worker = Worker::start(&by_proxy, &["--lease", "60s"]);
    until("some deliveries", || receiver.count() >= 100).await;
    proxy.silence();
    let silent = Instant::now();
    // What arrives within the next second was leased before.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = receiver.count();
    assert!(before < events.len(), "the database went silent too late to matter");
    let again = async {
        while producer.enqueue(&event("deal.lost", 1)).await.is_err() {}
        println!("an event was enqueued {:?} later", silent.elapsed());
    };
    tokio::time::timeout(SOON, again).await.expect("a producer can soon go on");
    until("more deliveries", || receiver.count() > before).await;
    println!("deliveries resumed {:?} later", silent.elapsed());
    assert!(silent.elapsed() < SOON, "{:?}", silent.elapsed());
    until("all deliveries", || receiver.arrivals().len() >= events.len() + 2).await;
    until_async("the records of all deliveries", async || queue.depth().await.expect("the depth").pending == 0).await;
    worker.kill();
    assert_no_duplicates(&receiver);

    // Notifications use a separate connection, which must be replaced too.
    let worker = Worker::start(&by_proxy, &[]);
    tokio::time::sleep(Duration::from_secs(1)).await;
    proxy.silence();
    tokio::time::sleep(Duration::from_secs(21)).await;
    let mut took = Vec::new();
    for number in 0..15 {
        let (before, enqueued) = (receiver.count(), Instant::now());
        queue.enqueue(&event("deal.won", number)).await.expect("enqueued");
        until("the event", || receiver.count() > before).await;
        took.push(enqueued.elapsed());
    }
    took.sort();
    assert!(took[7] < Duration::from_millis(250), "the worker gets no notifications: {took:?}");
    worker.kill();
}
