//! Undoes what parsers and serialisers make of a body.

use super::budget::Budget;
use super::facts::BodyForm;
use super::mistake::Mistake;
use super::undo::Undone;
use crate::json::{self, members};

/// JSON text that was serialised again, as a string.
pub(super) fn json_string(body: &[u8]) -> Undone {
    let text = std::str::from_utf8(body).ok().filter(|text| text.trim_ascii_start().starts_with('"'))?;
    json::check(text).ok()?;
    Some((json::unquoted(text.trim_ascii())?.into_owned().into_bytes(), Mistake::BodyParsed(BodyForm::JsonString)))
}

/// Bytes written as JSON by JavaScript: as a Node `Buffer`, an array, or a `Uint8Array` (`{"0":123,"1":34}`); or as text (`123,34`).
pub(super) fn buffer(body: &[u8], budget: &mut Budget) -> Undone {
    let text = std::str::from_utf8(body).ok()?.trim_ascii();
    let list = text.strip_prefix(r#"{"type":"Buffer","data":["#).and_then(|rest| rest.strip_suffix("]}"));
    let list = list.or_else(|| text.strip_prefix('[')?.strip_suffix(']'));
    let list = list.or_else(|| text.starts_with(|first: char| first.is_ascii_digit()).then_some(text));
    let is_numbered = list.is_none();
    let items = list.or_else(|| text.strip_prefix('{')?.strip_suffix('}'))?;
    let byte = |(index, item)| {
        let text = if is_numbered { numbered(index, item)? } else { item };
        u8::try_from(json::integer(text.trim_ascii())?).ok()
    };
    let mut items = items.split(',').enumerate();
    // For most bodies, the first item shows that this is not such a list.
    let mut bytes = vec![byte(items.next()?)?];
    if !budget.take_json(body) {
        return None;
    }
    for item in items {
        bytes.push(byte(item)?);
    }
    Some((bytes, Mistake::BodyParsed(BodyForm::BufferJson)))
}

/// The value of a member whose key is its index.
fn numbered(index: usize, member: &str) -> Option<&str> {
    let (key, value) = member.split_once(':')?;
    let number = json::integer(key.trim_ascii().strip_prefix('"')?.strip_suffix('"')?)?;
    (number == index as i64).then_some(value)
}

/// What a form parser makes of JSON: an object with the text as its key, split at the first `=`.
pub(super) fn form_key(body: &[u8], budget: &mut Budget) -> Undone {
    let text = std::str::from_utf8(body).ok().filter(|text| text.starts_with(r#"{"{"#) && budget.take_json(body))?;
    let [(key, value)] = &members(text)?[..] else { return None };
    let value = json::unquoted(value)?;
    let text = if value.is_empty() { key.to_string() } else { [key, "=", &value].concat() };
    Some((text.into_bytes(), Mistake::BodyParsed(BodyForm::FormKey)))
}
