//! Searches for what was signed, trying the fewest mistakes first.

use super::budget::Budget;
use super::evidence::Evidence;
use super::found::{Found, Step};
use super::header::{Reading, readings};
use super::mistake::Mistake;
use super::secret::Candidate;
use super::{body, secret};
use crate::ConfigurationError;
use std::ops::ControlFlow;

/// How many mistakes are undone at once, not counting those of the clock.
const MAX_MISTAKES: usize = 2;

/// Tries no mistake, then each mistake, then each pair. The unchanged delivery is tried under the first secret whatever the
/// budget.
pub(super) fn search(evidence: &Evidence, budget: &mut Budget) -> Result<Option<Found>, ConfigurationError> {
    let secrets = [secret::own(evidence)?, secret::list(evidence, budget)];
    let readings = readings(evidence.signature_header.unwrap_or_default());
    if readings.is_empty() {
        return Ok(None);
    }
    for total in 0..=MAX_MISTAKES {
        for of_body in 0..=total {
            let step = body::visit(evidence, of_body, budget, &mut |body, mistakes, budget| {
                try_body(evidence, body, mistakes, total - of_body, &secrets, &readings, budget)
            });
            if let ControlFlow::Break(found) = step {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// Tries a body with this number of mistakes in secret and header.
fn try_body(
    evidence: &Evidence,
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
    secret::visit(evidence, 2, budget, &mut |candidate, budget| {
        try_secret(&candidate, body, of_body, readings, 0, budget)
    })
}

/// Tries a secret with this number of mistakes in the header.
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
