// The queue in an SQL database, compiled once for each: `sqlite.rs` and `postgres.rs` say which one by their `Driver`,
// and how they open it and push a task. Both read `$1`, and spell what is used here in the same way.

use super::{Config, Driver, Storage, push_task};
use crate::sender::WebhookSubscription;
use crate::sender::queue::record::{
    DeliveryFilter, LoggedAttempt, QueueDepth, QueuedDelivery, StoredSubscription, secrets_from_json, secrets_to_json,
};
use crate::sender::queue::store::{AttemptTask, Change, Health, Next, Store, WorkItem, WorkerSettings};
use crate::sender::queue::worker::{Handler, POLL_INTERVAL, until_dropped};
use crate::sender::queue::writer::{Commit, Writer};
use crate::sender::queue::{QUEUE_NAME, QueueError};
use apalis::prelude::*;
use async_trait::async_trait;
use sqlx::{Database, Row as _, query};

type Connection = <Driver as Database>::Connection;
type Pool = sqlx::Pool<Driver>;
type Row = <Driver as Database>::Row;

pub(in crate::sender::queue) struct SqlStore {
    readers: Pool,
    /// apalis' worker has these connections too.
    pub(super) writers: Pool,
    writer: Writer,
}

impl SqlStore {
    pub(super) fn new(readers: Pool, writers: Pool) -> Self {
        let writer = Writer::start(SqlCommit(writers.clone()));
        Self { readers, writers, writer }
    }
}

/// The last version that `schema.sql` writes; a new version of apalis' own tables needs a new one here.
const SCHEMA_VERSION: i64 = 1;

/// Whether all tables are there. An opener that creates what exists already would stand in the way of those that work.
pub(super) async fn is_set_up(pool: &Pool) -> bool {
    let statement = query("SELECT 1 FROM dealix_schema WHERE version = $1").bind(SCHEMA_VERSION);
    statement.fetch_optional(pool).await.is_ok_and(|row| row.is_some())
}

struct SqlCommit(Pool);

