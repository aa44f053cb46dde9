//! Undoes what may have happened to a body on its way.

use super::budget::Budget;
use super::evidence::{Evidence, MAX_BODY_BYTES};
use super::facts::{BodyForm, Change, Charset};
use super::found::Step;
use super::mistake::Mistake;
use super::undo::{Undo, Undone};
use super::{charset, compressed, encoding, floats, parsed, test_event};
use crate::canonical::canonical_json;
use std::ops::Range;

/// Called with a body and the mistakes that were undone to get it; ends the search or continues it.
pub(super) type Visit<'v> = &'v mut dyn FnMut(&[u8], &[Mistake], &mut Budget) -> Step;

/// Mistakes that the body shows, specific ones before general ones: an extra newline would also be undone by writing the
/// JSON again.
const UNDO_SEEN: [Undo; 12] = [
    |body, _| byte_order_mark_added(body),
    |body, _| newline_added(body),
    |body, _| carriage_returns_added(body),
    |body, _| charset::undo_mojibake(body).map(|(bytes, charset)| (bytes, Mistake::Charset(charset))),
    |body, _| charset::from_utf16(body).map(|bytes| (bytes, Mistake::Charset(Charset::Utf16))),
    |body, _| encoding::from_base64(body).map(|bytes| (bytes, Mistake::Base64Body)),
    inflated,
    |body, _| parsed::json_string(body),
    parsed::buffer,
    parsed::form_key,
    canonical,
    test_event,
];

/// Mistakes that may have happened to any body, but never happen to one that Dealix wrote.
const UNDO_UNSEEN: [Undo; 6] = [
    |body, _| Some(([b"\xef\xbb\xbf", body].concat(), Mistake::ByteOrderMark(Change::Dropped))),
    |body, _| Some(([body, b"\n"].concat(), Mistake::Newline(Change::Dropped))),
    |body, _| Some(([body, b"\r\n"].concat(), Mistake::Newline(Change::Dropped))),
    |body, _| carriage_returns_dropped(body),
    |body, _| charset::from_latin1(body).map(|bytes| (bytes, Mistake::Charset(Charset::Latin1))),
    |body, _| charset::from_windows_1252(body).map(|bytes| (bytes, Mistake::Charset(Charset::Windows1252))),
];

/// All that is left of a parsed value is the JSON that the receiver writes for it.
const UNDO_PARSED: [Undo; 5] = [
    |body, _| Some((body.to_vec(), Mistake::BodyParsed(BodyForm::JsonStringify))),
    parsed::buffer,
    parsed::form_key,
    canonical,
    test_event,
];

/// Visits what the body was before this number of mistakes.
pub(super) fn visit(evidence: &Evidence, mistakes: usize, budget: &mut Budget, visit: Visit) -> Step {
    let Evidence { body, is_parsed, .. } = *evidence;
    if mistakes == 0 && !is_parsed {
        return visit(body, &[], budget);
    }
    if body.len() > MAX_BODY_BYTES {
        budget.overlook();
        return Step::Continue(());
    }
    match (mistakes, is_parsed) {
        (1, true) => {
            undo_each(body, &UNDO_PARSED, &[], budget, visit)?;
            undo_lost_points(canonical_within(body, budget).as_deref(), ALL, &[], budget, visit)
        }
        (1, false) => {
            undo_each(body, &UNDO_SEEN, &[], budget, visit)?;
            if let Some(text) = evidence.reserialized.filter(|text| *text != body) {
                visit(text, &[Mistake::BodyParsed(BodyForm::JsonStringify)], budget)?;
            }
            let text = canonical_within(body, budget);
            // The most common ones come first, because many secrets soon use up the budget.
            undo_lost_points(text.as_deref(), 0..3, &[], budget, visit)?;
            undo_each(body, &UNDO_UNSEEN, &[], budget, visit)?;
            undo_lost_points(text.as_deref(), 3..usize::MAX, &[], budget, visit)
        }
        (2, false) => {
            let own_form = canonical_within(body, budget);
            let mut undo_another = |body: &[u8], mistakes: &[Mistake], budget: &mut Budget| {
                undo_each(body, &UNDO_SEEN, mistakes, budget, visit)?;
                undo_each(body, &UNDO_UNSEEN, mistakes, budget, visit)?;
                let text = canonical_within(body, budget).filter(|text| own_form.as_ref() != Some(text));
                undo_lost_points(text.as_deref(), ALL, mistakes, budget, visit)
            };
            undo_each(body, &UNDO_SEEN, &[], budget, &mut undo_another)?;
            undo_each(body, &UNDO_UNSEEN, &[], budget, &mut undo_another)
        }
        _ => Step::Continue(()),
    }
}

