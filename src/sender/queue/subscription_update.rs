use crate::EventType;
use crate::sender::secret::Secret;
use std::num::NonZeroU32;

/// What to change about a subscription; what is `None` stays as it is.
///
/// ```
/// use dealix_webhooks::sender::SubscriptionUpdate;
///
/// let moved = SubscriptionUpdate { endpoint_url: Some("https://example.com/new".to_owned()), ..Default::default() };
/// let unlimited = SubscriptionUpdate { max_per_second: Some(None), ..Default::default() };
/// ```
#[derive(Clone, Debug, Default)]
pub struct SubscriptionUpdate {
    /// Where its events are sent. Pending deliveries go there from their next attempt on, and what the earlier endpoint failed
    /// at or asked for is forgotten.
    pub endpoint_url: Option<String>,
    /// The event types to queue from now on; empty for all.
    pub events: Option<Vec<EventType>>,
    /// The headers to send in addition, in place of those there are; empty for none.
    pub headers: Option<Vec<(String, Secret)>>,
    /// What an operator should know about it; `Some(None)` for nothing.
    pub note: Option<Option<String>>,
    /// How many attempts a second a worker makes at most; `Some(None)` for any number.
    pub max_per_second: Option<Option<NonZeroU32>>,
}
