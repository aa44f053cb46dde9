//! Undoes what may have happened to a secret between Dealix and the receiver.

use super::budget::Budget;
use super::encoding;
use super::evidence::Evidence;
use super::facts::{Change, SecretEncoding, Wrapping};
use super::found::Step;
use super::mistake::Mistake;
use crate::ConfigurationError;
use crate::signature::{Key, secret};

/// Only this many secrets are tried with mistakes.
const MAX_SECRETS: usize = 100;

/// A secret to try, and the mistakes that were undone to get it.
pub(super) struct Candidate {
    pub(super) key: Key,
    pub(super) mistakes: Vec<Mistake>,
    /// Which of the receiver's secrets it is; `None` for one of the others.
    pub(super) index: Option<usize>,
}

/// The receiver's secrets unchanged, if a verifier would accept them.
pub(super) fn own(evidence: &Evidence) -> Result<Vec<Candidate>, ConfigurationError> {
    let mut list = Vec::new();
    for (index, text) in evidence.secrets.iter().enumerate() {
        secret::check(text)?;
        list.push(Candidate { key: Key::new(text), mistakes: Vec::new(), index: Some(index) });
    }
    if list.is_empty() { Err(ConfigurationError::EmptySecret) } else { Ok(list) }
}

/// The secrets with one mistake undone.
pub(super) fn list(evidence: &Evidence, budget: &mut Budget) -> Vec<Candidate> {
    let mut list = Vec::new();
    let _ = visit(evidence, 1, budget, &mut |candidate, _| {
        list.push(candidate);
        Step::Continue(())
    });
    list
}

/// Called with a secret; ends the search or continues it.
pub(super) type Visit<'v> = &'v mut dyn FnMut(Candidate, &mut Budget) -> Step;

/// Visits the secrets with one or two mistakes undone.
pub(super) fn visit(evidence: &Evidence, mistakes: usize, budget: &mut Budget, visit: Visit) -> Step {
    if evidence.secrets.len() + evidence.other_secrets.len() > MAX_SECRETS {
        budget.overlook();
    }
    // The receiver's own come first: a newline after one of them is a better answer than the same secret among the others.
    for (index, secret) in evidence.secrets.iter().enumerate().take(MAX_SECRETS) {
        undo_each(secret, Vec::new(), mistakes, Some(index), budget, visit)?;
    }
    for (index, (_, secret)) in evidence.other_secrets.iter().enumerate().take(MAX_SECRETS) {
        if !secret.is_empty() {
            undo_each(secret, vec![Mistake::OtherSecret(index)], mistakes - 1, None, budget, visit)?;
        }
    }
    Step::Continue(())
}

/// Visits what the secret was before this number of further mistakes.
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
    // An empty text is not a secret.
    if secret.is_empty() {
        return Step::Continue(());
    }
    visit(Candidate { key: Key::new(secret), mistakes: undone, index }, budget)
}

/// About 20 texts: what the secret was before a mistake, and which mistake it was.
fn undo(secret: &str, budget: &mut Budget) -> Vec<(String, Mistake)> {
    if !budget.take(40 * secret.len()) {
        return Vec::new();
    }
    let trimmed = secret.trim_matches(is_blank);
    let around = if secret.contains(['\n', '\r']) { Wrapping::Newline } else { Wrapping::WhiteSpace };
    let unquoted = trimmed.trim_matches(is_quote);
    let value = value_of_assignment(trimmed).unwrap_or(secret);
    let (prefix, rest, name) = match trimmed.strip_prefix(PREFIX) {
        Some(rest) => ("", rest, Mistake::SecretPrefix(Change::Added)),
        None => (PREFIX, secret, Mistake::SecretPrefix(Change::Dropped)),
    };
    let mut before = Vec::with_capacity(20);
    for (start, text, end, mistake) in [
        ("", trimmed, "", Mistake::SecretAround(around)),
        ("", secret.trim_end_matches(['\n', '\r']), "", Mistake::SecretAround(Wrapping::Newline)),
        ("", secret.trim_matches(is_quote), "", Mistake::SecretAround(Wrapping::Quotes)),
        ("", unquoted, "", Mistake::SecretAround(Wrapping::Quotes)),
        ("", without_escaped_newlines(unquoted), "", Mistake::SecretAround(Wrapping::Newline)),
        ("", value, "", Mistake::SecretNamed),
        ("", value.trim_matches(is_quote), "", Mistake::SecretNamed),
        (prefix, rest, "", name),
        ("", secret, "\n", Mistake::SecretMissing(Wrapping::Newline)),
        ("", secret, "\r\n", Mistake::SecretMissing(Wrapping::Newline)),
        ("", secret, " ", Mistake::SecretMissing(Wrapping::WhiteSpace)),
        (" ", secret, "", Mistake::SecretMissing(Wrapping::WhiteSpace)),
        ("\"", secret, "\"", Mistake::SecretMissing(Wrapping::Quotes)),
        ("'", secret, "'", Mistake::SecretMissing(Wrapping::Quotes)),
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

/// White space and invisible characters: a byte-order mark, a zero-width space.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control() || matches!(character, '\u{feff}' | '\u{200b}')
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'' | '`' | '\u{2018}'..='\u{201f}')
}

/// The value of `NAME=value` or `export NAME=value`.
fn value_of_assignment(text: &str) -> Option<&str> {
    let (name, value) = text.strip_prefix("export ").unwrap_or(text).split_once('=')?;
    let is_name = name.trim_end().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| value.trim_matches(is_blank))
}

fn decoded(secret: &str) -> Vec<(String, Mistake)> {
    let text = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    [
        (text(encoding::from_base64(secret.as_bytes())), SecretEncoding::Base64),
        (text(hex::decode(secret.as_bytes()).ok()), SecretEncoding::Hex),
        (encoding::from_url(secret), SecretEncoding::Url),
    ]
    .into_iter()
    .filter_map(|(decoded, encoding)| Some((decoded?, Mistake::SecretEncoded(encoding))))
    .collect()
}

fn encoded(secret: &str) -> [(String, Mistake); 3] {
    [
        (encoding::to_base64(secret.as_bytes()), Mistake::SecretDecoded(SecretEncoding::Base64)),
        (hex::encode(secret.as_bytes()), Mistake::SecretDecoded(SecretEncoding::Hex)),
        (encoding::to_url(secret), Mistake::SecretDecoded(SecretEncoding::Url)),
    ]
}
