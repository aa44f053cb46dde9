//! Canonical JSON, beside CPython's `json.dumps`, and read back.

use crate::reference::{Question, ask};
use dealix_webhooks::{WebhookEvent, make_event, serialize_envelope};
use serde_json::value::RawValue;

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let expected = ask(Question::Canonical, text.as_bytes());
    let Ok(payload) = RawValue::from_string(text.to_owned()) else {
        assert!(!expected["refused"].is_null(), "Python reads this: {expected}");
        return;
    };
    if expected["refused"] == "RecursionError" {
        return;
    }
    assert!(expected["refused"].is_null(), "Python does not read this: {expected}");
    let event = make_event("deal.won", "cus_1", payload, 1_700_000_000, [7; 16]);
    match serialize_envelope(&event) {
        Ok(bytes) => {
            let canonical = expected["text"].as_str().unwrap_or_else(|| panic!("Python finds an error: {expected}"));
            assert_eq!(data_of(&bytes), canonical);
            let again = WebhookEvent::from_envelope(&bytes).expect("an envelope of ours");
            assert_eq!(serialize_envelope(&again).as_deref(), Ok(&bytes[..]), "read back and written again");
        }
        Err(error) => {
            let kind = format!("{:?}", error.kind);
            let errors = expected["errors"].as_array().unwrap_or_else(|| panic!("Python finds no error: {error}"));
            assert!(errors.iter().any(|one| *one == kind), "{error}, and Python: {expected}");
            assert!(error.path.starts_with("payload") && error.path.len() < 250, "{error}");
        }
    }
}

fn data_of(envelope: &[u8]) -> &str {
    let text = std::str::from_utf8(envelope).expect("canonical JSON is ASCII");
    let data = text.strip_prefix(r#"{"api_version":"v1","customer_id":"cus_1","data":"#).expect("an envelope");
    let end = r#","id":"evt_070707070707470787070707","timestamp":1700000000,"type":"deal.won"}"#;
    data.strip_suffix(end).expect("an envelope")
}
