//! The search for what was signed: the fewest mistakes first.

use super::budget::Budget;
use super::header::{Reading, readings};
use super::mistake::Mistake;
use super::secret::Candidate;
use super::{Delivery, body, secret};
use crate::ConfigurationError;
use std::ops::ControlFlow;

/// Mistakes that are undone at once; the clock's come on top.
const MAX_MISTAKES: usize = 2;

/// What was signed.
pub(super) struct Found {
    /// The secret's, then the body's, then the header's.
    pub(super) mistakes: Vec<Mistake>,
    pub(super) timestamp: Option<i64>,
    pub(super) secret_index: Option<usize>,
}

pub(super) type Step = ControlFlow<Found>;

/// Tries the delivery with no mistake, with each, and with each two; as it is under the first secret whatever the budget.
pub(super) fn search(delivery: &Delivery, budget: &mut Budget) -> Result<Option<Found>, ConfigurationError> {
    let secrets = [secret::own(delivery)?, secret::list(delivery, budget)];
    let readings = readings(delivery.signature_header.unwrap_or_default());
    if readings.is_empty() {
        return Ok(None);
    }
    for total in 0..=MAX_MISTAKES {
        for of_body in 0..=total {
            let step = body::visit(delivery, of_body, budget, &mut |body, mistakes, budget| {
                try_body(delivery, body, mistakes, total - of_body, &secrets, &readings, budget)
            });
            if let ControlFlow::Break(found) = step {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// Tries a body with so many mistakes of secret and header.
fn try_body(
    delivery: &Delivery,
    body: &[u8],
    of_body: &[Mistake],
    mistakes: usize,
    secrets: &[Vec<Candidate>; 2],
    readings: &[Reading],
    budget: &mut Budget,
) -> Step {
    for (of_secret, candidates) in secrets.iter().enumerate().take(mistakes + 1) {
        for candidate in candidates {
            try_secret(candidate, body, of_body, readings, mistakes - of_secret, budget)?;
        }
    }
    if mistakes < 2 {
        return Step::Continue(());
    }
    secret::visit(delivery, 2, budget, &mut |candidate, budget| {
        try_secret(&candidate, body, of_body, readings, 0, budget)
    })
}

/// Tries a secret with so many mistakes of the header.
fn try_secret(
    candidate: &Candidate,
    body: &[u8],
    of_body: &[Mistake],
    readings: &[Reading],
    of_header: usize,
    budget: &mut Budget,
) -> Step {
    for reading in readings.iter().filter(|reading| reading.mistakes.len() == of_header) {
        let is_as_given = candidate.mistakes.is_empty() && of_body.is_empty() && reading.mistakes.is_empty();
        let is_the_first = is_as_given && candidate.index == Some(0);
        if !budget.take(body.len() + reading.cost()) && !is_the_first {
            break;
        }
        if reading.has(&candidate.key.mac(reading.signed_time, body)) {
            return Step::Break(Found {
                mistakes: [&candidate.mistakes, of_body, &reading.mistakes].concat(),
                timestamp: reading.timestamp,
                secret_index: candidate.index,
            });
        }
    }
    Step::Continue(())
}
