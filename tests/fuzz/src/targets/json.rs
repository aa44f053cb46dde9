//! Reading envelopes and records, beside CPython's `json.loads`.

use crate::reference::{Question, ask};
use dealix_webhooks::{WebhookEvent, serialize_envelope};

pub fn run(data: &[u8]) {
    let envelope = WebhookEvent::from_envelope(data);
    // Python reads by recursion, so it cannot follow us there.
    let is_deep = data.iter().filter(|byte| matches!(byte, b'[' | b'{')).count() > 400;
    if !is_deep {
        compare(&envelope, data);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    match WebhookEvent::from_json(text) {
        Ok(event) => survives(&event),
        Err(error) => assert!(error.path.len() < 250 && !error.path.is_empty(), "{error}"),
    }
}

fn compare(envelope: &Result<WebhookEvent, dealix_webhooks::EnvelopeError>, data: &[u8]) {
    let expected = ask(Question::Envelope, data);
    let event = match envelope {
        Ok(event) => event,
        Err(error) => return assert_eq!(expected["field"], error.field, "{expected}"),
    };
    assert_eq!(expected["id"], event.event_id.as_str(), "{expected}");
    assert_eq!(expected["type"], event.event_type.as_str());
    assert_eq!(expected["customer_id"], event.customer_id.as_str());
    assert_eq!(expected["timestamp"], event.timestamp);
    assert_eq!(expected["api_version"], event.api_version.as_str());
}

/// What was read and has a canonical form is the same after it was written and read again.
fn survives(event: &WebhookEvent) {
    let Ok(bytes) = serialize_envelope(event) else { return };
    let again = WebhookEvent::from_envelope(&bytes).expect("an envelope of ours");
    let fields = |event: &WebhookEvent| {
        let WebhookEvent { event_id, customer_id, api_version, .. } = event.clone();
        (event_id, event.event_type.clone(), customer_id, event.timestamp, api_version)
    };
    assert_eq!(fields(&again), fields(event));
    let text = std::str::from_utf8(&bytes).expect("canonical JSON is ASCII");
    let from_text = WebhookEvent::from_json(text).expect("an envelope is also an event's JSON");
    assert_eq!(serialize_envelope(&from_text).as_deref(), Ok(&bytes[..]));
}
