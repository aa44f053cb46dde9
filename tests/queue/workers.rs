//! Several workers on one queue, and how workers stop.

use crate::bed::{Bed, ENDPOINT, answered, slow, status, until, until_idle};
use dealix_webhooks::sender::{DeliveryRequest, DeliveryState, WorkOptions};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::time::sleep;

on_every_database![
    workers_share_a_queue_and_deliver_everything_once,
    a_worker_told_to_stop_finishes_what_it_began,
    the_deliveries_of_a_dead_worker_are_made_by_another,
    an_attempt_made_twice_counts_once,
    a_success_counts_even_if_another_worker_has_failed_meanwhile,
    a_backlog_of_any_size_is_worked_off,
    a_worker_sends_nothing_more_once_its_future_is_dropped,
    a_hanging_attempt_delays_shutdown_by_at_most_the_grace_period,
];

async fn workers_share_a_queue_and_deliver_everything_once(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    for _ in 0..200 {
        bed.enqueue().await;
    }
    let arrivals: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
    let arriving = arrivals.clone();
    let transport = move |request: DeliveryRequest| {
        let event_id = request.headers.iter().find(|(name, _)| name == "Dealix-Event-Id").expect("an id").1.clone();
        *arriving.lock().expect("no panic").entry(event_id).or_default() += 1;
        async {
            sleep(Duration::from_millis(5)).await;
            status(200)
        }
    };
    let options = WorkOptions { concurrency: 8, ..until_idle() };
    let work = || bed.queue.worker(transport.clone(), options).run(std::future::pending());
    let (one, other) = tokio::join!(work(), work());

    assert_eq!(one.delivered + other.delivered, 200);
    let arrivals = arrivals.lock().expect("no panic");
    assert!(arrivals.len() == 200 && arrivals.values().all(|times| *times == 1), "{arrivals:?}");
}

async fn a_worker_told_to_stop_finishes_what_it_began(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    for _ in 0..12 {
        bed.enqueue().await;
    }
    let (begun, go_on) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let (beginning, told) = (begun.clone(), go_on.clone());
    let transport = move |_: DeliveryRequest| {
        beginning.fetch_add(1, Relaxed);
        let told = told.clone();
        async move {
            told.notified().await;
            status(200)
        }
    };
    let options = WorkOptions { concurrency: 4, ..Default::default() };
    let (counting, all) = (begun.clone(), go_on.clone());
    let shutdown = async move {
        // One of the four places is reserved for endpoints that have worked before.
        until("the work", async || counting.load(Relaxed) == 3).await;
        tokio::spawn(async move {
            // By now the worker has been told to stop. Attempts that begin after this do not wait.
            sleep(Duration::from_millis(300)).await;
            (0..12).for_each(|_| all.notify_one());
            all.notify_waiters();
        });
    };
    let summary = bed.queue.worker(transport, options).run(shutdown).await;

    let begun = begun.load(Relaxed) as u64;
    assert_eq!(summary.delivered, begun, "what was begun must be finished");
    assert!(begun < 12, "nothing more may be begun");
    let deliveries = bed.deliveries().await;
    let delivered = deliveries.iter().filter(|delivery| delivery.state == DeliveryState::Delivered).count() as u64;
    let untouched =
        deliveries.iter().filter(|delivery| (delivery.state, delivery.attempts) == (DeliveryState::Pending, 0));
    assert_eq!((delivered, untouched.count() as u64), (begun, 12 - begun));

    let started = Instant::now();
    assert_eq!(bed.work(answered(status(200))).await.delivered, 12 - begun);
    assert!(started.elapsed() < Duration::from_secs(20), "the rest must be released, not wait for the lease to end");
}

async fn the_deliveries_of_a_dead_worker_are_made_by_another(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    let options = WorkOptions { lease: Duration::from_secs(2), ..until_idle() };
    let begun = Arc::new(AtomicUsize::new(0));
    let beginning = begun.clone();
    let hanging = move |_: DeliveryRequest| {
        beginning.fetch_add(1, Relaxed);
        std::future::pending()
    };
    let dying = tokio::spawn(bed.queue.worker(hanging, options).run(std::future::pending()));
    until("the attempt", async || begun.load(Relaxed) == 1).await;
    dying.abort();
    assert!(dying.await.expect_err("it was aborted").is_cancelled());

    let summary = bed.queue.worker(answered(status(200)), options).run(std::future::pending()).await;
    assert_eq!(summary.delivered, 1);
    assert_eq!(bed.delivery().await.attempts, 1);
}

