//! Canonical JSON bytes, identical with Python's
//! `json.dumps(…, separators=(",", ":"), sort_keys=True)` (CONTRACT §2).

#[cfg(not(all(target_arch = "wasm32", feature = "wasm-testing")))]
mod float;
#[cfg(all(target_arch = "wasm32", feature = "wasm-testing"))]
#[path = "float_of_host.rs"]
mod float;
mod number;
mod path;
mod string;
mod value;

#[cfg(feature = "wasm-testing")]
pub(crate) use string::write as write_string;

pub(crate) use path::of_syntax_error as path_of_syntax_error;

use crate::fields::Fields;
use crate::{WebhookEvent, json};
use path::Step;
use thiserror::Error;

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
    write_envelope(&Fields::of(event))
}

pub(crate) fn write_envelope(fields: &Fields) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::with_capacity(fields.payload.len() + 192);
    out.extend_from_slice(br#"{"api_version":"#);
    string::write(&mut out, &fields.api_version);
    out.extend_from_slice(br#","customer_id":"#);
    string::write(&mut out, &fields.customer_id);
    out.extend_from_slice(br#","data":"#);
    value::write_payload(&mut out, fields.payload)?;
    out.extend_from_slice(br#","id":"#);
    string::write(&mut out, &fields.event_id);
    out.extend_from_slice(br#","timestamp":"#);
    out.extend_from_slice(itoa::Buffer::new().format(fields.timestamp).as_bytes());
    out.extend_from_slice(br#","type":"#);
    string::write(&mut out, &fields.event_type);
    out.push(b'}');
    Ok(out)
}

/// The canonical bytes of any JSON text, an envelope's among them; none where it is no JSON or has no canonical form.
pub(crate) fn canonical_json(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    json::check(text).ok()?;
    let mut out = Vec::with_capacity(text.len());
    value::write_value(&mut out, text).ok()?;
    Some(out)
}

/// Where a value has no canonical form.
struct Failure {
    kind: CanonicalErrorKind,
    /// The way there, the innermost step first.
    path: Vec<Step>,
}

/// In a box: every value's result is one of these, and nearly all of them are good.
type Written = Result<(), Box<Failure>>;

impl From<CanonicalErrorKind> for Box<Failure> {
    fn from(kind: CanonicalErrorKind) -> Self {
        Self::new(Failure { kind, path: Vec::new() })
    }
}

impl Failure {
    fn within(mut self: Box<Self>, step: Step) -> Box<Self> {
        self.path.push(step);
        self
    }
}

impl From<Box<Failure>> for CanonicalError {
    fn from(failure: Box<Failure>) -> Self {
        Self { path: path::write("payload", failure.path.iter().rev()), kind: failure.kind }
    }
}
