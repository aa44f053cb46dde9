//! When a failed attempt is retried (CONTRACT §4).

use super::delivery::WebhookDelivery;
use super::error::DeliveryError;
use std::time::Duration;

/// How long each attempt waits after the previous one: none at all, then 30 s, 5 min, 30 min, 6 h and 24 h.
pub const RETRY_SCHEDULE: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_secs(30),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(6),
    Duration::from_hours(24),
];

/// The longest time for which a receiver's `Retry-After` can defer an attempt: 24 hours.
pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// How long to wait after attempt number `attempt` (the first is 1) before the next one; `None` after the last one.
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

/// Whether to retry after an attempt that ended like this: yes if there was no status at all (the network failed), or 408,
/// 429 or 5xx, unless the error is permanent.
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

/// The whole time to wait after this attempt before the next one; `None` if there is to be no other.
///
/// `Retry-After` on 429 and 503 may lengthen the schedule's delay up to [`MAX_RETRY_AFTER`], never shorten it.
/// `jitter`, from 0 to 1, says how much of a tenth of the delay to add, so that deliveries which failed together are not retried together;
/// NaN adds nothing.
///
/// ```
/// use dealix_webhooks::sender::{
///     DeliveryOptions, DeliveryRequest, DeliveryResult, WebhookSubscription, delay_after, deliver_once, make_event,
/// };
/// use serde_json::{json, value::to_raw_value};
/// use std::time::Duration;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let subscription = WebhookSubscription::new("cus_1", "https://example.com/hook", "whsec_1", 1_700_000_000);
/// let event = make_event("deal.won", "cus_1", to_raw_value(&json!({"amount": 12.5}))?);
/// let transport = |_: DeliveryRequest| async { DeliveryResult { status_code: Some(503), ..Default::default() } };
///
/// let delivery = deliver_once(&subscription, &event, &transport, &DeliveryOptions::default()).await;
/// assert_eq!(delay_after(&delivery, 0.0), Some(Duration::from_secs(30)));
/// # Ok::<(), serde_json::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
