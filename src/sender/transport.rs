//! What sends an attempt's HTTP request.

use super::error::DeliveryError;
use super::excerpt::ResponseExcerpt;
use super::phases::AttemptPhases;
use bytes::Bytes;
use std::fmt;
use std::future::Future;
use std::time::Duration;

/// The signed request of one attempt, ready to be POSTed. `Debug` leaves out the URL and the values of the headers.
#[derive(Clone)]
pub struct DeliveryRequest {
    /// The subscription's endpoint, as it was registered.
    pub url: String,
    /// Names and values, in the order in which they are sent; all have been checked to be safe on the wire.
    pub headers: Vec<(String, String)>,
    /// The canonical envelope, the same bytes for every attempt.
    pub body: Bytes,
}

/// What a transport returns for one request.
#[derive(Clone, Debug, Default)]
pub struct DeliveryResult {
    /// The status of the response, if there was one.
    pub status_code: Option<u16>,
    /// What went wrong, if anything did. If there is a status too, it went wrong after the response's headers had arrived.
    pub error: Option<DeliveryError>,
    /// From the start of the DNS look-up to the last byte read, in whole milliseconds.
    pub duration_ms: u64,
    /// How that time was spent.
    pub phases: AttemptPhases,
    /// What the response's `Retry-After` asks for.
    pub retry_after: Option<Duration>,
    /// The beginning of the response, if it had a body.
    pub excerpt: Option<ResponseExcerpt>,
}

/// Sends one request. [`HttpTransport`](super::HttpTransport) sends it over HTTP; a closure of this shape is a transport too:
///
/// ```
/// use dealix_webhooks::sender::{DeliveryRequest, DeliveryResult, Transport};
///
/// fn accepts(_transport: impl Transport) {}
///
/// accepts(|request: DeliveryRequest| async move {
///     println!("POST {} ({} bytes)", request.url, request.body.len());
///     DeliveryResult { status_code: Some(204), ..Default::default() }
/// });
/// ```
pub trait Transport: Send + Sync {
    /// Sends the request and returns the result. A panic in here fails this attempt only.
    fn send(&self, request: DeliveryRequest) -> impl Future<Output = DeliveryResult> + Send;
}

impl<F, Sending> Transport for F
where
    F: Fn(DeliveryRequest) -> Sending + Send + Sync,
    Sending: Future<Output = DeliveryResult> + Send,
{
    fn send(&self, request: DeliveryRequest) -> impl Future<Output = DeliveryResult> + Send {
        self(request)
    }
}

impl fmt::Debug for DeliveryRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("DeliveryRequest")
            .field("headers", &names)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish_non_exhaustive()
    }
}
