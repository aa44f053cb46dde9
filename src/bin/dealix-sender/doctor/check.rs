use serde::Serialize;
use std::fmt;

/// What one check found.
#[derive(Serialize)]
pub struct Check {
    check: &'static str,
    pub state: State,
    seen: String,
    /// What to do about it.
    advice: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Ok,
    Warning,
    Failed,
    /// The check was not made.
    Skipped,
}

impl Check {
    pub fn ok(check: &'static str, seen: impl Into<String>) -> Self {
        Self { check, state: State::Ok, seen: seen.into(), advice: None }
    }

    pub fn not_ok(check: &'static str, state: State, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state, seen: seen.into(), advice: Some(advice.into()) }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Failed => "failed",
            State::Skipped => "skipped",
        };
        write!(f, "{state:<8} {:<12} {}", self.check, self.seen)?;
        self.advice.as_ref().map_or(Ok(()), |advice| write!(f, "; {advice}"))
    }
}
