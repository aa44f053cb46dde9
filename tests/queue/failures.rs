//! What follows a failed attempt.

use crate::bed::{Bed, ENDPOINT, answered, now, status, until_idle};
use crate::records::worked;
use crate::support::receiver::SECRET;
use dealix_webhooks::sender::{
    DeliveryError, DeliveryResult, DeliveryState, EndpointError, HttpOptions, HttpTransport, WorkOptions,
};
use std::time::Duration;

on_every_database![
    a_failed_attempt_is_retried_after_the_schedules_delay,
    the_schedule_ends_in_a_dead_letter,
    retry_after_lengthens_a_delay_and_never_shortens_it,
    jitter_adds_at_most_a_tenth,
    a_permanent_failure_is_a_dead_letter_at_once,
    every_attempt_is_logged_and_agrees_with_its_delivery,
    an_error_is_stored_in_a_form_that_every_database_accepts,
    an_unreadable_record_is_parked_and_does_not_stop_the_others,
    a_record_with_impossible_numbers_is_parked_like_any_other,
    an_impossible_rate_is_parked_and_does_not_stop_the_others,
];

/// In how many seconds the next attempt is due, less the second or so that has passed since.
async fn delay(bed: &Bed) -> i64 {
    bed.delivery().await.next_attempt_at.expect("another attempt") - now()
}

async fn a_failed_attempt_is_retried_after_the_schedules_delay(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    for (attempt, seconds) in [(1, 30), (2, 300), (3, 1800)] {
        let summary = bed.work(answered(status(500))).await;
        assert_eq!(summary, worked(0, 1, 0));
        let delivery = bed.delivery().await;
        assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Pending, attempt));
        let delay = delay(&bed).await;
        assert!((seconds - 2..=seconds + 1).contains(&delay), "{delay} s after attempt {attempt}");
        bed.make_due().await;
    }
    assert_eq!(bed.work(answered(status(200))).await.delivered, 1);
    assert_eq!(bed.delivery().await.attempts, 4);
}

async fn the_schedule_ends_in_a_dead_letter(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    for _ in 1..6 {
        assert_eq!(bed.work(answered(status(503))).await.retries, 1);
        bed.make_due().await;
    }
    assert_eq!(bed.work(answered(status(503))).await, worked(0, 0, 1));
    let delivery = bed.delivery().await;
    assert_eq!((delivery.state, delivery.attempts, delivery.status_code), (DeliveryState::DeadLetter, 6, Some(503)));
    assert!(delivery.finished_at.is_some() && delivery.next_attempt_at.is_none(), "{delivery:?}");
}

async fn retry_after_lengthens_a_delay_and_never_shortens_it(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    let of_a_day_and_more = 2 * 24 * 3600;
    for (status_code, retry_after, seconds) in
        [(503, 100, 100), (429, 100, 100), (503, 1, 30), (500, 100, 30), (429, of_a_day_and_more, 24 * 3600)]
    {
        let event = bed.enqueue().await;
        let retry_after = Some(Duration::from_secs(retry_after));
        bed.work(answered(DeliveryResult { retry_after, ..status(status_code) })).await;
        let deliveries = bed.deliveries().await;
        let delivery = deliveries.iter().find(|delivery| delivery.event_id == event.event_id).expect("the delivery");
        let delay = delivery.next_attempt_at.expect("another attempt") - now();
        bed.release_endpoints().await;
        assert!((seconds - 2..=seconds + 1).contains(&delay), "{status_code}, {retry_after:?}: {delay} s");
    }
}

async fn jitter_adds_at_most_a_tenth(bed: Bed) {
    // Forty endpoints, because each endpoint is left alone after its first response.
    for _ in 0..40 {
        bed.subscribe(ENDPOINT).await;
    }
    bed.enqueue().await;
    let failing = answered(DeliveryResult { retry_after: Some(Duration::from_secs(1000)), ..status(503) });
    let options = WorkOptions { jitter: true, ..until_idle() };
    bed.queue.worker(failing, options).run(std::future::pending()).await;
    let delays: Vec<_> = bed
        .deliveries()
        .await
        .iter()
        .map(|delivery| delivery.next_attempt_at.expect("another attempt") - now())
        .collect();
    assert_eq!(delays.len(), 40);
    assert!(delays.iter().all(|delay| (990..=1101).contains(delay)), "{delays:?}");
    // The chance that all forty fall within a quarter of the range is 1 in 10^22.
    assert!(delays.iter().max() > delays.iter().min().map(|least| least + 25).as_ref(), "{delays:?}");
}

