//! The path to a place in JSON, such as `payload.items[3].price`.

use super::members::check;
use super::scalar;
use std::borrow::Cow;
use std::fmt::Write as _;

pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// Enough to find the place. Without a limit, a path could be as long as the payload.
const MAX_BYTES: usize = 200;

/// Writes the steps, the outermost first.
pub(crate) fn write<'s>(root: &str, steps: impl Iterator<Item = &'s Step>) -> String {
    let mut path = root.to_owned();
    for step in steps {
        // Writing to a `String` cannot fail.
        let _ = match step {
            Step::Key(key) if path.is_empty() && !key.is_empty() => write!(path, "{key}"),
            Step::Key(key) if is_plain(key) => write!(path, ".{key}"),
            Step::Key(key) => write!(path, "[\"{}\"]", escaped(key)),
            Step::Index(index) => write!(path, "[{index}]"),
        };
        if path.len() > MAX_BYTES {
            let end = path.floor_char_boundary(MAX_BYTES);
            path.truncate(end);
            path.push('…');
            break;
        }
    }
    path
}

/// The same as `str::escape_default`, which compiles to more code.
fn escaped(key: &str) -> String {
    key.chars().flat_map(char::escape_default).collect()
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// The path to the place where the JSON parser stopped; `.` is the outermost value.
pub(crate) fn of_syntax_error(text: &str, error: &serde_json::Error) -> String {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let end = (before + error.column().saturating_sub(1)).min(text.len());
    let mut steps: Vec<Option<Step>> = Vec::new();
    let mut rest = &text.as_bytes()[..end];
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'{' => steps.push(None),
            b'[' => steps.push(Some(Step::Index(0))),
            b'}' | b']' => drop(steps.pop()),
            b'"' => {
                let string = rest;
                rest = after_string(rest);
                if let Some(key @ None) = steps.last_mut() {
                    *key = Some(Step::Key(unquoted(&string[..string.len() - rest.len()])));
                }
            }
            b',' => match steps.last_mut() {
                Some(Some(Step::Index(index))) => *index += 1,
                Some(key) => *key = None,
                None => {}
            },
            _ => {}
        }
    }
    let path = write("", steps.iter().flatten());
    if path.is_empty() { ".".to_owned() } else { path }
}

fn after_string(text: &[u8]) -> &[u8] {
    let mut rest = text;
    loop {
        rest = match rest {
            [b'"', rest @ ..] => return rest,
            [b'\\', _, rest @ ..] | [_, rest @ ..] => rest,
            [] => return rest,
        }
    }
}

/// The text of a string up to its closing quote. If the string is cut off or not Unicode, it is returned as it is.
fn unquoted(string: &[u8]) -> String {
    let text = String::from_utf8_lossy(string);
    let text = text.strip_suffix('"').unwrap_or(&text);
    let quoted = ["\"", text, "\""].concat();
    check(&quoted).ok().and_then(|()| scalar::unquoted(&quoted)).map_or_else(|| text.to_owned(), Cow::into_owned)
}
