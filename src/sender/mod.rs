//! The sender: subscriptions, signed deliveries over HTTP, retries.
//!
//! ```no_run
//! use dealix_webhooks::sender::{
//!     DeliveryOptions, HttpOptions, HttpTransport, WebhookSubscription, dispatch, make_event,
//! };
//! use serde_json::{json, value::to_raw_value};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let subscriptions = [WebhookSubscription::new("cus_1", "https://example.com/hook", "whsec_1", 1_700_000_000)];
//! let transport = HttpTransport::new(HttpOptions::default())?;
//! let event = make_event("deal.won", "cus_1", to_raw_value(&json!({"amount": 12.5}))?);
//!
//! let summary = dispatch(&subscriptions, &event, &transport, &DeliveryOptions::default()).await;
//! for delivery in &summary.deliveries {
//!     println!("{} {:?} {:?}", delivery.endpoint_url, delivery.status_code, delivery.error);
//! }
//! # Ok(()) }
//! ```
//!
//! [`dispatch`] tries once and forgets; the feature `queue` remembers, and tries again for 30 hours.

mod delivery;
mod dispatch;
mod headers;
mod http;
#[cfg(feature = "queue")]
mod queue;
mod retry;
mod subscription;
mod transport;

pub use delivery::{DeliveryError, DeliveryOptions, EndpointError, WebhookDelivery, deliver_once};
pub use dispatch::{DispatchSummary, dispatch};
pub use http::{EndpointPolicy, HttpOptions, HttpSetupError, HttpTransport};
#[cfg(feature = "queue")]
pub use queue::{
    DeliveryFilter, DeliveryState, Enqueued, LoggedAttempt, Queue, QueueDepth, QueueError, QueuedDelivery,
    StoredSubscription, WorkCounters, WorkOptions, WorkSummary, Worker,
};
pub use retry::{MAX_RETRY_AFTER, RETRY_SCHEDULE, delay_after, next_retry_delay, should_retry};
pub use subscription::{
    MAX_ACTIVE_SECRETS, SECRET_OVERLAP_SECONDS, Secret, SubscriptionSecret, TooManySecrets, WebhookSubscription,
    matching_subscriptions,
};
pub use transport::{DeliveryRequest, DeliveryResult, Transport};

use crate::{EventType, WebhookEvent};
use serde_json::value::RawValue;
use std::time::{SystemTime, UNIX_EPOCH};

/// [`make_event`](crate::make_event) with the system's clock and randomness.
pub fn make_event(
    event_type: impl Into<EventType>,
    customer_id: impl Into<String>,
    payload: Box<RawValue>,
) -> WebhookEvent {
    crate::make_event(event_type, customer_id, payload, unix_now(), random())
}

/// Whole seconds since 1970.
pub fn unix_now() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since_1970.as_secs().try_into().unwrap_or(i64::MAX)
}

/// # Panics
/// Where the system has no randomness to give: an id that may repeat would be worse than none.
pub(crate) fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
