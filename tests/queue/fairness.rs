//! Endpoints that hang, ask for a pause or get large bodies must not take too much from the others.

use crate::bed::{Bed, ENDPOINT, answered, event, now, status, until, until_idle};
use crate::support::receiver::SECRET;
use dealix_webhooks::sender::{
    DeliveryError, DeliveryRequest, DeliveryResult, WebhookSubscription, WorkOptions, make_event,
};
use serde_json::{json, value::to_raw_value};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::time::sleep;

on_every_database![alone:
    a_hundred_hanging_endpoints_do_not_delay_the_others,
    an_endpoint_that_keeps_timing_out_gets_one_attempt_at_a_time,
    too_many_requests_hold_the_whole_endpoint_back,
    bodies_in_flight_are_limited_by_their_bytes,
    a_worker_may_have_no_limit_on_bytes,
    long_bodies_at_hanging_endpoints_do_not_delay_the_others,
    an_event_wakes_an_idle_worker,
];

async fn subscribe(bed: &Bed, customer_id: &str, endpoint_url: &str) -> String {
    let subscription = WebhookSubscription::new(customer_id, endpoint_url, SECRET, 0);
    bed.queue.add_subscription(subscription).await.expect("a subscription")
}

fn timed_out() -> DeliveryResult {
    DeliveryResult { error: Some(DeliveryError::TimedOut("timed out".to_owned())), ..Default::default() }
}

async fn a_hundred_hanging_endpoints_do_not_delay_the_others(bed: Bed) {
    for number in 0..100 {
        subscribe(&bed, "cus_1", &format!("https://hanging.example.com/{number}")).await;
    }
    for _ in 0..20 {
        bed.enqueue().await;
    }
    subscribe(&bed, "cus_2", ENDPOINT).await;
    let transport = |request: DeliveryRequest| async move {
        if request.url != ENDPOINT {
            std::future::pending::<()>().await;
        }
        status(200)
    };
    let options = WorkOptions { shutdown_grace: Duration::ZERO, ..Default::default() };
    let worker = bed.queue.worker(transport, options);
    let counters = worker.counters();
    let queue = bed.queue.clone();
    let healthy = async move {
        for delivered in 1..=40 {
            queue.enqueue(&event("deal.won", "cus_2")).await.expect("enqueued");
            let started = Instant::now();
            until("the delivery", async || counters.summary().delivered == delivered).await;
            assert!(started.elapsed() < Duration::from_secs(5), "number {delivered} took {:?}", started.elapsed());
        }
    };
    worker.run(healthy).await;
}

async fn an_endpoint_that_keeps_timing_out_gets_one_attempt_at_a_time(bed: Bed) {
    subscribe(&bed, "cus_1", ENDPOINT).await;
    for _ in 0..60 {
        bed.enqueue().await;
    }
    let is_back = Arc::new(Mutex::new(false));
    let (in_flight, most_while_broken, calls) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now_in_flight, most, called, back) =
        (in_flight.clone(), most_while_broken.clone(), calls.clone(), is_back.clone());
    let transport = move |_: DeliveryRequest| {
        let (in_flight, most, back) = (now_in_flight.clone(), most.clone(), back.clone());
        let number = called.fetch_add(1, Relaxed);
        async move {
            let at_once = in_flight.fetch_add(1, Relaxed) + 1;
            // The first four attempts start together.
            if number >= 4 && !*back.lock().expect("no panic") {
                most.fetch_max(at_once, Relaxed);
            }
            sleep(Duration::from_millis(30)).await;
            in_flight.fetch_sub(1, Relaxed);
            if *back.lock().expect("no panic") { status(200) } else { timed_out() }
        }
    };
    let worker = bed.queue.worker(transport, WorkOptions::default());
    let counters = worker.counters();
    let script = async {
        until("probes", async || calls.load(Relaxed) >= 12).await;
        let tried = calls.load(Relaxed);
        *is_back.lock().expect("no panic") = true;
        until("the end of the backlog", async || counters.summary().delivered + 1 >= 60 - tried as u64).await;
    };
    worker.run(script).await;
    assert_eq!(most_while_broken.load(Relaxed), 1);
}

async fn too_many_requests_hold_the_whole_endpoint_back(bed: Bed) {
    let id = subscribe(&bed, "cus_1", ENDPOINT).await;
    for _ in 0..30 {
        bed.enqueue().await;
    }
    let calls: Arc<AtomicUsize> = Arc::default();
    let called = calls.clone();
    let transport = move |_: DeliveryRequest| {
        called.fetch_add(1, Relaxed);
        std::future::ready(DeliveryResult { retry_after: Some(Duration::from_secs(600)), ..status(429) })
    };
    let summary = bed.work(transport).await;
    let made = calls.load(Relaxed) as u64;
    assert!(made <= 8 && summary.retries == made, "{made} attempts of 30 were made");
    let held_until = bed.subscription(&id).await.held_until.expect("it is held back");
    assert!((598..=601).contains(&(held_until - now())), "held until {held_until}");
    assert_eq!(bed.work(answered(status(200))).await.delivered, 0, "other workers leave it alone too");

    bed.release_endpoints().await;
    assert_eq!(bed.work(answered(status(200))).await.delivered, 30 - made);
}

