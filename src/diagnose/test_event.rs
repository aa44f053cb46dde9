//! The npm package's test events, whose data are the catalogue's samples, spelt as no program would write them. If one was
//! written again, it is recognised by its data.

use crate::canonical::canonical_json;
use crate::event::Fields;
use crate::event::catalogue::SAMPLES;
use std::fmt::Write;

/// The type whose sample the events of unknown types have.
const DEFAULT_TYPE: &str = "deal.won";

/// Far more than such an event takes, however it is written.
const MAX_BYTES: usize = 4096;

/// The data of a test event of this type, as the package sends it.
pub(crate) fn data(event_type: &str) -> String {
    let sample = |wanted| SAMPLES.iter().find(|(known, _)| *known == wanted).map(|(_, sample)| *sample);
    spelt(sample(event_type).or_else(|| sample(DEFAULT_TYPE)).unwrap_or_default())
}

/// A canonical event as the package sends it, if its data is the sample.
#[cfg(feature = "wasm-testing")]
pub(crate) fn with_spelt_data(canonical: &str) -> Option<String> {
    let fields = Fields::from_envelope(canonical.as_bytes()).ok()?;
    let sample = data(&fields.event_type);
    (canonical_json(sample.as_bytes())? == fields.payload.as_bytes())
        .then(|| replaced(canonical, fields.payload, &sample))
}

/// The event as it was sent, if the body is a test event in any spelling.
pub(super) fn as_sent(body: &[u8]) -> Option<Vec<u8>> {
    if body.len() > MAX_BYTES {
        return None;
    }
    let canonical = String::from_utf8(canonical_json(body)?).ok()?;
    let fields = Fields::from_envelope(canonical.as_bytes()).ok()?;
    let sample = data(&fields.event_type);
    let in_python = String::from_utf8(canonical_json(sample.as_bytes())?).ok()?;
    let in_javascript = in_python.replacen(".0", "", 1);
    [in_python.as_str(), &in_javascript]
        .contains(&fields.payload)
        .then(|| replaced(&canonical, fields.payload, &sample).into_bytes())
}

fn replaced(canonical: &str, data: &str, sample: &str) -> String {
    canonical.replacen(&["\"data\":", data].concat(), &["\"data\":", sample].concat(), 1)
}

/// One line, with every other letter beyond ASCII escaped: parsing it and writing it again always gives other bytes.
fn spelt(sample: &str) -> String {
    let mut is_next_escaped = false;
    let mut spelt = String::with_capacity(2 * sample.len());
    for letter in sample.lines().flat_map(|line| line.trim_start().chars()) {
        let is_escaped = is_next_escaped && is_escapable(letter);
        is_next_escaped ^= is_escapable(letter);
        // Writing to a string cannot fail.
        let _ = if is_escaped { write!(spelt, "\\u{:04x}", letter as u32) } else { spelt.write_char(letter) };
    }
    spelt
}

/// Whether the letter lies beyond ASCII and takes one escape.
fn is_escapable(letter: char) -> bool {
    ('\u{80}'..='\u{ffff}').contains(&letter)
}