impl Commit for SqlCommit {
    async fn commit(&mut self, changes: &[&Change]) -> Result<Vec<u64>, QueueError> {
        let mut transaction = self.0.begin_with(super::BEGIN).await?;
        let mut counts = Vec::with_capacity(changes.len());
        for change in changes {
            counts.push(write(&mut transaction, change).await?);
        }
        // Last, and everybody in the same order: two that wait for one another's rows would wait for ever.
        let mut news: Vec<_> = changes.iter().filter_map(|change| change.health()).collect();
        news.sort_by_key(|health| health.subscription_id());
        // A busy endpoint's attempts mostly say the same.
        news.dedup();
        for health in news {
            record_health(&mut transaction, health).await?;
        }
        transaction.commit().await?;
        Ok(counts)
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn write(&self, change: Change) -> Result<u64, QueueError> {
        self.writer.write(change).await
    }

    async fn subscriptions(&self) -> Result<Vec<StoredSubscription>, QueueError> {
        let rows = query("SELECT * FROM dealix_subscriptions ORDER BY created_at, id").fetch_all(&self.readers).await?;
        rows.iter().map(subscription_from_row).collect()
    }

    async fn subscriptions_of(&self, customer_id: &str) -> Result<Vec<StoredSubscription>, QueueError> {
        let statement = query("SELECT * FROM dealix_subscriptions WHERE customer_id = $1 ORDER BY created_at, id");
        statement.bind(customer_id).fetch_all(&self.readers).await?.iter().map(subscription_from_row).collect()
    }

    async fn subscription(&self, id: &str) -> Result<Option<StoredSubscription>, QueueError> {
        let statement = query("SELECT * FROM dealix_subscriptions WHERE id = $1");
        statement.bind(id).fetch_optional(&self.readers).await?.as_ref().map(subscription_from_row).transpose()
    }

    async fn work_item(&self, delivery_id: &str) -> Result<Option<WorkItem>, QueueError> {
        let statement = query(
            "SELECT dealix_deliveries.*, envelope FROM dealix_deliveries \
             JOIN dealix_events ON dealix_events.id = dealix_deliveries.event_id WHERE dealix_deliveries.id = $1",
        );
        let Some(row) = statement.bind(delivery_id).fetch_optional(&self.readers).await? else {
            return Ok(None);
        };
        let delivery = delivery_from_row(&row)?;
        let subscription = self.subscription(&delivery.subscription_id).await?;
        Ok(Some(WorkItem { delivery, envelope: row.try_get::<Vec<u8>, _>("envelope")?.into(), subscription }))
    }

    async fn delivery(&self, delivery_id: &str) -> Result<Option<QueuedDelivery>, QueueError> {
        let statement = query("SELECT * FROM dealix_deliveries WHERE id = $1");
        statement.bind(delivery_id).fetch_optional(&self.readers).await?.as_ref().map(delivery_from_row).transpose()
    }

    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<QueuedDelivery>, QueueError> {
        let statement = query(
            "SELECT * FROM dealix_deliveries \
             WHERE (CAST($1 AS TEXT) IS NULL OR state = $1) AND (CAST($2 AS TEXT) IS NULL OR customer_id = $2) \
             AND (CASE WHEN state = 'dead_letter' THEN finished_at ELSE created_at END) >= $3 \
             ORDER BY created_at DESC, id LIMIT $4",
        );
        let rows = statement
            .bind(filter.state.map(|state| state.as_str()))
            .bind(filter.customer_id.as_deref())
            .bind(filter.since)
            .bind(i64::from(filter.limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(delivery_from_row).collect()
    }

    async fn attempts(&self, delivery_id: &str) -> Result<Vec<LoggedAttempt>, QueueError> {
        let statement = query("SELECT * FROM dealix_attempts WHERE delivery_id = $1 ORDER BY attempt, timestamp");
        statement.bind(delivery_id).fetch_all(&self.readers).await?.iter().map(attempt_from_row).collect()
    }

    async fn depth(&self, now: i64) -> Result<QueueDepth, QueueError> {
        let statement = query(
            "SELECT (SELECT COUNT(*) FROM dealix_deliveries WHERE state = 'pending'), \
             (SELECT COUNT(*) FROM dealix_deliveries WHERE state = 'pending' AND next_attempt_at <= $1), \
             (SELECT COUNT(*) FROM dealix_deliveries WHERE state = 'dead_letter')",
        );
        let row = statement.bind(now).fetch_one(&self.readers).await?;
        Ok(QueueDepth {
            pending: small(row.try_get(0)?)?,
            due: small(row.try_get(1)?)?,
            dead_letters: small(row.try_get(2)?)?,
        })
    }

    async fn prune(&self, before: i64) -> Result<u64, QueueError> {
        prune(&self.writers, before).await
    }

    async fn run_worker(&self, name: &str, settings: WorkerSettings, handler: Handler) -> Result<(), QueueError> {
        let config = Config::default()
            .queue(QUEUE_NAME)
            .batch_size(settings.concurrency)
            .heartbeat_interval(settings.heartbeat)
            .missed_heartbeats(settings.missed_heartbeats)
            .lock_tasks(false);
        WorkerBuilder::new(name)
            .backend(Storage::new(&self.writers).with_config(config).poll_with_interval(POLL_INTERVAL))
            .concurrency(settings.concurrency)
            .build(move |task: AttemptTask| handler(task))
            .run_with_ctx(until_dropped)
            .await
            .map_err(QueueError::database)
    }

    async fn release(&self, worker: &str) -> Result<(), QueueError> {
        query(super::RELEASE).bind(worker).execute(&self.writers).await?;
        Ok(())
    }
}

async fn write(connection: &mut Connection, change: &Change) -> Result<u64, QueueError> {
    match change {
        Change::AddSubscription(stored) => add_subscription(connection, stored).await,
        Change::SetSecrets { subscription_id, expected, secrets } => {
            let statement = query("UPDATE dealix_subscriptions SET secrets = $3 WHERE id = $1 AND secrets = $2");
            Ok(statement
                .bind(subscription_id)
                .bind(expected.as_str())
                .bind(secrets.as_str())
                .execute(connection)
                .await?
                .rows_affected())
        }
        Change::Enable { subscription_id } => {
            let statement = query(
                "UPDATE dealix_subscriptions SET enabled = 1, disabled_reason = NULL, failing_since = NULL WHERE id = $1",
            );
            Ok(statement.bind(subscription_id).execute(connection).await?.rows_affected())
        }
        Change::Disable { subscription_id, reason } => disable(connection, subscription_id, reason, None).await,
        Change::Enqueue { event_id, created_at, envelope, deliveries } => {
            enqueue(connection, event_id, *created_at, envelope, deliveries).await
        }
        Change::Record { attempt, next, health: _ } => record(connection, attempt, *next).await,
        Change::Abandon { task, reason, now } => {
            let statement = query(
                "UPDATE dealix_deliveries SET state = 'dead_letter', next_attempt_at = NULL, finished_at = $2, \
                 status_code = NULL, error = $3 WHERE id = $1 AND state = 'pending' AND attempts = $4 - 1",
            );
            let statement = statement.bind(&task.delivery_id).bind(now).bind(reason).bind(i64::from(task.attempt));
            Ok(statement.execute(connection).await?.rows_affected())
        }
        Change::Defer { task, until } => push_task(connection, task, *until).await.map(|()| 1),
        Change::Replay { delivery_id, now } => replay(connection, delivery_id, *now).await,
    }
}

async fn add_subscription(connection: &mut Connection, stored: &StoredSubscription) -> Result<u64, QueueError> {
    let subscription = &stored.subscription;
    let events: Vec<_> = subscription.events.iter().map(|event_type| event_type.as_str()).collect();
    let statement = query(
        "INSERT INTO dealix_subscriptions (id, customer_id, endpoint_url, secrets, events, enabled, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    );
    let inserted = statement
        .bind(&stored.id)
        .bind(&subscription.customer_id)
        .bind(&subscription.endpoint_url)
        .bind(secrets_to_json(&subscription.secrets).as_str())
        .bind(serde_json::to_string(&events).map_err(QueueError::damaged)?)
        .bind(i64::from(subscription.enabled))
        .bind(subscription.created_at)
        .execute(connection)
        .await?;
    Ok(inserted.rows_affected())
}

/// With `failing_since`, only where it has been failing since then, and has not worked meanwhile.
async fn disable(
    connection: &mut Connection,
    subscription_id: &str,
    reason: &str,
    failing_since: Option<i64>,
) -> Result<u64, QueueError> {
    let statement = query(
        "UPDATE dealix_subscriptions SET enabled = 0, disabled_reason = $2 \
         WHERE id = $1 AND enabled = 1 AND (CAST($3 AS BIGINT) IS NULL OR failing_since = $3)",
    );
    let statement = statement.bind(subscription_id).bind(reason).bind(failing_since);
    Ok(statement.execute(connection).await?.rows_affected())
}

async fn enqueue(
    connection: &mut Connection,
    event_id: &str,
    created_at: i64,
    envelope: &[u8],
    deliveries: &[QueuedDelivery],
) -> Result<u64, QueueError> {
    let event =
        query("INSERT INTO dealix_events (id, created_at, envelope) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING");
    let event = event.bind(event_id).bind(created_at).bind(envelope).execute(&mut *connection).await?;
    if event.rows_affected() == 0 {
        return Ok(0);
    }
    for delivery in deliveries {
        let statement = query(
            "INSERT INTO dealix_deliveries (id, event_id, event_type, customer_id, subscription_id, endpoint_url, \
             state, attempts, attempts_before_replay, created_at, next_attempt_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 'pending', 0, 0, $7, $7)",
        );
        statement
            .bind(&delivery.delivery_id)
            .bind(&delivery.event_id)
            .bind(&delivery.event_type)
            .bind(&delivery.customer_id)
            .bind(&delivery.subscription_id)
            .bind(&delivery.endpoint_url)
            .bind(delivery.created_at)
            .execute(&mut *connection)
            .await?;
        let first = AttemptTask { delivery_id: delivery.delivery_id.clone(), attempt: 1 };
        push_task(connection, &first, delivery.created_at).await?;
    }
    Ok(1)
}

async fn record(connection: &mut Connection, attempt: &LoggedAttempt, next: Next) -> Result<u64, QueueError> {
    if !log_attempt(connection, attempt).await? {
        // This very change was written before, and only the database's answer was lost.
        return Ok(1);
    }
    let (state, next_attempt_at, finished_at) = match next {
        Next::Delivered => ("delivered", None, Some(attempt.timestamp)),
        Next::Retry { at } => ("pending", Some(at), None),
        Next::DeadLetter => ("dead_letter", None, Some(attempt.timestamp)),
    };
    let statement = query(
        "UPDATE dealix_deliveries SET state = $3, attempts = $2, next_attempt_at = $4, finished_at = $5, \
         status_code = $6, error = $7 WHERE id = $1 AND state = 'pending' AND attempts = $2 - 1",
    );
    let recorded = statement
        .bind(&attempt.delivery_id)
        .bind(i64::from(attempt.attempt))
        .bind(state)
        .bind(next_attempt_at)
        .bind(finished_at)
        .bind(attempt.status_code.map(i64::from))
        .bind(&attempt.error)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    if let (1, Next::Retry { at }) = (recorded, next) {
        let task = AttemptTask { delivery_id: attempt.delivery_id.clone(), attempt: attempt.attempt + 1 };
        push_task(connection, &task, at).await?;
    }
    Ok(recorded)
}

/// Whether the attempt was not in the log yet.
async fn log_attempt(connection: &mut Connection, attempt: &LoggedAttempt) -> Result<bool, QueueError> {
    let statement = query(
        "INSERT INTO dealix_attempts (id, delivery_id, attempt, timestamp, status_code, success, error, duration_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING",
    );
    let logged = statement
        .bind(&attempt.attempt_id)
        .bind(&attempt.delivery_id)
        .bind(i64::from(attempt.attempt))
        .bind(attempt.timestamp)
        .bind(attempt.status_code.map(i64::from))
        .bind(i64::from(attempt.success))
        .bind(&attempt.error)
        .bind(i64::try_from(attempt.duration_ms).unwrap_or(i64::MAX))
        .execute(connection)
        .await?;
    Ok(logged.rows_affected() == 1)
}

async fn record_health(connection: &mut Connection, health: &Health) -> Result<(), QueueError> {
    match health {
        Health::Works { subscription_id } => {
            let statement = query(
                "UPDATE dealix_subscriptions SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL",
            );
            statement.bind(subscription_id).execute(connection).await?;
        }
        Health::Fails { subscription_id, since } => {
            let statement =
                query("UPDATE dealix_subscriptions SET failing_since = $2 WHERE id = $1 AND failing_since IS NULL");
            statement.bind(subscription_id).bind(since).execute(connection).await?;
        }
        Health::Disable { subscription_id, reason, failing_since } => {
            disable(connection, subscription_id, reason, *failing_since).await?;
        }
    }
    Ok(())
}

async fn replay(connection: &mut Connection, delivery_id: &str, now: i64) -> Result<u64, QueueError> {
    let statement = query(
        "UPDATE dealix_deliveries SET state = 'pending', attempts_before_replay = attempts, next_attempt_at = $2, \
         finished_at = NULL WHERE id = $1 AND state <> 'pending' RETURNING attempts",
    );
    let Some(row) = statement.bind(delivery_id).bind(now).fetch_optional(&mut *connection).await? else {
        return Ok(0);
    };
    let task = AttemptTask { delivery_id: delivery_id.to_owned(), attempt: small::<u32>(row.try_get(0)?)? + 1 };
    push_task(connection, &task, now).await?;
    Ok(1)
}

fn subscription_from_row(row: &Row) -> Result<StoredSubscription, QueueError> {
    let events: Vec<String> = serde_json::from_str(row.try_get("events")?).map_err(QueueError::damaged)?;
    Ok(StoredSubscription {
        id: row.try_get("id")?,
        subscription: WebhookSubscription {
            customer_id: row.try_get("customer_id")?,
            endpoint_url: row.try_get("endpoint_url")?,
            secrets: secrets_from_json(row.try_get("secrets")?).map_err(QueueError::damaged)?,
            events: events.into_iter().map(Into::into).collect(),
            enabled: row.try_get::<i64, _>("enabled")? != 0,
            created_at: row.try_get("created_at")?,
        },
        disabled_reason: row.try_get("disabled_reason")?,
        failing_since: row.try_get("failing_since")?,
    })
}

fn delivery_from_row(row: &Row) -> Result<QueuedDelivery, QueueError> {
    let state: &str = row.try_get("state")?;
    Ok(QueuedDelivery {
        delivery_id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        event_type: row.try_get("event_type")?,
        customer_id: row.try_get("customer_id")?,
        subscription_id: row.try_get("subscription_id")?,
        endpoint_url: row.try_get("endpoint_url")?,
        state: state.parse().map_err(QueueError::damaged)?,
        attempts: small(row.try_get("attempts")?)?,
        attempts_before_replay: small(row.try_get("attempts_before_replay")?)?,
        created_at: row.try_get("created_at")?,
        next_attempt_at: row.try_get("next_attempt_at")?,
        finished_at: row.try_get("finished_at")?,
        status_code: row.try_get::<Option<i64>, _>("status_code")?.map(small).transpose()?,
        error: row.try_get("error")?,
    })
}

fn attempt_from_row(row: &Row) -> Result<LoggedAttempt, QueueError> {
    Ok(LoggedAttempt {
        attempt_id: row.try_get("id")?,
        delivery_id: row.try_get("delivery_id")?,
        attempt: small(row.try_get("attempt")?)?,
        timestamp: row.try_get("timestamp")?,
        status_code: row.try_get::<Option<i64>, _>("status_code")?.map(small).transpose()?,
        success: row.try_get::<i64, _>("success")? != 0,
        error: row.try_get("error")?,
        duration_ms: small(row.try_get("duration_ms")?)?,
    })
}

/// In portions, so that nobody waits for long.
async fn prune(pool: &Pool, before: i64) -> Result<u64, QueueError> {
    query(super::FORGET_DEAD_WORKERS).execute(pool).await?;
    let mut pruned = 0;
    loop {
        let (deliveries, events) = prune_portion(pool, before).await?;
        if deliveries + events == 0 {
            return Ok(pruned);
        }
        pruned += deliveries;
    }
}

async fn prune_portion(pool: &Pool, before: i64) -> Result<(u64, u64), QueueError> {
    let mut transaction = pool.begin_with(super::BEGIN).await?;
    query(
        "DELETE FROM dealix_attempts WHERE delivery_id IN \
         (SELECT id FROM dealix_deliveries WHERE finished_at < $1 ORDER BY finished_at, id LIMIT 1000)",
    )
    .bind(before)
    .execute(&mut *transaction)
    .await?;
    let deliveries = query(
        "DELETE FROM dealix_deliveries WHERE id IN \
         (SELECT id FROM dealix_deliveries WHERE finished_at < $1 ORDER BY finished_at, id LIMIT 1000)",
    )
    .bind(before)
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    let events = query(
        "DELETE FROM dealix_events WHERE id IN (SELECT id FROM dealix_events WHERE created_at < $1 AND NOT EXISTS \
         (SELECT 1 FROM dealix_deliveries WHERE dealix_deliveries.event_id = dealix_events.id) LIMIT 1000)",
    )
    .bind(before)
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    transaction.commit().await?;
    Ok((deliveries, events))
}

/// The databases have one integer type here; a number beyond ours was not written by this code.
fn small<T: TryFrom<i64>>(value: i64) -> Result<T, QueueError> {
    T::try_from(value).map_err(|_| QueueError::damaged("an integer is out of range"))
}
