//! Workers that are killed, or suspended for longer than their leases.

use crate::faults::bed::{
    Bed, all_deliveries, assert_all_arrived, assert_no_duplicates, enqueue, is_writable, random, slow_receiver,
};
use crate::faults::worker::{LEASE, Worker, until, until_async};
use crate::support::receiver::Receiver;
use rand::Rng;
use std::time::Duration;

/// The most attempts that a worker has in flight, and so leaves unrecorded when it is killed.
const PLACES: usize = 8;
const AT_MOST: [&str; 2] = ["--concurrency-per-endpoint", "8"];

on_every_database![
    a_worker_killed_ten_times_loses_nothing,
    a_second_worker_takes_over_from_one_that_is_killed,
    a_worker_suspended_past_its_lease_loses_nothing,
    an_attempt_that_outlasts_its_lease_is_made_once,
];

async fn a_worker_killed_ten_times_loses_nothing(bed: Bed) {
    const EVENTS: usize = 1_000;
    const KILLS: usize = 10;
    let mut random = random(bed.kind);
    let receiver = slow_receiver().await;
    bed.subscribe(&receiver.url("/hook"), None).await;
    let events = enqueue(&bed.queue, "deal.won", EVENTS).await;

    let mut killed_at = Vec::new();
    for _ in 0..KILLS {
        let before = receiver.count();
        let worker = Worker::start(&bed.url, &AT_MOST);
        // Only once it delivers, so that each kill interrupts something.
        until("an attempt", || receiver.count() > before).await;
        tokio::time::sleep(Duration::from_millis(random.random_range(0..200))).await;
        worker.kill();
        killed_at.push(receiver.count());
    }
    println!("{:?}: killed after {killed_at:?} arrivals", bed.kind);
    assert!(receiver.arrivals().len() < EVENTS, "the last kill came too late to interrupt anything");
    Worker::start(&bed.url, &["--until-idle"]).finish().await;

    let unrecorded = assert_all_arrived(&bed.queue, &receiver, &events).await;
    assert!(unrecorded <= KILLS * PLACES, "{unrecorded} arrivals are not in the log");
}

async fn a_second_worker_takes_over_from_one_that_is_killed(bed: Bed) {
    let receiver = slow_receiver().await;
    bed.subscribe(&receiver.url("/hook"), None).await;
    let events = enqueue(&bed.queue, "deal.won", 400).await;

    let first = Worker::start(&bed.url, &AT_MOST);
    let second = Worker::start(&bed.url, &["--until-idle"]);
    until("a quarter of the deliveries", || receiver.count() >= 100).await;
    first.kill();
    second.finish().await;

    let unrecorded = assert_all_arrived(&bed.queue, &receiver, &events).await;
    assert!(unrecorded <= PLACES, "{unrecorded} arrivals are not in the log");
}

async fn a_worker_suspended_past_its_lease_loses_nothing(bed: Bed) {
    let receiver = Receiver::slow(|_| Duration::from_millis(300)).await;
    bed.subscribe(&receiver.url("/hook"), None).await;
    let events = enqueue(&bed.queue, "deal.won", 200).await;

    let first = Worker::start(&bed.url, &AT_MOST);
    until("attempts in flight", || receiver.count() >= 4).await;
    let in_flight = stop_with_attempts_in_flight(&first, &bed, &receiver).await;
    let stopped_at = receiver.count();
    Worker::start(&bed.url, &["--until-idle"]).finish().await;
    let twice = receiver.count() - events.len();
    println!("{:?}: {in_flight} of {stopped_at} attempts were in flight at the stop, {twice} made twice", bed.kind);
    assert!((1..=stopped_at).contains(&twice), "the other worker made {twice} of {stopped_at} attempts again");
    assert!(all_deliveries(&bed.queue).await.iter().all(|delivery| delivery.attempts == 1));

    first.signal("CONT");
    // The suspended worker logs its own attempts too, once it has read the responses.
    until_async("both attempts in the log", async || logged(&bed).await == receiver.count() as i64).await;
    first.signal("TERM");
    first.finish().await;
    assert_eq!(logged(&bed).await, receiver.count() as i64, "every attempt is in the log");
    // Where the stop lasted longer than an attempt may, the first worker may have logged a timeout, not the response.
    let timed_out = assert_all_arrived(&bed.queue, &receiver, &events).await;
    assert!(timed_out <= twice, "{timed_out} arrivals are not in the log");
    // A worker that is stopped just after it has looked at its lease makes that attempt when it goes on.
    let again = receiver.count() - events.len() - twice;
    assert!(again + in_flight as usize <= PLACES, "{again} attempts were made again");
    assert!(all_deliveries(&bed.queue).await.iter().all(|delivery| delivery.attempts == 1), "each is recorded once");
}

/// Stops a worker that waits for responses; returns for how many. It must not hold a lock meanwhile: a process that
/// is suspended while it holds a SQLite file's lock keeps it, and nobody else can write.
async fn stop_with_attempts_in_flight(worker: &Worker, bed: &Bed, receiver: &Receiver) -> i64 {
    loop {
        worker.signal("STOP");
        // The kernel may take a moment to stop it.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let in_flight = receiver.count() as i64 - logged(bed).await;
        if in_flight > 0 && is_writable(&bed.url).await {
            return in_flight;
        }
        worker.signal("CONT");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn logged(bed: &Bed) -> i64 {
    bed.number("SELECT count(*) FROM dealix_attempts").await
}

async fn an_attempt_that_outlasts_its_lease_is_made_once(bed: Bed) {
    let receiver = Receiver::slow(|_| LEASE * 2 + LEASE / 2).await;
    bed.subscribe(&receiver.url("/hook"), None).await;
    let events = enqueue(&bed.queue, "deal.won", 4).await;
    let workers = [(); 2].map(|()| Worker::start(&bed.url, &["--until-idle"]));
    for worker in workers {
        worker.finish().await;
    }
    assert_eq!(assert_all_arrived(&bed.queue, &receiver, &events).await, 0, "every attempt is in the log");
    assert_no_duplicates(&receiver);
}
