//! One delivery of one event (`tests/vectors/deliver.json`), and where we deliberately differ from the reference
//! (CONTRACT §4).

use crate::support::deliveries::{Recording, TransportResult, is_id, record};
use crate::support::vectors::{Subscription, Tier, from_base64, read, read_own};
use dealix_webhooks::sender::{
    DeliveryError, DeliveryOptions, DeliveryRequest, DeliveryResult, WebhookDelivery, WebhookSubscription,
    deliver_once, make_event,
};
use dealix_webhooks::{ConfigurationError, Verifier, WebhookEvent};
use serde::Deserialize;
use serde_json::{Value, json, value::to_raw_value};
use std::collections::BTreeMap;
use std::sync::Mutex;

#[derive(Deserialize)]
struct Deliver {
    id: String,
    tier: Tier,
    subscription: Subscription,
    event: String,
    attempt: i64,
    extra_headers: Option<Vec<(String, String)>>,
    transport_results: Vec<TransportResult>,
    now: i64,
    expect: Value,
    signature_at_now: Option<String>,
}

fn deliveries(vectors: Vec<Value>) -> Vec<Deliver> {
    let deliveries = vectors.into_iter().filter(|vector| vector["kind"] == "deliver_once");
    let deliveries: Vec<_> =
        deliveries.map(|vector| Deliver::deserialize(vector).expect("a deliver_once vector")).collect();
    assert!(!deliveries.is_empty(), "deliver.json holds no deliver_once vectors");
    deliveries
}

/// What our sender does with a vector.
enum Ours {
    /// The request is sent: the transport's calls and the record.
    Sent(Value, Value),
    /// A permanent error; nothing is sent.
    Refused(String),
}

async fn ours(vector: &Deliver) -> Ours {
    // The types already rule these out.
    let Ok(event) = WebhookEvent::from_json(&vector.event) else { return Ours::Refused("no event".to_owned()) };
    let Ok(attempt) = vector.attempt.try_into() else { return Ours::Refused("no attempt's number".to_owned()) };
    let transport = Recording::new(&vector.transport_results);
    let options = DeliveryOptions {
        attempt,
        extra_headers: vector.extra_headers.clone().unwrap_or_default(),
        now: Some(vector.now),
    };
    let delivery = deliver_once(&(&vector.subscription).into(), &event, &transport, &options).await;

    assert!(is_id(&delivery.attempt_id, "dlv_"), "{}: {}", vector.id, delivery.attempt_id);
    let Some(error) = delivery.error.as_ref().filter(|error| error.is_permanent()) else {
        return Ours::Sent(transport.calls(), record(&delivery));
    };
    assert_eq!(transport.calls(), json!([]), "{}: refused but sent", vector.id);
    assert_eq!((delivery.success, delivery.status_code, delivery.duration_ms), (false, None, 0), "{}", vector.id);
    assert_eq!(delivery.request_signature, "", "{}", vector.id);
    Ours::Refused(error.to_string())
}

/// The reference's calls and record, signed at the time of the attempt.
fn theirs(vector: &Deliver) -> (Value, Value) {
    let (mut calls, mut delivery) = (vector.expect["calls"].clone(), vector.expect["delivery"].clone());
    delivery.as_object_mut().expect("a record").remove("delivery_id_pattern");
    if let Some(signature) = &vector.signature_at_now {
        delivery["request_signature"] = signature.as_str().into();
        for header in calls[0]["headers"].as_array_mut().expect("a call's headers") {
            if header[0] == "Dealix-Signature" {
                header[1] = signature.as_str().into();
            }
        }
    }
    (calls, delivery)
}

/// Whether the reference sends a header that HTTP cannot carry. There the contract overrides the vectors.
fn has_unsendable_header(vector: &Deliver) -> bool {
    let sendable = |text: &str| text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    let headers = vector.expect["calls"][0]["headers"].as_array().expect("a call's headers");
    !headers.iter().all(|header| sendable(header[1].as_str().expect("a header's value")))
}

#[tokio::test]
async fn what_must_be_sent_is_sent_exactly_as_by_the_reference() {
    for vector in deliveries(read("deliver.json")) {
        match ours(&vector).await {
            Ours::Sent(calls, delivery) => {
                let theirs = theirs(&vector);
                if vector.tier == Tier::Must {
                    assert_eq!((calls, delivery), theirs, "{}", vector.id);
                }
            }
            Ours::Refused(error) => {
                assert!(vector.tier != Tier::Must || has_unsendable_header(&vector), "{}: {error}", vector.id);
            }
        }
    }
}

