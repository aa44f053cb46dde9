//! Deliveries that are made again.

use crate::bed::{Bed, ENDPOINT, answered, now, status};
use crate::faults::worker::until_async;
use crate::support::servers::Kind;
use dealix_webhooks::sender::{DeliveryFilter, DeliveryState, QueueError, QueuedDelivery, ReplayOptions};
use sqlx::{Connection as _, PgConnection, query};

on_every_database![
    a_replay_restarts_the_schedule,
    a_pending_delivery_cannot_be_replayed,
    only_what_failed_since_the_given_time_is_replayed,
    what_waits_for_a_retry_is_sent_now_and_its_schedule_goes_on,
    the_deliveries_of_an_event_are_found_and_replayed_by_its_id,
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

async fn what_waits_for_a_retry_is_sent_now_and_its_schedule_goes_on(bed: Bed) {
    let (id, other) = (bed.subscribe(ENDPOINT).await, bed.subscribe("https://example.com/other").await);
    bed.enqueue().await;
    bed.work(answered(status(500))).await;
    bed.enqueue().await;
    let pending = DeliveryFilter { state: Some(DeliveryState::Pending), ..Default::default() };
    let theirs = DeliveryFilter { subscription_id: Some(id.clone()), ..pending.clone() };
    let replay = async |filter: &DeliveryFilter, per_second, dry_run| {
        bed.queue.replay_all(filter, ReplayOptions { per_second, dry_run }).await.expect("replayed")
    };
    let due = async || {
        let of = |delivery: &QueuedDelivery| delivery.next_attempt_at.is_some_and(|at| at <= now());
        let due = bed.deliveries().await.into_iter().filter(of);
        due.map(|delivery| (delivery.subscription_id == id, delivery.attempts)).collect::<Vec<_>>()
    };
    assert_eq!((replay(&theirs, None, true).await, due().await.len()), (1, 2), "nothing has changed");
    assert_eq!(replay(&theirs, None, false).await, 1, "the other one is due already");
    assert_eq!(due().await.iter().filter(|(is_theirs, _)| *is_theirs).count(), 2);
    bed.work(answered(status(500))).await;
    let attempts: Vec<_> = bed.deliveries().await.iter().map(|delivery| delivery.attempts).collect();
    assert_eq!(attempts.iter().sum::<u32>(), 5, "{attempts:?}");
    let second = bed.deliveries().await.into_iter().find(|delivery| delivery.attempts == 2).expect("tried twice");
    assert_eq!(second.attempts_before_replay, 0);
    let delay = second.next_attempt_at.expect("another attempt") - now();
    assert!((295..=301).contains(&delay), "the second delay of the schedule: {delay} s");

    bed.queue.enable_subscription(&other, false).await.expect("disabled");
    assert_eq!(replay(&pending, Some(1), false).await, 2, "of the enabled one");
    let paced = bed.queue.deliveries(&theirs, 100).await.expect("the deliveries");
    let times: Vec<_> = paced.iter().filter_map(|delivery| delivery.next_attempt_at).collect();
    assert_eq!(times[0] - times[1], 1, "one each second: {times:?}");
}

async fn the_deliveries_of_an_event_are_found_and_replayed_by_its_id(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.subscribe("https://example.com/other").await;
    let event = bed.enqueue().await;
    bed.enqueue().await;
    bed.work(answered(status(404))).await;
    let of_event = DeliveryFilter { event_id: Some(event.event_id.clone()), ..Default::default() };
    let found = bed.queue.deliveries(&of_event, 100).await.expect("the deliveries");
    assert_eq!(found.iter().map(|delivery| &delivery.event_id).collect::<Vec<_>>(), [&event.event_id, &event.event_id]);
    assert_eq!(bed.queue.count(&of_event).await.expect("a count"), 2);
    let delivered = DeliveryFilter { state: Some(DeliveryState::Delivered), ..of_event.clone() };
    assert_eq!(bed.queue.count(&delivered).await.expect("a count"), 0);
    assert_eq!(bed.queue.replay_all(&of_event, ReplayOptions::default()).await.expect("replayed"), 2);
    assert_eq!(bed.work(answered(status(200))).await.delivered, 2);
}

/// SQLite has one writer at a time.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_delivered_while_a_replay_waits_for_it_is_not_replayed() {
    let bed = Bed::start(Kind::Postgres).await;
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    for (state, outcome) in [(DeliveryState::DeadLetter, 404), (DeliveryState::Pending, 500)] {
        bed.sql("UPDATE dealix_deliveries SET state = 'pending', due_ms = 0, finished_at = NULL").await;
        bed.work(answered(status(outcome))).await;
        let mut connection = PgConnection::connect(&bed.url).await.expect("a connection");
        let mut delivering = connection.begin().await.expect("a transaction");
        let deliver = query("UPDATE dealix_deliveries SET state = 'delivered', due_ms = NULL, finished_at = 1");
        deliver.execute(&mut *delivering).await.expect("updated");
        let filter = DeliveryFilter { state: Some(state), ..Default::default() };
        let waits =
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        let (replayed, ()) = tokio::join!(bed.queue.replay_all(&filter, ReplayOptions::default()), async {
            until_async("the replay waits", async || bed.number(waits).await == 1).await;
            delivering.commit().await.expect("committed");
        });
        let delivery = bed.delivery().await;
        assert_eq!(replayed.expect("replayed"), 0, "{delivery:?}");
        assert_eq!((delivery.state, delivery.next_attempt_at), (DeliveryState::Delivered, None));
    }
}
