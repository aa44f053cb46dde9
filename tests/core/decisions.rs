//! `tests/fixtures/decisions.json` records our result for every `decide` vector, and the contract's reason. The npm
//! tests check the same file.

use base64::{Engine, engine::general_purpose::STANDARD};
use dealix_webhooks::{WebhookEvent, serialize_envelope, sign_payload, verify_signature};
use serde_json::Value;
use std::collections::BTreeMap;

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Our results by vector id.
fn decisions() -> BTreeMap<String, String> {
    let groups = json(include_str!("../fixtures/decisions.json"));
    let answers = groups.as_array().unwrap().iter().flat_map(|group| group["answers"].as_object().unwrap());
    answers.map(|(id, answer)| (id.clone(), answer.as_str().unwrap().to_owned())).collect()
}

fn decide_vectors(file: &str) -> Vec<Value> {
    let vectors = json(file)["vectors"].as_array().unwrap().clone();
    vectors.into_iter().filter(|vector| vector["tier"] == "decide").collect()
}

fn text<'v>(vector: &'v Value, field: &str) -> &'v str {
    vector[field].as_str().expect("text in a vector")
}

fn body(vector: &Value) -> Vec<u8> {
    STANDARD.decode(text(vector, "body_base64")).expect("base64 in a vector")
}

/// JSON readers round large integers, so the vectors repeat the exact value as text.
fn integer(vector: &Value, field: &str) -> i64 {
    let exact = vector[format!("{field}_text")].as_str().and_then(|text| text.parse().ok());
    exact.or_else(|| vector[field].as_i64()).expect("an integer in a vector")
}

#[test]
fn every_decide_vector_gets_the_recorded_result() {
    let mut decisions = decisions();
    for vector in decide_vectors(include_str!("../vectors/sign.json")) {
        let signed = sign_payload(text(&vector, "secret"), &body(&vector), integer(&vector, "timestamp"));
        check(&mut decisions, &vector, signed.map_or_else(|error| error.code(), |_| "signed"));
    }
    for vector in decide_vectors(include_str!("../vectors/verify.json")) {
        let verdict = verify_signature(
            text(&vector, "secret"),
            text(&vector, "header"),
            &body(&vector),
            integer(&vector, "max_age_seconds"),
            integer(&vector, "now"),
        );
        check(&mut decisions, &vector, verdict.map_or_else(|error| error.code(), |_| "valid"));
    }
    for vector in decide_vectors(include_str!("../vectors/serialize.json")) {
        let expected = decisions.remove(text(&vector, "id")).expect("a decision");
        let canonical = WebhookEvent::from_json(text(&vector, "event"))
            .map_err(|error| error.to_string())
            .and_then(|event| serialize_envelope(&event).map_err(|error| error.to_string()));
        match canonical {
            Ok(_) => assert_eq!(expected, "canonical", "{}", vector["id"]),
            Err(error) => assert!(error.starts_with(&expected), "{}: {error}", vector["id"]),
        }
    }
    // Text with lone surrogates can only occur in JavaScript.
    decisions.retain(|id, _| !id.starts_with("js-"));
    assert!(decisions.is_empty(), "decisions without a vector: {decisions:?}");
}

fn check(decisions: &mut BTreeMap<String, String>, vector: &Value, answer: &str) {
    let expected = decisions.remove(text(vector, "id"));
    assert_eq!(expected.as_deref(), Some(answer), "{}", vector["id"]);
}
