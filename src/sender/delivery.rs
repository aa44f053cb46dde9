//! One attempt to deliver one event to one subscription.

use super::error::DeliveryError;
use super::excerpt::ResponseExcerpt;
use super::headers::delivery_headers;
use super::phases::AttemptPhases;
use super::sealed::SealedEvent;
use super::subscription::WebhookSubscription;
use super::system::random;
use super::transport::{DeliveryRequest, DeliveryResult, Transport};
use crate::clock::unix_now;
use crate::{EventType, WebhookEvent, event, signature};
use futures_util::FutureExt;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

/// What may differ between attempts to deliver the same event to the same subscription.
#[derive(Clone, Debug)]
pub struct DeliveryOptions {
    /// Which attempt this is; the first is 1.
    pub attempt: u32,
    /// Additional headers, sent after the sender's own and the subscription's. They may replace those and `User-Agent`, but not the headers that
    /// [`DeliveryError::ReservedHeader`] protects: `Dealix-*`, `Content-Type`, `Content-Length`, `Transfer-Encoding`, `Host`.
    pub extra_headers: Vec<(String, String)>,
    /// The time to sign with, in seconds since 1970; `None` for the system's clock.
    pub now: Option<i64>,
}

impl Default for DeliveryOptions {
    fn default() -> Self {
        Self { attempt: 1, extra_headers: Vec::new(), now: None }
    }
}

/// The record of one attempt. `Debug` leaves out the signature, which could be replayed for five minutes.
#[derive(Clone)]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// New for each attempt: `dlv_` and 24 hex digits. The Python reference calls it `delivery_id`; here a delivery is one
    /// event for one subscription, whose attempts share one id: see `QueuedDelivery`.
    pub attempt_id: String,
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: EventType,
    /// The customer whose subscription it is.
    pub customer_id: String,
    /// Where it was sent.
    pub endpoint_url: String,
    /// Which attempt this was; the first is 1.
    pub attempt: u32,
    /// The status of the response, if there was one.
    pub status_code: Option<u16>,
    /// Whether the status is a 2xx.
    pub success: bool,
    /// What went wrong, if anything did.
    pub error: Option<DeliveryError>,
    /// From the start of the DNS look-up to the last byte read, in whole milliseconds; 0 if nothing was sent.
    pub duration_ms: u64,
    /// When the attempt was made and signed, in seconds since 1970.
    pub timestamp: i64,
    /// The `Dealix-Signature` header that was sent; empty if nothing was sent.
    pub request_signature: String,
    /// What the response's `Retry-After` asked for.
    pub retry_after: Option<Duration>,
    /// How the time was spent.
    pub phases: AttemptPhases,
    /// The beginning of the response, if it had a body.
    pub excerpt: Option<ResponseExcerpt>,
}

/// Makes one attempt to deliver one event to one subscription, signed at this attempt's own time with every active secret.
/// It does not check whether the subscription is enabled or wants the event; [`dispatch`](super::dispatch) does.
///
/// It always returns a record, which says what went wrong even if the transport panicked.
///
/// ```
/// use dealix_webhooks::sender::{
///     DeliveryOptions, DeliveryRequest, DeliveryResult, WebhookSubscription, deliver_once, make_event,
/// };
/// use serde_json::{json, value::to_raw_value};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let subscription = WebhookSubscription::new("cus_1", "https://example.com/hook", "whsec_1", 1_700_000_000);
/// let event = make_event("deal.won", "cus_1", to_raw_value(&json!({"amount": 12.5}))?);
/// // A closure for the example; `HttpTransport::new(HttpOptions::default())?` sends for real.
/// let transport =
///     |_: DeliveryRequest| async { DeliveryResult { status_code: Some(200), ..Default::default() } };
///
/// let delivery = deliver_once(&subscription, &event, &transport, &DeliveryOptions::default()).await;
/// assert!(delivery.success, "{delivery:?}");
/// # Ok::<(), serde_json::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn deliver_once(
    subscription: &WebhookSubscription,
    event: &WebhookEvent,
    transport: &impl Transport,
    options: &DeliveryOptions,
) -> WebhookDelivery {
    deliver_sealed(random_attempt_id(), subscription, &SealedEvent::from(event), transport, options).await
}

/// The id of an attempt that is not logged.
pub(in crate::sender) fn random_attempt_id() -> String {
    event::new_id("dlv_", random())
}

/// [`deliver_once`] for an event that goes to several subscriptions, or is sent again.
pub(in crate::sender) async fn deliver_sealed(
    attempt_id: String,
    subscription: &WebhookSubscription,
    event: &SealedEvent<'_>,
    transport: &impl Transport,
    options: &DeliveryOptions,
) -> WebhookDelivery {
    let now = options.now.unwrap_or_else(unix_now);
    let mut delivery = WebhookDelivery {
        attempt_id,
        event_id: event.event_id.to_owned(),
        event_type: event.event_type.into(),
        customer_id: subscription.customer_id.clone(),
        endpoint_url: subscription.endpoint_url.clone(),
        attempt: options.attempt,
        status_code: None,
        success: false,
        error: None,
        duration_ms: 0,
        timestamp: now,
        request_signature: String::new(),
        retry_after: None,
        phases: AttemptPhases::default(),
        excerpt: None,
    };
    match prepare(subscription, event, options, now) {
        Ok((request, signature)) => {
            delivery.request_signature = signature;
            delivery.record(send(transport, request).await);
        }
        Err(error) => delivery.error = Some(error),
    }
    delivery
}

fn prepare(
    subscription: &WebhookSubscription,
    event: &SealedEvent<'_>,
    options: &DeliveryOptions,
    now: i64,
) -> Result<(DeliveryRequest, String), DeliveryError> {
    let body = event.body.clone()?;
    let signature = signature::sign_with_each(subscription.active_secrets(now), &body, now)?;
    let own = subscription.headers.iter().map(|(name, value)| (name.as_str(), value.expose()));
    let extra = options.extra_headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let headers = delivery_headers(event, &signature, options.attempt, own.chain(extra))?;
    Ok((DeliveryRequest { url: subscription.endpoint_url.clone(), headers, body }, signature))
}

/// A transport is foreign code: if it panics, this attempt fails and no other.
async fn send(transport: &impl Transport, request: DeliveryRequest) -> DeliveryResult {
    let sending = AssertUnwindSafe(async { transport.send(request).await });
    sending.catch_unwind().await.unwrap_or_else(|_| DeliveryResult {
        error: Some(DeliveryError::Transport("the transport panicked".to_owned())),
        ..Default::default()
    })
}

impl WebhookDelivery {
    fn record(&mut self, result: DeliveryResult) {
        self.success = matches!(result.status_code, Some(200..=299));
        self.status_code = result.status_code;
        self.error = result.error;
        self.duration_ms = result.duration_ms;
        self.retry_after = result.retry_after;
        self.phases = result.phases;
        self.excerpt = result.excerpt;
    }
}

impl fmt::Debug for WebhookDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookDelivery")
            .field("attempt_id", &self.attempt_id)
            .field("event_id", &self.event_id)
            .field("event_type", &self.event_type)
            .field("customer_id", &self.customer_id)
            .field("endpoint_url", &self.endpoint_url)
            .field("attempt", &self.attempt)
            .field("status_code", &self.status_code)
            .field("success", &self.success)
            .field("error", &self.error)
            .field("duration_ms", &self.duration_ms)
            .field("timestamp", &self.timestamp)
            .field("retry_after", &self.retry_after)
            .field("phases", &self.phases)
            .field("excerpt", &self.excerpt)
            .finish_non_exhaustive()
    }
}
