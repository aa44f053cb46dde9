//! Guesses what most likely went wrong when nothing that was tried matches.

use super::budget::Budget;
use super::evidence::{Evidence, MAX_BODY_BYTES};
use super::facts::{BodyForm, Charset};
use super::mistake::Mistake;
use super::provider::{self, Provider};
use super::{compressed, header, test_event};
use crate::canonical::canonical_json;
use crate::event::Fields;
use crate::json;

/// The likeliest mistake, and whether it is plain to see.
pub(super) fn guess(evidence: &Evidence, budget: &mut Budget) -> (Mistake, bool) {
    let header = evidence.signature_header.unwrap_or_default().trim();
    if header.is_empty() {
        let provider = provider::by_name(evidence.header_names).map(Mistake::OtherProvider);
        return (provider.unwrap_or(Mistake::MissingHeader), true);
    }
    if let Some(provider) = provider::by_shape(header) {
        return (Mistake::OtherProvider(provider), false);
    }
    if let Some((mistake, is_certain)) = visible_in_body(evidence) {
        return (mistake, is_certain);
    }
    if let Some(fault) = header::fault(header) {
        return (Mistake::HeaderRewritten(fault), false);
    }
    (likeliest(evidence, header, budget), false)
}

/// What is plain to see in the body, because no delivery from Dealix looks like that.
fn visible_in_body(evidence: &Evidence) -> Option<(Mistake, bool)> {
    let body = evidence.body.trim_ascii();
    if body.is_empty() || evidence.is_parsed && matches!(body, b"{}" | b"null" | b"undefined") {
        return Some((Mistake::EmptyBody, true));
    }
    if let Some(compression) = compressed::compression(evidence) {
        return Some((Mistake::CompressedBody(compression), true));
    }
    if evidence.is_parsed {
        return Some((Mistake::BodyParsed(BodyForm::Object), false));
    }
    let is_object_text = body.starts_with(b"[object ") && body.ends_with(b"]") && body.len() < 64;
    is_object_text.then_some((Mistake::BodyParsed(BodyForm::ObjectText), true))
}

fn likeliest(evidence: &Evidence, header: &str, budget: &mut Budget) -> Mistake {
    let Evidence { body, content_length, .. } = *evidence;
    let body_bytes = body.len() as u64;
    let content_length = content_length.filter(|length| *length > body_bytes);
    let truncated = Mistake::BodyTruncated { body_bytes, content_length };
    if body.len() > MAX_BODY_BYTES || !budget.take_json(body) {
        budget.overlook();
        return if content_length.is_some() { truncated } else { Mistake::Unknown };
    }
    if body.windows(3).any(|bytes| bytes == "\u{fffd}".as_bytes()) {
        return Mistake::Charset(Charset::ReplacementCharacter);
    }
    let canonical = canonical_json(body);
    let is_whole = canonical.is_some() && body.starts_with(b"{");
    if content_length.is_some() && !is_whole || ends_early(body) {
        return truncated;
    }
    if provider::has_stripes_v0(header) || is_stripes(body) {
        return Mistake::OtherProvider(Provider::Stripe);
    }
    let is_as_sent = |canonical: &[u8]| canonical == body || test_event::as_sent(body).is_some_and(|sent| sent == body);
    match canonical {
        Some(canonical) if is_as_sent(&canonical) && Fields::from_envelope(body).is_ok() => {
            Mistake::UnknownSecret { secrets: evidence.secrets.len() }
        }
        Some(_) => Mistake::BodyRewritten,
        None => Mistake::Unknown,
    }
}

fn ends_early(body: &[u8]) -> bool {
    // The end may be half of a character.
    let text = String::from_utf8_lossy(body);
    text.starts_with('{') && json::check(&text).is_err_and(|error| error.is_eof())
}

/// Whether this is one of Stripe's events, all of which have these members.
fn is_stripes(body: &[u8]) -> bool {
    let members = std::str::from_utf8(body).ok().and_then(json::members).unwrap_or_default();
    let member = |key| json::member(&members, key);
    member("object") == Some(r#""event""#) && member("livemode").is_some()
}
