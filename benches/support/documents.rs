//! Payloads such as Dealix sends, and some that are slow to write.

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

pub fn raw(payload: &Value) -> Box<RawValue> {
    to_raw_value(payload).expect("a value has a JSON form")
}

/// A small event's payload. Its envelope has about 300 bytes.
pub fn small() -> Value {
    json!({"deal_id": "deal_8f2c61a7", "amount": 12500.5, "currency": "EUR", "stage": "closed_won", "owner": "usr_19",
        "company": "Example GmbH", "won_at": 1_763_980_000, "tags": ["enterprise", "inbound"]})
}

pub fn floats() -> Value {
    json!({"account": {"scores": {"health": scores(0), "usage": [scores(1), scores(2)]}}})
}

pub fn messages(count: u32) -> Value {
    json!({"messages": (0..count).map(message).collect::<Vec<_>>()})
}

pub fn non_ascii() -> Value {
    json!({"notes": (0..24).map(note).collect::<Vec<_>>()})
}

fn scores(seed: u32) -> Value {
    let score = |number: u32| f64::from((seed * 7919 + number) * 2_654_435 % 1_000_003) / 977.0;
    (0..16)
        .map(|week| json!({"week": week, "score": score(week), "delta": -score(week + 16) / 1e6, "seats": week * 3}))
        .collect()
}

fn message(number: u32) -> Value {
    json!({
        "id": format!("msg_{number:08x}"), "from": format!("user{number}@example.com"), "sent_at": 1_763_980_000 + number,
        "subject": "Re: the offer for \"Dealix\" & next steps", "opened": number.is_multiple_of(3), "score": f64::from(number) / 8.0,
        "text": "Hello,\nthank you for the demo on Tuesday. We have talked about it in the team, and we would like to go \
                 on with the larger plan; could you send the contract to our legal department?\n\nKind regards\n\
                 -- \nA. Customer, Example GmbH, 12 Example Street, 10115 Berlin",
        "labels": ["inbound", "legal", "pricing"], "thread": {"position": number, "parent": null},
    })
}

fn note(number: u32) -> Value {
    json!({"id": number, "text": "Übergröße für Ærøskøbing — “naïve façade”; 契約書を送ってください。Договор подписан. 🎉"})
}
