//! The two conversions of floats, as JavaScript has them: in wasm, Rust's would take a quarter of the module.

use wasm_bindgen::prelude::wasm_bindgen;

/// Room for the digits of any float: `String` takes 25 at most.
pub(super) type Digits = [u8; 32];

#[wasm_bindgen(raw_module = "host")]
extern "C" {
    /// `Number` of so many bytes of ASCII.
    fn parse_float(text: i32, length: i32) -> f64;

    /// Writes `String` of a number as ASCII, and answers how long it is.
    fn write_float(number: f64, digits: i32) -> i32;
}

/// The number that a JSON number stands for; infinite where it overflows.
pub(super) fn parse(text: &str) -> f64 {
    parse_float(text.as_ptr() as i32, text.len() as i32)
}

/// The shortest digits that a positive number round-trips with, such as `12.5`, `12` or `1e-7`.
pub(super) fn shortest(number: f64, digits: &mut Digits) -> &str {
    let length = write_float(number, digits.as_mut_ptr() as i32);
    std::str::from_utf8(&digits[..length as usize]).unwrap_or_default()
}
