//! The npm package's `./testing` entry: conversion only, no decision. Text comes and goes as UTF-8 bytes, since
//! wasm-bindgen's strings would need a `TextDecoder` when the module is loaded.

use crate::canonical::{write_envelope, write_string};
use crate::diagnose::{Delivery, Details, Diagnosis};
use crate::event_id;
use crate::fields::Fields;
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
    let fields = Fields::from_json(text).map_err(|error| error.to_string())?;
    write_envelope(&fields).map_err(|error| error.to_string())
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

/// Why a signature does not verify. `texts` holds lists, each its length and its texts: the signature header (one or
/// none), what `JSON.stringify` makes of the body (one or none), the secrets, the other secrets (label and secret in
/// turn), the headers' names. A text is its length and its UTF-8; lengths have four bytes, the lowest first. A
/// `content_length` below 0 is none. Answers a 0 and the diagnosis as JSON, or a 1 and what is wrong with the texts.
#[wasm_bindgen]
pub fn diagnose(
    texts: &[u8],
    body: &[u8],
    is_parsed: bool,
    content_length: f64,
    max_age_seconds: f64,
    now: f64,
) -> Vec<u8> {
    let Some([header, stringified, secrets, others, names]) = lists(texts) else { return tagged(ERROR, b"cut lists") };
    let others: Vec<_> = others.as_chunks().0.iter().map(|[label, secret]| (*label, *secret)).collect();
    // `as` saturates, which is what an integer past i64 means here.
    let delivery = Delivery {
        secrets: &secrets,
        other_secrets: &others,
        signature_header: header.first().copied(),
        header_names: &names,
        content_length: (content_length >= 0.0).then_some(content_length as u64),
        body,
        is_parsed,
        stringified: stringified.first().map(|text| text.as_bytes()),
        max_age_seconds: max_age_seconds as i64,
        now: now as i64,
    };
    match crate::diagnose(&delivery) {
        Ok(diagnosis) => tagged(OK, &to_json(&diagnosis)),
        Err(error) => tagged(ERROR, error.to_string().as_bytes()),
    }
}

fn lists<const N: usize>(mut texts: &[u8]) -> Option<[Vec<&str>; N]> {
    let mut lists = [const { Vec::new() }; N];
    for list in &mut lists {
        for _ in 0..length(&mut texts)? {
            let length = length(&mut texts)?;
            list.push(std::str::from_utf8(texts.split_off(..length)?).ok()?);
        }
    }
    Some(lists)
}

fn length(texts: &mut &[u8]) -> Option<usize> {
    texts.split_off(..4)?.try_into().ok().map(|bytes| u32::from_le_bytes(bytes) as usize)
}

fn to_json(diagnosis: &Diagnosis) -> Vec<u8> {
    let mut object = Object::new();
    match &diagnosis.verdict {
        Some(verdict) => object.text("verdict", Some(verdict.code())),
        None => object.field("verdict", b"null"),
    }
    object.text("cause", Some(diagnosis.cause.code()));
    object.field("certain", if diagnosis.is_certain { b"true" } else { b"false" });
    object.text("message", Some(&diagnosis.message));
    object.text("advice", Some(&diagnosis.advice));
    object.field("details", &details_to_json(&diagnosis.details));
    object.end()
}

/// Only what applies is there.
fn details_to_json(details: &Details) -> Vec<u8> {
    let mut object = Object::new();
    object.list("also", &details.also.iter().map(|cause| cause.code()).collect::<Vec<_>>());
    object.text("change", details.change);
    object.text("form", details.form);
    object.text("around", details.around);
    object.text("missing", details.missing);
    object.text("encoded", details.encoded);
    object.text("decoded", details.decoded);
    object.integer("secretIndex", details.secret_index.and_then(|index| index.try_into().ok()));
    object.text("otherSecret", details.other_secret.as_deref());
    object.text("provider", details.provider);
    object.text("milliseconds", details.milliseconds);
    object.integer("ageSeconds", details.age_seconds);
    object.integer("maxAgeSeconds", details.max_age_seconds);
    object.text("header", details.header);
    object.list("headerNames", &details.header_names.iter().map(String::as_str).collect::<Vec<_>>());
    object.integer("bodyBytes", details.body_bytes.and_then(|bytes| bytes.try_into().ok()));
    object.integer("contentLength", details.content_length.and_then(|bytes| bytes.try_into().ok()));
    if details.is_incomplete {
        object.field("incomplete", b"true");
    }
    object.end()
}

/// A JSON object being written: far smaller in wasm than `serde_json`'s values.
struct Object(Vec<u8>);

impl Object {
    fn new() -> Self {
        Self(b"{".to_vec())
    }

    fn field(&mut self, name: &str, json: &[u8]) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        write_string(&mut self.0, name);
        self.0.push(b':');
        self.0.extend_from_slice(json);
    }

    fn text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.list_or_text(name, b"", &[text], b"");
        }
    }

    fn list(&mut self, name: &str, texts: &[&str]) {
        if !texts.is_empty() {
            self.list_or_text(name, b"[", texts, b"]");
        }
    }

    fn list_or_text(&mut self, name: &str, open: &[u8], texts: &[&str], close: &[u8]) {
        let mut json = open.to_vec();
        for (position, text) in texts.iter().enumerate() {
            if position > 0 {
                json.push(b',');
            }
            write_string(&mut json, text);
        }
        json.extend_from_slice(close);
        self.field(name, &json);
    }

    fn integer(&mut self, name: &str, integer: Option<i64>) {
        if let Some(integer) = integer {
            self.field(name, itoa::Buffer::new().format(integer).as_bytes());
        }
    }

    fn end(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}
