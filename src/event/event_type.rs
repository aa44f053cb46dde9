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

macro_rules! event_types {
    ($($name:ident $text:literal)*) => {
        impl EventType {
            $(#[doc = concat!("`", $text, "`")] pub const $name: Self = Self(Cow::Borrowed($text));)*
        }

        /// The event types known today, in the order of `docs/contract.md`, section 2.
        pub const EVENT_TYPES: &[EventType] = &[$(EventType::$name),*];
    };
}

event_types! {
    LEAD_CREATED "lead.created"
    LEAD_QUALIFIED "lead.qualified"
    LEAD_DISQUALIFIED "lead.disqualified"
    LEAD_ENRICHED "lead.enriched"
    DRAFT_CREATED "draft.created"
    DRAFT_APPROVED "draft.approved"
    DRAFT_SENT "draft.sent"
    REPLY_RECEIVED "reply.received"
    REPLY_CLASSIFIED "reply.classified"
    DEMO_BOOKED "demo.booked"
    DEMO_HELD "demo.held"
    DEAL_CREATED "deal.created"
    DEAL_WON "deal.won"
    DEAL_LOST "deal.lost"
    PAYMENT_RECEIVED "payment.received"
    HEALTH_CHANGED "health.changed"
    CHURN_PREDICTED "churn.predicted"
    QBR_GENERATED "qbr.generated"
    PULSE_PUBLISHED "pulse.published"
}

impl EventType {
    /// The type as the envelope holds it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the type is one of [`EVENT_TYPES`].
    pub fn is_known(&self) -> bool {
        EVENT_TYPES.contains(self)
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
