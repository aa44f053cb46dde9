use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The position in a trace, as the header `traceparent` of W3C Trace Context has it.
///
/// ```
/// use dealix_webhooks::sender::TraceParent;
///
/// let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// assert_eq!(text.parse::<TraceParent>()?.as_str(), text);
/// assert!("4bf92f3577b34da6".parse::<TraceParent>().is_err());
/// # Ok::<(), dealix_webhooks::sender::TraceParentError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceParent(String);

/// A text is not a `traceparent`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "the traceparent is not valid: pass it as the header has it, such as 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
)]
pub struct TraceParentError;

impl TraceParent {
    /// The header's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TraceParent {
    type Err = TraceParentError;

    /// Trace Context, section 3.2. A later version may be longer, but nobody knows what the rest would mean.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let [version, trace_id, parent_id, flags] =
            text.split('-').collect::<Vec<_>>().try_into().map_err(|_| TraceParentError)?;
        let is_valid = is_hex(version, 2)
            && version != "ff"
            && is_hex(trace_id, 32)
            && !is_zero(trace_id)
            && is_hex(parent_id, 16)
            && !is_zero(parent_id)
            && is_hex(flags, 2);
        if is_valid { Ok(Self(text.to_owned())) } else { Err(TraceParentError) }
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'0')
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_traceparent_of_the_standards_form_is_one() {
        let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        for text in [valid, &valid.replace("00-4", "01-4"), &valid.replace("-01", "-00"), &valid.replace("-01", "-ff")]
        {
            assert_eq!(text.parse().map(|TraceParent(parsed)| parsed), Ok(text.to_owned()));
        }
        for text in [
            String::new(),
            "-".repeat(1000),
            valid.to_uppercase(),
            format!("{valid} "),
            format!("{valid}-00"),
            valid.replace("00-4", "ff-4"),
            valid.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            valid.replace("00f067aa0ba902b7", &"0".repeat(16)),
            valid.replace("00f067aa0ba902b7", "00f067aa0ba902b"),
            valid.replace("4bf9", "4bé"),
        ] {
            assert_eq!(text.parse::<TraceParent>(), Err(TraceParentError), "{text}");
        }
    }
}
