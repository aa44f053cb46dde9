//! The catalogue: one entry for each event type, and samples that can be sent.

use dealix_webhooks::catalogue::{CATALOGUE, FieldKind};
use dealix_webhooks::{EVENT_TYPES, WebhookEvent, make_event, serialize_envelope};
use serde_json::value::RawValue;
use std::collections::BTreeSet;

#[test]
fn each_event_type_has_one_entry_in_the_same_order() {
    let types: Vec<_> = CATALOGUE.iter().map(|entry| &entry.event_type).collect();
    assert_eq!(types, EVENT_TYPES.iter().collect::<Vec<_>>());
    assert_eq!(types.iter().collect::<BTreeSet<_>>().len(), types.len());
}

#[test]
fn summaries_and_meanings_are_sentences() {
    let texts =
        CATALOGUE.iter().flat_map(|entry| entry.fields.iter().map(|field| field.meaning).chain([entry.summary]));
    for text in texts {
        assert!(text.starts_with(char::is_uppercase) && text.ends_with('.'), "{text}");
        // They go into a Markdown table and into comments as they are.
        assert!(!text.contains(['|', '\n', '*', '"']), "{text}");
    }
}

#[test]
fn a_field_in_a_sample_has_the_json_type_of_its_kind() {
    let types = [FieldKind::Text, FieldKind::Number].map(FieldKind::json_type);
    assert_eq!(types, ["string", "number"]);
    for entry in CATALOGUE {
        let sample: serde_json::Value = serde_json::from_str(entry.sample).unwrap();
        for field in entry.fields {
            let is_text = sample[field.name].is_string();
            assert!(is_text || sample[field.name].is_number(), "{}", field.name);
            assert_eq!(field.kind.json_type(), types[usize::from(!is_text)], "{}", field.name);
        }
    }
}

#[test]
fn a_sample_is_sent_like_any_payload() {
    for entry in CATALOGUE {
        let payload = RawValue::from_string(entry.sample.trim_end().to_owned()).unwrap();
        let event = make_event(entry.event_type.clone(), "cus_1", payload, 1_700_000_000, [7; 16]);
        let body = serialize_envelope(&event).unwrap();
        let received = WebhookEvent::from_envelope(&body).unwrap();
        assert!(received.event_type.is_known() && received.event_type == entry.event_type);
    }
}
