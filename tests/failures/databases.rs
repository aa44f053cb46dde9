//! PostgreSQL killed, gone for a while, and back.

use crate::bed::{CUSTOMER, assert_all_arrived, assert_no_duplicates, enqueue, event, slow_receiver};
use crate::support::receiver::{Receiver, SECRET};
use crate::support::servers::{Database, Kind};
use crate::worker::{Worker, until};
use dealix_webhooks::sender::{Queue, QueueError, WebhookSubscription};
use std::time::{Duration, Instant};

async fn queue_for(database: &Database, receiver: &Receiver) -> Queue {
    let queue = Queue::open(&database.url()).await.expect("a queue");
    let subscription = WebhookSubscription::new(CUSTOMER, receiver.url("/hook"), SECRET, 0);
    queue.add_subscription(subscription).await.expect("a subscription");
    queue
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_is_gone_for_a_while_is_waited_for() {
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
async fn a_postgres_that_is_killed_again_and_again_is_worked_with_soon_after_it_is_back() {
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
