use super::mistake::Mistake;
use std::ops::ControlFlow;

/// What was signed.
pub(super) struct Found {
    /// Those of the secret, then those of the body, then those of the header.
    pub(super) mistakes: Vec<Mistake>,
    pub(super) timestamp: Option<i64>,
    pub(super) secret_index: Option<usize>,
}

/// Ends the search with what was found, or continues it.
pub(super) type Step = ControlFlow<Found>;
