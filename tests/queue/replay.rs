//! Deliveries that are made again.

use crate::bed::{Bed, ENDPOINT, answered, now, status};
use dealix_webhooks::sender::{DeliveryFilter, DeliveryState, QueueError, ReplayOptions};

on_every_database![
    a_replay_restarts_the_schedule,
    a_pending_delivery_cannot_be_replayed,
    only_what_failed_since_the_given_time_is_replayed,
];

async fn a_replay_restarts_the_schedule(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.work(answered(status(500))).await;
    bed.make_due().await;
    bed.work(answered(status(404))).await;
    let dead = bed.delivery().await;
    assert_eq!((dead.state, dead.attempts), (DeliveryState::DeadLetter, 2));

    bed.queue.replay(&dead.delivery_id).await.expect("replayed");
    let replayed = bed.delivery().await;
    assert_eq!((replayed.state, replayed.attempts_before_replay), (DeliveryState::Pending, 2));
    assert_eq!(replayed.finished_at, None);
    bed.work(answered(status(500))).await;
    let failed = bed.delivery().await;
    let delay = failed.next_attempt_at.expect("another attempt") - now();
    assert_eq!(failed.attempts, 3);
    assert!((28..=31).contains(&delay), "the first delay of the schedule, not the third: {delay} s");

    bed.make_due().await;
    bed.work(answered(status(200))).await;
    bed.queue.replay(&dead.delivery_id).await.expect("a delivered delivery can be replayed too");
    assert_eq!(bed.work(answered(status(200))).await.delivered, 1);
    let log = bed.queue.attempts(&dead.delivery_id).await.expect("the log");
    assert_eq!(log.iter().map(|line| line.attempt).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

async fn a_pending_delivery_cannot_be_replayed(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    let id = bed.delivery().await.delivery_id;
    assert!(matches!(bed.queue.replay(&id).await, Err(QueueError::StillPending(pending)) if pending == id));
    assert!(matches!(bed.queue.replay("dlv_0").await, Err(QueueError::NoDelivery(id)) if id == "dlv_0"));
    assert!(matches!(bed.queue.attempts("dlv_0").await, Err(QueueError::NoDelivery(_))));
    assert_eq!(bed.work(answered(status(200))).await.delivered, 1, "it is delivered once");
}

async fn only_what_failed_since_the_given_time_is_replayed(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.work(answered(status(404))).await;
    bed.set_finished_at(now() - 3600).await;
    let too_old = bed.delivery().await.delivery_id;
    for status_code in [404, 404, 200] {
        bed.enqueue().await;
        bed.work(answered(status(status_code))).await;
    }
    bed.enqueue().await;

    assert_eq!(
        bed.queue
            .replay_all(&DeliveryFilter { since: now() - 1800, ..Default::default() }, ReplayOptions::default())
            .await
            .expect("replayed"),
        2
    );

    let deliveries = bed.deliveries().await;
    let pending = deliveries.iter().filter(|delivery| delivery.state == DeliveryState::Pending).count();
    assert_eq!(pending, 3);
    let dead: Vec<_> = deliveries.iter().filter(|delivery| delivery.state == DeliveryState::DeadLetter).collect();
    assert_eq!(dead.iter().map(|delivery| &delivery.delivery_id).collect::<Vec<_>>(), [&too_old]);
    assert_eq!(bed.work(answered(status(200))).await.delivered, 3);
    assert_eq!(bed.queue.replay_all(&DeliveryFilter::default(), ReplayOptions::default()).await.expect("replayed"), 1);
}
