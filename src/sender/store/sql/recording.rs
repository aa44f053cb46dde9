//! A group of attempts in the form in which the databases take them.

use super::values::to_json;
use crate::sender::store::outcome::{Outcome, health_of_each};
use serde::Serialize;

/// The parameters of the statements that record a group of attempts.
pub struct Recording {
    /// The attempts, in JSON.
    pub outcomes: String,
    /// Their excerpts, end to end. In the JSON text they would have to be escaped, and parsed again.
    pub excerpts: Vec<u8>,
    /// The news about their endpoints, in JSON.
    pub health: String,
}

/// An attempt, and where its excerpt is.
#[derive(Serialize)]
struct Recorded<'o> {
    #[serde(flatten)]
    outcome: &'o Outcome,
    /// The place of its first byte, counted from 1 as in SQL.
    excerpt_from: Option<usize>,
    excerpt_bytes: Option<usize>,
}

impl Recording {
    pub fn of(outcomes: &[&Outcome]) -> Self {
        let mut excerpts = Vec::new();
        let recorded: Vec<_> = outcomes.iter().map(|outcome| Recorded::new(outcome, &mut excerpts)).collect();
        let health = health_of_each(outcomes.iter().copied());
        Self { outcomes: to_json(&recorded), excerpts, health: to_json(&health) }
    }
}

impl<'o> Recorded<'o> {
    fn new(outcome: &'o Outcome, excerpts: &mut Vec<u8>) -> Self {
        let Some(excerpt) = &outcome.excerpt else {
            return Self { outcome, excerpt_from: None, excerpt_bytes: None };
        };
        let excerpt_from = Some(excerpts.len() + 1);
        excerpts.extend_from_slice(excerpt.as_bytes());
        Self { outcome, excerpt_from, excerpt_bytes: Some(excerpt.len()) }
    }
}
