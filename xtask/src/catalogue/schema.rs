//! JSON Schema 2020-12 for every event.

use dealix_webhooks::catalogue::{CATALOGUE, CatalogueEntry};
use serde_json::{Map, Value, json};

/// What both documents begin with.
pub const OPENNESS: &str = "New event types and new fields may appear at any time, and any known field of `data` may be absent \
    or null.";

pub fn events() -> Value {
    let mut schema = envelope();
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Dealix events");
    schema["description"] = json!(OPENNESS);
    schema["allOf"] = CATALOGUE.iter().map(payload_by_type).collect();
    let payloads = CATALOGUE.iter().map(|entry| (entry.event_type.to_string(), payload(entry)));
    schema["$defs"] = Value::Object(payloads.collect());
    schema
}

/// What every event has.
pub fn envelope() -> Value {
    let text = |meaning: &str| json!({ "type": "string", "description": meaning });
    json!({
        "type": "object",
        "required": ["id", "type", "customer_id", "timestamp", "api_version", "data"],
        "properties": {
            "id": text("Deduplicate on it: it stays the same over all attempts."),
            "type": text("What happened: route on it."),
            "customer_id": text("The customer of Dealix that the event belongs to."),
            "timestamp": { "type": "integer", "description": "When it happened, in seconds since 1970." },
            "api_version": text("`v1`"),
            // Without this, code generators type it as an empty object.
            "data": { "type": "object", "additionalProperties": true },
        },
    })
}

/// The payload of an event type: only what a validator needs.
pub fn payload(entry: &CatalogueEntry) -> Value {
    let properties: Map<_, _> = entry
        .fields
        .iter()
        .map(|field| (field.name.to_owned(), json!({ "type": [field.kind.json_type(), "null"] })))
        .collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": true })
}

fn payload_by_type(entry: &CatalogueEntry) -> Value {
    let event_type = entry.event_type.as_str();
    json!({
        "if": { "required": ["type"], "properties": { "type": { "const": event_type } } },
        "then": { "properties": { "data": { "$ref": format!("#/$defs/{event_type}") } } },
    })
}
