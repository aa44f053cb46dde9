//! Tells a resolver that fails from a name that fails.

use super::look_up_error::LookUpError;
use std::sync::Mutex;

/// If this many different names fail in a row, the names are not to blame.
const NAMES_OF_AN_OUTAGE: usize = 3;

/// The names whose look-ups have failed since one last succeeded; at most [`NAMES_OF_AN_OUTAGE`] of them are kept.
#[derive(Default)]
pub(super) struct FailedNames(Mutex<Vec<String>>);

impl FailedNames {
    /// A look-up has succeeded.
    pub fn clear(&self) {
        self.0.lock().expect("no panic while it is locked").clear();
    }

    /// Notes a failed look-up, and turns the error into an outage if it is one. "No such name" never is: a name server was
    /// reached and said so.
    pub fn judge(&self, name: &str, error: LookUpError) -> LookUpError {
        if error.is_authoritative() || !self.add(name) {
            return error;
        }
        error.into_outage()
    }

    /// Returns whether that makes an outage.
    fn add(&self, name: &str) -> bool {
        let mut names = self.0.lock().expect("no panic while it is locked");
        if names.len() < NAMES_OF_AN_OUTAGE && !names.iter().any(|failed| failed == name) {
            names.push(name.to_owned());
        }
        names.len() == NAMES_OF_AN_OUTAGE
    }
}
