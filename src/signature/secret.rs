//! Secrets that anyone can guess: text that an unset or mistaken variable leaves behind, and placeholders nobody replaced.

use super::configuration_error::ConfigurationError;

/// Refuses an empty secret, and secrets that anyone can guess. The receiver's wasm module does not call this: JavaScript does
/// the same check before it makes a key.
pub(crate) fn check(secret: &str) -> Result<(), ConfigurationError> {
    if secret.is_empty() {
        return Err(ConfigurationError::EmptySecret);
    }
    what_it_is(secret).map_or(Ok(()), |what| Err(ConfigurationError::InvalidSecret(what)))
}

const BLANK: &str = "blank, like an environment variable that was not filled in";
const PREFIX_ALONE: &str = "whsec_ with nothing after it, as if the rest came from an unset variable";
const MISSING: &str = "what an unset variable becomes in a string, such as `undefined`";
const PLACEHOLDER: &str = "a variable's name or a placeholder, such as ${NAME}, instead of the value";
const MASK: &str = "a mask, such as ***, that was copied instead of what it hides";

fn what_it_is(secret: &str) -> Option<&'static str> {
    let whole = bare(secret);
    let text = bare(whole.strip_prefix("whsec_").unwrap_or(whole));
    if text.is_empty() {
        return Some(if whole.is_empty() { BLANK } else { PREFIX_ALONE });
    }
    if is_missing(text) || is_between(text, "[object ", "]") {
        return Some(MISSING);
    }
    if is_placeholder(text) {
        return Some(PLACEHOLDER);
    }
    let is_mask = text.chars().count() >= 3 && text.chars().all(|character| matches!(character, '*' | '•' | '.' | '…'));
    is_mask.then_some(MASK)
}

/// Whether the text consists only of missing values, such as a list of them.
fn is_missing(mut text: &str) -> bool {
    while !text.is_empty() {
        let starts = |word: &&&str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        let length = MISSING_VALUES.iter().find(starts).map_or(0, |word| word.len());
        if length == 0 && !text.starts_with(BETWEEN) {
            return false;
        }
        text = &text[length.max(1)..];
    }
    true
}

const BETWEEN: [char; 10] = [' ', ',', ';', ':', '(', ')', '[', ']', '{', '}'];
const MISSING_VALUES: [&str; 7] = ["undefined", "null", "nan", "none", "nil", "true", "false"];

/// The text without blanks and quotes around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|character| is_blank(character) || is_quote(character))
}

/// White space and invisible characters.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control() || is_ignorable(character)
}

/// Unicode's `Default_Ignorable_Code_Point`: characters without width.
fn is_ignorable(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'' | '`' | '\u{2018}'..='\u{201f}')
}

/// Text that a shell, a template or a person should have replaced.
fn is_placeholder(text: &str) -> bool {
    let is_variable = text.strip_prefix("$env:").or_else(|| text.strip_prefix('$')).is_some_and(is_name);
    let is_of_windows = between(text, "%", "%").is_some_and(is_name);
    let is_for_people =
        between(text, "<", ">").is_some_and(|words| !words.is_empty() && words.bytes().all(is_of_words));
    is_variable
        || is_of_windows
        || is_for_people
        || is_between(text, "${", "}")
        || is_between(text, "$(", ")")
        || is_between(text, "{{", "}}")
        || is_between(text.strip_suffix('#').unwrap_or(text), "#{", "}")
        || is_between(text, "<%", "%>")
        || is_between(text, "@Microsoft.KeyVault(", ")")
        || text.starts_with("op://")
        || ["process.env.", "import.meta.env.", "env."].iter().any(|of| text.strip_prefix(of).is_some_and(is_word))
        || text
            .strip_prefix("DEALIX_WEBHOOK_SECRET")
            .is_some_and(|rest| ["", "=", "=undefined", "=null"].contains(&rest))
}

fn is_between(text: &str, open: &str, close: &str) -> bool {
    between(text, open, close).is_some()
}

fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    text.strip_prefix(open)?.strip_suffix(close)
}

/// A variable's name in the usual upper case. In lower case it may be a real secret that begins with a dollar sign.
fn is_name(text: &str) -> bool {
    is_identifier(text) && !text.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn is_identifier(text: &str) -> bool {
    let is_start = |character: char| character.is_ascii_alphabetic() || character == '_';
    text.starts_with(is_start) && is_word(text)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_of_words(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b' ' | b'.' | b':' | b'-')
}
