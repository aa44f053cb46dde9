//! A machine that lacks something which is not the endpoints' fault.

use crate::bed::{Bed, assert_all_arrived, assert_no_duplicates, enqueue};
use crate::on_every_database;
use crate::support::receiver::Receiver;
use crate::worker::{Worker, within};
use std::time::Duration;

on_every_database![without_file_descriptors_attempts_are_put_off_and_no_endpoint_is_blamed];

async fn without_file_descriptors_attempts_are_put_off_and_no_endpoint_is_blamed(bed: Bed) {
    const ENDPOINTS: usize = 25;
    // Long enough for all first attempts to be in flight together: four an endpoint.
    let receiver = Receiver::slow(|_| Duration::from_millis(500)).await;
    let mut events = std::collections::BTreeSet::new();
    for hook in 0..ENDPOINTS {
        let event_type = format!("deal.{hook}");
        bed.subscribe(&receiver.url(&format!("/{hook}")), Some(&event_type)).await;
        events.extend(enqueue(&bed.queue, &event_type, 6).await);
    }
    // The worker would raise its own soft limit to the hard one.
    let mut worker = Worker::start_as(within("prlimit --nofile=64:64"), &bed.url, &["--until-idle"]);
    assert!(worker.end().await.success());
    assert!(worker.log().contains("Too many open files"), "there was no shortage: {}", worker.log());

    assert_eq!(assert_all_arrived(&bed.queue, &receiver, &events).await, 0, "every attempt is in the log");
    assert_no_duplicates(&receiver);
    assert_eq!(bed.number("SELECT count(*) FROM dealix_attempts WHERE success = 0").await, 0, "no attempt has failed");
    let blamed = "SELECT count(*) FROM dealix_subscriptions WHERE failing_since IS NOT NULL OR enabled = 0";
    assert_eq!(bed.number(blamed).await, 0, "no endpoint is blamed");
}
