use super::record::{as_json, events, header_names, sealed_with, secrets, state};
use crate::output::{print_json, print_line, printable, time};
use anyhow::Result;
use dealix_webhooks::sender::{LastAttempt, Queue, StoredSubscription, SubscriptionActivity};
use serde_json::json;

/// Everything about one subscription, and how its attempts have gone.
pub async fn show(queue: &Queue, id: &str, json: bool) -> Result<()> {
    let stored = queue.subscription(id).await?;
    let activity = queue.subscription_activity(id).await?;
    if json {
        return print_json(&json!({ "subscription": as_json(&stored), "activity": activity }));
    }
    for (what, text) in settings(&stored).into_iter().chain(lately(&activity)) {
        print_line(format_args!("{:<14}{}", format!("{what}:"), printable(&text)));
    }
    Ok(())
}

fn settings(stored: &StoredSubscription) -> Vec<(&'static str, String)> {
    let subscription = &stored.subscription;
    let sealed = sealed_with(stored).map(|key_id| format!(", sealed with the key {key_id}"));
    let mut lines = vec![
        ("subscription", stored.id.clone()),
        ("customer", subscription.customer_id.clone()),
        ("endpoint", subscription.endpoint_url.clone()),
        ("state", state(stored)),
        ("events", events(stored)),
        ("secrets", format!("{}{}", secrets(stored), sealed.unwrap_or_else(|| ", stored in clear".to_owned()))),
        ("added", time(subscription.created_at)),
    ];
    if !subscription.headers.is_empty() {
        lines.push(("headers", header_names(stored).join(", ")));
    }
    lines.extend(
        subscription.max_per_second.map(|most| ("rate", format!("at most {most} attempts a second, by each worker"))),
    );
    lines.extend(subscription.note.clone().map(|note| ("note", note)));
    lines
}

fn lately(activity: &SubscriptionActivity) -> Vec<(&'static str, String)> {
    let oldest = activity.oldest_pending_at.map(|at| format!("; the oldest since {}", time(at))).unwrap_or_default();
    let last = |attempt: &Option<LastAttempt>| attempt.as_ref().map_or_else(|| "none".to_owned(), last_attempt);
    vec![
        ("pending", format!("{}, {} of them due{oldest}", activity.pending, activity.due)),
        ("last success", last(&activity.last_success)),
        ("last failure", last(&activity.last_failure)),
        ("last hour", last_hour(activity)),
    ]
}

fn last_attempt(attempt: &LastAttempt) -> String {
    let status = attempt.status_code.map_or_else(|| "no response".to_owned(), |status| format!("answered {status}"));
    let error = attempt.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    format!("{}, {status}{error} ({})", time(attempt.timestamp), attempt.delivery_id)
}

fn last_hour(activity: &SubscriptionActivity) -> String {
    let hour = activity.last_hour;
    let (Some(median), Some(p95)) = (hour.median_ms, hour.p95_ms) else { return "no attempts".to_owned() };
    let percent = 100 * hour.successes / hour.attempts;
    let newest = if activity.is_partial { "; only the newest deliveries were looked at" } else { "" };
    format!(
        "{} of {} attempts delivered ({percent} %), half of them within {median} ms, 95 % within {p95} ms{newest}",
        hour.successes, hour.attempts
    )
}
