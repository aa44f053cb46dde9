//! What happens to a subscription whose endpoint fails, and to an endpoint that is slow.

use crate::bed::{Bed, ENDPOINT, answered, event, now, slow, status, until, until_idle};
use crate::records::worked;
use crate::support::receiver::SECRET;
use dealix_webhooks::sender::{
    DeliveryError, DeliveryRequest, DeliveryResult, DeliveryState, WebhookSubscription, WorkOptions,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::time::sleep;

on_every_database![
    gone_disables_the_subscription_at_once,
    pending_deliveries_of_a_disabled_subscription_become_dead_letters,
    an_endpoint_that_fails_for_five_days_is_disabled,
    a_success_ends_a_period_of_failure,
    when_an_endpoint_last_failed_is_known_to_the_minute,
    a_success_ends_a_period_of_failure_begun_while_it_was_in_flight,
    nothing_more_is_sent_once_an_endpoint_is_disabled,
    an_attempt_that_will_be_retried_disables_nothing,
    a_dead_endpoint_with_a_backlog_does_not_delay_the_others,
    a_failure_of_the_senders_machine_is_not_counted_as_an_attempt,
    attempts_in_flight_at_one_endpoint_are_limited,
];

async fn gone_disables_the_subscription_at_once(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    assert_eq!(bed.work(answered(status(410))).await, worked(0, 0, 1));
    let stored = bed.subscription(&id).await;
    assert!(!stored.subscription.enabled);
    assert_eq!(stored.disabled_reason.as_deref(), Some("its endpoint responded with 410 Gone"));
    let event = bed.enqueue().await;
    assert!(bed.deliveries().await.iter().all(|delivery| delivery.event_id != event.event_id));

    bed.queue.enable_subscription(&id, true).await.expect("enabled");
    let stored = bed.subscription(&id).await;
    assert!(stored.subscription.enabled && stored.disabled_reason.is_none() && stored.failing_since.is_none());
}

async fn pending_deliveries_of_a_disabled_subscription_become_dead_letters(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.work(answered(status(500))).await;
    bed.queue.enable_subscription(&id, false).await.expect("disabled");
    bed.make_due().await;
    assert_eq!(bed.work(answered(status(200))).await, worked(0, 0, 1));
    let delivery = bed.delivery().await;
    assert_eq!((delivery.state, delivery.attempts, delivery.status_code), (DeliveryState::DeadLetter, 1, None));
    assert_eq!(delivery.error.as_deref(), Some("the subscription is disabled: disabled by an operator"));
    assert_eq!(bed.queue.attempts(&delivery.delivery_id).await.expect("the log").len(), 1, "no attempt was made");
}

async fn an_endpoint_that_fails_for_five_days_is_disabled(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    let five_days = 5 * 24 * 3600;
    for (since, enabled) in [(now() - five_days + 60, true), (now() - five_days, false)] {
        bed.set_failing_since(&id, since).await;
        bed.enqueue().await;
        bed.work(answered(status(404))).await;
        let stored = bed.subscription(&id).await;
        assert_eq!((stored.subscription.enabled, stored.failing_since), (enabled, Some(since)));
    }
    let reason = bed.subscription(&id).await.disabled_reason;
    assert_eq!(reason.as_deref(), Some("its endpoint has done nothing but fail for five days"));

    // A re-enabled subscription gets another five days.
    bed.queue.enable_subscription(&id, true).await.expect("enabled");
    bed.enqueue().await;
    bed.work(answered(status(404))).await;
    assert!(bed.subscription(&id).await.subscription.enabled);
}

async fn a_success_ends_a_period_of_failure(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.work(answered(status(500))).await;
    let since = bed.subscription(&id).await.failing_since.expect("it fails");
    assert!((now() - since).abs() < 60);
    bed.make_due().await;
    bed.work(answered(status(200))).await;
    assert_eq!(bed.subscription(&id).await.failing_since, None);
}

async fn when_an_endpoint_last_failed_is_known_to_the_minute(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    for (ago, is_written) in [(30, false), (90, true)] {
        bed.sql(&format!("UPDATE dealix_subscriptions SET failing_since = 7, failed_at = {}", now() - ago)).await;
        bed.enqueue().await;
        bed.work(answered(status(500))).await;
        let stored = bed.subscription(&id).await;
        let written = stored.failed_at.is_some_and(|at| now() - at < 15);
        assert_eq!((stored.failing_since, written), (Some(7), is_written), "{ago} s ago");
    }
    bed.enqueue().await;
    bed.work(answered(status(200))).await;
    assert_eq!(bed.subscription(&id).await.failed_at, None);
}

async fn attempts_in_flight_at_one_endpoint_are_limited(bed: Bed) {
    const SLOW: &str = "https://slow.example.com/";
    bed.subscribe(SLOW).await;
    bed.subscribe(ENDPOINT).await;
    for _ in 0..30 {
        bed.enqueue().await;
    }
    // Attempts in flight at each endpoint, now and at most, and the order in which the endpoints answered.
    let under_way: Arc<Mutex<HashMap<String, (usize, usize)>>> = Arc::default();
    let answers: Arc<Mutex<Vec<String>>> = Arc::default();
    let (watched, answered) = (under_way.clone(), answers.clone());
    let transport = move |request: DeliveryRequest| {
        let (watched, answered) = (watched.clone(), answered.clone());
        async move {
            let count = |by: isize| {
                let mut watched = watched.lock().expect("no panic");
                let (now, most) = watched.entry(request.url.clone()).or_default();
                *now = now.checked_add_signed(by).expect("a count");
                *most = (*most).max(*now);
            };
            count(1);
            sleep(Duration::from_millis(if request.url == SLOW { 200 } else { 1 })).await;
            count(-1);
            answered.lock().expect("no panic").push(request.url);
            status(200)
        }
    };
    let options = WorkOptions { concurrency: 12, concurrency_per_endpoint: 3, ..until_idle() };
    let summary = bed.queue.worker(transport, options).run(std::future::pending()).await;

    assert_eq!(summary.delivered, 60);
    assert_eq!(under_way.lock().expect("no panic")[SLOW], (0, 3), "three places, all used");
    let answers = answers.lock().expect("no panic");
    let slow_before_the_others_end =
        answers.iter().rev().skip_while(|url| *url == SLOW).filter(|url| *url == SLOW).count();
    assert!(slow_before_the_others_end < 20, "the others waited: {answers:?}");
}

async fn a_success_ends_a_period_of_failure_begun_while_it_was_in_flight(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.enqueue().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let transport = move |_: DeliveryRequest| {
        let is_first = calls.fetch_add(1, Relaxed) == 0;
        async move {
            if is_first {
                sleep(Duration::from_millis(600)).await;
            }
            status(if is_first { 200 } else { 500 })
        }
    };
    let summary = bed.work(transport).await;
    assert_eq!(summary, worked(1, 1, 0));
    assert_eq!(bed.subscription(&id).await.failing_since, None);
}

async fn nothing_more_is_sent_once_an_endpoint_is_disabled(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.enqueue().await;
    let calls: Arc<AtomicUsize> = Arc::default();
    let transport = slow(calls.clone(), Duration::from_millis(600), status(410));
    let options = WorkOptions { concurrency_per_endpoint: 1, ..until_idle() };
    let summary = bed.queue.worker(transport, options).run(std::future::pending()).await;
    assert_eq!(summary, worked(0, 0, 2));
    assert_eq!(calls.load(Relaxed), 1);
}

async fn an_attempt_that_will_be_retried_disables_nothing(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.set_failing_since(&id, now() - 7 * 24 * 3600).await;
    bed.enqueue().await;
    assert_eq!(bed.work(answered(status(503))).await, worked(0, 1, 0));
    assert!(bed.subscription(&id).await.subscription.enabled);
}

async fn a_dead_endpoint_with_a_backlog_does_not_delay_the_others(bed: Bed) {
    let dead = "https://dead.example.com/";
    bed.subscribe(dead).await;
    for _ in 0..300 {
        bed.enqueue().await;
    }
    let subscription = WebhookSubscription::new("cus_2", ENDPOINT, SECRET, 0);
    bed.queue.add_subscription(subscription).await.expect("a subscription");
    bed.queue.enqueue(&event("deal.won", "cus_2")).await.expect("enqueued");

    let transport = move |request: DeliveryRequest| async move {
        if request.url == dead {
            std::future::pending::<()>().await;
        }
        status(200)
    };
    let options = WorkOptions { shutdown_grace: Duration::ZERO, ..WorkOptions::default() };
    let worker = bed.queue.worker(transport, options);
    let counters = worker.counters();
    let arrived = until("the delivery to the healthy endpoint", move || {
        let delivered = counters.summary().delivered;
        async move { delivered == 1 }
    });
    let started = Instant::now();
    worker.run(arrived).await;
    assert!(started.elapsed() < Duration::from_secs(20), "it took {:?}", started.elapsed());
}

async fn a_failure_of_the_senders_machine_is_not_counted_as_an_attempt(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let transport = move |_: DeliveryRequest| {
        let error = (calls.fetch_add(1, Relaxed) == 0).then(|| DeliveryError::Local("no socket is left".to_owned()));
        let status_code = error.is_none().then_some(200);
        std::future::ready(DeliveryResult { status_code, error, ..Default::default() })
    };
    assert_eq!(bed.work(transport).await, worked(1, 0, 0));
    let delivery = bed.delivery().await;
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Delivered, 1));
    assert_eq!(bed.subscription(&id).await.failing_since, None);

    // A response counts even if reading its body failed.
    bed.enqueue().await;
    let error = Some(DeliveryError::Local("no socket is left".to_owned()));
    let answer = DeliveryResult { status_code: Some(200), error, ..Default::default() };
    assert_eq!(bed.work(answered(answer)).await, worked(1, 0, 0));
}
