//! When a failed delivery is retried (`tests/vectors/retry.json`, CONTRACT §4).

use crate::support::vectors::{Tier, from_base64, read};
use dealix_webhooks::sender::{
    DeliveryError, DeliveryOptions, DeliveryRequest, DeliveryResult, EndpointError, MAX_RETRY_AFTER, RETRY_SCHEDULE,
    WebhookDelivery, WebhookSubscription, delay_after, deliver_once, next_retry_delay, should_retry,
};
use dealix_webhooks::{CanonicalError, CanonicalErrorKind, ConfigurationError, Verifier, WebhookEvent};
use serde::Deserialize;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Vector {
    NextRetryDelay {
        id: String,
        attempt: i64,
        delay: Option<u64>,
    },
    ShouldRetry {
        id: String,
        tier: Tier,
        status_from: Option<i64>,
        status_to: Option<i64>,
        error: Option<String>,
        retry: bool,
    },
    Timeline(Timeline),
}

#[derive(Deserialize)]
struct Timeline {
    id: String,
    attempt: i64,
    delay_before: u64,
    elapsed_seconds: u64,
    secret: String,
    body_base64: String,
    now: i64,
    resigned_header: String,
    resigned_valid: bool,
}

#[test]
fn the_delays_match_the_reference() {
    let mut count = 0;
    for vector in read("retry.json") {
        let Vector::NextRetryDelay { id, attempt, delay } = vector else { continue };
        assert_eq!(next_retry_delay(attempt), delay.map(Duration::from_secs), "{id}");
        count += 1;
    }
    assert!(count > 0, "retry.json holds no delays");
}

#[test]
fn no_attempt_follows_an_attempt_number_out_of_range() {
    for attempt in [i64::MIN, -1, 6, i64::from(u32::MAX) + 1, i64::MAX] {
        assert_eq!(next_retry_delay(attempt), None, "{attempt}");
    }
}

#[test]
fn retries_match_the_reference() {
    let mut count = 0;
    for vector in read("retry.json") {
        let Vector::ShouldRetry { id, tier, status_from, status_to, error, retry } = vector else { continue };
        let error = error.map(DeliveryError::Transport);
        count += 1;
        let (Some(from), Some(to)) = (status_from, status_to) else {
            assert_eq!(should_retry(None, error.as_ref()), retry, "{id}");
            continue;
        };
        for status in from..=to {
            match u16::try_from(status) {
                Ok(code) => assert_eq!(should_retry(Some(code), error.as_ref()), retry, "{id}: {status}"),
                Err(_) => assert!(tier != Tier::Must, "{id}: {status} is not an HTTP status"),
            }
        }
    }
    assert!(count > 0, "retry.json says nothing about retries");
}

#[test]
fn a_permanent_error_is_not_retried_whatever_the_status() {
    let permanent = [
        DeliveryError::InvalidHeader("X-A".to_owned()),
        DeliveryError::InvalidHeaderName,
        DeliveryError::ReservedHeader("Host".to_owned()),
        DeliveryError::Envelope(CanonicalError {
            path: "payload.a".to_owned(),
            kind: CanonicalErrorKind::NumberOverflow,
        }),
        DeliveryError::Signature(ConfigurationError::EmptySecret),
        DeliveryError::Endpoint(EndpointError::NotPublic),
    ];
    for error in permanent {
        for status in [None, Some(408), Some(429), Some(500)] {
            assert!(!should_retry(status, Some(&error)), "{status:?}: {error}");
        }
    }
}

#[test]
fn failures_of_network_receiver_or_this_machine_are_not_permanent() {
    let words = || "words".to_owned();
    for error in [DeliveryError::Transport(words()), DeliveryError::TimedOut(words()), DeliveryError::Local(words())] {
        assert!(!error.is_permanent(), "{error:?}");
        assert!(should_retry(None, Some(&error)), "{error:?}");
    }
}

