//! What is taken from a response besides its status.

use reqwest::Response;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::time::{Duration, SystemTime};

/// How much of a response is read, so that the connection can be reused; the rest is never requested.
pub(super) const MAX_RESPONSE_BYTES: usize = 64 * 1024;

pub(super) async fn drain(response: &mut Response) -> Result<(), reqwest::Error> {
    let mut read = 0;
    while read < MAX_RESPONSE_BYTES {
        match response.chunk().await? {
            Some(chunk) => read += chunk.len(),
            None => break,
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
