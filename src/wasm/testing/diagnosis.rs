//! A diagnosis as JSON.

use super::label::other_secret;
use super::object::Object;
use super::{advice, finding};
use crate::diagnose::{Details, Diagnosis, sentences};

pub(super) fn to_json(diagnosis: &Diagnosis) -> Vec<u8> {
    let message = sentences::message(&diagnosis.mistakes, &diagnosis.details, finding::finding);
    let advice = sentences::advice(&diagnosis.mistakes, &diagnosis.details, advice::advice);
    let mut object = Object::new();
    match &diagnosis.verdict {
        Some(verdict) => object.text("verdict", Some(verdict.code())),
        None => object.field("verdict", b"null"),
    }
    object.text("cause", Some(diagnosis.cause.code()));
    object.field("certain", if diagnosis.is_certain { b"true" } else { b"false" });
    object.text("message", Some(&message));
    object.text("advice", Some(&advice));
    object.field("details", &details_to_json(&diagnosis.details));
    object.end()
}

/// The details that apply; the others are left out.
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
    object.text("otherSecret", other_secret(details).as_deref());
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
