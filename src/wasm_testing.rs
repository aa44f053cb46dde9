//! The npm package's `./testing` entry: conversion only, no decision. Text comes and goes as UTF-8 bytes, since
//! wasm-bindgen's strings would need a `TextDecoder` when the module is loaded.

use crate::diagnose::{Delivery, Details, Diagnosis};
use crate::{WebhookEvent, event_id, serialize_envelope};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

const OK: u8 = 0;
const ERROR: u8 = 1;

/// The canonical bytes of an event given as JSON text: a 0 and the bytes, or a 1 and what is wrong.
#[wasm_bindgen]
pub fn canonical(json: &[u8]) -> Vec<u8> {
    match serialize(json) {
        Ok(bytes) => tagged(OK, &bytes),
        Err(message) => tagged(ERROR, message.as_bytes()),
    }
}

fn serialize(json: &[u8]) -> Result<Vec<u8>, String> {
    let text = std::str::from_utf8(json).map_err(|error| error.to_string())?;
    let event = WebhookEvent::from_json(text).map_err(|error| error.to_string())?;
    serialize_envelope(&event).map_err(|error| error.to_string())
}

fn tagged(tag: u8, bytes: &[u8]) -> Vec<u8> {
    [&[tag], bytes].concat()
}

/// An event id from 16 random bytes; more are ignored, missing ones are zero.
#[wasm_bindgen]
pub fn new_event_id(random: &[u8]) -> Vec<u8> {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(random) {
        *to = *from;
    }
    event_id(bytes).into_bytes()
}

/// Why a signature does not verify: takes the facts as JSON and the body, and answers a 0 and the diagnosis as JSON, or
/// a 1 and what is wrong with the facts.
#[wasm_bindgen]
pub fn diagnose(facts: &[u8], body: &[u8]) -> Vec<u8> {
    match diagnosis(facts, body) {
        Ok(diagnosis) => tagged(OK, to_json(diagnosis).to_string().as_bytes()),
        Err(message) => tagged(ERROR, message.as_bytes()),
    }
}

#[derive(Deserialize)]
struct Facts {
    secrets: Vec<String>,
    others: Vec<(String, String)>,
    header: Option<String>,
    names: Vec<String>,
    length: Option<f64>,
    parsed: bool,
    stringified: Option<String>,
    window: f64,
    now: f64,
}

fn diagnosis(facts: &[u8], body: &[u8]) -> Result<Diagnosis, String> {
    let facts: Facts = serde_json::from_slice(facts).map_err(|error| error.to_string())?;
    let secrets: Vec<_> = facts.secrets.iter().map(String::as_str).collect();
    let others: Vec<_> = facts.others.iter().map(|(label, secret)| (label.as_str(), secret.as_str())).collect();
    let names: Vec<_> = facts.names.iter().map(String::as_str).collect();
    // `as` saturates, which is what an integer past i64 means here.
    let delivery = Delivery {
        secrets: &secrets,
        other_secrets: &others,
        signature_header: facts.header.as_deref().map(str::as_bytes),
        header_names: &names,
        content_length: facts.length.map(|length| length as u64),
        body,
        is_parsed: facts.parsed,
        stringified: facts.stringified.as_deref().map(str::as_bytes),
        max_age_seconds: facts.window as i64,
        now: facts.now as i64,
    };
    crate::diagnose(&delivery).map_err(|error| error.to_string())
}

fn to_json(diagnosis: Diagnosis) -> Value {
    json!({
        "verdict": diagnosis.verdict.map(|verdict| verdict.code()),
        "cause": diagnosis.cause.code(),
        "certain": diagnosis.is_certain,
        "message": diagnosis.message,
        "advice": diagnosis.advice,
        "details": details_to_json(diagnosis.details),
    })
}

/// Only what applies is there.
fn details_to_json(details: Details) -> Value {
    let also: Vec<_> = details.also.iter().map(|cause| cause.code()).collect();
    let fields: [(&str, Option<Value>); 18] = [
        ("also", (!also.is_empty()).then(|| also.into())),
        ("change", details.change.map(Value::from)),
        ("form", details.form.map(Value::from)),
        ("around", details.around.map(Value::from)),
        ("missing", details.missing.map(Value::from)),
        ("encoded", details.encoded.map(Value::from)),
        ("decoded", details.decoded.map(Value::from)),
        ("secretIndex", details.secret_index.map(Value::from)),
        ("otherSecret", details.other_secret.map(Value::from)),
        ("provider", details.provider.map(Value::from)),
        ("milliseconds", details.milliseconds.map(Value::from)),
        ("ageSeconds", details.age_seconds.map(Value::from)),
        ("maxAgeSeconds", details.max_age_seconds.map(Value::from)),
        ("header", details.header.map(Value::from)),
        ("headerNames", (!details.header_names.is_empty()).then(|| details.header_names.into())),
        ("bodyBytes", details.body_bytes.map(Value::from)),
        ("contentLength", details.content_length.map(Value::from)),
        ("incomplete", details.is_incomplete.then_some(Value::Bool(true))),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(fields.collect::<Map<_, _>>())
}
