//! Conversions between floats and text, both correctly rounded.

/// A buffer for the digits of any float.
pub(super) type Digits = zmij::Buffer;

/// The value of a JSON number; infinite if it overflows.
pub(super) fn parse(text: &str) -> f64 {
    text.parse().unwrap_or(f64::INFINITY)
}

/// The shortest digits from which a positive number can be read back, such as `12.5` or `1e-7`.
pub(super) fn shortest(number: f64, digits: &mut Digits) -> &str {
    digits.format_finite(number)
}
