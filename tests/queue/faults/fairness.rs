//! Endpoints that hang must not delay one that works.

use crate::faults::bed::{Bed, enqueue};
use crate::faults::worker::{Worker, until, within};
use crate::support::receiver::Receiver;
use crate::support::server::Server;
use std::time::{Duration, Instant};

on_every_database![alone:
    a_hanging_endpoint_does_not_delay_others_on_one_core,
    four_hanging_endpoints_do_not_delay_the_others,
    seventy_hanging_endpoints_do_not_delay_the_others,
    more_hanging_endpoints_than_places_do_not_delay_the_others,
];

/// Less than it takes the first attempt at a hanging endpoint to time out.
const SOON: Duration = Duration::from_secs(8);

/// A server that accepts connections but never responds.
async fn hanging() -> Server {
    Server::start(|stream| async {
        let _stream = stream;
        std::future::pending().await
    })
    .await
}

/// Delivers to a healthy endpoint beside hanging ones, each of which has an earlier backlog.
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
    until("all deliveries to the healthy endpoint", || receiver.count() >= EVENTS).await;
    let took = started.elapsed();
    println!("{:?}: {took:?} beside {hanging_endpoints} that hang", bed.kind);
    assert!(took < SOON, "deliveries to the healthy endpoint took {took:?} beside {hanging_endpoints} that hang");
    assert!(receiver.arrivals().keys().eq(&events), "each event arrived");
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

/// The healthy endpoint has already been seen to work.
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
    until("all deliveries to the healthy endpoint", || receiver.count() > EVENTS).await;
    assert!(started.elapsed() < SOON, "deliveries to the healthy endpoint took {:?}", started.elapsed());
    worker.kill();
}