const ALL: Range<usize> = 0..usize::MAX;

fn undo_each(body: &[u8], undo: &[Undo], mistakes: &[Mistake], budget: &mut Budget, visit: Visit) -> Step {
    for undo in undo {
        if !budget.take(body.len()) {
            break;
        }
        let Some((before, mistake)) = undo(body, budget) else { continue };
        if before != body || mistakes.is_empty() && mistake == Mistake::BodyParsed(BodyForm::JsonStringify) {
            visit(&before, &[mistakes, &[mistake]].concat(), budget)?;
        }
    }
    Step::Continue(())
}

/// A JavaScript parser turns numbers such as 12500.0 into 12500. Tries some variants of the canonical text, if there is one.
fn undo_lost_points(
    text: Option<&[u8]>,
    variants: Range<usize>,
    mistakes: &[Mistake],
    budget: &mut Budget,
    visit: Visit,
) -> Step {
    let Some(text) = text.filter(|text| budget.take_json(text)) else { return Step::Continue(()) };
    let mistakes = [mistakes, &[Mistake::BodyParsed(BodyForm::Floats)]].concat();
    for with_points in floats::variants(text).skip(variants.start).take(variants.len()) {
        if !budget.take_json(&with_points) {
            break;
        }
        if let Some(before) = canonical_json(&with_points) {
            visit(&before, &mistakes, budget)?;
        }
    }
    Step::Continue(())
}

fn byte_order_mark_added(body: &[u8]) -> Undone {
    Some((body.strip_prefix(b"\xef\xbb\xbf")?.to_vec(), Mistake::ByteOrderMark(Change::Added)))
}

fn newline_added(body: &[u8]) -> Undone {
    let end = body.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'))?;
    Some((body[..=end].to_vec(), Mistake::Newline(Change::Added)))
}

fn carriage_returns_added(body: &[u8]) -> Undone {
    Some((without_carriage_returns(body)?, Mistake::LineEndings(Change::Added)))
}

fn carriage_returns_dropped(body: &[u8]) -> Undone {
    if !body.contains(&b'\n') {
        return None;
    }
    let mut bytes = Vec::with_capacity(body.len() + body.len() / 16);
    for (position, &byte) in body.iter().enumerate() {
        if byte == b'\n' && (position == 0 || body[position - 1] != b'\r') {
            bytes.push(b'\r');
        }
        bytes.push(byte);
    }
    Some((bytes, Mistake::LineEndings(Change::Dropped)))
}

fn without_carriage_returns(body: &[u8]) -> Option<Vec<u8>> {
    let is_before_newline = |position: usize| body.get(position + 1) == Some(&b'\n');
    let kept = |(position, &byte): (usize, &u8)| (byte != b'\r' || !is_before_newline(position)).then_some(byte);
    body.contains(&b'\r').then(|| body.iter().enumerate().filter_map(kept).collect())
}

fn inflated(body: &[u8], budget: &mut Budget) -> Undone {
    let (bytes, compression) = compressed::inflated(body, budget)?;
    Some((bytes, Mistake::CompressedBody(compression)))
}

fn canonical(body: &[u8], budget: &mut Budget) -> Undone {
    Some((canonical_within(body, budget)?, Mistake::BodyParsed(BodyForm::Canonical)))
}

fn canonical_within(body: &[u8], budget: &mut Budget) -> Option<Vec<u8>> {
    budget.take_json(body).then(|| canonical_json(body)).flatten()
}

fn test_event(body: &[u8], _: &mut Budget) -> Undone {
    Some((test_event::as_sent(body)?, Mistake::BodyParsed(BodyForm::Canonical)))
}
