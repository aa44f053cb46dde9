//! The reference's results (`tests/vectors/*.json`), through the public API.
//!
//! `DEALIX_VECTORS` names another folder in the same format. Vectors come in three tiers: `must` requires the recorded
//! result, `reject` requires a refusal, and `decide` is up to the contract. `decisions.rs` checks the results of the
//! latter; here they only have to obey the rule that we accept nothing that the reference refuses.

use crate::support::vectors::{Tier, from_base64, integer, read, read_own};
use dealix_webhooks::{MAX_TIMESTAMP, WebhookEvent, make_event, serialize_envelope, sign_payload, verify_signature};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Sign {
    id: String,
    tier: Tier,
    secret: String,
    body_base64: String,
    timestamp: Value,
    timestamp_text: Option<String>,
    header: String,
}

#[test]
fn signatures_match_the_reference() {
    for vector in read::<Sign>("sign.json") {
        let timestamp = integer(&vector.timestamp, &vector.timestamp_text);
        let signed = sign_payload(&vector.secret, &from_base64(&vector.body_base64), timestamp);
        let signable = !vector.secret.is_empty() && (0..=MAX_TIMESTAMP).contains(&timestamp);
        assert!(signable || vector.tier != Tier::Must, "{}: a `must` vector is outside our range", vector.id);
        match signed {
            Ok(header) => assert!(signable && header == vector.header, "{}: {header}", vector.id),
            Err(error) => assert!(!signable, "{}: {error}", vector.id),
        }
    }
}

#[derive(Deserialize)]
struct Verify {
    id: String,
    tier: Tier,
    secret: String,
    body_base64: String,
    header: String,
    now: Value,
    now_text: Option<String>,
    max_age_seconds: Value,
    max_age_seconds_text: Option<String>,
    valid: bool,
    error: Option<String>,
}

#[test]
fn verdicts_match_the_reference() {
    for vector in read::<Verify>("verify.json") {
        let verdict = verify_signature(
            &vector.secret,
            &vector.header,
            &from_base64(&vector.body_base64),
            integer(&vector.max_age_seconds, &vector.max_age_seconds_text),
            integer(&vector.now, &vector.now_text),
        );
        let (valid, error) = (verdict.is_ok(), verdict.err().map(|error| error.code()));
        let several_v1 = vector.header.matches("v1=").count() > 1;
        match vector.tier {
            Tier::Must => assert_eq!((valid, error), (vector.valid, vector.error.as_deref()), "{}", vector.id),
            Tier::Reject => assert!(!valid, "{}", vector.id),
            Tier::Decide => assert!(!valid || vector.valid || several_v1, "{}: valid only here", vector.id),
        }
    }
}

#[derive(Deserialize)]
struct Serialize {
    id: String,
    tier: Tier,
    event: String,
    canonical_base64: String,
}

#[test]
fn canonical_bytes_match_the_reference() {
    for vector in read::<Serialize>("serialize.json") {
        let expected = from_base64(&vector.canonical_base64);
        let canonical = WebhookEvent::from_json(&vector.event)
            .map_err(|error| error.to_string())
            .and_then(|event| serialize_envelope(&event).map_err(|error| error.to_string()));
        match (canonical, vector.tier) {
            (Ok(bytes), _) => assert_eq!(bytes, expected, "{}: {}", vector.id, String::from_utf8_lossy(&bytes)),
            (Err(_), Tier::Reject | Tier::Decide) => {}
            (Err(error), Tier::Must) => panic!("{}: {error}", vector.id),
        }
    }
}

#[derive(Deserialize)]
struct MakeEvent {
    id: String,
    tier: Tier,
    kind: String,
    event_type: Option<String>,
    customer_id: Option<String>,
    payload: Option<String>,
    now_arg: Option<i64>,
    now: Option<i64>,
    expect: Value,
}

/// The reference treats a time of 0 as not given. Here a time is always given, and kept.
#[test]
fn make_event_keeps_the_given_time() {
    let mut vectors = read_own::<MakeEvent>("deliver.json");
    vectors.retain(|vector| vector.kind == "make_event" && vector.tier == Tier::Decide);
    let ours = vectors.into_iter().map(|vector| {
        let payload = serde_json::from_str("{}").expect("JSON");
        let given = vector.now_arg.expect("a time that is given");
        (vector.id, make_event("deal.won", "cus_1", payload, given, [0; 16]).timestamp)
    });
    let decided = [("deliver-0062", 0), ("deliver-0063", -1)];
    assert_eq!(ours.collect::<Vec<_>>(), decided.map(|(id, timestamp)| (id.to_owned(), timestamp)));
}

#[test]
fn new_events_match_the_reference() {
    let mut vectors = read::<MakeEvent>("deliver.json");
    vectors.retain(|vector| vector.kind == "make_event" && vector.tier == Tier::Must);
    assert!(!vectors.is_empty(), "deliver.json holds no make_event vectors");
    for vector in vectors {
        let payload = vector.payload.expect("a payload").parse::<Value>().expect("JSON");
        let event = make_event(
            vector.event_type.expect("a type"),
            vector.customer_id.expect("a customer"),
            serde_json::value::to_raw_value(&payload).expect("JSON"),
            vector.now_arg.or(vector.now).expect("a time"),
            [0xff; 16],
        );
        assert_eq!(event.event_id, "evt_ffffffffffff4fffbfffffff", "{}", vector.id);
        assert_eq!(Value::from(event.timestamp), vector.expect["timestamp"], "{}", vector.id);
        assert_eq!(Value::from(event.api_version), vector.expect["api_version"], "{}", vector.id);
    }
}
