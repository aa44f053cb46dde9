//! Tables of a later version than the worker's.

use crate::faults::bed::{Bed, CUSTOMER, enqueue};
use crate::faults::worker::{Worker, run, until};
use crate::support::receiver::Receiver;
use std::time::{Duration, Instant};

on_every_database![workers_stop_and_refuse_to_start_on_tables_of_a_later_version];

async fn workers_stop_and_refuse_to_start_on_tables_of_a_later_version(bed: Bed) {
    const SENTENCE: &str = "has version 4 of the queue's tables, and this program supports at most 3: use a newer one";
    let receiver = Receiver::start(|_| 204).await;
    bed.subscribe(&receiver.url("/hook"), None).await;
    enqueue(&bed.queue, "deal.won", 1).await;
    let mut worker = Worker::start(&bed.url, &[]);
    until("a delivery", || receiver.count() == 1).await;
    bed.sql("UPDATE dealix_schema SET version = 4").await;
    let upgraded = Instant::now();
    let status = worker.end().await;
    assert!(upgraded.elapsed() < Duration::from_secs(15), "it ran on for {:?}", upgraded.elapsed());
    assert!(worker.log().contains(SENTENCE), "{}", worker.log());
    assert!(!status.success(), "its supervisor must see that it failed");

    for arguments in [&["work", "--local"][..], &["enqueue", "--type", "deal.won", "--customer", CUSTOMER], &["depth"]]
    {
        let refused = run(&bed.url, arguments);
        let error = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && error.contains(SENTENCE), "{refused:?}");
    }
    assert_eq!(bed.number("SELECT version FROM dealix_schema").await, 4, "nothing may set it back");
}
