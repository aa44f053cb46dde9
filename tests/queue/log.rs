//! The log of a delivery: what each attempt's time was spent on, and what the endpoint said.

use crate::bed::{Bed, ENDPOINT, answered};
use crate::faults::worker::{SENDER, run_as, succeeded};
use dealix_webhooks::sender::{AttemptPhases, DeliveryRequest, DeliveryResult, ResponseExcerpt};
use serde_json::Value;
use std::future::ready;
use std::process::Command;

on_every_database![
    the_log_keeps_the_phases_and_what_the_endpoint_said,
    attempts_that_are_recorded_together_keep_what_each_endpoint_said,
    what_another_transport_returns_is_cut_and_made_storable,
    what_the_endpoint_said_is_printed_so_that_it_passes_for_nothing_else,
    a_log_of_an_earlier_version_is_read,
];

fn said(body: &str, content_type: Option<&str>) -> DeliveryResult {
    DeliveryResult {
        status_code: Some(503),
        phases: AttemptPhases { dns_ms: Some(1), connect_ms: Some(2), tls_ms: None, first_byte_ms: Some(40) },
        excerpt: Some(ResponseExcerpt { body: body.to_owned(), content_type: content_type.map(str::to_owned) }),
        ..Default::default()
    }
}

async fn the_log_keeps_the_phases_and_what_the_endpoint_said(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.sql("UPDATE dealix_deliveries SET due_ms = due_ms - 3000").await;
    let result = said(r#"{"error": "the database is down"}"#, Some("application/json"));
    bed.work(answered(result.clone())).await;
    let log = bed.queue.attempts(&bed.delivery().await.delivery_id).await.expect("the log");
    assert_eq!((log.len(), log[0].phases, &log[0].excerpt), (1, result.phases, &result.excerpt));
    assert!(log[0].queue_ms.is_some_and(|queue_ms| (3000..60_000).contains(&queue_ms)), "{log:?}");
    assert!(!format!("{log:?}").contains("the database is down"), "it may be anything, so it is not in a log");
}

async fn attempts_that_are_recorded_together_keep_what_each_endpoint_said(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    for _ in 0..40 {
        bed.enqueue().await;
    }
    let transport = |request: DeliveryRequest| {
        let event: Value = serde_json::from_slice(&request.body).expect("an envelope");
        ready(response_to(event["id"].as_str().expect("an event's id")))
    };
    bed.work(transport).await;
    for delivery in bed.deliveries().await {
        let log = bed.queue.attempts(&delivery.delivery_id).await.expect("the log");
        assert_eq!(log[0].excerpt, response_to(&delivery.event_id).excerpt);
    }
}

/// Texts of several lengths, in bytes and in characters; one in four is empty, and one is missing.
fn response_to(event_id: &str) -> DeliveryResult {
    let number = event_id.bytes().map(usize::from).sum::<usize>();
    match number % 4 {
        0 => DeliveryResult { excerpt: None, ..said("", None) },
        1 => said("", None),
        _ => said(&format!("{} of {event_id}", "€".repeat(number % 7)), None),
    }
}

async fn what_another_transport_returns_is_cut_and_made_storable(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.work(answered(said(&"é\0".repeat(4000), Some("text/plain\0")))).await;
    let log = bed.queue.attempts(&bed.delivery().await.delivery_id).await.expect("the log");
    let excerpt = log[0].excerpt.as_ref().expect("an excerpt");
    assert_eq!(excerpt.body, "é\u{fffd}".repeat(512));
    assert_eq!(excerpt.content_type.as_deref(), Some("text/plain\u{fffd}"));
}

async fn what_the_endpoint_said_is_printed_so_that_it_passes_for_nothing_else(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.work(answered(said("oops\n\u{1b}[31mattempt 2: delivered\n", Some("text/html")))).await;
    let id = bed.delivery().await.delivery_id;
    let shown = succeeded(run_as(Command::new(SENDER), &bed.url, &["deliveries", &id]));
    assert!(shown.contains("DNS 1 ms, connect 2 ms, first byte 40 ms"), "{shown}");
    let lines = "attempt 1: the endpoint said (text/html)\n    oops\n    \u{fffd}[31mattempt 2: delivered\n";
    assert!(shown.ends_with(lines), "{shown}");
    let json = succeeded(run_as(Command::new(SENDER), &bed.url, &["deliveries", &id, "--json"]));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let attempt = &json["attempts"][0];
    assert_eq!((&attempt["first_byte_ms"], &attempt["excerpt"]["content_type"]), (&40.into(), &"text/html".into()));
}

async fn a_log_of_an_earlier_version_is_read(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    let id = bed.delivery().await.delivery_id;
    bed.sql(&format!(
        "INSERT INTO dealix_attempts (id, delivery_id, attempt, timestamp, status_code, success, error, duration_ms) \
         VALUES ('att_1', '{id}', 1, 1700000000, 500, 0, NULL, 12)"
    ))
    .await;
    let log = bed.queue.attempts(&id).await.expect("the log");
    assert_eq!((log[0].queue_ms, log[0].phases), (None, AttemptPhases::default()));
    assert!(log[0].excerpt.is_none());
}
