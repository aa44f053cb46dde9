//! Properties of events: canonical JSON has one form, and what was written is what is read.

use crate::properties::config;
use dealix_webhooks::{MAX_TIMESTAMP, WebhookEvent, make_event, serialize_envelope};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::value::RawValue;

/// JSON as a tree, so that it can be written in more than one way.
#[derive(Clone, Debug)]
enum Json {
    /// A literal or a number, in the canonical spelling.
    Scalar(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

fn scalar() -> impl Strategy<Value = Json> {
    let number = prop_oneof![any::<i64>().prop_map(|number| number.to_string()), "-?[1-9][0-9]{0,40}"];
    let literal = prop::sample::select(vec!["true", "false", "null", "0", "1.5", "-0.0", "1e+16", "1e-05"]);
    prop_oneof![
        number.prop_map(Json::Scalar),
        literal.prop_map(|text| Json::Scalar(text.to_owned())),
        any::<String>().prop_map(Json::Text)
    ]
}

fn members(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Vec<(String, Json)>> {
    let key = prop_oneof![any::<String>(), "[a-c\u{e000}\u{ffff}\u{10000}]{0,2}"];
    btree_map(key, value, 0..6).prop_map(|members| members.into_iter().collect())
}

/// An object's members, by code point.
fn object() -> impl Strategy<Value = Vec<(String, Json)>> {
    let value = scalar().prop_recursive(4, 40, 6, |inner| {
        prop_oneof![vec(inner.clone(), 0..6).prop_map(Json::List), members(inner).prop_map(Json::Object)]
    });
    members(value)
}

/// The canonical text, with keys in the order they have.
fn plain(json: &Json) -> String {
    match json {
        Json::Scalar(text) => text.clone(),
        Json::Text(text) => quoted(text),
        Json::List(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(",")),
        Json::Object(members) => plain_object(members),
    }
}

fn plain_object(members: &[(String, Json)]) -> String {
    let members: Vec<_> = members.iter().map(|(key, value)| format!("{}:{}", quoted(key), plain(value))).collect();
    format!("{{{}}}", members.join(","))
}

fn quoted(text: &str) -> String {
    let escaped: String = text.encode_utf16().map(escaped).collect();
    format!("\"{escaped}\"")
}

fn escaped(unit: u16) -> String {
    match char::from_u32(unit.into()) {
        Some('"') => "\\\"".to_owned(),
        Some('\\') => "\\\\".to_owned(),
        Some('\n') => "\\n".to_owned(),
        Some('\r') => "\\r".to_owned(),
        Some('\t') => "\\t".to_owned(),
        Some('\u{8}') => "\\b".to_owned(),
        Some('\u{c}') => "\\f".to_owned(),
        Some(character @ ' '..='~') => character.to_string(),
        _ => format!("\\u{unit:04x}"),
    }
}

/// The same value, written otherwise: keys turned around, an overwritten duplicate, white space, characters as they are.
fn otherwise(json: &Json, turn: usize) -> String {
    let space = [" ", "\n", "\t\r\n", ""][turn % 4];
    match json {
        Json::Scalar(text) => text.clone(),
        Json::Text(text) => serde_json::to_string(text).unwrap(),
        Json::List(items) => {
            let items: Vec<_> = items.iter().map(|item| otherwise(item, turn / 3)).collect();
            format!("[{space}{}{space}]", items.join(&format!("{space},{space}")))
        }
        Json::Object(members) => otherwise_object(members, turn),
    }
}

fn otherwise_object(members: &[(String, Json)], turn: usize) -> String {
    let space = [" ", "\n", "\t\r\n", ""][turn % 4];
    let mut members = members.to_vec();
    let by = turn % members.len().max(1);
    members.rotate_left(by);
    members.reverse();
    // Not in every object: those without a duplicate are written another way.
    if let Some((key, _)) = members.first().filter(|_| turn.is_multiple_of(3)) {
        let overwritten = Json::List(vec![Json::Scalar("1e999".to_owned())]);
        members.insert(0, (key.clone(), overwritten));
    }
    let member = |(key, value): &(String, Json)| {
        format!("{}{space}:{}{space}", serde_json::to_string(key).unwrap(), otherwise(value, turn / 2))
    };
    format!("{{{space}{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
}

fn canonical(payload: String) -> String {
    let payload = RawValue::from_string(payload).unwrap();
    let event = make_event("deal.won", "cus_1", payload, 5, [7; 16]);
    String::from_utf8(serialize_envelope(&event).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn the_canonical_form_does_not_depend_on_how_the_value_is_written(members in object(), turn: usize) {
        let envelope = canonical(plain_object(&members));
        let expected = format!(r#""data":{},"id":"#, plain_object(&members));
        prop_assert!(envelope.contains(&expected), "{envelope}\n{expected}");
        prop_assert_eq!(canonical(otherwise_object(&members, turn)), envelope);
    }

    #[test]
    fn an_event_read_back_is_the_event_that_was_written(
        members in object(), id: String, kind: String, customer: String, version: String, time: i64, turn: usize,
    ) {
        let payload = RawValue::from_string(otherwise_object(&members, turn)).unwrap();
        let mut event = make_event(kind, customer, payload, time, [7; 16]);
        (event.event_id, event.api_version) = (id, version);
        let (bytes, plain) = (serialize_envelope(&event).unwrap(), plain_object(&members));
        let again = WebhookEvent::from_envelope(&bytes).unwrap();
        prop_assert_eq!((&again.event_id, &again.event_type), (&event.event_id, &event.event_type));
        prop_assert_eq!((&again.customer_id, &again.api_version), (&event.customer_id, &event.api_version));
        prop_assert_eq!((again.timestamp, again.payload.get()), (time, plain.as_str()));
        prop_assert_eq!(serialize_envelope(&again).unwrap(), bytes, "written again");
    }

    #[test]
    fn a_float_read_back_is_the_same_float(bits: u64, digits in "-?(0|[1-9][0-9]{0,20})\\.[0-9]{1,20}(e-?[0-9]{1,2})?") {
        let written = |text: String| {
            let envelope = canonical(format!(r#"{{"v":{text}}}"#));
            let number = envelope.split_once(r#""v":"#).unwrap().1.split_once('}').unwrap().0.to_owned();
            (number.parse::<f64>().unwrap().to_bits(), number)
        };
        let float = f64::from_bits(bits);
        if float.is_finite() {
            prop_assert_eq!(written(format!("{float:e}")).0, written(format!("{float:?}")).0);
            prop_assert_eq!(written(format!("{float:?}")).0, bits);
        }
        let (bits, number) = written(digits.clone());
        prop_assert_eq!(bits, digits.parse::<f64>().unwrap().to_bits());
        prop_assert_eq!(written(number.clone()).1, number, "written again");
    }

    #[test]
    fn a_record_and_its_envelope_are_the_same_event(members in object(), time in 0..=MAX_TIMESTAMP) {
        let payload = plain_object(&members);
        let record = format!(
            r#"{{"event_id":"evt_1","event_type":"t","customer_id":"c","payload":{payload},"timestamp":{time}}}"#
        );
        let envelope = serialize_envelope(&WebhookEvent::from_json(&record).unwrap()).unwrap();
        let from_envelope = WebhookEvent::from_json(std::str::from_utf8(&envelope).unwrap()).unwrap();
        prop_assert_eq!(serialize_envelope(&from_envelope).unwrap(), envelope);
    }
}
