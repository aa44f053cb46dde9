//! Endpoints that hang beside one that works.

use crate::faults::bed::{Bed, enqueue};
use crate::faults::worker::{Worker, until, within};
use crate::support::receiver::Receiver;
use crate::support::server::Server;
use std::time::{Duration, Instant};

on_every_database![
    a_hanging_endpoint_does_not_delay_others_on_one_core,
    four_hanging_endpoints_do_not_delay_the_others,
    seventy_hanging_endpoints_do_not_delay_the_others,
    more_hanging_endpoints_than_places_do_not_delay_the_others,
];

/// Sooner than the first attempt at an endpoint that hangs times out.
const SOON: Duration = Duration::from_secs(8);

/// Accepts connections, and never answers.
async fn hanging() -> Server {
    Server::start(|stream| async {
        let _stream = stream;
        std::future::pending().await
    })
    .await
}

/// Deliveries to a healthy endpoint beside so many that hang, each with a backlog of its own that is due before.
async fn healthy_beside(bed: &Bed, hanging_endpoints: usize, backlog: usize, worker: impl FnOnce() -> Worker) {
    const EVENTS: usize = 500;
    let (hanging, receiver) = (hanging().await, Receiver::start(|_| 204).await);
    for _ in 0..hanging_endpoints {
        bed.subscribe(&hanging.url(), Some("deal.slow")).await;
    }
    bed.subscribe(&receiver.url("/hook"), Some("deal.won")).await;
    enqueue(&bed.queue, "deal.slow", backlog).await;
    let worker = worker();
    until("the hanging endpoints' attempts", || hanging.connections() >= hanging_endpoints).await;

    let started = Instant::now();
    let events = enqueue(&bed.queue, "deal.won", EVENTS).await;
    until("all of the healthy one's", || receiver.count() >= EVENTS).await;
    let took = started.elapsed();
    println!("{:?}: {took:?} beside {hanging_endpoints}", bed.kind);
    assert!(took < SOON, "the healthy endpoint's took {took:?} beside {hanging_endpoints} that hang");
    assert!(receiver.arrivals().keys().eq(&events), "each arrived");
    worker.kill();
}

async fn a_hanging_endpoint_does_not_delay_others_on_one_core(bed: Bed) {
    let worker = || Worker::start_as(within("taskset -c 0"), &bed.url, &[]);
    healthy_beside(&bed, 1, 500, worker).await;
}

async fn four_hanging_endpoints_do_not_delay_the_others(bed: Bed) {
    healthy_beside(&bed, 4, 100, || Worker::start(&bed.url, &[])).await;
}

async fn seventy_hanging_endpoints_do_not_delay_the_others(bed: Bed) {
    healthy_beside(&bed, 70, 20, || Worker::start(&bed.url, &[])).await;
}

/// Which was seen to work before.
async fn more_hanging_endpoints_than_places_do_not_delay_the_others(bed: Bed) {
    const PLACES: usize = 32;
    const EVENTS: usize = 200;
    let (hanging, receiver) = (hanging().await, Receiver::start(|_| 204).await);
    for _ in 0..4 * PLACES {
        bed.subscribe(&hanging.url(), Some("deal.slow")).await;
    }
    bed.subscribe(&receiver.url("/hook"), Some("deal.won")).await;
    let worker = Worker::start(&bed.url, &["--concurrency", &PLACES.to_string()]);
    enqueue(&bed.queue, "deal.won", 1).await;
    until("the first", || receiver.count() == 1).await;
    enqueue(&bed.queue, "deal.slow", 5).await;
    until("the hanging endpoints' attempts", || hanging.connections() >= PLACES - PLACES / 4).await;

    let started = Instant::now();
    enqueue(&bed.queue, "deal.won", EVENTS).await;
    until("all of the healthy one's", || receiver.count() > EVENTS).await;
    assert!(started.elapsed() < SOON, "the healthy endpoint's took {:?}", started.elapsed());
    worker.kill();
}
