//! Writes what an operator chooses about a subscription.

use super::super::dialect::{Connection, Driver};
use crate::sender::queue::{QueueError, SecretsKeys, StoredSubscription, SubscriptionUpdate};
use crate::sender::store::sql::secrets::{stored_headers, stored_secrets};
use crate::sender::store::sql::values::to_json;
use crate::sender::subscription::WebhookSubscription;
use sqlx::query;
use std::num::NonZeroU32;

/// Returns what the database says of the insertion.
pub(super) async fn insert(
    connection: &mut Connection,
    keys: &SecretsKeys,
    stored: &StoredSubscription,
) -> Result<<Driver as sqlx::Database>::QueryResult, QueueError> {
    let StoredSubscription { id, subscription, .. } = stored;
    let secrets = stored_secrets(keys, id, &subscription.secrets);
    let headers = stored_headers(keys, id, &subscription.headers);
    let insert = query(
        "INSERT INTO dealix_subscriptions (id, customer_id, endpoint_url, secrets, events, enabled, created_at, headers, note, \
         max_per_second) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    );
    let insert = insert.bind(id).bind(&subscription.customer_id).bind(&subscription.endpoint_url);
    let insert = insert.bind(secrets.as_str()).bind(stored_events(subscription));
    let insert = insert.bind(i64::from(subscription.enabled)).bind(subscription.created_at);
    let insert = insert.bind(headers.as_str()).bind(&subscription.note).bind(stored_rate(subscription));
    Ok(insert.execute(connection).await?)
}

pub(super) fn apply(update: SubscriptionUpdate, subscription: &mut WebhookSubscription) {
    let SubscriptionUpdate { endpoint_url, events, headers, note, max_per_second } = update;
    if let Some(endpoint_url) = endpoint_url {
        subscription.endpoint_url = endpoint_url;
    }
    if let Some(events) = events {
        subscription.events = events;
    }
    if let Some(headers) = headers {
        subscription.headers = headers;
    }
    if let Some(note) = note {
        subscription.note = note;
    }
    if let Some(max_per_second) = max_per_second {
        subscription.max_per_second = max_per_second;
    }
}

/// Everything that an operator chooses, except the secrets and the headers. What an earlier endpoint failed at or asked for
/// says nothing about another.
pub(super) async fn store_settings(
    connection: &mut Connection,
    id: &str,
    subscription: &WebhookSubscription,
) -> Result<(), QueueError> {
    let update = query(
        "UPDATE dealix_subscriptions SET endpoint_url = $2, events = $3, note = $4, max_per_second = $5, \
         failing_since = CASE WHEN endpoint_url = $2 THEN failing_since END, \
         held_until_ms = CASE WHEN endpoint_url = $2 THEN held_until_ms ELSE 0 END WHERE id = $1",
    );
    let update = update.bind(id).bind(&subscription.endpoint_url).bind(stored_events(subscription));
    let update = update.bind(&subscription.note).bind(stored_rate(subscription));
    Ok(update.execute(connection).await.map(drop)?)
}

fn stored_events(subscription: &WebhookSubscription) -> String {
    to_json(&subscription.events.iter().map(|event| event.as_str()).collect::<Vec<_>>())
}

fn stored_rate(subscription: &WebhookSubscription) -> Option<i64> {
    subscription.max_per_second.map(NonZeroU32::get).map(i64::from)
}
