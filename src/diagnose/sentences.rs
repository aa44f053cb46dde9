//! Joins what is said about each mistake. The Rust crate and the npm package word mistakes differently, and join them alike.

use super::details::Details;
use super::mistake::Mistake;
use crate::DEFAULT_MAX_AGE_SECONDS;

/// One sentence that holds a clause for each mistake.
pub(crate) fn message(mistakes: &[Mistake], details: &Details, finding: fn(&Mistake, &Details) -> String) -> String {
    let clauses: Vec<String> = mistakes.iter().map(|mistake| finding(mistake, details)).collect();
    let mut message = clauses.join(", and ");
    if mistakes.is_empty() {
        message.push_str("the signature is good");
    }
    if details.is_incomplete {
        message.push_str("; not everything was tried, because the body is too long or there are too many secrets");
    }
    message.push('.');
    message[..1].make_ascii_uppercase();
    message
}

/// A sentence of advice for each mistake, without repetition.
pub(crate) fn advice(
    mistakes: &[Mistake],
    details: &Details,
    advice: fn(&Mistake, &Details) -> &'static str,
) -> String {
    let mut sentences: Vec<&str> = Vec::new();
    for mistake in mistakes {
        let sentence = advice(mistake, details);
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    if mistakes.is_empty() {
        sentences.push(
            "If the delivery is still refused, the reason is the handler or the body's fields, not the signature.",
        );
    }
    sentences.join(" ")
}

/// Whether the signature header is among the names, and so has no text.
pub(crate) fn has_empty_header(details: &Details) -> bool {
    details.header_names.iter().any(|name| name.eq_ignore_ascii_case("dealix-signature"))
}

/// Whether such an age is normal, so that the window is too narrow.
pub(crate) fn is_usual_age(age_seconds: i64) -> bool {
    age_seconds.unsigned_abs() <= DEFAULT_MAX_AGE_SECONDS.unsigned_abs()
}

/// In minutes, hours or days, if it is over two minutes.
pub(crate) fn duration(seconds: u64) -> String {
    match seconds {
        0..=119 => String::new(),
        120..=7_199 => format!(" ({} min)", seconds / 60),
        7_200..=172_799 => format!(" ({} h)", seconds / 3_600),
        _ => format!(" ({} days)", seconds / 86_400),
    }
}
