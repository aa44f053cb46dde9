//! Conversions between floats and text, done by JavaScript: Rust's would make up a quarter of the wasm module.

use wasm_bindgen::prelude::wasm_bindgen;

/// A buffer for the digits of any float: JavaScript's `String` writes at most 25.
pub(super) type Digits = [u8; 32];

#[wasm_bindgen(raw_module = "host")]
extern "C" {
    /// JavaScript's `Number` of the ASCII text at this address.
    fn parse_float(text: i32, length: i32) -> f64;

    /// Writes JavaScript's `String` of a number as ASCII, and returns its length.
    fn write_float(number: f64, digits: i32) -> i32;
}

/// The value of a JSON number; infinite if it overflows.
pub(super) fn parse(text: &str) -> f64 {
    parse_float(text.as_ptr() as i32, text.len() as i32)
}

/// The shortest digits from which a positive number can be read back, such as `12.5`, `12` or `1e-7`.
pub(super) fn shortest(number: f64, digits: &mut Digits) -> &str {
    let length = write_float(number, digits.as_mut_ptr() as i32);
    std::str::from_utf8(&digits[..length as usize]).unwrap_or_default()
}
