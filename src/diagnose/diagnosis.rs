use super::cause::Cause;
use super::details::Details;
use super::evidence::Evidence;
use super::mistake::Mistake;
use super::{advice, finding, sentences};
use crate::SignatureError;

/// The result of [`diagnose`](super::diagnose()).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The verifier's verdict, which the diagnosis does not change; `None` if the signature is good. If the body is so long
    /// and the secrets are so many that not all were tried ([`Details::is_incomplete`]), this is the verdict under those
    /// that were.
    pub verdict: Option<SignatureError>,
    /// The cause; the first one if there are several, with the others in [`Details::also`].
    pub cause: Cause,
    /// Whether the cause is proven: the signature matches once the mistake is undone, or the mistake is plain to see.
    pub is_certain: bool,
    /// What went wrong, in the order in which [`message`](Self::message) names it; empty if the signature is good.
    pub mistakes: Vec<Mistake>,
    /// Facts.
    pub details: Details,
}

impl Diagnosis {
    pub(super) fn new(
        evidence: &Evidence,
        verdict: Option<SignatureError>,
        mistakes: Vec<Mistake>,
        is_certain: bool,
        mut details: Details,
    ) -> Self {
        let mut causes: Vec<Cause> = Vec::new();
        for mistake in &mistakes {
            details.add(mistake, evidence);
            if !causes.contains(&mistake.cause()) {
                causes.push(mistake.cause());
            }
        }
        let cause = causes.first().copied().unwrap_or(Cause::None);
        details.also = causes.into_iter().skip(1).collect();
        Self { verdict, cause, is_certain, mistakes, details }
    }

    /// One sentence on what was found. It shows no secret, no body and no MAC.
    pub fn message(&self) -> String {
        sentences::message(&self.mistakes, &self.details, finding::finding)
    }

    /// What to do about it, in one sentence for each kind of mistake.
    pub fn advice(&self) -> String {
        sentences::advice(&self.mistakes, &self.details, advice::advice)
    }
}
