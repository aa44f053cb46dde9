//! Workers that are told to stop.

use crate::faults::bed::{Bed, all_deliveries, assert_all_arrived, assert_no_duplicates, enqueue};
use crate::faults::worker::{Worker, until};
use crate::support::receiver::Receiver;
use dealix_webhooks::sender::DeliveryState;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

on_every_database![alone: a_worker_told_to_stop_gives_back_what_it_has_not_begun];

async fn a_worker_told_to_stop_gives_back_what_it_has_not_begun(bed: Bed) {
    const IN_FLIGHT: usize = 16;
    const LONG: Duration = Duration::from_secs(4);
    let is_slow = Arc::new(AtomicBool::new(true));
    let slow = is_slow.clone();
    let receiver = Receiver::slow(move |_| if slow.load(Relaxed) { LONG } else { Duration::ZERO }).await;
    // An endpoint that is new to the worker gets four places.
    for hook in 0..IN_FLIGHT / 4 {
        bed.subscribe(&receiver.url(&format!("/{hook}")), Some(&format!("deal.{hook}"))).await;
    }
    let mut events = std::collections::BTreeSet::new();
    for hook in 0..IN_FLIGHT / 4 {
        events.extend(enqueue(&bed.queue, &format!("deal.{hook}"), 25).await);
    }
    // A lease so long that the other worker could not wait for it within this test.
    let worker = Worker::start(&bed.url, &["--lease", "10m"]);
    until("16 attempts in flight", || receiver.count() == IN_FLIGHT).await;
    worker.signal("TERM");
    let told = Instant::now();
    is_slow.store(false, Relaxed);
    worker.finish().await;
    assert!(told.elapsed() < LONG + Duration::from_secs(2), "it took {:?} to stop", told.elapsed());
    assert_eq!(receiver.count(), IN_FLIGHT, "no attempt began after that");

    let (delivered, left): (Vec<_>, Vec<_>) =
        all_deliveries(&bed.queue).await.into_iter().partition(|delivery| delivery.state == DeliveryState::Delivered);
    assert_eq!((delivered.len(), left.len()), (IN_FLIGHT, events.len() - IN_FLIGHT), "what was in flight is recorded");
    assert!(left.iter().all(|delivery| (delivery.state, delivery.attempts) == (DeliveryState::Pending, 0)), "{left:?}");
    let leased = bed.number("SELECT count(*) FROM dealix_deliveries WHERE leased_by IS NOT NULL").await;
    assert_eq!(leased, 0, "the rest is released");

    let began = Instant::now();
    Worker::start(&bed.url, &["--until-idle"]).finish().await;
    assert!(began.elapsed() < Duration::from_secs(10), "another worker took {:?}", began.elapsed());
    assert_eq!(assert_all_arrived(&bed.queue, &receiver, &events).await, 0, "every attempt is in the log");
    assert_no_duplicates(&receiver);
}
