//! How many attempts a second a worker makes at an endpoint with a rate.

use crate::bed::{Bed, ENDPOINT, event, status, until_idle};
use crate::support::receiver::SECRET;
use dealix_webhooks::sender::{DeliveryRequest, SubscriptionUpdate, WebhookSubscription};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

on_every_database![alone:
    a_rate_paces_its_endpoint_and_no_other,
    a_rate_that_is_lifted_no_longer_paces,
];

const PACED: &str = "https://paced.example.com/";

type Times = Arc<Mutex<Vec<(String, Instant)>>>;

/// Subscribes `cus_paced` with a rate. Returns the subscription's id.
async fn subscribe(bed: &Bed, max_per_second: u32) -> String {
    let paced = WebhookSubscription {
        max_per_second: NonZeroU32::new(max_per_second),
        ..WebhookSubscription::new("cus_paced", PACED, SECRET, 0)
    };
    bed.queue.add_subscription(paced).await.expect("a subscription")
}

async fn enqueue(bed: &Bed, number: usize, customer_id: &str) {
    let events: Vec<_> = (0..number).map(|_| event("deal.won", customer_id)).collect();
    bed.queue.enqueue_all(&events).await.expect("enqueued");
}

/// When each attempt was made, at which endpoint, since the worker started.
async fn work(bed: &Bed) -> Vec<(String, Duration)> {
    let times = Times::default();
    let noted = times.clone();
    let transport = move |request: DeliveryRequest| {
        noted.lock().expect("no panic").push((request.url, Instant::now()));
        std::future::ready(status(200))
    };
    let started = Instant::now();
    bed.queue.worker(transport, until_idle()).run(std::future::pending()).await;
    let times = times.lock().expect("no panic");
    times.iter().map(|(url, at)| (url.clone(), at.duration_since(started))).collect()
}

async fn a_rate_paces_its_endpoint_and_no_other(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    subscribe(&bed, 10).await;
    enqueue(&bed, 25, "cus_paced").await;
    enqueue(&bed, 500, "cus_1").await;
    let times = work(&bed).await;
    assert_eq!(times.len(), 525);
    let paced: Vec<_> = times.iter().filter(|(url, _)| url == PACED).map(|(_, at)| *at).collect();
    let (first, last) = (paced[0], paced[24]);
    // 24 intervals of 100 ms; an attempt may be made a little later than it was allowed to.
    assert!(last - first > Duration::from_millis(2200), "{paced:?}");
    assert!(last - first < Duration::from_secs(10), "{paced:?}");
    let early = paced.iter().filter(|at| **at < first + Duration::from_millis(350)).count();
    assert!(early <= 5, "at the beginning too: {paced:?}");
    let others = times.iter().filter(|(url, _)| url == ENDPOINT).map(|(_, at)| *at).max();
    assert!(others < Some(last), "the others waited: {others:?} of {last:?}");
}

async fn a_rate_that_is_lifted_no_longer_paces(bed: Bed) {
    let id = subscribe(&bed, 1).await;
    enqueue(&bed, 200, "cus_paced").await;
    let (queue, lifted) = (bed.queue.clone(), id.clone());
    let lifting = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let update = SubscriptionUpdate { max_per_second: Some(None), ..Default::default() };
        queue.update_subscription(&lifted, update).await.expect("updated");
    });
    let times = work(&bed).await;
    lifting.await.expect("lifted");
    let before = times.iter().filter(|(_, at)| *at < Duration::from_millis(1400)).count();
    assert!((1..=3).contains(&before), "{before} attempts before it was lifted");
    assert_eq!(times.len(), 200);
}