/// Lists every difference from the reference, so that no new one goes unnoticed. The event-time vectors are left out:
/// they differ only in the time that is signed.
#[tokio::test]
async fn every_difference_from_the_reference_is_deliberate() {
    let decided = [
        ("deliver-0040", "the header Content-Type is the sender's own and cannot be replaced"),
        ("deliver-0041", "the header Dealix-Signature is the sender's own and cannot be replaced"),
        ("deliver-0042", "the header content-type is the sender's own and cannot be replaced"),
        ("deliver-0043", "the value of the header X-A holds characters that a header cannot carry"),
        ("deliver-0045", "the value of the header Dealix-Event-Type holds characters that a header cannot carry"),
        ("deliver-0046", "the value of the header Dealix-Event-Id holds characters that a header cannot carry"),
        (
            "deliver-0049",
            "the delivery cannot be signed: a secret is empty, or none was given; is the environment variable set?",
        ),
        // The vectors require these to be sent unchanged, and the contract forbids it.
        ("deliver-0081", "the value of the header X-A holds characters that a header cannot carry"),
        ("deliver-0082", "the value of the header X-A holds characters that a header cannot carry"),
    ];
    let mut differing = BTreeMap::new();
    for vector in deliveries(read_own("deliver.json")) {
        match ours(&vector).await {
            Ours::Sent(calls, delivery) if (&calls, &delivery) == (&theirs(&vector).0, &theirs(&vector).1) => {}
            Ours::Sent(calls, _) => drop(differing.insert(vector.id, calls.to_string())),
            Ours::Refused(error) => drop(differing.insert(vector.id, error)),
        }
    }
    assert_eq!(differing, decided.map(|(id, answer)| (id.to_owned(), answer.to_owned())).into());
}

const NOW: i64 = 1_700_000_000;

fn event() -> WebhookEvent {
    let json =
        r#"{"event_id":"evt_1","event_type":"deal.won","customer_id":"cus_1","payload":{"b":1,"a":"é"},"timestamp":5}"#;
    WebhookEvent::from_json(json).expect("a record")
}

fn subscription() -> WebhookSubscription {
    WebhookSubscription::new("cus_1", "https://receiver.example/hook", "whsec_1", 0)
}

/// The requests that are sent with these options, and the record.
async fn deliver(event: &WebhookEvent, options: DeliveryOptions) -> (Vec<DeliveryRequest>, WebhookDelivery) {
    let sent = Mutex::new(Vec::new());
    let transport = |request| {
        sent.lock().expect("no panic").push(request);
        async { DeliveryResult { status_code: Some(200), ..Default::default() } }
    };
    let delivery = deliver_once(&subscription(), event, &transport, &options).await;
    (sent.into_inner().expect("no panic"), delivery)
}

fn with_extra(name: &str, value: &str) -> DeliveryOptions {
    DeliveryOptions { extra_headers: vec![(name.to_owned(), value.to_owned())], now: Some(NOW), ..Default::default() }
}

#[tokio::test]
async fn every_attempt_is_signed_with_its_own_time_over_the_same_body() {
    let verifier = Verifier::new(["whsec_1"]).expect("a secret");
    let mut bodies = Vec::new();
    for (attempt, now) in [(1, NOW), (2, NOW + 30), (6, NOW + 110_130)] {
        let options = DeliveryOptions { attempt, now: Some(now), ..Default::default() };
        let (sent, delivery) = deliver(&event(), options).await;
        let verified = verifier.verify(&delivery.request_signature, &sent[0].body, now);
        assert!(verified.is_ok(), "attempt {attempt}: {verified:?}");
        assert_eq!((delivery.attempt, delivery.timestamp), (attempt, now));
        bodies.push(sent[0].body.clone());
    }
    assert!(bodies.iter().all(|body| body == &bodies[0]));
}

#[tokio::test]
async fn the_clock_is_used_if_no_time_is_given() {
    let before = unix_now();
    let (sent, delivery) = deliver(&event(), DeliveryOptions::default()).await;
    assert!((before..=unix_now()).contains(&delivery.timestamp));
    assert!(delivery.request_signature.starts_with(&format!("t={},", delivery.timestamp)));
    assert!(sent[0].headers.contains(&("Dealix-Signature".to_owned(), delivery.request_signature)));
}

