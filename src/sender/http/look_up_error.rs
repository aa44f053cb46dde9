//! Why a name was not resolved.

use super::causes::{innermost, sources};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How much of a resolver's words is kept where words of our own go before them, in code points.
const MAX_REASON_CHARS: usize = 120;

/// What glibc, musl, macOS and the BSDs, and Windows say of a name that there is not, or that has no address. The
/// standard library keeps their words alone, not the code that they stand for.
const NO_SUCH_NAME: [&str; 6] = [
    "Name or service not known",
    "No address associated with hostname",
    "Name does not resolve",
    "Name has no usable address",
    "nor servname provided, or not known",
    "No such host is known",
];

#[derive(Clone, Debug)]
pub(super) enum LookUpError {
    /// In the resolver's words.
    Failed(Arc<dyn Error + Send + Sync>),
    /// There was no answer in this time.
    TimedOut(Duration),
    /// As before, where it says nothing of the name: others are not resolved either.
    Outage(String),
}

impl LookUpError {
    pub fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(error.into().into())
    }

    /// Whether somebody knows that there is no such name.
    pub fn is_authoritative(&self) -> bool {
        let says_so = |words: String| NO_SUCH_NAME.iter().any(|known| words.contains(known));
        sources(self).any(|source| says_so(source.to_string()))
    }

    pub fn into_outage(self) -> Self {
        Self::Outage(match self {
            Self::TimedOut(after) => format!("no answer in {} s", after.as_secs_f32()),
            other => innermost(&other).chars().take(MAX_REASON_CHARS).collect(),
        })
    }
}

impl fmt::Display for LookUpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(_) => f.write_str("the name was not resolved"),
            Self::TimedOut(after) => write!(f, "looking up the name timed out after {} s", after.as_secs_f32()),
            Self::Outage(reason) => write!(f, "names cannot be resolved: {reason}"),
        }
    }
}

impl Error for LookUpError {
    /// The resolver's own error, and not the `Arc` around it, which nobody would find by its type.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => Some(&**error),
            Self::TimedOut(_) | Self::Outage(_) => None,
        }
    }
}
