use super::budget::Budget;
use super::details::Details;
use super::diagnosis::Diagnosis;
use super::evidence::Evidence;
use super::{clock, guess, search};
use crate::{ConfigurationError, SignatureError, SignatureHeader};

/// Finds out why a delivery does not verify; see the [module](crate::diagnose).
///
/// # Errors
/// [`ConfigurationError::EmptySecret`] if one of `secrets` is empty or none is given;
/// [`ConfigurationError::InvalidSecret`] if anyone can guess one of them.
pub fn diagnose(evidence: &Evidence) -> Result<Diagnosis, ConfigurationError> {
    let mut budget = Budget::for_search();
    let found = search::search(evidence, &mut budget)?;
    let verdict = verdict(evidence, found.as_ref().is_some_and(|found| found.mistakes.is_empty()));
    let mut details = Details::default();
    let (mut mistakes, is_certain, timestamp) = match found {
        Some(found) => {
            details.secret_index = found.secret_index;
            (found.mistakes, true, found.timestamp)
        }
        None => {
            let mut guess_budget = Budget::for_guess();
            let (mistake, is_certain) = guess::guess(evidence, &mut guess_budget);
            details.is_incomplete = budget.is_incomplete() || guess_budget.is_incomplete();
            (vec![mistake], is_certain, stated_time(evidence))
        }
    };
    for mistake in timestamp.map_or_else(Vec::new, |timestamp| clock::mistakes(timestamp, evidence)) {
        // The search may already have found that the time is in milliseconds.
        if !mistakes.contains(&mistake) {
            mistakes.push(mistake);
        }
    }
    Ok(Diagnosis::new(evidence, verdict, mistakes, is_certain, details))
}

/// What the verifier says, given whether the signature is good. That of a parsed object never is.
fn verdict(evidence: &Evidence, is_good: bool) -> Option<SignatureError> {
    let header = match SignatureHeader::parse(evidence.signature_header.unwrap_or_default()) {
        Ok(header) => header,
        Err(error) => return Some(error),
    };
    if let Err(error) = header.check_age(evidence.now, evidence.max_age_seconds) {
        return Some(error);
    }
    let (signatures, secrets) = (header.signature_count(), evidence.secrets.len());
    (!is_good).then_some(SignatureError::SignatureMismatch { signatures, secrets })
}

/// The time in the header, for a signature that nothing explains.
fn stated_time(evidence: &Evidence) -> Option<i64> {
    let header = SignatureHeader::parse(evidence.signature_header.unwrap_or_default());
    header.ok().map(|header| header.timestamp())
}
