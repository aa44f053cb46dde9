//! PostgreSQL killed, gone for a while, and back; or gone without a word.

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
    until("some of them", || receiver.count() >= 50).await;
    database.kill();
    let refused = queue.enqueue(&event("deal.won", 0)).await;
    assert!(matches!(refused, Err(QueueError::Unreachable(_))), "{refused:?}");
    // Longer than the leases, and than the worker waits for a connection.
    tokio::time::sleep(Duration::from_secs(1)).await;
    database.resume();
    worker.finish().await;

    // What was under way is recorded when the database is back.
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
        until("some more", || receiver.count() >= before + 20).await;
        database.kill();
        tokio::time::sleep(Duration::from_millis(gone_ms)).await;
        // What arrives now was begun before.
        let before = receiver.count();
        database.resume();
        let back = Instant::now();
        until("the next", || receiver.count() > before).await;
        waited.push(back.elapsed());
    }
    println!("deliveries went on {waited:?} after it was back");
    assert!(waited.iter().all(|waited| *waited < SOON), "{waited:?}");
    assert!(receiver.arrivals().len() < events.len(), "the last kill came too late to hit anything");
    worker.finish().await;
    assert_eq!(assert_all_arrived(&queue, &receiver, &events).await, 0, "every attempt is in the log");
    assert_no_duplicates(&receiver);
}

/// As when its host loses its network: no connection is reset, and nobody is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_goes_silent_is_reconnected_to() {
    /// For an answer, and a few seconds for what follows.
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
    until("some of them", || receiver.count() >= 100).await;
    proxy.silence();
    let silent = Instant::now();
    // What arrives in the next second was leased before.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = receiver.count();
    assert!(before < events.len(), "it was silent too late to matter");
    let again = async {
        while producer.enqueue(&event("deal.lost", 1)).await.is_err() {}
        println!("an event was enqueued {:?} after", silent.elapsed());
    };
    tokio::time::timeout(SOON, again).await.expect("a producer goes on soon");
    until("more of them", || receiver.count() > before).await;
    println!("deliveries went on {:?} after", silent.elapsed());
    assert!(silent.elapsed() < SOON, "{:?}", silent.elapsed());
    until("all of them", || receiver.arrivals().len() >= events.len() + 2).await;
    until_async("their record", async || queue.depth().await.expect("the depth").pending == 0).await;
    worker.kill();
    assert_no_duplicates(&receiver);

    // News come by way of a connection of their own.
    let worker = Worker::start(&by_proxy, &[]);
    tokio::time::sleep(Duration::from_secs(1)).await;
    proxy.silence();
    tokio::time::sleep(Duration::from_secs(21)).await;
    let mut took = Vec::new();
    for number in 0..15 {
        let (before, enqueued) = (receiver.count(), Instant::now());
        queue.enqueue(&event("deal.won", number)).await.expect("enqueued");
        until("it", || receiver.count() > before).await;
        took.push(enqueued.elapsed());
    }
    took.sort();
    assert!(took[7] < Duration::from_millis(250), "the worker hears of no news: {took:?}");
    worker.kill();
}
