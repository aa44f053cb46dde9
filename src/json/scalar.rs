//! Whole numbers and strings, read from JSON text that has been checked.

use std::borrow::Cow;

/// A whole number. Like `serde_json`, it does not accept minus zero.
pub(crate) fn integer(json: &str) -> Option<i64> {
    if json == "-0" { None } else { json.parse().ok() }
}

/// The text of a string; `None` if the value is not a string, or holds a lone surrogate.
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

/// The character that the escape sequence at the start of the text stands for, and the length of the sequence; `None`
/// for a lone surrogate.
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
