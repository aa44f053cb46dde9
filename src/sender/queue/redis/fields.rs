//! Our records as `change.lua` takes them, and as Redis' hashes give them back.

use crate::sender::WebhookSubscription;
use crate::sender::queue::QueueError;
use crate::sender::queue::record::{QueuedDelivery, StoredSubscription, secrets_from_json, secrets_to_json};
use crate::sender::queue::store::{Change, Health, Next};
use ::redis::{FromRedisValue, ParsingError, Value as RedisValue};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::str::FromStr;

/// A change's name, what it consists of, and what is stored as it is.
pub(super) fn change_to_json(change: Change) -> (&'static str, Value, Vec<u8>) {
    match change {
        Change::AddSubscription(stored) => ("add_subscription", subscription_to_json(&stored), Vec::new()),
        Change::SetSecrets { subscription_id, expected, secrets } => {
            let json = json!({"subscription_id": subscription_id, "expected": *expected, "secrets": *secrets});
            ("set_secrets", json, Vec::new())
        }
        Change::Enable { subscription_id } => ("enable", json!({"subscription_id": subscription_id}), Vec::new()),
        Change::Disable { subscription_id, reason } => {
            ("disable", json!({"subscription_id": subscription_id, "reason": reason}), Vec::new())
        }
        Change::Enqueue { event_id, created_at, envelope, deliveries } => {
            let json = json!({"event_id": event_id, "created_at": created_at, "deliveries": deliveries});
            ("enqueue", json, envelope)
        }
        Change::Record { attempt, next, health } => {
            let (state, next_attempt_at, finished_at) = match next {
                Next::Delivered => ("delivered", None, Some(attempt.timestamp)),
                Next::Retry { at } => ("pending", Some(at), None),
                Next::DeadLetter => ("dead_letter", None, Some(attempt.timestamp)),
            };
            let json = json!({
                "delivery_id": attempt.delivery_id,
                "delivery": {
                    "state": state,
                    "attempts": attempt.attempt,
                    "next_attempt_at": next_attempt_at,
                    "finished_at": finished_at,
                    "status_code": attempt.status_code,
                    "error": attempt.error,
                },
                "score": next_attempt_at.or(finished_at),
                "health": health.map(health_to_json),
            });
            ("record", json, serde_json::to_vec(&attempt).expect("text and integers have a JSON form"))
        }
        Change::Abandon { task, reason, now } => {
            let json = json!({"delivery_id": task.delivery_id, "attempt": task.attempt, "reason": reason, "now": now});
            ("abandon", json, Vec::new())
        }
        Change::Defer { task, until } => {
            ("defer", json!({"delivery_id": task.delivery_id, "attempt": task.attempt, "until": until}), Vec::new())
        }
        Change::Replay { delivery_id, now } => ("replay", json!({"delivery_id": delivery_id, "now": now}), Vec::new()),
    }
}

fn health_to_json(health: Health) -> Value {
    match health {
        Health::Works { subscription_id } => json!({"news": "works", "subscription_id": subscription_id}),
        Health::Fails { subscription_id, since } => {
            json!({"news": "fails", "subscription_id": subscription_id, "since": since})
        }
        Health::Disable { subscription_id, reason, failing_since } => json!({
            "news": "disable", "subscription_id": subscription_id, "reason": reason, "failing_since": failing_since,
        }),
    }
}

fn subscription_to_json(stored: &StoredSubscription) -> Value {
    let subscription = &stored.subscription;
    let events: Vec<_> = subscription.events.iter().map(|event_type| event_type.as_str()).collect();
    json!({
        "id": stored.id,
        "customer_id": subscription.customer_id,
        "endpoint_url": subscription.endpoint_url,
        "secrets": *secrets_to_json(&subscription.secrets),
        "events": json!(events).to_string(),
        "enabled": i32::from(subscription.enabled),
        "created_at": subscription.created_at,
    })
}

/// A hash; an empty one is what Redis answers where there is none.
pub(super) struct Fields(HashMap<String, String>);

impl FromRedisValue for Fields {
    fn from_redis_value(value: RedisValue) -> Result<Self, ParsingError> {
        HashMap::from_redis_value(value).map(Self)
    }
}

impl Fields {
    pub(super) fn into_subscription(self) -> Result<Option<StoredSubscription>, QueueError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let events: Vec<String> = serde_json::from_str(self.text("events")?).map_err(QueueError::damaged)?;
        Ok(Some(StoredSubscription {
            id: self.parsed("id")?,
            subscription: WebhookSubscription {
                customer_id: self.parsed("customer_id")?,
                endpoint_url: self.parsed("endpoint_url")?,
                secrets: secrets_from_json(self.text("secrets")?).map_err(QueueError::damaged)?,
                events: events.into_iter().map(Into::into).collect(),
                enabled: self.text("enabled")? == "1",
                created_at: self.parsed("created_at")?,
            },
            disabled_reason: self.optional("disabled_reason")?,
            failing_since: self.optional("failing_since")?,
        }))
    }

    pub(super) fn into_delivery(self) -> Result<Option<QueuedDelivery>, QueueError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        Ok(Some(QueuedDelivery {
            delivery_id: self.parsed("delivery_id")?,
            event_id: self.parsed("event_id")?,
            event_type: self.parsed("event_type")?,
            customer_id: self.parsed("customer_id")?,
            subscription_id: self.parsed("subscription_id")?,
            endpoint_url: self.parsed("endpoint_url")?,
            state: self.parsed("state")?,
            attempts: self.parsed("attempts")?,
            attempts_before_replay: self.parsed("attempts_before_replay")?,
            created_at: self.parsed("created_at")?,
            next_attempt_at: self.optional("next_attempt_at")?,
            finished_at: self.optional("finished_at")?,
            status_code: self.optional("status_code")?,
            error: self.optional("error")?,
        }))
    }

    fn text(&self, field: &'static str) -> Result<&str, QueueError> {
        self.0.get(field).map(String::as_str).ok_or_else(|| missing(field))
    }

    fn parsed<T: FromStr>(&self, field: &'static str) -> Result<T, QueueError> {
        self.optional(field)?.ok_or_else(|| missing(field))
    }

    fn optional<T: FromStr>(&self, field: &'static str) -> Result<Option<T>, QueueError> {
        let parsed = self.0.get(field).map(|text| text.parse()).transpose();
        parsed.map_err(|_| QueueError::damaged(format_args!("the field {field} is not as it should be")))
    }
}

fn missing(field: &str) -> QueueError {
    QueueError::damaged(format_args!("the field {field} is missing"))
}
