//! A diagnosis as JSON, written by hand: `serde_json`'s values would be far larger in wasm.

use crate::canonical::write_string;
use crate::diagnose::{Details, Diagnosis};

pub(super) fn to_json(diagnosis: &Diagnosis) -> Vec<u8> {
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
    object.text("contentEncoding", details.content_encoding);
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

/// A JSON object being written.
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
