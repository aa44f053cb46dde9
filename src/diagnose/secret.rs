//! What happens to a secret between Dealix and the receiver, undone.

use super::budget::Budget;
use super::mistake::Mistake;
use super::{Delivery, encoding};
use crate::ConfigurationError;
use crate::signature::Key;
use std::ops::ControlFlow;

/// Of more secrets than these only the first are tried with mistakes.
const MAX_SECRETS: usize = 100;

/// A secret to try, and which mistakes were undone for it.
pub(super) struct Candidate {
    pub(super) key: Key,
    pub(super) mistakes: Vec<Mistake>,
    /// Which of the receiver's secrets it is; none for another.
    pub(super) index: Option<usize>,
}

/// The secrets after so many mistakes, at most one.
pub(super) fn list(
    delivery: &Delivery,
    mistakes: usize,
    budget: &mut Budget,
) -> Result<Vec<Candidate>, ConfigurationError> {
    let mut list = Vec::new();
    if mistakes == 0 {
        for (index, secret) in delivery.secrets.iter().enumerate() {
            list.push(Candidate { key: Key::new(secret)?, mistakes: Vec::new(), index: Some(index) });
        }
        return Ok(list);
    }
    let _ = visit(delivery, mistakes, budget, &mut |candidate, _| {
        list.push(candidate);
        ControlFlow::<()>::Continue(())
    });
    Ok(list)
}

/// Visits the secrets after one or two mistakes.
pub(super) fn visit<Found>(
    delivery: &Delivery,
    mistakes: usize,
    budget: &mut Budget,
    visit: &mut dyn FnMut(Candidate, &mut Budget) -> ControlFlow<Found>,
) -> ControlFlow<Found> {
    let mut offer = |secret: &str, mistakes: Vec<Mistake>, index: Option<usize>, budget: &mut Budget| {
        if !budget.take(secret.len()) {
            return ControlFlow::Continue(());
        }
        // An empty one is no secret.
        let Ok(key) = Key::new(secret) else { return ControlFlow::Continue(()) };
        visit(Candidate { key, mistakes, index }, budget)
    };
    if delivery.secrets.len() + delivery.other_secrets.len() > MAX_SECRETS {
        budget.overlook();
    }
    // The receiver's own first: a newline around it says more than that it stands among the others without one.
    for (index, secret) in delivery.secrets.iter().enumerate().take(MAX_SECRETS) {
        for (before, first) in undo(secret, budget) {
            if mistakes == 1 {
                offer(&before, vec![first], Some(index), budget)?;
                continue;
            }
            for (earlier, second) in undo(&before, budget) {
                offer(&earlier, vec![first, second], Some(index), budget)?;
            }
        }
    }
    let others = delivery.other_secrets.iter().enumerate().take(MAX_SECRETS);
    for (index, (_, secret)) in others.filter(|(_, (_, secret))| !secret.is_empty()) {
        let other = Mistake::OtherSecret(index);
        if mistakes == 1 {
            offer(secret, vec![other], None, budget)?;
            continue;
        }
        for (before, mistake) in undo(secret, budget) {
            offer(&before, vec![other, mistake], None, budget)?;
        }
    }
    ControlFlow::Continue(())
}

/// What the secret was before a mistake, and which mistake it was: some 20 texts.
fn undo(secret: &str, budget: &mut Budget) -> Vec<(String, Mistake)> {
    if !budget.take(20 * secret.len()) {
        return Vec::new();
    }
    let trimmed = secret.trim_matches(is_blank);
    let around = if secret.contains(['\n', '\r']) { "newline" } else { "white_space" };
    let unquoted = trimmed.trim_matches(is_quote);
    let mut before = Vec::with_capacity(20);
    for (text, around) in [
        (trimmed, around),
        (secret.trim_end_matches(['\n', '\r']), "newline"),
        (secret.trim_matches(is_quote), "quotes"),
        (unquoted, "quotes"),
        (unquoted.trim_end_matches(r"\n"), "newline"),
    ] {
        before.push((text.to_owned(), Mistake::SecretAround(around)));
    }
    if let Some(value) = value_of_assignment(trimmed) {
        for text in [value, value.trim_matches(is_quote)] {
            before.push((text.to_owned(), Mistake::SecretAround("name")));
        }
    }
    match trimmed.strip_prefix(PREFIX) {
        Some(rest) => before.push((rest.to_owned(), Mistake::SecretAround("whsec_prefix"))),
        None => before.push(([PREFIX, secret].concat(), Mistake::SecretMissing("whsec_prefix"))),
    }
    for (start, end, missing) in [
        ("", "\n", "newline"),
        ("", "\r\n", "newline"),
        ("", " ", "white_space"),
        (" ", "", "white_space"),
        ("\"", "\"", "quotes"),
        ("'", "'", "quotes"),
    ] {
        before.push(([start, secret, end].concat(), Mistake::SecretMissing(missing)));
    }
    before.extend(decoded(trimmed));
    before.extend(encoded(secret));
    before.retain(|(other, _)| other != secret);
    before
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
        (text(hex::decode(secret).ok()), "hex"),
        (encoding::from_url(secret), "url"),
    ]
    .into_iter()
    .filter_map(|(decoded, encoding)| Some((decoded?, Mistake::SecretEncoded(encoding))))
    .collect()
}

fn encoded(secret: &str) -> [(String, Mistake); 3] {
    [
        (encoding::to_base64(secret.as_bytes()), Mistake::SecretDecoded("base64")),
        (hex::encode(secret), Mistake::SecretDecoded("hex")),
        (encoding::to_url(secret), Mistake::SecretDecoded("url")),
    ]
}
