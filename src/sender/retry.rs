//! When a failed delivery is tried again (CONTRACT §4).

use super::delivery::WebhookDelivery;
use super::error::DeliveryError;
use std::time::Duration;

/// How long after the attempt before each attempt is made: at once, 30 s, 5 min, 30 min, 6 h, 24 h.
pub const RETRY_SCHEDULE: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_secs(30),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(6),
    Duration::from_hours(24),
];

/// The longest that a receiver's `Retry-After` can put off an attempt: 24 hours.
pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// How long to wait after attempt number `attempt` (the first is 1) before the next one; `None` where there is none.
///
/// ```
/// use dealix_webhooks::sender::next_retry_delay;
/// use std::time::Duration;
///
/// assert_eq!(next_retry_delay(1), Some(Duration::from_secs(30)));
/// assert_eq!(next_retry_delay(6), None);
/// ```
pub fn next_retry_delay(attempt: i64) -> Option<Duration> {
    RETRY_SCHEDULE.get(usize::try_from(attempt).ok()?).copied()
}

/// Whether an attempt that ended so is worth another: no status at all (the network failed), 408, 429 and 5xx are,
/// unless the error is permanent.
///
/// ```
/// use dealix_webhooks::sender::should_retry;
///
/// assert!(should_retry(Some(503), None) && should_retry(None, None));
/// assert!(!should_retry(Some(404), None));
/// ```
pub fn should_retry(status_code: Option<u16>, error: Option<&DeliveryError>) -> bool {
    if error.is_some_and(DeliveryError::is_permanent) {
        return false;
    }
    matches!(status_code, None | Some(408 | 429 | 500..=599))
}

/// How long to wait before the next attempt, all told; `None` where there is none to make.
///
/// `Retry-After` on 429 and 503 may lengthen the schedule's delay up to [`MAX_RETRY_AFTER`], never shorten it.
/// `jitter`, between 0 and 1, adds as much of a tenth, so that deliveries that failed together do not come back together;
/// NaN adds nothing.
pub fn delay_after(delivery: &WebhookDelivery, jitter: f64) -> Option<Duration> {
    if delivery.success || !should_retry(delivery.status_code, delivery.error.as_ref()) {
        return None;
    }
    let scheduled = next_retry_delay(delivery.attempt.into())?;
    let asked = match delivery.status_code {
        Some(429 | 503) => delivery.retry_after.unwrap_or_default().min(MAX_RETRY_AFTER),
        _ => Duration::ZERO,
    };
    let delay = scheduled.max(asked);
    let jitter = if jitter > 0.0 { jitter.min(1.0) } else { 0.0 };
    Some(delay + delay.mul_f64(jitter / 10.0))
}
