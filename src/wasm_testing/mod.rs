//! The npm package's `./testing` entry: conversion only, no decision.
//!
//! Everything crosses the boundary as a number, so that no glue is needed. Bytes, and text as UTF-8, go through one buffer:
//! JavaScript asks for [`room`], writes the input there, calls a function, which leaves its answer in the buffer, and reads
//! it [`at`] there. What a function returns is the answer's length; of what is wrong with the input its complement, below 0.

mod diagnosis;

use crate::canonical::write_envelope;
use crate::diagnose::Delivery;
use crate::event::Fields;
use crate::event_id;
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;

/// Less than half of what the standard library's takes.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Makes room for so many bytes of input, and answers where.
#[wasm_bindgen]
pub fn room(length: usize) -> *const u8 {
    BUFFER.replace(vec![0; length]);
    at()
}

/// Where the buffer is.
#[wasm_bindgen]
pub fn at() -> *const u8 {
    BUFFER.with_borrow(|buffer| buffer.as_ptr())
}

/// Puts the answer, or what is wrong with the input, in the input's place.
fn answer(to: impl FnOnce(&[u8]) -> Result<Vec<u8>, String>) -> i32 {
    // Taken, not borrowed: a borrow that a trap ends would be held for ever.
    let result = to(&BUFFER.take());
    let is_good = result.is_ok();
    let output = result.unwrap_or_else(String::into_bytes);
    let length = output.len() as i32;
    BUFFER.replace(output);
    if is_good { length } else { !length }
}

/// The canonical bytes of an event given as JSON text.
#[wasm_bindgen]
pub fn canonical() -> i32 {
    answer(|json| {
        let text = std::str::from_utf8(json).map_err(|_| "not UTF-8")?;
        let fields = Fields::from_json(text).map_err(|error| error.to_string())?;
        write_envelope(&fields).map_err(|error| error.to_string())
    })
}

/// An event id from 16 random bytes.
#[wasm_bindgen]
pub fn new_event_id() -> i32 {
    answer(|random| {
        let random = random.try_into().map_err(|_| "not 16 bytes")?;
        Ok(event_id(random).into_bytes())
    })
}

/// Why a signature does not verify. The input holds lists, each its length and its texts: the signature header (one or
/// none), the `Content-Encoding` (one or none), what `JSON.stringify` makes of the body (one or none), the secrets, the other secrets (label and secret in
/// turn), the headers' names; and then the body. A text is its length and its UTF-8; lengths have four bytes, the lowest
/// first. A `content_length` below 0 is none. The answer is JSON.
#[wasm_bindgen]
pub fn diagnose(is_parsed: bool, content_length: f64, max_age_seconds: f64, now: f64) -> i32 {
    answer(|mut input| {
        let [header, encoding, stringified, secrets, others, names] = lists(&mut input).ok_or("cut lists")?;
        let others: Vec<_> = others.as_chunks().0.iter().map(|[label, secret]| (*label, *secret)).collect();
        // `as` saturates, which is what an integer past i64 means here.
        let delivery = Delivery {
            secrets: &secrets,
            other_secrets: &others,
            signature_header: header.first().copied(),
            header_names: &names,
            content_encoding: encoding.first().copied(),
            content_length: (content_length >= 0.0).then_some(content_length as u64),
            body: input,
            is_parsed,
            stringified: stringified.first().map(|text| text.as_bytes()),
            max_age_seconds: max_age_seconds as i64,
            now: now as i64,
        };
        let diagnosis = crate::diagnose::diagnose(&delivery).map_err(|error| error.to_string())?;
        Ok(diagnosis::to_json(&diagnosis))
    })
}

fn lists<'i, const N: usize>(input: &mut &'i [u8]) -> Option<[Vec<&'i str>; N]> {
    let mut lists = [const { Vec::new() }; N];
    for list in &mut lists {
        for _ in 0..length(input)? {
            let length = length(input)?;
            list.push(std::str::from_utf8(input.split_off(..length)?).ok()?);
        }
    }
    Some(lists)
}

fn length(input: &mut &[u8]) -> Option<usize> {
    input.split_off(..4)?.try_into().ok().map(|bytes| u32::from_le_bytes(bytes) as usize)
}
