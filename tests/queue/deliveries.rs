//! From an event to its deliveries, and what is listed and kept of them.

use crate::bed::{Bed, ENDPOINT, answered, event, now, status, until};
use crate::records;
use crate::support::receiver::{Receiver, SECRET};
use crate::support::servers::Kind;
use dealix_webhooks::sender::{
    DeliveryFilter, DeliveryState, EndpointPolicy, HttpOptions, HttpTransport, WebhookSubscription, WorkOptions,
};
use sqlx::{Connection as _, PgConnection, raw_sql};
use std::time::Duration;

on_every_database![
    an_enqueued_event_arrives_once_and_verifies,
    an_event_goes_only_to_the_subscriptions_that_want_it,
    a_known_event_id_is_not_queued_again,
    a_list_holds_what_the_filter_selects_newest_first,
    the_depth_counts_pending_due_and_dead_letters,
    only_what_finished_long_ago_is_pruned,
    what_is_kept_for_a_second_is_pruned_as_often,
    a_worker_that_ends_when_idle_leaves_nothing_to_be_pruned,
];

async fn an_enqueued_event_arrives_once_and_verifies(bed: Bed) {
    let receiver = Receiver::start(|_| 204).await;
    bed.subscribe(&receiver.url("/hook")).await;
    let event = bed.enqueue().await;
    let endpoints =
        EndpointPolicy { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
    let transport = HttpTransport::new(HttpOptions { endpoints, ..Default::default() }).expect("a transport");

    assert_eq!(bed.work(transport).await.delivered, 1);

    assert_eq!(receiver.arrivals(), [(event.event_id, 1)].into());
    assert_eq!(receiver.refused(), Vec::<String>::new());
    let delivery = bed.delivery().await;
    assert_eq!((delivery.state, delivery.attempts, delivery.status_code), (DeliveryState::Delivered, 1, Some(204)));
    assert_eq!((delivery.next_attempt_at, delivery.error), (None, None));
}

async fn an_event_goes_only_to_the_subscriptions_that_want_it(bed: Bed) {
    let mut of_that_type = WebhookSubscription::new("cus_1", ENDPOINT, SECRET, 0);
    of_that_type.events = vec!["deal.lost".into(), "deal.won".into()];
    let mut of_another = of_that_type.clone();
    of_another.events = vec!["deal.lost".into()];
    let mut disabled = of_that_type.clone();
    disabled.enabled = false;
    let of_another_customer = WebhookSubscription::new("cus_2", ENDPOINT, SECRET, 0);
    let mut wanting = vec![bed.subscribe(ENDPOINT).await];
    wanting.push(bed.queue.add_subscription(of_that_type).await.expect("a subscription"));
    for other in [of_another, disabled, of_another_customer] {
        bed.queue.add_subscription(other).await.expect("a subscription");
    }

    let event = event("deal.won", "cus_1");
    let enqueued = bed.queue.enqueue(&event).await.expect("enqueued");

    assert_eq!(enqueued, records::enqueued(2, false));
    let deliveries = bed.deliveries().await;
    let mut to: Vec<_> = deliveries.iter().map(|delivery| delivery.subscription_id.clone()).collect();
    to.sort();
    wanting.sort();
    assert_eq!(to, wanting);
    assert!(deliveries.iter().all(|delivery| delivery.event_id == event.event_id));
    assert_eq!(bed.work(answered(status(200))).await.delivered, 2);
}

async fn a_known_event_id_is_not_queued_again(bed: Bed) {
    let unwanted = event("deal.won", "cus_1");
    let known = records::enqueued(0, true);
    let nobody = records::enqueued(0, false);
    assert_eq!(bed.queue.enqueue(&unwanted).await.expect("enqueued"), nobody);
    bed.subscribe(ENDPOINT).await;
    assert_eq!(bed.queue.enqueue(&unwanted).await.expect("enqueued"), known, "it is known although it was unwanted");

    let event = bed.enqueue().await;
    assert_eq!(bed.queue.enqueue(&event).await.expect("enqueued"), known);
    assert_eq!(bed.work(answered(status(200))).await.delivered, 1);
    assert_eq!(bed.queue.enqueue(&event).await.expect("enqueued"), known, "it is still known after its delivery");
    bed.delivery().await;
}

async fn a_list_holds_what_the_filter_selects_newest_first(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    let of_another_customer = WebhookSubscription::new("cus_2", ENDPOINT, SECRET, 0);
    bed.queue.add_subscription(of_another_customer).await.expect("a subscription");
    bed.enqueue().await;
    bed.work(answered(status(404))).await;
    bed.enqueue().await;
    bed.work(answered(status(200))).await;
    bed.queue.enqueue(&event("deal.won", "cus_2")).await.expect("enqueued");

    let list = async |filter: DeliveryFilter| bed.queue.deliveries(&filter, 100).await.expect("the deliveries");
    let all = list(DeliveryFilter::default()).await;
    assert_eq!(all.len(), 3);
    assert!(all.is_sorted_by(|a, b| a.delivery_id > b.delivery_id), "{all:?}");
    for state in [DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::DeadLetter] {
        let listed = list(DeliveryFilter { state: Some(state), ..Default::default() }).await;
        assert_eq!(listed.iter().map(|delivery| delivery.state).collect::<Vec<_>>(), [state]);
        let later = DeliveryFilter { state: Some(state), since: now() + 60, ..Default::default() };
        assert_eq!(list(later).await.len(), 0);
    }
    let of_a_customer =
        |customer_id: &str| DeliveryFilter { customer_id: Some(customer_id.to_owned()), ..Default::default() };
    assert_eq!(list(of_a_customer("cus_1")).await.len(), 2);
    assert_eq!(list(of_a_customer("cus_3")).await.len(), 0);
    let newest = bed.queue.deliveries(&DeliveryFilter::default(), 2).await.expect("the deliveries");
    assert_eq!(
        newest.iter().map(|delivery| &delivery.delivery_id).collect::<Vec<_>>(),
        [&all[0].delivery_id, &all[1].delivery_id]
    );
    assert_eq!(bed.queue.count(&of_a_customer("cus_1")).await.expect("counted"), 2);
    assert_eq!(list(DeliveryFilter { since: now() + 60, ..Default::default() }).await.len(), 0);
}

async fn the_depth_counts_pending_due_and_dead_letters(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    let depth = async || bed.queue.depth().await.expect("the depth");
    assert_eq!(depth().await, records::depth(0, 0, 0));
    bed.enqueue().await;
    assert_eq!(depth().await, records::depth(1, 1, 0));
    bed.work(answered(status(500))).await;
    assert_eq!(depth().await, records::depth(1, 0, 0));
    bed.enqueue().await;
    bed.work(answered(status(404))).await;
    assert_eq!(depth().await, records::depth(1, 0, 1));
}

async fn only_what_finished_long_ago_is_pruned(bed: Bed) {
    bed.queue.enqueue(&event("deal.won", "cus_2")).await.expect("enqueued for no subscription");
    bed.subscribe(ENDPOINT).await;
    for status_code in [200, 404] {
        bed.enqueue().await;
        bed.work(answered(status(status_code))).await;
    }
    bed.set_finished_at(now() - 3600).await;
    let forgotten = bed.deliveries().await;
    bed.queue.enqueue(&event("deal.won", "cus_2")).await.expect("enqueued for no subscription");
    for status_code in [500, 200] {
        bed.enqueue().await;
        bed.work(answered(status(status_code))).await;
    }
    assert_eq!((bed.deliveries().await.len(), bed.events().await), (4, 6));

    // A worker prunes when it starts.
    let options = WorkOptions { keep_finished: Duration::from_secs(1800), ..Default::default() };
    let worker = bed.queue.worker(answered(status(200)), options);
    worker.run(until("pruning", async || bed.events().await == 3)).await;

    let kept = bed.deliveries().await;
    let mut states: Vec<_> = kept.iter().map(|delivery| delivery.state.to_string()).collect();
    states.sort();
    assert_eq!(states, ["delivered", "pending"]);
    assert!(kept.iter().all(|delivery| delivery.attempts == 1));
    for delivery in kept {
        assert_eq!(bed.queue.attempts(&delivery.delivery_id).await.expect("the log").len(), 1);
    }
    for delivery in forgotten {
        bed.queue.attempts(&delivery.delivery_id).await.expect_err("it was pruned");
    }
    assert_eq!(bed.number("SELECT count(*) FROM dealix_attempts").await, 2);
}

async fn a_worker_that_ends_when_idle_leaves_nothing_to_be_pruned(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    // Many portions, which take longer than a worker needs to see that nothing is due.
    let many: Vec<_> = (0..3000).map(|_| event("deal.won", "cus_1")).collect();
    bed.queue.enqueue_all(&many).await.expect("enqueued");
    assert_eq!(bed.work(answered(status(200))).await.delivered, 3000);
    bed.set_finished_at(now() - 3600).await;
    let options = WorkOptions { until_idle: true, keep_finished: Duration::from_secs(1800), ..Default::default() };
    bed.queue.worker(answered(status(200)), options).run(std::future::pending()).await;
    assert_eq!((bed.deliveries().await.len(), bed.events().await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_replayed_while_others_prune_is_not_lost() {
    let bed = Bed::start(Kind::Postgres).await;
    bed.queue.enqueue(&event("deal.won", "cus_2")).await.expect("enqueued for no subscription");
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.work(answered(status(200))).await;
    bed.set_finished_at(now() - 3600).await;
    let mut replaying = PgConnection::connect(&bed.url).await.expect("a connection");
    let replay = "BEGIN; UPDATE dealix_deliveries SET state = 'pending', finished_at = NULL";
    raw_sql(replay).execute(&mut replaying).await.expect("replayed");

    let options = WorkOptions { keep_finished: Duration::from_secs(1800), ..Default::default() };
    let worker = bed.queue.worker(answered(status(200)), options);
    let pruned = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        raw_sql("COMMIT").execute(&mut replaying).await.expect("committed");
        // Events are pruned after the deliveries.
        until("pruning", async || bed.events().await == 1).await;
    };
    worker.run(pruned).await;
    let replayed = bed.delivery().await;
    assert_eq!(bed.queue.attempts(&replayed.delivery_id).await.expect("the log").len(), 1);
}

async fn what_is_kept_for_a_second_is_pruned_as_often(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    let options = WorkOptions { keep_finished: Duration::from_secs(1), ..Default::default() };
    let working = bed.queue.worker(answered(status(200)), options).run(async {
        for _ in 0..2 {
            bed.enqueue().await;
            until("pruning", async || bed.events().await == 0).await;
        }
    });
    assert_eq!(working.await.delivered, 2);
}
