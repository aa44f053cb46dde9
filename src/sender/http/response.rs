//! What an answer says beside its status.

use reqwest::Response;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::time::{Duration, SystemTime};

/// How much of an answer is read, so that the connection can be used again; what is beyond is never asked for.
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

/// RFC 9110 §10.2.3: seconds, or a date.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}
