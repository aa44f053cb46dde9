use super::unknown_state_error::UnknownStateError;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// The state of a delivery.
///
/// ```
/// use dealix_webhooks::sender::DeliveryState;
///
/// assert_eq!("dead_letter".parse(), Ok(DeliveryState::DeadLetter));
/// assert_eq!(DeliveryState::Pending.to_string(), "pending");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is waiting for its first or its next attempt.
    Pending,
    /// It got a 2xx response.
    Delivered,
    /// It has used up its attempts, or another would fail in the same way. It can be replayed.
    DeadLetter,
}

impl DeliveryState {
    pub(in crate::sender) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::DeadLetter => "dead_letter",
        }
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DeliveryState {
    type Err = UnknownStateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut states = [Self::Pending, Self::Delivered, Self::DeadLetter].into_iter();
        states.find(|state| state.as_str() == text).ok_or(UnknownStateError)
    }
}
