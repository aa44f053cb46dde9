//! A subscription as it is shown, without what is secret.

use crate::output::time;
use dealix_webhooks::sender::{SecretsAtRest, StoredSubscription, unix_now};
use serde_json::{Value, json};

/// Everything except the secrets and the headers' values.
pub fn as_json(stored: &StoredSubscription) -> Value {
    let subscription = &stored.subscription;
    json!({
        "id": stored.id,
        "customer_id": subscription.customer_id,
        "endpoint_url": subscription.endpoint_url,
        "events": subscription.events.iter().map(|event| event.as_str()).collect::<Vec<_>>(),
        "headers": header_names(stored),
        "note": subscription.note,
        "max_per_second": subscription.max_per_second,
        "active_secrets": subscription.active_secrets(unix_now()).count(),
        "enabled": subscription.enabled,
        "paused": stored.paused,
        "held_until": held_until(stored),
        "disabled_reason": stored.disabled_reason,
        "failing_since": stored.failing_since,
        "failed_at": stored.failed_at,
        "created_at": subscription.created_at,
        "secrets_sealed_with": sealed_with(stored),
    })
}

/// The id of the key that its secrets are sealed with.
pub fn sealed_with(stored: &StoredSubscription) -> Option<&str> {
    match &stored.secrets_at_rest {
        SecretsAtRest::Sealed { key_id } | SecretsAtRest::Locked { key_id } => Some(key_id),
        _ => None,
    }
}

pub fn state(stored: &StoredSubscription) -> String {
    if !stored.subscription.enabled {
        return format!("disabled: {}", stored.disabled_reason.as_deref().unwrap_or("no reason given"));
    }
    let mut state = vec![if stored.paused { "paused" } else { "enabled" }.to_owned()];
    state.extend(stored.failing_since.map(|since| format!("failing since {}", time(since))));
    state.extend(stored.failed_at.map(|at| format!("last tried {}", time(at))));
    state.extend(held_until(stored).map(|until| format!("held until {}", time(until))));
    state.join(", ")
}

/// Until when its endpoint asked to be left alone, if that time has not passed.
fn held_until(stored: &StoredSubscription) -> Option<i64> {
    stored.held_until.filter(|until| *until > unix_now())
}

pub fn events(stored: &StoredSubscription) -> String {
    let events: Vec<_> = stored.subscription.events.iter().map(|event| event.as_str()).collect();
    if events.is_empty() { "all".to_owned() } else { events.join(" ") }
}

pub fn header_names(stored: &StoredSubscription) -> Vec<&str> {
    stored.subscription.headers.iter().map(|(name, _)| name.as_str()).collect()
}

/// How many secrets sign, or why none does.
pub fn secrets(stored: &StoredSubscription) -> String {
    match &stored.secrets_at_rest {
        SecretsAtRest::Locked { key_id } => format!("locked by key {key_id}"),
        _ => stored.subscription.active_secrets(unix_now()).count().to_string(),
    }
}
