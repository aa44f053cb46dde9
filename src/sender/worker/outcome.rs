//! What an attempt means for its delivery and its endpoint.

use super::endpoints::Ended;
use crate::sender::delivery::WebhookDelivery;
use crate::sender::error::{DeliveryError, MAX_CHARS};
use crate::sender::queue::{DeliveryState, StoredSubscription};
use crate::sender::retry::{MAX_RETRY_AFTER, delay_after};
use crate::sender::store::lease::Job;
use crate::sender::store::outcome::{Health, Outcome};
use std::time::Duration;

/// A response that takes longer does not prove that the endpoint works.
const SLOW: Duration = Duration::from_secs(1);
/// How long to leave an endpoint alone that responds with 429 but no `Retry-After`.
const HOLD_WITHOUT_RETRY_AFTER: Duration = Duration::from_secs(5);
/// What is stored of a response's beginning, also of one that another transport returns.
const MAX_EXCERPT_CHARS: usize = 1024;
/// An endpoint that has been failing for this long is disabled.
const DISABLE_AFTER_SECONDS: i64 = 5 * 24 * 60 * 60;

/// What to record of an attempt. `jitter` is as for [`delay_after`]; `is_broken` says that the endpoint times out again and
/// again.
pub(super) fn outcome(
    job: &Job,
    delivery_id: &str,
    mut delivery: WebhookDelivery,
    jitter: f64,
    is_broken: bool,
) -> Outcome {
    let attempt = delivery.attempt;
    // A replay restarts the retry schedule.
    delivery.attempt = attempt.saturating_sub(job.attempts_before_replay);
    let delay = delay_after(&delivery, jitter);
    let state = match delay {
        _ if delivery.success => DeliveryState::Delivered,
        Some(_) => DeliveryState::Pending,
        None => DeliveryState::DeadLetter,
    };
    let (excerpt, content_type) = delivery.excerpt.take().map(|kept| (kept.body, kept.content_type)).unzip();
    let content_type = content_type.flatten();
    Outcome {
        delivery_id: delivery_id.to_owned(),
        attempt,
        timestamp: delivery.timestamp,
        status_code: delivery.status_code,
        success: delivery.success.into(),
        error: delivery.error.as_ref().map(|error| storable(error.to_string(), MAX_CHARS)),
        duration_ms: delivery.duration_ms.min(i64::MAX as u64),
        queue_ms: job.leased_at_ms.saturating_sub(job.due_ms).try_into().unwrap_or(0),
        phases: delivery.phases,
        content_type: content_type.map(|text| storable(text, MAX_EXCERPT_CHARS)),
        excerpt: excerpt.map(|text| storable(text, MAX_EXCERPT_CHARS)),
        state: state.as_str(),
        delay_ms: delay.map(|delay| delay.as_millis().try_into().unwrap_or(u64::MAX)),
        health: health(&job.stored, &delivery, is_broken || state == DeliveryState::DeadLetter),
        attempt_id: delivery.attempt_id,
    }
}

/// What an attempt says about its endpoint. A failure counts only if it `is_final`, because otherwise another attempt may
/// still succeed.
fn health(stored: &StoredSubscription, delivery: &WebhookDelivery, is_final: bool) -> Health {
    let mut health = Health::of(&stored.id, &delivery.endpoint_url);
    if delivery.success {
        health.works = 1;
        return health;
    }
    health.hold_ms = hold(delivery).as_millis().try_into().unwrap_or(u64::MAX);
    if delivery.status_code == Some(410) {
        health.disable = Some("its endpoint responded with 410 Gone");
        return health;
    }
    if !is_the_endpoints_failure(delivery) {
        return health;
    }
    health.fails_since = Some(delivery.timestamp);
    let fails_for = stored.failing_since.map_or(0, |since| delivery.timestamp.saturating_sub(since));
    if fails_for >= DISABLE_AFTER_SECONDS && is_final {
        health.disable = Some("its endpoint has done nothing but fail for five days");
        health.if_failing_since = stored.failing_since;
    }
    health
}

/// How the attempt ended, as far as that says something about its endpoint.
pub(super) fn ended(delivery: &WebhookDelivery) -> Ended {
    let took = Duration::from_millis(delivery.duration_ms);
    match (delivery.status_code, &delivery.error) {
        _ if delivery.success && took > SLOW => Ended::DeliveredSlowly,
        _ if delivery.success => Ended::Delivered,
        (Some(_), _) => Ended::Answered,
        (None, Some(DeliveryError::TimedOut(_))) => Ended::TimedOut(took),
        // It occupied its slot for as long as if it had timed out.
        (None, _) if took > SLOW => Ended::TimedOut(took),
        (None, _) => Ended::Otherwise,
    }
}

/// How long the endpoint asks to be left alone.
fn hold(delivery: &WebhookDelivery) -> Duration {
    match (delivery.status_code, delivery.retry_after) {
        (Some(429 | 503), Some(retry_after)) => retry_after.min(MAX_RETRY_AFTER),
        (Some(429), None) => HOLD_WITHOUT_RETRY_AFTER,
        _ => Duration::ZERO,
    }
}

/// The text may be a transport's, and PostgreSQL accepts no text that holds a NUL.
fn storable(text: String, max_chars: usize) -> String {
    if text.len() <= max_chars && !text.contains('\0') {
        return text;
    }
    text.chars().take(max_chars).map(|char| if char == '\0' { '\u{fffd}' } else { char }).collect()
}

/// A failure such as a header that cannot be sent is the sender's.
fn is_the_endpoints_failure(delivery: &WebhookDelivery) -> bool {
    match &delivery.error {
        None | Some(DeliveryError::Transport(_) | DeliveryError::TimedOut(_) | DeliveryError::Endpoint(_)) => true,
        Some(_) => delivery.status_code.is_some(),
    }
}
