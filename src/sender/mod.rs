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
//! [`dispatch`] tries once and stores nothing. With the feature `queue`, a `Queue` stores events and deliveries in a database,
//! and a `Worker` retries for 30 hours.
//!
//! A *delivery* is one event for one subscription; an *attempt* is one HTTP request of a delivery. The *envelope* is the whole
//! JSON document, its `data` member is the event's *data*, and the *body* is the envelope's canonical bytes as they are sent.

mod delivery;
mod dispatch;
#[cfg(feature = "queue")]
mod engine;
mod error;
mod excerpt;
pub mod foreign;
mod headers;
mod http;
mod phases;
#[cfg(feature = "queue")]
mod queue;
mod retry;
mod sealed;
mod secret;
#[cfg(feature = "queue")]
mod store;
mod subscription;
mod system;
#[cfg(feature = "queue")]
mod trace_parent;
#[cfg(feature = "queue")]
mod traces;
mod transport;
#[cfg(feature = "queue")]
mod worker;

pub use crate::clock::unix_now;
pub use delivery::{DeliveryOptions, WebhookDelivery, deliver_once};
pub use dispatch::{DispatchSummary, dispatch};
#[cfg(feature = "queue")]
pub use engine::Queue;
pub use error::{DeliveryError, EndpointError, TooManySecretsError};
pub use excerpt::ResponseExcerpt;
pub use http::{
    EndpointPolicy, HttpOptions, HttpSetupError, HttpTransport, ProxyUrl, ProxyUrlError, Resolve, Resolving,
};
pub use phases::AttemptPhases;
#[cfg(feature = "queue")]
pub use queue::{
    Alarm, AlarmOptions, AlarmedEndpoint, DamagedSubscription, DatabaseError, DatabaseStatus, DeadLettersOf,
    DeliveryFilter, DeliveryState, Enqueued, LastAttempt, LoggedAttempt, OPERATOR, OverdueOf, QueueActivity,
    QueueDepth, QueueError, QueueOptions, QueuePrivileges, QueuedDelivery, RecentAttempts, Recovered, ReplayOptions,
    Resealed, SecretsAtRest, SecretsKeyError, SecretsKeys, StoredSubscription, SubscriptionActivity, SubscriptionList,
    SubscriptionUpdate, TracedEvent, UnknownStateError, WorkCounters, WorkHealth, WorkMetrics, WorkOptions,
    WorkSummary,
};
pub use retry::{MAX_RETRY_AFTER, RETRY_SCHEDULE, delay_after, next_retry_delay, should_retry};
pub use secret::{MAX_ACTIVE_SECRETS, SECRET_OVERLAP_SECONDS, Secret, SubscriptionSecret};
#[cfg(feature = "queue")]
pub use store::connection::QueueConnection;
pub use subscription::{WebhookSubscription, matching_subscriptions};
pub use system::make_event;
#[cfg(feature = "queue")]
pub use trace_parent::{TraceParent, TraceParentError};
pub use transport::{DeliveryRequest, DeliveryResult, Transport};
#[cfg(feature = "queue")]
pub use worker::Worker;