/// Each attempt is signed with its own time. The reference's attempts 3 to 6 arrive too old; ours do not.
#[tokio::test]
async fn every_attempt_of_the_timeline_verifies_when_it_arrives() {
    let mut elapsed = Duration::ZERO;
    let mut count = 0;
    for vector in read("retry.json") {
        let Vector::Timeline(vector) = vector else { continue };
        let id = &vector.id;
        if vector.attempt == 1 {
            elapsed = Duration::ZERO;
        }
        let delay = next_retry_delay(vector.attempt - 1).expect("an attempt of the schedule");
        assert_eq!(delay.as_secs(), vector.delay_before, "{id}");
        elapsed += delay;
        assert_eq!(elapsed.as_secs(), vector.elapsed_seconds, "{id}");

        let body = from_base64(&vector.body_base64);
        let event = WebhookEvent::from_envelope(&body).expect("an envelope");
        let subscription = WebhookSubscription::new("cus_1", "https://receiver.example/", vector.secret.clone(), 0);
        let options = DeliveryOptions {
            attempt: vector.attempt.try_into().expect("a positive attempt"),
            now: Some(vector.now),
            ..Default::default()
        };
        let transport = |request: DeliveryRequest| {
            assert_eq!(request.body, body, "{id}: the body stays the same");
            async { DeliveryResult { status_code: Some(200), ..Default::default() } }
        };
        let delivery = deliver_once(&subscription, &event, &transport, &options).await;

        assert!(delivery.success, "{id}: {delivery:?}");
        assert_eq!(delivery.request_signature, vector.resigned_header, "{id}");
        let verified =
            Verifier::new([&vector.secret]).expect("a secret").verify(&delivery.request_signature, &body, vector.now);
        assert_eq!(verified.is_ok(), vector.resigned_valid, "{id}");
        assert_eq!(delivery.timestamp, vector.now, "{id}");
        count += 1;
    }
    assert!(count >= RETRY_SCHEDULE.len(), "retry.json covers every attempt of the schedule");
}

/// The record of attempt number `attempt`, for which the transport returned `result`.
async fn answered(attempt: u32, result: DeliveryResult) -> WebhookDelivery {
    let json = r#"{"event_id":"evt_1","event_type":"deal.won","customer_id":"cus_1","payload":{},"timestamp":1}"#;
    let event = WebhookEvent::from_json(json).expect("a record");
    let subscription = WebhookSubscription::new("cus_1", "https://receiver.example/", "whsec_1", 0);
    let options = DeliveryOptions { attempt, ..Default::default() };
    deliver_once(&subscription, &event, &|_: DeliveryRequest| std::future::ready(result.clone()), &options).await
}

async fn asked(attempt: u32, status_code: u16, retry_after: Duration) -> Option<Duration> {
    let result =
        DeliveryResult { status_code: Some(status_code), retry_after: Some(retry_after), ..Default::default() };
    delay_after(&answered(attempt, result).await, 0.0)
}

#[tokio::test]
async fn retry_after_lengthens_a_delay_and_never_shortens_it() {
    for status in [429, 503] {
        assert_eq!(asked(1, status, Duration::from_secs(29)).await, Some(Duration::from_secs(30)), "{status}");
        assert_eq!(asked(1, status, Duration::from_secs(31)).await, Some(Duration::from_secs(31)), "{status}");
        assert_eq!(asked(4, status, Duration::from_secs(31)).await, Some(Duration::from_hours(6)), "{status}");
    }
}

#[tokio::test]
async fn retry_after_defers_an_attempt_by_at_most_a_day() {
    for asked_for in [Duration::from_hours(24), Duration::from_hours(25), Duration::from_secs(u64::MAX), Duration::MAX]
    {
        assert_eq!(asked(1, 429, asked_for).await, Some(MAX_RETRY_AFTER), "{asked_for:?}");
    }
}

#[tokio::test]
async fn retry_after_counts_only_on_429_and_503() {
    for status in [408, 500, 502, 504] {
        assert_eq!(asked(1, status, Duration::from_hours(1)).await, Some(Duration::from_secs(30)), "{status}");
    }
    for status in [200, 301, 404] {
        assert_eq!(asked(1, status, Duration::from_hours(1)).await, None, "{status}");
    }
}

#[tokio::test]
async fn nothing_follows_the_last_attempt() {
    assert_eq!(asked(5, 503, Duration::ZERO).await, Some(Duration::from_hours(24)));
    assert_eq!(asked(6, 503, Duration::from_hours(1)).await, None);
    assert_eq!(asked(u32::MAX, 503, Duration::from_hours(1)).await, None);
}

#[tokio::test]
async fn jitter_adds_up_to_a_tenth_and_is_clamped() {
    let failed = answered(1, DeliveryResult { status_code: Some(500), ..Default::default() }).await;
    let delay = |jitter| delay_after(&failed, jitter).expect("another attempt").as_millis();
    assert_eq!([delay(0.0), delay(0.5), delay(1.0)], [30_000, 31_500, 33_000]);
    assert_eq!([delay(-1.0), delay(2.0)], [30_000, 33_000]);
    assert_eq!([delay(f64::NEG_INFINITY), delay(f64::INFINITY), delay(f64::NAN)], [30_000, 33_000, 30_000]);
}
