//! Canonical JSON bytes, identical with Python's
//! `json.dumps(…, separators=(",", ":"), sort_keys=True)` (CONTRACT §2).

use crate::WebhookEvent;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use thiserror::Error;

/// The envelope itself is level 1 and `data` level 2.
const MAX_LEVELS: usize = 128;

const MAX_FLOAT_BYTES: usize = 64 * 1024;

/// A payload that has no canonical form, and where it has none.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{path}: {kind}")]
pub struct CanonicalError {
    /// The place, such as `payload.items[3].price`.
    pub path: String,
    /// What was found there.
    pub kind: CanonicalErrorKind,
}

/// What [`CanonicalError`] found.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CanonicalErrorKind {
    /// A number such as 1e400, which Python would write as `Infinity`: not JSON.
    #[error("the number overflows a double")]
    NumberOverflow,
    /// A payload that is no object: no receiver would take it for an envelope's data.
    #[error("the payload is not an object")]
    NotAnObject,
    /// A number with a point or an exponent that is written in over 64 KiB.
    #[error("the number is written in over 64 KiB")]
    NumberTooLong,
    /// A string or a key such as `"\ud800"`, which is not Unicode text.
    #[error("the text holds a lone surrogate")]
    LoneSurrogate,
    /// More than 128 levels, the envelope's two included.
    #[error("the payload is nested more than 128 levels deep")]
    TooDeep,
}

