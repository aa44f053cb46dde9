//! What an operator does: pausing, recovering missed events, and replaying some deliveries but not others.

use crate::bed::{Bed, ENDPOINT, answered, event, now, status};
use crate::records::{depth, recovered};
use crate::support::receiver::SECRET;
use dealix_webhooks::sender::{
    DeliveryFilter, DeliveryState, Queue, QueueError, ReplayOptions, WebhookSubscription, WorkSummary,
};

on_every_database![
    deliveries_of_a_paused_subscription_wait_until_it_is_resumed,
    events_missed_by_a_disabled_subscription_are_recovered_once,
    two_concurrent_recoveries_deliver_everything_once,
    a_replay_follows_its_filter_and_skips_disabled_subscriptions,
    a_paced_replay_is_spread_over_time,
];

const DRY_RUN: ReplayOptions = ReplayOptions { per_second: None, dry_run: true };

async fn deliveries_of_a_paused_subscription_wait_until_it_is_resumed(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.queue.pause_subscription(&id, true).await.expect("paused");
    assert!(bed.subscription(&id).await.paused);
    bed.enqueue().await;
    assert_eq!(
        bed.work(answered(status(200))).await,
        WorkSummary::default(),
        "nothing is sent or becomes a dead letter"
    );
    assert_eq!(bed.queue.depth().await.expect("the depth"), depth(2, 0, 0));

    bed.queue.pause_subscription(&id, false).await.expect("resumed");
    assert_eq!(bed.work(answered(status(200))).await.delivered, 2);
    let unknown = bed.queue.pause_subscription("sub_0", true).await;
    assert!(matches!(unknown, Err(QueueError::NoSubscription(_))));
}

async fn events_missed_by_a_disabled_subscription_are_recovered_once(bed: Bed) {
    bed.enqueue().await;
    bed.sql("UPDATE dealix_events SET created_at = created_at - 3600").await;
    let before_it_was_made = now();
    let mut subscription = WebhookSubscription::new("cus_1", ENDPOINT, SECRET, before_it_was_made);
    subscription.events = vec!["deal.won".into()];
    let id = bed.queue.add_subscription(subscription).await.expect("a subscription");
    bed.enqueue().await;
    bed.work(answered(status(200))).await;
    bed.enqueue().await;
    bed.work(answered(status(410))).await;
    for event_type in ["deal.won", "deal.lost"] {
        bed.queue.enqueue(&event(event_type, "cus_1")).await.expect("enqueued for no subscription");
    }
    let recover = async |options| bed.queue.recover(&id, 0, options).await;
    assert!(matches!(recover(DRY_RUN).await, Err(QueueError::Disabled(_))));

    bed.queue.enable_subscription(&id, true).await.expect("enabled");
    assert_eq!(recover(DRY_RUN).await.expect("counted"), recovered(1, 1));
    assert_eq!(bed.queue.depth().await.expect("the depth").pending, 0, "a dry run changes nothing");
    assert_eq!(recover(ReplayOptions::default()).await.expect("recovered"), recovered(1, 1));
    assert_eq!(recover(ReplayOptions::default()).await.expect("recovered"), recovered(0, 0), "each is recovered once");
    assert_eq!(bed.work(answered(status(200))).await.delivered, 2);
}

async fn two_concurrent_recoveries_deliver_everything_once(bed: Bed) {
    const EVENTS: u64 = 3000;
    let id = bed.subscribe(ENDPOINT).await;
    bed.queue.enable_subscription(&id, false).await.expect("disabled");
    let events: Vec<_> = (0..EVENTS).map(|_| event("deal.won", "cus_1")).collect();
    bed.queue.enqueue_all(&events).await.expect("enqueued for no subscription");
    // Enough for several batches.
    bed.sql("UPDATE dealix_events SET created_at = created_at + 1 WHERE id < 'evt_8'").await;
    bed.queue.enable_subscription(&id, true).await.expect("enabled");

    let other = Queue::open(&bed.url).await.expect("a queue");
    assert_eq!(bed.queue.recover(&id, 0, DRY_RUN).await.expect("counted"), recovered(0, EVENTS));
    let one = bed.queue.recover(&id, 0, ReplayOptions::default());
    let (one, two) = tokio::join!(one, other.recover(&id, 0, ReplayOptions::default()));
    assert_eq!(one.expect("recovered").missed + two.expect("recovered").missed, EVENTS);
    assert_eq!(bed.queue.depth().await.expect("the depth").pending, EVENTS);
}

async fn a_replay_follows_its_filter_and_skips_disabled_subscriptions(bed: Bed) {
    let one = bed.subscribe(ENDPOINT).await;
    let other = WebhookSubscription::new("cus_2", ENDPOINT, SECRET, 0);
    let other = bed.queue.add_subscription(other).await.expect("a subscription");
    for status_code in [404, 200] {
        for customer_id in ["cus_1", "cus_2"] {
            bed.queue.enqueue(&event("deal.won", customer_id)).await.expect("enqueued");
        }
        bed.work(answered(status(status_code))).await;
    }
    let replay = async |filter: DeliveryFilter, options| bed.queue.replay_all(&filter, options).await;
    let to = |id: &String| DeliveryFilter { subscription_id: Some(id.clone()), ..Default::default() };

    bed.queue.enable_subscription(&other, false).await.expect("disabled");
    assert_eq!(replay(DeliveryFilter::default(), DRY_RUN).await.expect("counted"), 1);
    assert!(matches!(replay(to(&other), DRY_RUN).await, Err(QueueError::Disabled(_))));
    bed.queue.enable_subscription(&other, true).await.expect("enabled");

    assert_eq!(replay(DeliveryFilter::default(), DRY_RUN).await.expect("counted"), 2);
    let delivered = DeliveryFilter { state: Some(DeliveryState::Delivered), ..to(&one) };
    assert_eq!(replay(delivered, ReplayOptions::default()).await.expect("replayed"), 1);
    let of_a_customer = DeliveryFilter { customer_id: Some("cus_2".to_owned()), ..Default::default() };
    assert_eq!(replay(of_a_customer, ReplayOptions::default()).await.expect("replayed"), 1);
    let later = DeliveryFilter { since: now() + 60, ..to(&one) };
    assert_eq!(replay(later, ReplayOptions::default()).await.expect("replayed"), 0);
    assert_eq!(bed.work(answered(status(200))).await.delivered, 2);
    assert_eq!(replay(to(&one), ReplayOptions::default()).await.expect("replayed"), 1);
}

async fn a_paced_replay_is_spread_over_time(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    for _ in 0..20 {
        bed.enqueue().await;
    }
    bed.work(answered(status(404))).await;
    let paced = ReplayOptions { per_second: Some(2), dry_run: false };
    assert_eq!(bed.queue.replay_all(&DeliveryFilter::default(), paced).await.expect("replayed"), 20);
    let spread = bed.number("SELECT max(due_ms) - min(due_ms) FROM dealix_deliveries").await;
    assert!((9_000..=10_000).contains(&spread), "{spread} ms");
}
