//! OpenAPI 3.1: a webhook for each event type.

use super::schema::{OPENNESS, envelope, payload};
use anyhow::{Context, Result};
use dealix_webhooks::catalogue::{CATALOGUE, CatalogueEntry};
use serde_json::{Map, Value, json};

pub fn document(version: &str) -> Result<Value> {
    let webhooks: Map<_, _> = CATALOGUE.iter().map(|entry| (name(entry), webhook(entry))).collect();
    let schemas: Result<Map<_, _>> = CATALOGUE.iter().map(|entry| Ok((name(entry), event(entry)?))).collect();
    let mut schemas = schemas?;
    schemas.insert("event".to_owned(), envelope());
    Ok(json!({
        "openapi": "3.1.0",
        "info": { "title": "Dealix webhooks", "version": version, "description": format!("{OPENNESS} The examples are invented.") },
        "webhooks": webhooks,
        "components": { "schemas": schemas, "parameters": parameters(), "responses": responses() },
    }))
}

fn name(entry: &CatalogueEntry) -> String {
    entry.event_type.to_string()
}

fn webhook(entry: &CatalogueEntry) -> Value {
    let parameters = ["signature", "id", "type", "attempt"].map(|name| reference("parameters", name));
    let responses: Map<_, _> =
        ["2XX", "4XX", "5XX"].into_iter().map(|status| (status.to_owned(), reference("responses", status))).collect();
    let schema = reference("schemas", entry.event_type.as_str());
    json!({ "post": {
        "operationId": entry.event_type.as_str(),
        "summary": entry.summary,
        "parameters": parameters,
        "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
        "responses": responses,
    } })
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

fn event(entry: &CatalogueEntry) -> Result<Value> {
    let properties = json!({ "type": { "type": "string", "const": entry.event_type.as_str() }, "data": data(entry)? });
    Ok(json!({ "type": "object", "allOf": [reference("schemas", "event")], "properties": properties }))
}

/// The payload, for readers too.
fn data(entry: &CatalogueEntry) -> Result<Value> {
    let mut data = payload(entry);
    for field in entry.fields {
        data["properties"][field.name]["description"] = json!(field.meaning);
    }
    data["examples"] = json!([serde_json::from_str::<Value>(entry.sample).context("a sample")?]);
    Ok(data)
}

fn parameters() -> Value {
    let header = |name: &str, kind: &str, meaning: &str| json!({ "in": "header", "name": name, "required": true, "schema": { "type": kind }, "description": meaning });
    let signature = "`t=<unix seconds>,v1=<HMAC-SHA256 of t, a full stop and the body, in hex>`. Verify it first.";
    json!({
        "signature": header("Dealix-Signature", "string", signature),
        "id": header("Dealix-Event-Id", "string", "The event's `id`. Not signed: use the body's."),
        "type": header("Dealix-Event-Type", "string", "The event's `type`. Not signed: use the body's."),
        "attempt": header("Dealix-Delivery-Attempt", "integer", "Which attempt this is, from 1. Not signed."),
    })
}

fn responses() -> Value {
    json!({
        "2XX": { "description": "Handled or queued, within 10 s: Dealix does not send it again." },
        "4XX": { "description": "Refused: Dealix does not send it again, except after 408 and 429." },
        "5XX": { "description": "Failed: Dealix retries for 30 hours." },
    })
}