/// The envelope's canonical bytes: the body to sign and to send. They are ASCII.
///
/// # Errors
/// [`CanonicalError`] names the place in the payload; the result is never a silently different document.
///
/// ```
/// use dealix_webhooks::{WebhookEvent, serialize_envelope};
///
/// let event = WebhookEvent::from_json(
///     r#"{"event_id":"evt_1","event_type":"deal.won","customer_id":"cus_1","payload":{"b":"é","a":1E2},"timestamp":5}"#,
/// )?;
/// assert_eq!(
///     String::from_utf8(serialize_envelope(&event)?)?,
///     r#"{"api_version":"v1","customer_id":"cus_1","data":{"a":100.0,"b":"\u00e9"},"id":"evt_1","timestamp":5,"type":"deal.won"}"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn serialize_envelope(event: &WebhookEvent) -> Result<Vec<u8>, CanonicalError> {
    let mut writer = Writer { out: Vec::with_capacity(event.payload.get().len() + 192), path: Vec::new(), levels: 1 };
    writer.out.extend_from_slice(br#"{"api_version":"#);
    writer.string(&event.api_version);
    writer.out.extend_from_slice(br#","customer_id":"#);
    writer.string(&event.customer_id);
    writer.out.extend_from_slice(br#","data":"#);
    writer.payload(&event.payload).map_err(|kind| CanonicalError { path: writer.path(), kind })?;
    writer.out.extend_from_slice(br#","id":"#);
    writer.string(&event.event_id);
    writer.out.extend_from_slice(br#","timestamp":"#);
    writer.out.extend_from_slice(itoa::Buffer::new().format(event.timestamp).as_bytes());
    writer.out.extend_from_slice(br#","type":"#);
    writer.string(event.event_type.as_str());
    writer.out.push(b'}');
    Ok(writer.out)
}

type Written = Result<(), CanonicalErrorKind>;

struct Writer {
    out: Vec<u8>,
    /// Where the writer is. On an error it is left as it is, and so names the place.
    path: Vec<Step>,
    levels: usize,
}

enum Step {
    Key(String),
    Index(usize),
}

impl Writer {
    fn payload(&mut self, payload: &RawValue) -> Written {
        if !payload.get().starts_with('{') {
            return Err(CanonicalErrorKind::NotAnObject);
        }
        self.value(payload)
    }

    /// Writes a value from its text, since a parsed number would have lost its digits. The grammar was
    /// checked when the `RawValue` was made, so what can still fail is what Python's `json` lets through.
    fn value(&mut self, value: &RawValue) -> Written {
        let text = value.get();
        match text.as_bytes().first() {
            Some(b'{') => self.object(text),
            Some(b'[') => self.array(text),
            Some(b'"') => {
                let string: String = parse(text)?;
                self.string(&string);
                Ok(())
            }
            Some(b't' | b'f' | b'n') => {
                self.out.extend_from_slice(text.as_bytes());
                Ok(())
            }
            _ => self.number(text),
        }
    }

    fn object(&mut self, text: &str) -> Written {
        self.enter()?;
        // A map of `String` sorts by code point, and of duplicate keys the last wins, both as in Python.
        let members: BTreeMap<String, &RawValue> = parse(text)?;
        self.out.push(b'{');
        for (position, (key, value)) in members.into_iter().enumerate() {
            if position > 0 {
                self.out.push(b',');
            }
            self.string(&key);
            self.out.push(b':');
            self.path.push(Step::Key(key));
            self.value(value)?;
            self.path.pop();
        }
        self.out.push(b'}');
        self.levels -= 1;
        Ok(())
    }

    fn array(&mut self, text: &str) -> Written {
        self.enter()?;
        let items: Vec<&RawValue> = parse(text)?;
        self.out.push(b'[');
        for (position, value) in items.into_iter().enumerate() {
            if position > 0 {
                self.out.push(b',');
            }
            self.path.push(Step::Index(position));
            self.value(value)?;
            self.path.pop();
        }
        self.out.push(b']');
        self.levels -= 1;
        Ok(())
    }

    fn enter(&mut self) -> Written {
        self.levels += 1;
        if self.levels > MAX_LEVELS { Err(CanonicalErrorKind::TooDeep) } else { Ok(()) }
    }

    fn string(&mut self, text: &str) {
        self.out.push(b'"');
        for character in text.chars() {
            match character {
                '"' => self.out.extend_from_slice(br#"\""#),
                '\\' => self.out.extend_from_slice(br"\\"),
                '\n' => self.out.extend_from_slice(br"\n"),
                '\r' => self.out.extend_from_slice(br"\r"),
                '\t' => self.out.extend_from_slice(br"\t"),
                '\u{8}' => self.out.extend_from_slice(br"\b"),
                '\u{c}' => self.out.extend_from_slice(br"\f"),
                ' '..='~' => self.out.push(character as u8),
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        self.out.extend_from_slice(br"\u");
                        self.out.extend_from_slice(hex::encode(unit.to_be_bytes()).as_bytes());
                    }
                }
            }
        }
        self.out.push(b'"');
    }

    fn number(&mut self, text: &str) -> Written {
        if text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
            return self.float(text);
        }
        // Python's integers have no minus zero.
        self.out.extend_from_slice(if text == "-0" { b"0" } else { text.as_bytes() });
        Ok(())
    }

    /// Python's `repr(float)`: the shortest digits that round-trip, as `123.0`, `0.0001` or `1e-05`.
    fn float(&mut self, text: &str) -> Written {
        // Far beyond this, `f64::from_str` loses count of the digits and answers 0.0 for what is 1.0.
        if text.len() > MAX_FLOAT_BYTES {
            return Err(CanonicalErrorKind::NumberTooLong);
        }
        let number: f64 = text.parse().map_err(|_| CanonicalErrorKind::NumberOverflow)?;
        if !number.is_finite() {
            return Err(CanonicalErrorKind::NumberOverflow);
        }
        let mut buffer = zmij::Buffer::new();
        let shortest = buffer.format_finite(number.abs());
        let (mantissa, exponent) = shortest.split_once('e').unwrap_or((shortest, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: i32 = exponent.parse().unwrap_or_default();

        // The number is 0.<digits> times ten to the power of `point`.
        let all = [whole, fraction].concat();
        let significant = all.trim_start_matches('0');
        let leading_zeros = all.len() - significant.len();
        let digits = significant.trim_end_matches('0');
        let point = whole.len() as i32 - leading_zeros as i32 + exponent;

        if number.is_sign_negative() {
            self.out.push(b'-');
        }
        self.float_layout(digits, point);
        Ok(())
    }

    /// CPython's `float_repr_style`: exponents from 1e16 and below 1e-4, with at least two digits.
    fn float_layout(&mut self, digits: &str, point: i32) {
        if digits.is_empty() {
            self.out.extend_from_slice(b"0.0");
            return;
        }
        if !(-3..=16).contains(&point) {
            let (first, rest) = digits.split_at(1);
            self.out.extend_from_slice(first.as_bytes());
            if !rest.is_empty() {
                self.out.push(b'.');
                self.out.extend_from_slice(rest.as_bytes());
            }
            let exponent = point - 1;
            let sign = if exponent < 0 { '-' } else { '+' };
            self.out.extend_from_slice(format!("e{sign}{:02}", exponent.abs()).as_bytes());
            return;
        }
        if point <= 0 {
            self.out.extend_from_slice(b"0.");
            self.out.extend((point..0).map(|_| b'0'));
            self.out.extend_from_slice(digits.as_bytes());
            return;
        }
        let whole_digits = point as usize;
        let (whole, fraction) = digits.split_at(digits.len().min(whole_digits));
        self.out.extend_from_slice(whole.as_bytes());
        self.out.extend((whole.len()..whole_digits).map(|_| b'0'));
        self.out.push(b'.');
        self.out.extend_from_slice(if fraction.is_empty() { b"0" } else { fraction.as_bytes() });
    }

    fn path(&self) -> String {
        let mut path = String::from("payload");
        for step in &self.path {
            match step {
                Step::Key(key) if is_plain(key) => path.push_str(&format!(".{key}")),
                Step::Key(key) => path.push_str(&format!("[{key:?}]")),
                Step::Index(index) => path.push_str(&format!("[{index}]")),
            }
            if path.len() > MAX_PATH_BYTES {
                let end = path.floor_char_boundary(MAX_PATH_BYTES);
                path.truncate(end);
                path.push('…');
                break;
            }
        }
        path
    }
}

/// Long enough to find the place; a path can be as long as the payload.
const MAX_PATH_BYTES: usize = 200;

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Parses text whose grammar is known to be good: all that is left to go wrong is a lone surrogate.
fn parse<'t, T: serde::Deserialize<'t>>(text: &'t str) -> Result<T, CanonicalErrorKind> {
    serde_json::from_str(text).map_err(|_| CanonicalErrorKind::LoneSurrogate)
}