/// As if a worker had been suspended past its lease while another made the same attempt.
async fn an_attempt_made_twice_counts_once(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    let calls: Arc<AtomicUsize> = Arc::default();
    let slow = slow(calls.clone(), Duration::from_millis(1500), status(500));
    let first = tokio::spawn(bed.queue.worker(slow, until_idle()).run(std::future::pending()));
    until("the attempt", async || calls.load(Relaxed) == 1).await;
    bed.sql("UPDATE dealix_deliveries SET leased_until_ms = 0").await;
    assert_eq!(bed.work(answered(status(500))).await.retries, 1);
    assert_eq!(first.await.expect("the first worker ends").retries, 0, "the other worker recorded it first");

    let delivery = bed.delivery().await;
    assert_eq!(delivery.attempts, 1, "it counts once");
    let log = bed.queue.attempts(&delivery.delivery_id).await.expect("the log");
    assert_eq!(log.iter().map(|line| line.attempt).collect::<Vec<_>>(), [1, 1], "both are in the log");
}

async fn a_success_counts_even_if_another_worker_has_failed_meanwhile(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    let calls: Arc<AtomicUsize> = Arc::default();
    let slow = slow(calls.clone(), Duration::from_millis(1500), status(200));
    let first = tokio::spawn(bed.queue.worker(slow, until_idle()).run(std::future::pending()));
    until("the attempt", async || calls.load(Relaxed) == 1).await;
    bed.sql("UPDATE dealix_deliveries SET leased_until_ms = 0").await;
    assert_eq!(bed.work(answered(status(500))).await.retries, 1);
    assert_eq!(first.await.expect("the first worker ends").delivered, 1);
    let delivery = bed.delivery().await;
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Delivered, 1));
    assert_eq!(delivery.next_attempt_at, None);
}

async fn a_backlog_of_any_size_is_worked_off(bed: Bed) {
    const EVENTS: usize = 9000;
    for _ in 0..9 {
        bed.subscribe(ENDPOINT).await;
    }
    for _ in 0..EVENTS / 9 {
        bed.enqueue().await;
    }
    let failing = bed.work(answered(status(500))).await;
    assert_eq!(failing.retries, EVENTS as u64);
    bed.make_due().await;
    assert_eq!(bed.work(answered(status(200))).await.delivered, EVENTS as u64);
}

async fn a_worker_sends_nothing_more_once_its_future_is_dropped(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    for _ in 0..10 {
        bed.enqueue().await;
    }
    let calls: Arc<AtomicUsize> = Arc::default();
    let transport = slow(calls.clone(), Duration::from_millis(300), status(200));
    let options = WorkOptions { concurrency_per_endpoint: 1, ..Default::default() };
    let worker = bed.queue.worker(transport, options);
    let begun = until("an attempt", async || calls.load(Relaxed) > 0);
    tokio::select! {
        _ = worker.run(std::future::pending()) => unreachable!("it was not told to stop"),
        () = begun => {}
    }
    sleep(Duration::from_millis(900)).await;
    assert_eq!(calls.load(Relaxed), 1, "waiting attempts must not be made");
}

async fn a_hanging_attempt_delays_shutdown_by_at_most_the_grace_period(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    let begun = Arc::new(Notify::new());
    let beginning = begun.clone();
    let transport = move |_: DeliveryRequest| {
        beginning.notify_one();
        async {
            std::future::pending::<()>().await;
            status(200)
        }
    };
    let options = WorkOptions { shutdown_grace: Duration::from_millis(200), ..Default::default() };
    let worker = bed.queue.worker(transport, options);
    let run = worker.run(async move { begun.notified().await });
    tokio::time::timeout(Duration::from_secs(20), run).await.expect("it must end after the grace period");
    assert_eq!(bed.delivery().await.state, DeliveryState::Pending);
}