async fn bodies_in_flight_are_limited_by_their_bytes(bed: Bed) {
    for number in 0..5 {
        subscribe(&bed, "cus_1", &format!("https://example.com/{number}")).await;
    }
    for size in [300_000, 300_000, 900_000, 300_000] {
        let payload = to_raw_value(&json!({ "text": "x".repeat(size) })).expect("JSON");
        bed.queue.enqueue(&make_event("deal.won", "cus_1", payload)).await.expect("enqueued");
    }
    // How many bytes are in flight, now and at most.
    let in_flight: Arc<Mutex<(usize, usize)>> = Arc::default();
    let counted = in_flight.clone();
    let transport = move |request: DeliveryRequest| {
        let (counted, bytes) = (counted.clone(), request.body.len());
        {
            let mut counted = counted.lock().expect("no panic");
            counted.0 += bytes;
            counted.1 = counted.1.max(counted.0);
        }
        async move {
            sleep(Duration::from_millis(20)).await;
            counted.lock().expect("no panic").0 -= bytes;
            status(200)
        }
    };
    let options = WorkOptions { max_bytes_in_flight: 700_000, ..until_idle() };
    let summary = bed.queue.worker(transport, options).run(std::future::pending()).await;
    assert_eq!(summary.delivered, 20);
    let most = in_flight.lock().expect("no panic").1;
    // The large body is sent once at most half of the limit is in flight.
    assert!((600_000..=1_250_000).contains(&most), "{most} bytes in flight of 9 MB");
}

async fn a_worker_may_have_no_limit_on_bytes(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    let options = WorkOptions { max_bytes_in_flight: usize::MAX, ..until_idle() };
    let worker = bed.queue.worker(answered(status(200)), options);
    let working = tokio::time::timeout(Duration::from_secs(30), worker.run(std::future::pending()));
    assert_eq!(working.await.expect("it ends").delivered, 1);
}

async fn long_bodies_at_hanging_endpoints_do_not_delay_the_others(bed: Bed) {
    for number in 0..20 {
        subscribe(&bed, "cus_1", &format!("https://example.com/hangs/{number}")).await;
    }
    subscribe(&bed, "cus_2", ENDPOINT).await;
    let long = |customer_id, bytes| {
        let payload = to_raw_value(&json!({ "text": "x".repeat(bytes) })).expect("JSON");
        make_event("deal.won", customer_id, payload)
    };
    let transport = |request: DeliveryRequest| async move {
        if request.url.contains("hangs") {
            std::future::pending::<()>().await;
        }
        status(200)
    };
    let options = WorkOptions { max_bytes_in_flight: 1_000_000, shutdown_grace: Duration::ZERO, ..Default::default() };
    let worker = bed.queue.worker(transport, options);
    let counters = worker.counters();
    let script = async {
        bed.queue.enqueue(&event("deal.won", "cus_2")).await.expect("enqueued");
        until("the first", async || counters.summary().delivered == 1).await;
        for _ in 0..4 {
            bed.queue.enqueue(&long("cus_1", 100_000)).await.expect("enqueued");
        }
        sleep(Duration::from_millis(500)).await;
        for _ in 0..20 {
            bed.queue.enqueue(&event("deal.won", "cus_2")).await.expect("enqueued");
            bed.queue.enqueue(&long("cus_2", 100_000)).await.expect("enqueued");
        }
        until("all deliveries to the healthy endpoint", async || counters.summary().delivered == 41).await;
    };
    let working = tokio::time::timeout(Duration::from_secs(30), worker.run(script));
    working.await.expect("the healthy endpoint gets its deliveries");
}

async fn an_event_wakes_an_idle_worker(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    // When another worker ends, this one must still be notified.
    bed.work(answered(status(200))).await;
    let arrivals: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let arriving = arrivals.clone();
    let transport = move |request: DeliveryRequest| {
        let id = request.headers.iter().find(|(name, _)| name == "Dealix-Event-Id").expect("an id").1.clone();
        arriving.lock().expect("no panic").insert(id, Instant::now());
        std::future::ready(status(200))
    };
    let script = async {
        sleep(Duration::from_secs(1)).await;
        let mut took = Vec::new();
        for _ in 0..15 {
            let started = Instant::now();
            let id = bed.enqueue().await.event_id;
            until("the delivery", async || arrivals.lock().expect("no panic").contains_key(&id)).await;
            took.push(arrivals.lock().expect("no panic")[&id] - started);
            sleep(Duration::from_millis(70)).await;
        }
        took.sort();
        // Far less than the interval at which the worker polls, even on a busy machine.
        assert!(took[took.len() / 2] < Duration::from_millis(250), "{took:?}");
    };
    bed.queue.worker(transport, WorkOptions::default()).run(script).await;
}
