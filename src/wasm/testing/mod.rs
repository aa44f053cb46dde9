//! The npm package's `./testing` entry: it converts, and decides nothing.
//!
//! Everything crosses the boundary as a number, so that no glue is needed. Bytes, and text as UTF-8, go through one buffer:
//! JavaScript asks for [`room`], writes the input there, and calls a function, which replaces the input with its output,
//! to be read [`at`] its address. The function returns the output's length; for an error message, the bitwise complement of
//! its length, which is negative.

mod advice;
mod diagnosis;
mod finding;
mod label;
mod object;

use crate::canonical::write_envelope;
use crate::diagnose::{Evidence, test_event};
use crate::event::{Fields, event_id};
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;

/// Takes less than half the code of the standard library's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Makes room for an input of this length in bytes, and returns its address.
#[wasm_bindgen]
pub fn room(length: usize) -> *const u8 {
    BUFFER.replace(vec![0; length]);
    at()
}

/// The address of the buffer.
#[wasm_bindgen]
pub fn at() -> *const u8 {
    BUFFER.with_borrow(|buffer| buffer.as_ptr())
}

/// Replaces the input with the output, or with the error message.
fn respond(run: impl FnOnce(&[u8]) -> Result<Vec<u8>, String>) -> i32 {
    // Taken, not borrowed: a borrow cut off by a trap would never end.
    let result = run(&BUFFER.take());
    let is_good = result.is_ok();
    let output = result.unwrap_or_else(String::into_bytes);
    let length = output.len() as i32;
    BUFFER.replace(output);
    if is_good { length } else { !length }
}

/// The canonical bytes of an event given as JSON text.
#[wasm_bindgen]
pub fn canonical() -> i32 {
    respond(|json| {
        let text = std::str::from_utf8(json).map_err(|_| "not UTF-8")?;
        let fields = Fields::from_json(text).map_err(|error| error.to_string())?;
        write_envelope(&fields).map_err(|error| error.to_string())
    })
}

/// An event id made from 16 random bytes.
#[wasm_bindgen]
pub fn new_event_id() -> i32 {
    respond(|random| {
        let random = random.try_into().map_err(|_| "not 16 bytes")?;
        Ok(event_id(random).into_bytes())
    })
}

/// The data of a test event of the given type.
#[wasm_bindgen]
pub fn sample() -> i32 {
    respond(|event_type| {
        let event_type = std::str::from_utf8(event_type).map_err(|_| "not UTF-8")?;
        Ok(test_event::data(event_type).into_bytes())
    })
}

/// A canonical event as the package sends it: spelt as no program would write it if its data is the sample, otherwise
/// unchanged.
#[wasm_bindgen]
pub fn as_sent() -> i32 {
    respond(|canonical| {
        let canonical = std::str::from_utf8(canonical).map_err(|_| "not UTF-8")?;
        Ok(test_event::with_spelt_data(canonical).unwrap_or_else(|| canonical.to_owned()).into_bytes())
    })
}

/// Finds out why a signature does not verify, and returns the diagnosis as JSON.
///
/// The input holds six lists, each a count and that many texts: the signature header (at most one), the `Content-Encoding`
/// (at most one), what `JSON.stringify` makes of the body (at most one), the secrets, the other secrets (label and secret
/// in turn), and the headers' names. The body follows. A text is its length and its UTF-8; counts and lengths have four
/// bytes, the lowest first. A negative `content_length` means that there is none.
#[wasm_bindgen]
pub fn diagnose(is_parsed: bool, content_length: f64, max_age_seconds: f64, now: f64) -> i32 {
    respond(|mut input| {
        let [header, encoding, reserialized, secrets, others, names] = lists(&mut input).ok_or("cut lists")?;
        let others: Vec<_> = others.as_chunks().0.iter().map(|[label, secret]| (*label, *secret)).collect();
        // `as` saturates, which is right for integers beyond i64.
        let evidence = Evidence {
            secrets: &secrets,
            other_secrets: &others,
            signature_header: header.first().copied(),
            header_names: &names,
            content_encoding: encoding.first().copied(),
            content_length: (content_length >= 0.0).then_some(content_length as u64),
            body: input,
            is_parsed,
            reserialized: reserialized.first().map(|text| text.as_bytes()),
            max_age_seconds: max_age_seconds as i64,
            now: now as i64,
        };
        let diagnosis = crate::diagnose::diagnose(&evidence).map_err(|error| error.to_string())?;
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