fn unix_now() -> i64 {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock past 1970");
    since_1970.as_secs().try_into().expect("a clock before the end of time")
}

#[tokio::test]
async fn a_time_that_every_receiver_refuses_is_not_signed() {
    for now in [-1, i64::MIN, dealix_webhooks::MAX_TIMESTAMP + 1, i64::MAX] {
        let (sent, delivery) = deliver(&event(), DeliveryOptions { now: Some(now), ..Default::default() }).await;
        assert!(sent.is_empty(), "{now}");
        assert_eq!(delivery.error, Some(DeliveryError::Signature(ConfigurationError::InvalidTimestamp)), "{now}");
    }
    for now in [0, dealix_webhooks::MAX_TIMESTAMP] {
        let (_, delivery) = deliver(&event(), DeliveryOptions { now: Some(now), ..Default::default() }).await;
        assert!(delivery.success, "{now}: {delivery:?}");
    }
}

#[tokio::test]
async fn header_values_that_http_cannot_carry_are_refused() {
    for value in ["1\r\nX-B: 2", "1\n", "\r", "\0", "\u{7f}", "\u{1b}[0m", "é", "\u{2028}", "صفقة"] {
        let (sent, delivery) = deliver(&event(), with_extra("X-A", value)).await;
        assert!(sent.is_empty(), "{value:?}");
        assert_eq!(delivery.error, Some(DeliveryError::InvalidHeader("X-A".to_owned())), "{value:?}");
    }
    for value in ["", " ", "a\tb", "~!\"#"] {
        let (sent, _) = deliver(&event(), with_extra("X-A", value)).await;
        assert_eq!(sent[0].headers.last(), Some(&("X-A".to_owned(), value.to_owned())));
    }
}

#[tokio::test]
async fn an_id_or_a_type_that_a_header_cannot_carry_is_refused() {
    let split = WebhookEvent { event_id: "evt_1\r\nX-B: 2".to_owned(), ..event() };
    let (sent, delivery) = deliver(&split, DeliveryOptions::default()).await;
    assert!(sent.is_empty());
    assert_eq!(delivery.error, Some(DeliveryError::InvalidHeader("Dealix-Event-Id".to_owned())));

    let arabic = WebhookEvent { event_type: "صفقة".into(), ..event() };
    let (sent, delivery) = deliver(&arabic, DeliveryOptions::default()).await;
    assert!(sent.is_empty());
    assert_eq!(delivery.error, Some(DeliveryError::InvalidHeader("Dealix-Event-Type".to_owned())));
}

#[tokio::test]
async fn invalid_header_names_are_refused() {
    for name in ["", " ", "X A", "X-A:", "X-A\r\n", "X-Ä", "(X)", "X\0"] {
        let (sent, delivery) = deliver(&event(), with_extra(name, "1")).await;
        assert!(sent.is_empty(), "{name:?}");
        assert_eq!(delivery.error, Some(DeliveryError::InvalidHeaderName), "{name:?}");
    }
}

#[tokio::test]
async fn the_senders_own_headers_cannot_be_replaced_in_any_case() {
    let names = [
        "Dealix-Signature",
        "dealix-signature",
        "DEALIX-EVENT-ID",
        "Dealix-Event-Type",
        "Dealix-Delivery-Attempt",
        "Dealix-Anything",
        "dealix-",
        "Content-Type",
        "content-type",
        "CONTENT-LENGTH",
        "Transfer-Encoding",
        "Host",
        "host",
    ];
    for name in names {
        let (sent, delivery) = deliver(&event(), with_extra(name, "1")).await;
        assert!(sent.is_empty(), "{name}");
        assert_eq!(delivery.error, Some(DeliveryError::ReservedHeader(name.to_owned())), "{name}");
    }
}

#[tokio::test]
async fn the_user_agent_can_be_replaced_and_keeps_its_place() {
    for name in ["User-Agent", "user-agent"] {
        let (sent, _) = deliver(&event(), with_extra(name, "Acme/2")).await;
        assert_eq!(sent[0].headers[1], ("User-Agent".to_owned(), "Acme/2".to_owned()));
        assert_eq!(sent[0].headers.len(), 6);
    }
}

