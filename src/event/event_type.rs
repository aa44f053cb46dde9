use std::borrow::Cow;
use std::fmt;

/// What kind of event this is. The list is open: a receiver may meet types that are newer than its version of this crate,
/// and [`is_known`](Self::is_known) says whether this one is known.
///
/// ```
/// use dealix_webhooks::{EVENT_TYPES, EventType};
///
/// let event_type = EventType::from("deal.won");
/// assert!(event_type == EventType::DEAL_WON && event_type == "deal.won");
/// assert!(event_type.is_known() && EVENT_TYPES.contains(&event_type));
/// assert!(!EventType::from("deal.paused").is_known());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventType(Cow<'static, str>);

impl EventType {
    pub(super) const fn known(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The type as the envelope holds it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for EventType {
    fn from(text: &str) -> Self {
        Self(Cow::Owned(text.to_owned()))
    }
}

impl From<String> for EventType {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl PartialEq<str> for EventType {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for EventType {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
