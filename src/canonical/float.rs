//! The two conversions of floats, both correctly rounded.

/// Room for the digits of any float.
pub(super) type Digits = zmij::Buffer;

/// The number that a JSON number stands for; infinite where it overflows.
pub(super) fn parse(text: &str) -> f64 {
    text.parse().unwrap_or(f64::INFINITY)
}

/// The shortest digits that a positive number round-trips with, such as `12.5` or `1e-7`.
pub(super) fn shortest(number: f64, digits: &mut Digits) -> &str {
    digits.format_finite(number)
}
