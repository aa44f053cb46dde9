//! JSON text taken apart. `serde_json` checks it, but fills no types, not even a `RawValue`: in wasm, whatever can be of
//! a wrong type brings along the words for it, floats included.

use serde::de::IgnoredAny;
use serde_json::Deserializer;
use std::borrow::Cow;

/// An object's members in their order, the values as JSON text; of duplicate keys the last counts.
pub(crate) type Members<'t> = Vec<(Cow<'t, str>, &'t str)>;

/// Whether the text is JSON.
pub(crate) fn check(text: &str) -> serde_json::Result<()> {
    serde_json::from_str::<IgnoredAny>(text).map(drop)
}

/// The members of an object; none where the text is no JSON or no object, or where a key is not Unicode.
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

/// The value that counts of a key's.
pub(crate) fn member<'t>(members: &Members<'t>, key: &str) -> Option<&'t str> {
    members.iter().rfind(|(other, _)| other == key).map(|(_, value)| *value)
}

/// How many bytes the value takes that the text begins with.
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

/// A whole number. Minus zero is none, as `serde_json` has it.
pub(crate) fn integer(json: &str) -> Option<i64> {
    if json == "-0" { None } else { json.parse().ok() }
}

/// The text of a string, of JSON that was checked; none where the value is no string, or is not Unicode.
pub(crate) fn unquoted(json: &str) -> Option<Cow<'_, str>> {
    let mut rest = json.strip_prefix('"')?.strip_suffix('"')?;
    if !rest.contains('\\') {
        return Some(Cow::Borrowed(rest));
    }
    let mut text = String::with_capacity(rest.len());
    while let Some(at) = rest.find('\\') {
        let (character, length) = unescaped(&rest[at..])?;
        text.push_str(&rest[..at]);
        text.push(character);
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

/// The character that the escape sequence at the text's beginning stands for, and the sequence's length; none for a
/// lone surrogate.
pub(crate) fn unescaped(text: &str) -> Option<(char, usize)> {
    let character = match text.as_bytes()[1] {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unescaped_utf16(text),
        itself => char::from(itself),
    };
    Some((character, 2))
}

fn unescaped_utf16(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix(r"\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let units = [unit(0), unit(6)];
    let character = char::decode_utf16(units.into_iter().map_while(|unit| unit)).next()?.ok()?;
    Some((character, 6 * character.len_utf16()))
}
