//! A receiver in a Cloudflare Worker, written in Rust.
//!
//! ```sh
//! rustup target add wasm32-unknown-unknown
//! echo 'DEALIX_WEBHOOK_SECRET="whsec_test"' > .dev.vars   # the secret for `wrangler dev`
//! npx wrangler dev
//!
//! npx wrangler secret put DEALIX_WEBHOOK_SECRET           # the secret in production
//! npx wrangler deploy
//! ```
//!
//! The standard library's clock panics in a Worker; `verify_now`, behind the feature `clock`, reads JavaScript's.

use dealix_webhooks::{Verifier, WebhookEvent};
use futures_util::TryStreamExt;
use worker::{Context, Env, Method, Request, Response, Result, console_error, console_log, event};

/// Stops reading longer bodies: a Worker has 128 MB of memory, and a request may have 100 MB.
const MAX_BODY_BYTES: usize = 1 << 20;

#[event(fetch)]
async fn fetch(mut request: Request, env: Env, _context: Context) -> Result<Response> {
    if request.method() != Method::Post {
        return status(405);
    }
    // A missing or empty secret is an error here, which becomes a 500: Dealix retries those, so nothing is lost.
    let secret = env.secret("DEALIX_WEBHOOK_SECRET")?.to_string();
    let verifier = Verifier::new([secret]).map_err(|error| error.to_string())?;

    let header = request.headers().get("dealix-signature")?.unwrap_or_default();
    let Some(body) = read(&mut request).await? else { return status(413) };
    if let Err(error) = verifier.verify_now(header, &body) {
        console_error!("refused a delivery: {error}");
        return status(400);
    }
    let Ok(event) = WebhookEvent::from_envelope(&body) else { return status(400) };
    on_event(event).await?;
    status(204)
}

/// Your code. If it returns an error, Dealix retries the delivery.
async fn on_event(event: WebhookEvent) -> Result<()> {
    console_log!("{} {}", event.event_type.as_str(), event.event_id);
    Ok(())
}

/// The body's bytes exactly as they arrived, or `None` if there are too many.
async fn read(request: &mut Request) -> Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    // A request without a body has no stream.
    let Ok(mut chunks) = request.stream() else { return Ok(Some(body)) };
    while let Some(chunk) = chunks.try_next().await? {
        body.extend(chunk);
        if body.len() > MAX_BODY_BYTES {
            return Ok(None);
        }
    }
    Ok(Some(body))
}

fn status(code: u16) -> Result<Response> {
    Ok(Response::empty()?.with_status(code))
}
