//! Numbers as Python writes them.

use super::error::CanonicalErrorKind;
use super::float::{self, Digits};
use crate::json;

const MAX_FLOAT_BYTES: usize = 64 * 1024;

pub(super) fn write(out: &mut Vec<u8>, text: &str) -> Result<(), CanonicalErrorKind> {
    if text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        return write_float(out, text);
    }
    // Python's integers have no minus zero.
    out.extend_from_slice(if text == "-0" { b"0" } else { text.as_bytes() });
    Ok(())
}

/// Python's `repr(float)`: the shortest digits that round-trip, as `123.0`, `0.0001` or `1e-05`.
fn write_float(out: &mut Vec<u8>, text: &str) -> Result<(), CanonicalErrorKind> {
    // Far beyond this, `f64::from_str` loses count of the digits and returns 0.0 for a number that is 1.0.
    if text.len() > MAX_FLOAT_BYTES {
        return Err(CanonicalErrorKind::NumberTooLong);
    }
    let number = float::parse(text);
    if !number.is_finite() {
        return Err(CanonicalErrorKind::NumberOverflow);
    }
    let mut digits = Digits::default();
    let shortest = float::shortest(number.abs(), &mut digits);
    if number.is_sign_negative() {
        out.push(b'-');
    }
    // In this range Python writes no exponent, and these same digits.
    if (1e-4..1e16).contains(&number.abs()) && shortest.contains('.') && !shortest.contains('e') {
        out.extend_from_slice(shortest.as_bytes());
        return Ok(());
    }
    write_layout(out, shortest);
    Ok(())
}

/// CPython's `float_repr_style`: exponents from 1e16 and below 1e-4, with at least two digits.
fn write_layout(out: &mut Vec<u8>, shortest: &str) {
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((shortest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = json::integer(exponent).unwrap_or_default();

    // The number is 0.<digits> times ten to the power of `point`.
    let all = [whole, fraction].concat();
    let significant = all.trim_start_matches('0');
    let leading_zeros = all.len() - significant.len();
    let digits = significant.trim_end_matches('0');
    let point = whole.len() as i64 - leading_zeros as i64 + exponent;

    if digits.is_empty() {
        out.extend_from_slice(b"0.0");
        return;
    }
    if !(-3..=16).contains(&point) {
        let (first, rest) = digits.split_at(1);
        out.extend_from_slice(first.as_bytes());
        if !rest.is_empty() {
            out.push(b'.');
            out.extend_from_slice(rest.as_bytes());
        }
        let exponent = point - 1;
        let sign = if exponent < 0 { '-' } else { '+' };
        out.extend_from_slice(format!("e{sign}{:02}", exponent.abs()).as_bytes());
        return;
    }
    if point <= 0 {
        out.extend_from_slice(b"0.");
        out.extend((point..0).map(|_| b'0'));
        out.extend_from_slice(digits.as_bytes());
        return;
    }
    let whole_digits = point as usize;
    let (whole, fraction) = digits.split_at(digits.len().min(whole_digits));
    out.extend_from_slice(whole.as_bytes());
    out.extend((whole.len()..whole_digits).map(|_| b'0'));
    out.push(b'.');
    out.extend_from_slice(if fraction.is_empty() { b"0" } else { fraction.as_bytes() });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_pythons_whichever_digits_it_is_made_from() {
        // Rust and JavaScript write the same number differently.
        for (digits, layout) in [
            ("0", "0.0"),
            ("1", "1.0"),
            ("12", "12.0"),
            ("120", "120.0"),
            ("1.25e1", "12.5"),
            ("0.5", "0.5"),
            ("0.0001", "0.0001"),
            ("1e-4", "0.0001"),
            ("0.00001", "1e-05"),
            ("0.000012", "1.2e-05"),
            ("1.5e15", "1500000000000000.0"),
            ("9999999999999998", "9999999999999998.0"),
            ("12345678901234568", "1.2345678901234568e+16"),
            ("1e100", "1e+100"),
        ] {
            let mut out = Vec::new();
            write_layout(&mut out, digits);
            assert_eq!(String::from_utf8(out).unwrap(), layout, "{digits}");
        }
    }
}
