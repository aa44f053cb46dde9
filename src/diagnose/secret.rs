//! What happens to a secret between Dealix and the receiver, undone.

use super::budget::Budget;
use super::mistake::Mistake;
use super::search::Step;
use super::{Delivery, encoding};
use crate::ConfigurationError;
use crate::signature::{Key, secret};

/// Of more secrets than these only the first are tried with mistakes.
const MAX_SECRETS: usize = 100;

/// A secret to try, and which mistakes were undone for it.
pub(super) struct Candidate {
    pub(super) key: Key,
    pub(super) mistakes: Vec<Mistake>,
    /// Which of the receiver's secrets it is; none for another.
    pub(super) index: Option<usize>,
}

/// The receiver's secrets as they are, which must be such as a verifier takes.
pub(super) fn own(delivery: &Delivery) -> Result<Vec<Candidate>, ConfigurationError> {
    let mut list = Vec::new();
    for (index, text) in delivery.secrets.iter().enumerate() {
        secret::check(text)?;
        list.push(Candidate { key: Key::new(text)?, mistakes: Vec::new(), index: Some(index) });
    }
    if list.is_empty() { Err(ConfigurationError::EmptySecret) } else { Ok(list) }
}

/// The secrets after one mistake.
pub(super) fn list(delivery: &Delivery, budget: &mut Budget) -> Vec<Candidate> {
    let mut list = Vec::new();
    let _ = visit(delivery, 1, budget, &mut |candidate, _| {
        list.push(candidate);
        Step::Continue(())
    });
    list
}

/// Told of a secret; it ends the search or lets it go on.
pub(super) type Visit<'v> = &'v mut dyn FnMut(Candidate, &mut Budget) -> Step;

/// Visits the secrets after one or two mistakes.
pub(super) fn visit(delivery: &Delivery, mistakes: usize, budget: &mut Budget, visit: Visit) -> Step {
    if delivery.secrets.len() + delivery.other_secrets.len() > MAX_SECRETS {
        budget.overlook();
    }
    // The receiver's own first: a newline around it says more than that it stands among the others without one.
    for (index, secret) in delivery.secrets.iter().enumerate().take(MAX_SECRETS) {
        undo_each(secret, Vec::new(), mistakes, Some(index), budget, visit)?;
    }
    for (index, (_, secret)) in delivery.other_secrets.iter().enumerate().take(MAX_SECRETS) {
        if !secret.is_empty() {
            undo_each(secret, vec![Mistake::OtherSecret(index)], mistakes - 1, None, budget, visit)?;
        }
    }
    Step::Continue(())
}

/// Visits what the secret was before so many mistakes more than those that were undone.
fn undo_each(
    secret: &str,
    undone: Vec<Mistake>,
    mistakes: usize,
    index: Option<usize>,
    budget: &mut Budget,
    visit: Visit,
) -> Step {
    if mistakes > 0 {
        for (before, mistake) in undo(secret, budget) {
            undo_each(&before, [&undone[..], &[mistake]].concat(), mistakes - 1, index, budget, visit)?;
        }
        return Step::Continue(());
    }
    if !budget.take(secret.len()) {
        return Step::Continue(());
    }
    // An empty one is no secret.
    let Ok(key) = Key::new(secret) else { return Step::Continue(()) };
    visit(Candidate { key, mistakes: undone, index }, budget)
}

/// What the secret was before a mistake, and which mistake it was: some 20 texts.
fn undo(secret: &str, budget: &mut Budget) -> Vec<(String, Mistake)> {
    if !budget.take(40 * secret.len()) {
        return Vec::new();
    }
    let trimmed = secret.trim_matches(is_blank);
    let around = if secret.contains(['\n', '\r']) { "newline" } else { "white_space" };
    let unquoted = trimmed.trim_matches(is_quote);
    let value = value_of_assignment(trimmed).unwrap_or(secret);
    let (prefix, rest, name) = match trimmed.strip_prefix(PREFIX) {
        Some(rest) => ("", rest, Mistake::SecretAround("whsec_prefix")),
        None => (PREFIX, secret, Mistake::SecretMissing("whsec_prefix")),
    };
    let mut before = Vec::with_capacity(20);
    for (start, text, end, mistake) in [
        ("", trimmed, "", Mistake::SecretAround(around)),
        ("", secret.trim_end_matches(['\n', '\r']), "", Mistake::SecretAround("newline")),
        ("", secret.trim_matches(is_quote), "", Mistake::SecretAround("quotes")),
        ("", unquoted, "", Mistake::SecretAround("quotes")),
        ("", without_escaped_newlines(unquoted), "", Mistake::SecretAround("newline")),
        ("", value, "", Mistake::SecretAround("name")),
        ("", value.trim_matches(is_quote), "", Mistake::SecretAround("name")),
        (prefix, rest, "", name),
        ("", secret, "\n", Mistake::SecretMissing("newline")),
        ("", secret, "\r\n", Mistake::SecretMissing("newline")),
        ("", secret, " ", Mistake::SecretMissing("white_space")),
        (" ", secret, "", Mistake::SecretMissing("white_space")),
        ("\"", secret, "\"", Mistake::SecretMissing("quotes")),
        ("'", secret, "'", Mistake::SecretMissing("quotes")),
    ] {
        before.push(([start, text, end].concat(), mistake));
    }
    before.extend(decoded(trimmed));
    before.extend(encoded(secret));
    before.retain(|(other, _)| other != secret);
    before
}

fn without_escaped_newlines(mut text: &str) -> &str {
    while let Some(rest) = text.strip_suffix(r"\n") {
        text = rest;
    }
    text
}

const PREFIX: &str = "whsec_";

/// White space, and what is not seen either: a byte-order mark, a zero-width space.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control() || matches!(character, '\u{feff}' | '\u{200b}')
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'' | '`' | '\u{2018}'..='\u{201f}')
}

/// Of `NAME=value` and `export NAME=value` the value.
fn value_of_assignment(text: &str) -> Option<&str> {
    let (name, value) = text.strip_prefix("export ").unwrap_or(text).split_once('=')?;
    let is_name = name.trim_end().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| value.trim_matches(is_blank))
}

fn decoded(secret: &str) -> Vec<(String, Mistake)> {
    let text = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    [
        (text(encoding::from_base64(secret.as_bytes())), "base64"),
        (text(hex::decode(secret.as_bytes()).ok()), "hex"),
        (encoding::from_url(secret), "url"),
    ]
    .into_iter()
    .filter_map(|(decoded, encoding)| Some((decoded?, Mistake::SecretEncoded(encoding))))
    .collect()
}

fn encoded(secret: &str) -> [(String, Mistake); 3] {
    [
        (encoding::to_base64(secret.as_bytes()), Mistake::SecretDecoded("base64")),
        (hex::encode(secret.as_bytes()), Mistake::SecretDecoded("hex")),
        (encoding::to_url(secret), Mistake::SecretDecoded("url")),
    ]
}
