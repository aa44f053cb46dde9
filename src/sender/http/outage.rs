//! Telling a resolver that fails from a name that fails.

use super::look_up_error::LookUpError;
use std::sync::Mutex;

/// So many names that fail in a row are not to blame themselves.
const NAMES_OF_AN_OUTAGE: usize = 3;

/// The names whose look-ups have failed since the last one that succeeded; as many as make an outage, at most.
#[derive(Default)]
pub(super) struct FailedNames(Mutex<Vec<String>>);

impl FailedNames {
    /// A look-up has succeeded.
    pub fn clear(&self) {
        self.0.lock().expect("no panic while it is locked").clear();
    }

    /// Notes a look-up that has failed, and says whose failure it is. "No such name" is always the name's: whoever says
    /// so has been asked, and has answered.
    pub fn judge(&self, name: &str, error: LookUpError) -> LookUpError {
        if error.is_authoritative() || !self.add(name) {
            return error;
        }
        error.into_outage()
    }

    /// Whether that makes an outage.
    fn add(&self, name: &str) -> bool {
        let mut names = self.0.lock().expect("no panic while it is locked");
        if names.len() < NAMES_OF_AN_OUTAGE && !names.iter().any(|failed| failed == name) {
            names.push(name.to_owned());
        }
        names.len() == NAMES_OF_AN_OUTAGE
    }
}
