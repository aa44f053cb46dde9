use super::causes::{innermost, sources};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How much of the resolver's text is kept in an outage, in code points.
const MAX_REASON_CHARS: usize = 120;

/// What glibc, musl, macOS, the BSDs and Windows say if a name does not exist or has no address. The standard library keeps
/// only the text, not the error code behind it.
const NO_SUCH_NAME: [&str; 6] = [
    "Name or service not known",
    "No address associated with hostname",
    "Name does not resolve",
    "Name has no usable address",
    "nor servname provided, or not known",
    "No such host is known",
];

/// Why a name was not resolved.
#[derive(Clone, Debug)]
pub(super) enum LookUpError {
    /// The resolver's own error.
    Failed(Arc<dyn Error + Send + Sync>),
    /// The resolver did not respond within this time.
    TimedOut(Duration),
    /// The resolver failed for other names too, so this says nothing about the name.
    Outage(String),
}

impl LookUpError {
    pub fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(error.into().into())
    }

    /// Whether a name server said that the name does not exist.
    pub fn is_authoritative(&self) -> bool {
        let says_so = |text: String| NO_SUCH_NAME.iter().any(|known| text.contains(known));
        sources(self).any(|source| says_so(source.to_string()))
    }

    pub fn into_outage(self) -> Self {
        Self::Outage(match self {
            Self::TimedOut(after) => format!("no response in {} s", after.as_secs_f32()),
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
    /// The resolver's error itself, not the `Arc` around it, which could not be found by downcasting.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => Some(&**error),
            Self::TimedOut(_) | Self::Outage(_) => None,
        }
    }
}
