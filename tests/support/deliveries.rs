//! For the tests with delivery vectors: a transport that replays recorded results, and records in the vectors' form.

use base64::{Engine, engine::general_purpose::STANDARD};
use dealix_webhooks::sender::{DeliveryError, DeliveryRequest, DeliveryResult, Transport, WebhookDelivery};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Mutex;

/// What the transport does when called.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum TransportResult {
    Answers { status_code: Option<u16>, error: Option<String>, duration_ms: u64 },
    Raises { raises: String },
}

/// Returns the recorded results one by one, and keeps the requests.
pub struct Recording {
    results: Mutex<VecDeque<TransportResult>>,
    calls: Mutex<Vec<DeliveryRequest>>,
}

impl Recording {
    pub fn new(results: &[TransportResult]) -> Self {
        Self { results: Mutex::new(results.iter().cloned().collect()), calls: Mutex::default() }
    }

    /// The calls in the vectors' form.
    pub fn calls(&self) -> Value {
        let calls = self.calls.lock().expect("no panic while it is locked");
        calls
            .iter()
            .map(|call| json!({"url": call.url, "body_base64": STANDARD.encode(&call.body), "headers": call.headers}))
            .collect()
    }
}

impl Transport for Recording {
    async fn send(&self, request: DeliveryRequest) -> DeliveryResult {
        self.calls.lock().expect("no panic while it is locked").push(request);
        let result = self.results.lock().expect("no panic while it is locked").pop_front();
        match result.expect("a result for each call") {
            TransportResult::Answers { status_code, error, duration_ms } => DeliveryResult {
                status_code,
                error: error.map(DeliveryError::Transport),
                duration_ms,
                ..Default::default()
            },
            TransportResult::Raises { raises } => panic!("{raises}"),
        }
    }
}

/// A delivery's record in the vectors' form, without its id.
pub fn record(delivery: &WebhookDelivery) -> Value {
    json!({
        "event_id": delivery.event_id,
        "event_type": delivery.event_type.as_str(),
        "customer_id": delivery.customer_id,
        "endpoint_url": delivery.endpoint_url,
        "attempt": delivery.attempt,
        "status_code": delivery.status_code,
        "success": delivery.success,
        "error": delivery.error.as_ref().map(ToString::to_string),
        "duration_ms": delivery.duration_ms,
        "timestamp": delivery.timestamp,
        "request_signature": delivery.request_signature,
    })
}

/// Whether this is the prefix followed by the first 24 hex digits of a UUID v4, as the vectors' patterns require.
pub fn is_id(id: &str, prefix: &str) -> bool {
    let Some(digits) = id.strip_prefix(prefix).map(str::as_bytes) else { return false };
    digits.len() == 24
        && digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
        && digits[12] == b'4'
        && matches!(digits[16], b'8' | b'9' | b'a' | b'b')
}
