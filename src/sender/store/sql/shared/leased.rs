//! Reads leased rows.

use super::super::dialect::Row;
use super::rows::{max_per_second, small, subscription_from_row, traceparent};
use crate::sender::queue::{QueueError, SecretsAtRest, SecretsKeys, StoredSubscription};
use crate::sender::store::lease::{Job, Leased};
use sqlx::Row as _;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

type Subscription = Result<Arc<StoredSubscription>, QueueError>;

/// Reads the rows of one lease. Each row has all columns of its subscription, whose secrets may be sealed, so a subscription is
/// read only from the first of its rows.
pub(super) struct LeaseReader<'k> {
    keys: &'k SecretsKeys,
    asked_at: Instant,
    subscriptions: HashMap<String, Subscription>,
}

impl<'k> LeaseReader<'k> {
    pub(super) fn new(keys: &'k SecretsKeys, asked_at: Instant) -> Self {
        Self { keys, asked_at, subscriptions: HashMap::new() }
    }

    pub(super) fn read(&mut self, row: &Row) -> Result<Leased, QueueError> {
        let bytes = row.try_get("bytes").map_err(QueueError::from).and_then(small);
        Ok(Leased {
            delivery_id: row.try_get("delivery_id")?,
            subscription_id: row.try_get("id")?,
            bytes: bytes.clone().unwrap_or_default(),
            max_per_second: max_per_second(row).unwrap_or_default(),
            job: bytes.and_then(|_| self.job(row)),
        })
    }

    fn job(&mut self, row: &Row) -> Result<Job, QueueError> {
        let (attempts, attempts_before_replay) = attempts(row)?;
        let envelope: Option<String> = row.try_get("envelope")?;
        Ok(Job {
            event_id: row.try_get("event_id")?,
            event_type: row.try_get("event_type")?,
            attempts,
            attempts_before_replay,
            due_ms: row.try_get("due_ms")?,
            envelope: envelope.ok_or_else(|| QueueError::damaged("its event is missing"))?.into(),
            traceparent: traceparent(row)?,
            stored: self.subscription(row)?,
            leased_at_ms: row.try_get("now_ms")?,
            leased_at: self.asked_at,
        })
    }

    fn subscription(&mut self, row: &Row) -> Subscription {
        let id: &str = row.try_get("id")?;
        if let Some(read) = self.subscriptions.get(id) {
            return read.clone();
        }
        let read = unlocked_from_row(row, self.keys).map(Arc::new);
        self.subscriptions.insert(id.to_owned(), read.clone());
        read
    }
}

fn unlocked_from_row(row: &Row, keys: &SecretsKeys) -> Result<StoredSubscription, QueueError> {
    let stored = subscription_from_row(row, keys)?;
    match stored.secrets_at_rest {
        SecretsAtRest::Locked { key_id } => Err(QueueError::SecretsLocked { subscription_id: stored.id, key_id }),
        _ => Ok(stored),
    }
}

/// How many attempts were made, and how many of them before a replay.
fn attempts(row: &Row) -> Result<(u32, u32), QueueError> {
    let all = small(row.try_get("attempts")?)?;
    let before_replay = small(row.try_get("attempts_before_replay")?)?;
    if all == u32::MAX || before_replay > all {
        return Err(QueueError::damaged("its attempts cannot be counted"));
    }
    Ok((all, before_replay))
}
