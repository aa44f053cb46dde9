//! A receiver on axum: `DEALIX_WEBHOOK_SECRET=whsec_test cargo run --example axum --features clock`.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::{Router, routing::post};
use dealix_webhooks::{SignatureError, Verifier, WebhookEvent, unix_now};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}/webhooks/dealix", listener.local_addr()?);
    Ok(axum::serve(listener, receiver(&std::env::var("DEALIX_WEBHOOK_SECRET")?)?).await?)
}

/// Fails at start-up if the secret is empty.
pub fn receiver(secret: &str) -> Result<Router, dealix_webhooks::ConfigurationError> {
    let verifier = Arc::new(Verifier::new([secret])?);
    Ok(Router::new().route("/webhooks/dealix", post(on_event)).with_state(verifier))
}

async fn on_event(Verified(event): Verified) -> StatusCode {
    println!("{} {}", event.event_type.as_str(), event.event_id);
    StatusCode::NO_CONTENT
}

/// An extractor: the handler runs only if the signature is good.
struct Verified(WebhookEvent);

impl FromRequest<Arc<Verifier>> for Verified {
    type Rejection = StatusCode;

    async fn from_request(request: Request, verifier: &Arc<Verifier>) -> Result<Self, StatusCode> {
        let header = request.headers().get("dealix-signature").cloned();
        let header = header.as_ref().map_or(&b""[..], |value| value.as_bytes());
        // A header that is wrong by itself is refused before the body is read.
        let mut verification = verifier.start(header, unix_now()).map_err(refused)?;
        // The bytes as they arrived, at most 2 MB: axum's own limit. `Json` would lose them.
        let reading = timeout(Duration::from_secs(10), Bytes::from_request(request, verifier));
        let body = reading.await.map_err(|_| StatusCode::REQUEST_TIMEOUT)?.map_err(|rejection| rejection.status())?;
        verification.update(&body);
        verification.finish().map_err(refused)?;
        let event = WebhookEvent::from_envelope(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
        Ok(Self(event))
    }
}

fn refused(error: SignatureError) -> StatusCode {
    eprintln!("refused a delivery: {error}");
    StatusCode::BAD_REQUEST
}
