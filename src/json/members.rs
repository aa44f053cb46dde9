//! The members of a JSON object. `serde_json` checks the grammar but fills no types, not even a `RawValue`: in wasm, every
//! type that can be mismatched brings in the code that words the error, floats included.

use super::scalar::unquoted;
use serde::de::IgnoredAny;
use serde_json::Deserializer;
use std::borrow::Cow;

/// An object's members in document order, the values as JSON text. If a key is repeated, its last value counts.
pub(crate) type Members<'t> = Vec<(Cow<'t, str>, &'t str)>;

/// Checks that the text is JSON.
pub(crate) fn check(text: &str) -> serde_json::Result<()> {
    serde_json::from_str::<IgnoredAny>(text).map(drop)
}

/// The members of an object; `None` if the text is not a JSON object, or if a key is not Unicode.
pub(crate) fn members(text: &str) -> Option<Members<'_>> {
    let mut reader = Reader { rest: text };
    let mut members = Vec::new();
    reader.token('{')?;
    if reader.token('}').is_none() {
        loop {
            let key = unquoted(reader.value()?)?;
            reader.token(':')?;
            members.push((key, reader.value()?));
            if reader.token(',').is_none() {
                break;
            }
        }
        reader.token('}')?;
    }
    reader.rest.chars().all(is_space).then_some(members)
}

/// The value of a key: the last one, if the key is repeated.
pub(crate) fn member<'t>(members: &Members<'t>, key: &str) -> Option<&'t str> {
    members.iter().rfind(|(other, _)| other == key).map(|(_, value)| *value)
}

/// The length in bytes of the value at the start of the text.
pub(crate) fn length_of_value(text: &str) -> usize {
    let mut reader = Reader { rest: text };
    reader.value();
    text.len() - reader.rest.len()
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn value(&mut self) -> Option<&'t str> {
        let text = self.rest.trim_start_matches(is_space);
        let mut values = Deserializer::from_str(text).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        let (value, rest) = text.split_at(values.byte_offset());
        self.rest = rest;
        Some(value)
    }

    fn token(&mut self, token: char) -> Option<()> {
        self.rest = self.rest.trim_start_matches(is_space).strip_prefix(token)?;
        Some(())
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}
