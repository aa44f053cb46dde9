use super::error::{CanonicalError, CanonicalErrorKind};
use crate::json::{Step, write_path};

/// A value that has no canonical form.
pub(super) struct Failure {
    kind: CanonicalErrorKind,
    /// The path to the value, the innermost step first.
    path: Vec<Step>,
}

/// The failure is boxed because every value returns one of these, and nearly all of them succeed.
pub(super) type Written = Result<(), Box<Failure>>;

impl Failure {
    pub(super) fn within(mut self: Box<Self>, step: Step) -> Box<Self> {
        self.path.push(step);
        self
    }
}

impl From<CanonicalErrorKind> for Box<Failure> {
    fn from(kind: CanonicalErrorKind) -> Self {
        Self::new(Failure { kind, path: Vec::new() })
    }
}

impl From<Box<Failure>> for CanonicalError {
    fn from(failure: Box<Failure>) -> Self {
        Self { path: write_path("payload", failure.path.iter().rev()), kind: failure.kind }
    }
}
