//! Reading envelopes, writing records, and the path that each error names.

use dealix_webhooks::{EVENT_TYPES, EventType, WebhookEvent, make_event, serialize_envelope};
use serde_json::value::to_raw_value;

const ENVELOPE: &str =
    r#"{"api_version":"v1","customer_id":"c","data":{"a":1},"id":"evt_1","timestamp":5,"type":"deal.paused"}"#;

fn record(payload: &str) -> String {
    format!(r#"{{"event_id":"e","event_type":"t","customer_id":"c","payload":{payload},"timestamp":1}}"#)
}

/// The canonical bytes, or the error message.
fn canonical(json: &str) -> Result<String, String> {
    let event = WebhookEvent::from_json(json).map_err(|error| error.to_string())?;
    let bytes = serialize_envelope(&event).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(bytes).expect("ASCII"))
}

#[test]
fn unknown_fields_and_types_in_an_envelope_are_accepted() {
    let newer = ENVELOPE.replace("{\"api", "{\"more\":[1],\"api");
    let event = WebhookEvent::from_envelope(newer.as_bytes()).unwrap();
    assert_eq!((event.event_id.as_str(), event.event_type.as_str(), event.timestamp), ("evt_1", "deal.paused", 5));
    assert_eq!(event.payload.get(), r#"{"a":1}"#);
    assert!(!event.event_type.is_known());
    // As in JavaScript's `JSON.parse`: all receivers must agree on the id that they deduplicate by.
    let twice = ENVELOPE.replace(r#""id":"evt_1""#, r#""id":"evt_0","id":"evt_2""#);
    assert_eq!(WebhookEvent::from_envelope(twice.as_bytes()).unwrap().event_id, "evt_2");
}

#[test]
fn the_first_bad_field_of_an_envelope_is_named() {
    let field = |body: &str| WebhookEvent::from_envelope(body.as_bytes()).unwrap_err().field;
    for (from, to, named) in [
        (r#""id":"evt_1""#, r#""id":1"#, "id"),
        (r#""id":"evt_1","#, "", "id"),
        (r#""type":"deal.paused""#, r#""type":null"#, "type"),
        (r#""customer_id":"c","#, "", "customer_id"),
        (r#""timestamp":5"#, r#""timestamp":5.5"#, "timestamp"),
        (r#""api_version":"v1","#, "", "api_version"),
        (r#""data":{"a":1}"#, r#""data":[1]"#, "data"),
        (r#""data":{"a":1}"#, r#""data":null"#, "data"),
    ] {
        assert!(ENVELOPE.contains(from));
        assert_eq!(field(&ENVELOPE.replace(from, to)), named, "{to}");
    }
    for body in
        ["", "null", "[]", "{", "\u{feff}{}", "{}\u{c}", r#"{"id":"\ud800"}x"#, r#"{"\ud800":1}"#, r#"{"a":1,}"#]
    {
        assert_eq!(field(body), "body", "{body}");
    }
}

#[test]
fn errors_name_the_path_of_the_value_without_a_canonical_form() {
    for (payload, place) in [
        (r#"{"a":[{"x":1},{"b":[],"c":1e400}]}"#, "payload.a[1].c: the number overflows"),
        (r#"{"a":{"b":1},"c":"\ud800"}"#, "payload.c: the text holds a lone surrogate"),
        (r#"{"a":[1,[2],"\udfff"]}"#, "payload.a[2]: the text holds a lone surrogate"),
        (r#"{"two words":{"":1e999}}"#, r#"payload["two words"][""]: the number overflows"#),
        (r#"{"a":[1,NaN]}"#, "payload.a[1]: "),
        ("{\n\"a\":\r\n [[], {\"b\":3},\n\n{\"c\": tru}]}", "payload.a[2].c: expected ident at line 5"),
        (r#"{"a":{"b":[1,2]},"c":{"x":5,"d":[{"y":{}},{"e":01}]}}"#, "payload.c.d[1].e: "),
        (r#"{"a":"{[,","q\"\u00e9":[+1]}"#, r#"payload["q\"\u{e9}"][0]: "#),
        (r#"{"a":[1,]}"#, "payload.a[1]: "),
        (r#"{"a":{"b":1,}}"#, "payload.a: "),
        ("[]", "payload: "),
    ] {
        let error = canonical(&record(payload)).unwrap_err();
        assert!(error.starts_with(place), "{error}");
    }
    for (json, place) in [
        (record("{}").replace(r#""e""#, "7"), "event_id: "),
        (record("{}").replace("customer_id", "customer"), "customer: "),
        (record("{}").replace(r#""event_id":"e","#, ""), "event_id: "),
        (record("{}") + "x", ".: trailing characters at line 1"),
        (ENVELOPE.replace("{\"api", "{\"more\":1,\"api"), "more: "),
        ("[1]".to_owned(), ".: "),
        ("{".to_owned(), ".: EOF"),
        ("{nul".to_owned(), ".: key must be a string"),
        (record("{\"a\":[[\"x")[..].trim_end_matches(",\"timestamp\":5}").to_owned(), "payload.a[0][0]: "),
        (r#""body text""#.to_owned(), ".: an event must be a JSON object"),
        (record("{}").replace("{\"event_id", r#"{"\ud800":1,"event_id"#), ".: a key holds a lone surrogate"),
        (record("{}").replace("{\"event_id", r#"{"\u007a":1,"event_id"#), "z: an event has no such field"),
        (record("{}").replace(r#""timestamp":1"#, r#""timestamp":-0"#), "timestamp: "),
    ] {
        let error = canonical(&json).unwrap_err();
        assert!(error.starts_with(place), "{error}");
    }
}

#[test]
fn the_path_to_an_unknown_field_is_neither_empty_nor_long() {
    let with = |key: &str| record("{}").replacen('{', &format!(r#"{{"{key}":1,"#), 1);
    assert_eq!(canonical(&with("")).unwrap_err(), r#"[""]: an event has no such field"#);
    let cut = format!("{}…: an event has no such field", "x".repeat(200));
    assert_eq!(canonical(&with(&"x".repeat(5000))).unwrap_err(), cut);
}

#[test]
fn a_path_is_cut_after_200_bytes() {
    let path = |key: usize| canonical(&record(&format!(r#"{{"{}":1e400}}"#, "k".repeat(key)))).unwrap_err();
    assert!(path(192).starts_with(&format!("payload.{}: the number", "k".repeat(192))), "{}", path(192));
    assert!(path(193).starts_with(&format!("payload.{}…: the number", "k".repeat(192))), "{}", path(193));
}

#[test]
fn the_last_value_of_a_duplicate_key_wins() {
    for (payload, written) in [
        (r#"{"b":1,"a":{"x":1e400},"a":2}"#, r#"{"a":2,"b":1}"#),
        (r#"{"a":{"x":["\ud800",[{}]],"y":3},"\u0061":{}}"#, r#"{"a":{}}"#),
        (r#"{"a":[1e400,"]","\"]",{"}":"\\"}],"a":2}"#, r#"{"a":2}"#),
    ] {
        assert!(canonical(&record(payload)).unwrap().contains(&format!(r#""data":{written},"#)), "{payload}");
    }
    for (payload, place) in [
        (r#"{"a":1,"a":1e400}"#, "payload.a: the number overflows"),
        (r#"{"b":1e400,"a":{"c":"\ud800"}}"#, "payload.a.c: the text holds a lone surrogate"),
        (r#"{"a":{"b":1e400,"\ud800":1}}"#, "payload.a: the text holds a lone surrogate"),
    ] {
        let error = canonical(&record(payload)).unwrap_err();
        assert!(error.starts_with(place), "{error}");
    }
}

#[test]
fn nesting_is_limited_by_depth_and_not_by_the_number_of_values() {
    for sibling in ["[]", "{}", "[[]]", r#"{"a":{}}"#] {
        let siblings = vec![sibling; 1000].join(",");
        assert!(canonical(&record(&format!(r#"{{"v":[{siblings}]}}"#))).is_ok(), "{sibling}");
    }
    let nested = |levels: usize| record(&format!(r#"{{"v":{}{}}}"#, "[".repeat(levels), "]".repeat(levels)));
    assert!(canonical(&nested(126)).is_ok());
    assert!(canonical(&nested(127)).unwrap_err().ends_with("more than 128 levels deep"));
}

#[test]
fn the_known_event_types_are_the_19_of_the_contract() {
    let contract = "lead.created lead.qualified lead.disqualified lead.enriched draft.created draft.approved \
        draft.sent reply.received reply.classified demo.booked demo.held deal.created deal.won deal.lost \
        payment.received health.changed churn.predicted qbr.generated pulse.published";
    assert_eq!(EVENT_TYPES.iter().map(EventType::as_str).collect::<Vec<_>>().join(" "), contract);
    assert!(EVENT_TYPES.iter().all(|known| EventType::from(known.as_str()).is_known()));
    assert!(!EventType::from("Deal.Won").is_known());
}

#[test]
fn an_event_type_is_compared_with_text_and_displayed() {
    let event_type = EventType::from("deal.won");
    assert!(event_type == "deal.won" && event_type == *"deal.won");
    assert!(event_type != "deal.lost" && event_type != *"deal.lost");
    assert_eq!(event_type.to_string(), "deal.won");
}

#[test]
fn a_long_number_is_exact_or_an_error() {
    let one = |zeros: usize| record(&format!(r#"{{"v":0.{}1e{}}}"#, "0".repeat(zeros), zeros + 1));
    // The last of these is 64 KiB long.
    for zeros in [0, 1000, 65_000, 65_527] {
        assert!(canonical(&one(zeros)).unwrap().contains(r#""v":1.0}"#), "{zeros}");
    }
    for zeros in [65_528, 66_000, 655_359] {
        assert_eq!(canonical(&one(zeros)).unwrap_err(), "payload.v: the number takes more than 64 KiB of text");
    }
    let integer = "9".repeat(100_000);
    assert!(canonical(&record(&format!(r#"{{"v":{integer}}}"#))).unwrap().contains(&integer));
}

#[test]
fn a_payload_that_is_not_an_object_is_refused() {
    let event = make_event(EventType::DEAL_WON, "c", to_raw_value(&[1]).unwrap(), 1, [0; 16]);
    assert_eq!(serialize_envelope(&event).unwrap_err().to_string(), "payload: the payload is not an object");
}