async fn a_permanent_failure_is_a_dead_letter_at_once(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    assert_eq!(bed.work(answered(status(404))).await, worked(0, 0, 1));
    let delivery = bed.delivery().await;
    assert_eq!((delivery.state, delivery.attempts, delivery.status_code), (DeliveryState::DeadLetter, 1, Some(404)));

    // The address guard refuses it before anything is sent.
    let guarded = HttpTransport::new(HttpOptions::default()).expect("a transport");
    bed.subscribe("https://127.0.0.1/hook").await;
    bed.queue.enable_subscription(&delivery.subscription_id, false).await.expect("disabled");
    let event = bed.enqueue().await;
    assert_eq!(bed.work(guarded).await.dead_letters, 1);
    let deliveries = bed.deliveries().await;
    let refused = deliveries.iter().find(|delivery| delivery.event_id == event.event_id).expect("the delivery");
    let reason = DeliveryError::Endpoint(EndpointError::NotPublic).to_string();
    assert_eq!((refused.state, refused.error.as_ref()), (DeliveryState::DeadLetter, Some(&reason)));
}

async fn every_attempt_is_logged_and_agrees_with_its_delivery(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.work(answered(status(500))).await;
    bed.make_due().await;
    let broken = DeliveryError::Transport("connection reset".to_owned());
    bed.work(answered(DeliveryResult { error: Some(broken), duration_ms: 7, ..Default::default() })).await;
    bed.make_due().await;
    bed.work(answered(status(201))).await;

    let delivery = bed.delivery().await;
    let log = bed.queue.attempts(&delivery.delivery_id).await.expect("the log");
    let lines: Vec<_> =
        log.iter().map(|line| (line.attempt, line.status_code, line.success, line.error.as_deref())).collect();
    assert_eq!(
        lines,
        [(1, Some(500), false, None), (2, None, false, Some("connection reset")), (3, Some(201), true, None)]
    );
    assert_eq!(log[1].duration_ms, 7);
    let last = &log[2];
    assert_eq!(delivery.attempts, last.attempt);
    assert_eq!((delivery.status_code, delivery.error), (last.status_code, last.error.clone()));
    assert_eq!(delivery.finished_at, Some(last.timestamp));
    assert!(log.iter().all(|line| line.delivery_id == delivery.delivery_id && (line.timestamp - now()).abs() < 60));
}

async fn an_error_is_stored_in_a_form_that_every_database_accepts(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    let long = DeliveryError::Transport(format!("a nul \0 and {}", "ü".repeat(300)));
    assert_eq!(bed.work(answered(DeliveryResult { error: Some(long), ..Default::default() })).await.retries, 1);
    let error = bed.delivery().await.error.expect("an error");
    assert!(error.starts_with("a nul \u{fffd} and ü") && error.chars().count() == 200, "{error:?}");
}

async fn an_unreadable_record_is_parked_and_does_not_stop_the_others(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.damage_secrets(&id).await;
    assert_eq!(bed.work(answered(status(200))).await, worked(0, 0, 0));
    let parked = bed.delivery().await;
    assert_eq!((parked.state, parked.attempts), (DeliveryState::Pending, 0));
    let error = parked.error.expect("a reason");
    assert!(error.starts_with("parked: a record in the queue's database cannot be read"), "{error}");
    assert!(!error.contains(SECRET), "{error}");
    assert!(
        parked.next_attempt_at.is_some_and(|at| (800..=901).contains(&(at - now()))),
        "{:?}",
        parked.next_attempt_at
    );

    bed.mend_secrets(&id).await;
    bed.make_due().await;
    assert_eq!(bed.work(answered(status(200))).await.delivered, 1);
    assert_eq!(bed.delivery().await.error, None);
}

async fn a_record_with_impossible_numbers_is_parked_like_any_other(bed: Bed) {
    const DAMAGES: [&str; 3] = ["attempts = 4294967295", "attempts_before_replay = 7", "bytes = -1"];
    bed.subscribe(ENDPOINT).await;
    for damage in DAMAGES {
        bed.enqueue().await;
        bed.sql(&format!("UPDATE dealix_deliveries SET {damage} WHERE state = 'pending' AND error IS NULL")).await;
        bed.enqueue().await;
        assert_eq!(bed.work(answered(status(200))).await, worked(1, 0, 0), "{damage}");
    }
    let parked: Vec<_> = bed.deliveries().await.into_iter().filter_map(|delivery| delivery.error).collect();
    assert_eq!(parked.len(), DAMAGES.len());
    assert!(
        parked.iter().all(|error| error.starts_with("parked: a record in the queue's database cannot be read")),
        "{parked:?}"
    );
}

async fn an_impossible_rate_is_parked_and_does_not_stop_the_others(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.subscribe("https://example.com/other").await;
    for rate in [-100, -1, i64::MAX] {
        bed.sql(&format!("UPDATE dealix_subscriptions SET max_per_second = {rate} WHERE id = '{id}'")).await;
        bed.enqueue().await;
        assert_eq!(bed.work(answered(status(200))).await, worked(1, 0, 0), "{rate}");
    }
    assert_eq!(bed.queue.activity().await.expect("the activity").parked, 3);
}
