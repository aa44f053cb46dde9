//! One delivery of one event to one subscription.

use super::headers::delivery_headers;
use super::{DeliveryRequest, DeliveryResult, Transport, WebhookSubscription};
use crate::{CanonicalError, ConfigurationError, EventType, WebhookEvent, event, serialize_envelope, signature};
use bytes::Bytes;
use futures_util::FutureExt;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use thiserror::Error;

/// Why a delivery did not go out, or got no answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The network or the receiver failed, in the transport's words; worth another attempt.
    #[error("{0}")]
    Transport(String),
    /// The sender's own machine failed, such as by running out of sockets. It says nothing of the endpoint.
    #[error("the sender's machine failed: {0}")]
    Local(String),
    /// A header's value cannot be sent: it holds CR, LF, another control character, or non-ASCII text.
    #[error("the value of the header {0} holds characters that a header cannot carry")]
    InvalidHeader(String),
    /// An extra header has no valid name.
    #[error("an extra header's name is empty or holds characters that a name cannot")]
    InvalidHeaderName,
    /// An extra header would replace one that only the sender may set.
    #[error("the header {0} is the sender's own and cannot be replaced")]
    ReservedHeader(String),
    /// The event has no canonical form.
    #[error("the event cannot be serialized: {0}")]
    Payload(#[from] CanonicalError),
    /// The subscription has no active secret, or the clock stands where no receiver would accept the signature.
    #[error("the delivery cannot be signed: {0}")]
    Signature(#[from] ConfigurationError),
    /// The endpoint may not be called.
    #[error("the endpoint is refused: {0}")]
    Endpoint(#[from] EndpointError),
}

/// Why an endpoint is refused before anything is sent to it. Never says which address a name stands for.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// No URL, or one without a host.
    #[error("it is not a URL with a host")]
    InvalidUrl,
    /// The scheme is not `https`.
    #[error("it must be an https URL")]
    NotHttps,
    /// The URL holds a user name or a password, which would end up in logs.
    #[error("its URL must not hold a user name or password")]
    Credentials,
    /// It is, or its name stands for, no address of the public internet.
    #[error("its address is not a public one")]
    NotPublic,
}

impl DeliveryError {
    /// Whether another attempt would fail in the same way.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Self::Transport(_) | Self::Local(_))
    }
}

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

/// An event in the form in which it travels, the same for every subscription and attempt.
pub(super) struct SealedEvent<'e> {
    pub event_id: &'e str,
    pub event_type: &'e str,
    /// The canonical envelope.
    pub body: Result<Bytes, CanonicalError>,
}

impl<'e> From<&'e WebhookEvent> for SealedEvent<'e> {
    fn from(event: &'e WebhookEvent) -> Self {
        Self {
            event_id: &event.event_id,
            event_type: event.event_type.as_str(),
            body: serialize_envelope(event).map(Bytes::from),
        }
    }
}

pub(super) async fn deliver_sealed(
    subscription: &WebhookSubscription,
    event: &SealedEvent<'_>,
    transport: &impl Transport,
    options: &DeliveryOptions,
) -> WebhookDelivery {
    let now = options.now.unwrap_or_else(super::unix_now);
    let mut delivery = WebhookDelivery {
        delivery_id: event::new_id("dlv_", super::random()),
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
    let headers = delivery_headers(event, &signature, options)?;
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
