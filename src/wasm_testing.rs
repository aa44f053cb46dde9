//! The npm package's `./testing` entry: conversion only. Text comes and goes as UTF-8 bytes, since
//! wasm-bindgen's strings would need a `TextDecoder` when the module is loaded.

use crate::{WebhookEvent, event_id, serialize_envelope};
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