#[tokio::test]
async fn an_extra_header_given_twice_is_sent_once_with_its_last_value() {
    let extra_headers =
        [("X-A", "1"), ("X-B", "2"), ("x-a", "3")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (sent, _) =
        deliver(&event(), DeliveryOptions { extra_headers: extra_headers.into(), ..Default::default() }).await;
    let extra: Vec<_> = sent[0].headers[6..].iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(extra, [("X-A", "3"), ("X-B", "2")]);
}

#[tokio::test]
async fn an_event_without_a_canonical_form_is_refused() {
    for (payload, path) in [(r#"{"a":[1e400]}"#, "payload.a[0]"), (r#"{"a":"\ud800"}"#, "payload.a"), ("[]", "payload")]
    {
        let event = WebhookEvent { payload: serde_json::from_str(payload).expect("JSON"), ..event() };
        let (sent, delivery) = deliver(&event, DeliveryOptions::default()).await;
        assert!(sent.is_empty(), "{payload}");
        let Some(DeliveryError::Envelope(error)) = delivery.error else { panic!("{payload}: {:?}", delivery.error) };
        assert_eq!(error.path, path);
    }
}

#[tokio::test]
async fn an_empty_secret_signs_nothing() {
    let subscription = WebhookSubscription::new("cus_1", "https://receiver.example/", "", 0);
    let transport = |_: DeliveryRequest| async { unreachable!("nothing must be sent") };
    let delivery = deliver_once(&subscription, &event(), &transport, &DeliveryOptions::default()).await;
    assert_eq!(delivery.error, Some(DeliveryError::Signature(ConfigurationError::EmptySecret)));
}

#[tokio::test]
async fn a_panic_in_the_transport_is_a_failed_attempt_and_is_retried() {
    // Once while being called and once while being polled.
    let in_the_call = |_: DeliveryRequest| -> std::future::Ready<DeliveryResult> { panic!("whsec_1") };
    let in_the_future = |_: DeliveryRequest| async { panic!("whsec_1") };
    let options = DeliveryOptions { now: Some(NOW), ..Default::default() };
    for delivery in [
        deliver_once(&subscription(), &event(), &in_the_call, &options).await,
        deliver_once(&subscription(), &event(), &in_the_future, &options).await,
    ] {
        assert_eq!(delivery.error, Some(DeliveryError::Transport("the transport panicked".to_owned())));
        assert_eq!((delivery.success, delivery.status_code), (false, None));
        assert!(dealix_webhooks::sender::should_retry(delivery.status_code, delivery.error.as_ref()));
        assert!(delivery.request_signature.starts_with("t=1700000000,v1="));
    }
}

#[tokio::test]
async fn debug_output_of_a_delivery_shows_no_signature_secret_or_body() {
    let (sent, delivery) = deliver(&event(), DeliveryOptions { now: Some(NOW), ..Default::default() }).await;
    let debug = format!("{delivery:?} {:?} {:?}", sent[0], subscription());
    for hidden in ["whsec_1", "v1=", r#""b":1"#, r#""a""#, &delivery.request_signature] {
        assert!(!debug.contains(hidden), "{hidden} is in {debug}");
    }
    for shown in [&delivery.attempt_id, "Dealix-Event-Id", "cus_1"] {
        assert!(debug.contains(shown), "{shown} is missing in {debug}");
    }
    assert_eq!(&sent[0].body[..], from_base64(BODY_BASE64), "the hidden body is there");
}

const BODY_BASE64: &str = "eyJhcGlfdmVyc2lvbiI6InYxIiwiY3VzdG9tZXJfaWQiOiJjdXNfMSIsImRhdGEiOnsiYSI6Ilx1MDBlOSIsImIiOjF9LCJpZCI6ImV2dF8xIiwidGltZXN0YW1wIjo1LCJ0eXBlIjoiZGVhbC53b24ifQ==";

#[test]
fn make_event_uses_the_current_time_and_a_fresh_id() {
    let payload = || to_raw_value(&json!({"a": 1})).expect("JSON");
    let before = unix_now();
    let (first, second) = (make_event("deal.won", "cus_1", payload()), make_event("deal.won", "cus_1", payload()));
    assert!((before..=unix_now()).contains(&first.timestamp));
    assert!(is_id(&first.event_id, "evt_"), "{}", first.event_id);
    assert_ne!(first.event_id, second.event_id);
    assert_eq!(first.api_version, "v1");
}
