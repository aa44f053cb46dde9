//! Reads rows into records.

use super::super::dialect::Row;
use crate::sender::excerpt::ResponseExcerpt;
use crate::sender::phases::AttemptPhases;
use crate::sender::queue::QueueError;
use crate::sender::queue::{
    DamagedSubscription, LoggedAttempt, QueuedDelivery, SecretsKeys, StoredSubscription, SubscriptionList,
    UnknownStateError,
};
use crate::sender::store::lease::Surveyed;
use crate::sender::store::sql::secrets::{from_json, read_secrets};
use crate::sender::subscription::WebhookSubscription;
use crate::sender::trace_parent::TraceParent;
use sqlx::Row as _;
use std::num::NonZeroU32;

pub(super) fn surveyed_from_row(row: &Row) -> Result<Surveyed, QueueError> {
    let reason = match row.try_get::<Option<i64>, _>("enabled")? {
        None => Some("the subscription was removed".to_owned()),
        Some(0) => {
            let reason: Option<String> = row.try_get("disabled_reason")?;
            Some(format!("the subscription is disabled: {}", reason.as_deref().unwrap_or("no reason given")))
        }
        Some(_) => None,
    };
    let held_ms: i64 = if reason.is_some() { 0 } else { row.try_get("held_ms")? };
    let due_in_ms = row.try_get::<Option<i64>, _>("due_in_ms")?.unwrap_or(i64::MAX).max(held_ms);
    // Nothing can become of the deliveries of a subscription that was removed, whenever they are due.
    let is_removed = row.try_get::<Option<i64>, _>("enabled")?.is_none();
    Ok(Surveyed {
        subscription_id: row.try_get(0)?,
        due_in_ms: if is_removed { due_in_ms.min(0) } else { due_in_ms },
        disabled: reason,
    })
}

/// An invalid one is ignored, because another program may have written it.
pub(super) fn traceparent(row: &Row) -> Result<Option<TraceParent>, QueueError> {
    let text: Option<String> = row.try_get("traceparent")?;
    Ok(text.and_then(|text| text.parse().ok()))
}

/// The subscriptions in these rows. One that is damaged does not hide the others.
pub(super) fn subscriptions_from_rows(rows: &[Row], keys: &SecretsKeys) -> Result<SubscriptionList, QueueError> {
    let mut list = SubscriptionList::default();
    for row in rows {
        match subscription_from_row(row, keys) {
            Ok(stored) => list.readable.push(stored),
            Err(QueueError::Damaged(reason)) => {
                list.damaged.push(DamagedSubscription { id: row.try_get("id")?, reason: reason.to_string() });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(list)
}

pub(super) fn subscription_from_row(row: &Row, keys: &SecretsKeys) -> Result<StoredSubscription, QueueError> {
    let id: String = row.try_get("id")?;
    let (secrets, headers, secrets_at_rest) =
        read_secrets(keys, &id, row.try_get("secrets")?, row.try_get("headers")?)?;
    let events = from_json::<String>(&id, row.try_get("events")?, "events")?;
    let held_until_ms: i64 = row.try_get("held_until_ms")?;
    let failing_since: Option<i64> = row.try_get("failing_since")?;
    Ok(StoredSubscription {
        id,
        subscription: WebhookSubscription {
            customer_id: row.try_get("customer_id")?,
            endpoint_url: row.try_get("endpoint_url")?,
            secrets,
            events: events.into_iter().map(Into::into).collect(),
            enabled: row.try_get::<i64, _>("enabled")? != 0,
            headers,
            note: row.try_get("note")?,
            max_per_second: max_per_second(row)?,
            created_at: row.try_get("created_at")?,
        },
        paused: row.try_get::<i64, _>("paused")? != 0,
        disabled_reason: row.try_get("disabled_reason")?,
        failing_since,
        failed_at: failing_since.and(row.try_get("failed_at")?),
        held_until: (held_until_ms > 0).then_some(held_until_ms / 1000),
        secrets_at_rest,
    })
}

pub(super) fn max_per_second(row: &Row) -> Result<Option<NonZeroU32>, QueueError> {
    let most = row.try_get::<Option<i64>, _>("max_per_second")?.map(small::<u32>).transpose()?;
    Ok(most.and_then(NonZeroU32::new))
}

pub(super) fn delivery_from_row(row: &Row) -> Result<QueuedDelivery, QueueError> {
    let state: &str = row.try_get("state")?;
    Ok(QueuedDelivery {
        delivery_id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        event_type: row.try_get("event_type")?,
        customer_id: row.try_get("customer_id")?,
        subscription_id: row.try_get("subscription_id")?,
        endpoint_url: row.try_get("endpoint_url")?,
        state: state.parse().map_err(|error: UnknownStateError| QueueError::damaged(error.to_string()))?,
        attempts: small(row.try_get("attempts")?)?,
        attempts_before_replay: small(row.try_get("attempts_before_replay")?)?,
        created_at: row.try_get("created_at")?,
        next_attempt_at: row.try_get::<Option<i64>, _>("due_ms")?.map(|due_ms| due_ms / 1000),
        finished_at: row.try_get("finished_at")?,
        status_code: row.try_get::<Option<i64>, _>("status_code")?.map(small).transpose()?,
        error: row.try_get("error")?,
    })
}

pub(super) fn attempt_from_row(row: &Row) -> Result<LoggedAttempt, QueueError> {
    Ok(LoggedAttempt {
        attempt_id: row.try_get("id")?,
        delivery_id: row.try_get("delivery_id")?,
        attempt: small(row.try_get("attempt")?)?,
        timestamp: row.try_get("timestamp")?,
        status_code: row.try_get::<Option<i64>, _>("status_code")?.map(small).transpose()?,
        success: row.try_get::<i64, _>("success")? != 0,
        error: row.try_get("error")?,
        duration_ms: small(row.try_get("duration_ms")?)?,
        queue_ms: milliseconds(row, "queue_ms")?,
        phases: AttemptPhases {
            dns_ms: milliseconds(row, "dns_ms")?,
            connect_ms: milliseconds(row, "connect_ms")?,
            tls_ms: milliseconds(row, "tls_ms")?,
            first_byte_ms: milliseconds(row, "first_byte_ms")?,
        },
        excerpt: row
            .try_get::<Option<String>, _>("excerpt")?
            .map(|body| Ok::<_, QueueError>(ResponseExcerpt { body, content_type: row.try_get("content_type")? }))
            .transpose()?,
    })
}

fn milliseconds(row: &Row, column: &str) -> Result<Option<u64>, QueueError> {
    row.try_get::<Option<i64>, _>(column)?.map(small).transpose()
}

/// The databases store all integers as `i64`. One that is out of our type's range was not written by this code.
pub(super) fn small<T: TryFrom<i64>>(value: i64) -> Result<T, QueueError> {
    T::try_from(value).map_err(|_| QueueError::damaged("an integer is out of range"))
}
