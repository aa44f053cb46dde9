//! What is taken from a response besides its status.

use super::excerpt::Beginning;
use http::header::{HeaderMap, RETRY_AFTER};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::time::{Duration, SystemTime};

/// How much of a response is read, so that the connection can be reused; the rest is never requested.
pub(super) const MAX_RESPONSE_BYTES: usize = 64 * 1024;

pub(super) async fn drain(body: &mut Incoming, beginning: &mut Beginning) -> Result<(), hyper::Error> {
    let mut read = 0;
    while read < MAX_RESPONSE_BYTES {
        let Some(frame) = body.frame().await else { break };
        if let Some(chunk) = frame?.data_ref() {
            read += chunk.len();
            beginning.extend(chunk);
        }
    }
    Ok(())
}

/// `Retry-After` (RFC 9110 §10.2.3) in seconds or as a date; `None` if the response has no such header, or it is neither.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}
