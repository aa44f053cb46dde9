//! A backup taken while a worker is running.

use crate::faults::bed::{Bed, CUSTOMER, all_deliveries, enqueue, execute, slow_receiver};
use crate::faults::worker::{Worker, run, succeeded, until};
use crate::support::servers::Kind;
use dealix_webhooks::sender::{DeliveryState, Queue, QueueOptions};
use std::collections::BTreeSet;

on_every_database![deliveries_pending_in_a_backup_are_made_after_a_restore];

async fn deliveries_pending_in_a_backup_are_made_after_a_restore(bed: Bed) {
    let receiver = slow_receiver().await;
    bed.subscribe(&receiver.url("/hook"), None).await;
    enqueue(&bed.queue, "deal.won", 400).await;
    let worker = Worker::start(&bed.url, &["--until-idle"]);
    until("a quarter of the deliveries", || receiver.count() >= 100).await;
    let restored = back_up_and_restore(&bed).await;
    worker.finish().await;

    let queue = Queue::open_existing(&restored, QueueOptions::default()).await.expect("a queue");
    let deliveries = all_deliveries(&queue).await;
    let (delivered, pending): (Vec<_>, Vec<_>) =
        deliveries.into_iter().partition(|delivery| delivery.state == DeliveryState::Delivered);
    println!("{:?}: {} delivered and {} pending in the backup", bed.kind, delivered.len(), pending.len());
    assert!(!delivered.is_empty() && !pending.is_empty(), "the backup was not taken half-way");
    let before = receiver.count();
    Worker::start(&restored, &["--until-idle"]).finish().await;
    let since = |count: usize| -> BTreeSet<String> {
        receiver.received().into_iter().skip(count).map(|received| received.event_id).collect()
    };
    let pending: BTreeSet<_> = pending.into_iter().map(|delivery| delivery.event_id).collect();
    assert_eq!(since(before), pending, "what was pending in it is delivered, and nothing else");
    assert_eq!(receiver.count(), before + pending.len(), "each is delivered once");

    let before = receiver.count();
    let again = &delivered[0];
    succeeded(run(&restored, &["replay", &again.delivery_id]));
    let new = succeeded(run(&restored, &["enqueue", "--type", "deal.won", "--customer", CUSTOMER, "--id", "evt_new"]));
    assert!(new.contains("queued for 1 subscription"), "{new}");
    if bed.kind == Kind::Postgres {
        execute(&restored, "SELECT dealix.enqueue('deal.won', 'cus_1', '{}'::text, 'evt_by_function')").await;
    }
    Worker::start(&restored, &["--until-idle"]).finish().await;
    let mut expected = BTreeSet::from([again.event_id.clone(), "evt_new".to_owned()]);
    expected.extend((bed.kind == Kind::Postgres).then(|| "evt_by_function".to_owned()));
    assert_eq!(since(before), expected, "the replay and the new event");
    assert!(all_deliveries(&queue).await.iter().all(|delivery| delivery.state == DeliveryState::Delivered));
}

/// Backs the database up while others write, and restores it into a new one. Returns its URL.
async fn back_up_and_restore(bed: &Bed) -> String {
    match bed.kind {
        Kind::Sqlite => {
            let url = bed.beside();
            bed.sql(&format!("VACUUM INTO '{}'", url.trim_start_matches("sqlite://"))).await;
            url
        }
        Kind::Postgres => bed.dump_and_restore(),
    }
}
