//! One delivery of one event to one subscription.

use super::error::DeliveryError;
use super::headers::delivery_headers;
use super::sealed::SealedEvent;
use super::subscription::WebhookSubscription;
use super::system::{random, unix_now};
use super::transport::{DeliveryRequest, DeliveryResult, Transport};
use crate::{EventType, WebhookEvent, event, signature};
use futures_util::FutureExt;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

/// What may differ between deliveries of the same event to the same subscription.
#[derive(Clone, Debug)]
pub struct DeliveryOptions {
    /// Which attempt this is; the first is 1.
    pub attempt: u32,
    /// Further headers, sent after the sender's own. They may replace `User-Agent`; see [`DeliveryError::ReservedHeader`].
    pub extra_headers: Vec<(String, String)>,
    /// The time to sign at, in seconds since 1970; `None` for the system's clock.
    pub now: Option<i64>,
}

impl Default for DeliveryOptions {
    fn default() -> Self {
        Self { attempt: 1, extra_headers: Vec::new(), now: None }
    }
}

/// The record of one attempt. `Debug` leaves the signature out: for five minutes it is worth a replay.
#[derive(Clone)]
pub struct WebhookDelivery {
    /// `dlv_` and 24 hex digits.
    pub delivery_id: String,
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: EventType,
    /// Whose subscription it is.
    pub customer_id: String,
    /// Where it was sent.
    pub endpoint_url: String,
    /// Which attempt this was; the first is 1.
    pub attempt: u32,
    /// The answer's status, where one came.
    pub status_code: Option<u16>,
    /// Whether the status is a 2xx.
    pub success: bool,
    /// What went wrong, where something did.
    pub error: Option<DeliveryError>,
    /// From the first look-up to the last byte read, in whole milliseconds; 0 where nothing was sent.
    pub duration_ms: u64,
    /// When the attempt was made and signed, in seconds since 1970.
    pub timestamp: i64,
    /// The `Dealix-Signature` header that was sent; empty where nothing was.
    pub request_signature: String,
    /// What the answer's `Retry-After` asked for.
    pub retry_after: Option<Duration>,
}

/// Delivers one event to one subscription, once, signed at this attempt's own time with every active secret.
/// It does not ask whether the subscription is enabled or wants the event: [`dispatch`](super::dispatch) does.
///
/// It never fails as a function: whatever happens, a panic in the transport included, is in the record.
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
    deliver_sealed(subscription, &SealedEvent::from(event), transport, options).await
}

/// [`deliver_once`] for an event that goes to several subscriptions, or goes out again.
pub(in crate::sender) async fn deliver_sealed(
    subscription: &WebhookSubscription,
    event: &SealedEvent<'_>,
    transport: &impl Transport,
    options: &DeliveryOptions,
) -> WebhookDelivery {
    let now = options.now.unwrap_or_else(unix_now);
    let mut delivery = WebhookDelivery {
        delivery_id: event::new_id("dlv_", random()),
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
    let headers = delivery_headers(event, &signature, options.attempt, &options.extra_headers)?;
    Ok((DeliveryRequest { url: subscription.endpoint_url.clone(), headers, body }, signature))
}

/// A transport is somebody else's code: its panic is this delivery's failure, not the others'.
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
    }
}

impl fmt::Debug for WebhookDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookDelivery")
            .field("delivery_id", &self.delivery_id)
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
            .finish_non_exhaustive()
    }
}
