//! The seam between a delivery and the network.

use super::error::DeliveryError;
use bytes::Bytes;
use std::fmt;
use std::future::Future;
use std::time::Duration;

/// A signed delivery, ready to be POSTed.
#[derive(Clone)]
pub struct DeliveryRequest {
    /// The subscription's endpoint, as it was registered.
    pub url: String,
    /// Name and value, in the order in which they are sent; all checked to be safe on the wire.
    pub headers: Vec<(String, String)>,
    /// The canonical envelope, the same bytes for every attempt.
    pub body: Bytes,
}

/// What became of one request.
#[derive(Clone, Debug, Default)]
pub struct DeliveryResult {
    /// The answer's status, where one came.
    pub status_code: Option<u16>,
    /// What went wrong, where something did. With a status it is news from after the answer's head.
    pub error: Option<DeliveryError>,
    /// From the first look-up to the last byte read, in whole milliseconds.
    pub duration_ms: u64,
    /// What the answer's `Retry-After` asks for.
    pub retry_after: Option<Duration>,
}

/// Sends one request. [`HttpTransport`](super::HttpTransport) does it over HTTP; so does any closure of this shape:
///
/// ```
/// use dealix_webhooks::sender::{DeliveryRequest, DeliveryResult, Transport};
///
/// fn accepted_by(_transport: impl Transport) {}
///
/// accepted_by(|request: DeliveryRequest| async move {
///     println!("POST {} ({} bytes)", request.url, request.body.len());
///     DeliveryResult { status_code: Some(204), ..Default::default() }
/// });
/// ```
pub trait Transport: Send + Sync {
    /// Sends the request and reports what became of it. Whoever calls survives a panic in here.
    fn send(&self, request: DeliveryRequest) -> impl Future<Output = DeliveryResult> + Send;
}

impl<F, Answer> Transport for F
where
    F: Fn(DeliveryRequest) -> Answer + Send + Sync,
    Answer: Future<Output = DeliveryResult> + Send,
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
