// The queue in an SQL database, compiled once for each: see `mod.rs`. Both read `$1`, and spell what is written here in the
// same way.

use super::{BEGIN, COMMITS_BY_ITSELF, Driver, HAS_SCHEMA, HEARS_ITSELF, LOCK, SCHEMAS, UPGRADE_EVENTS};
use crate::WebhookEvent;
use crate::sender::queue::error::QueueError;
use crate::sender::queue::record::{
    DeliveryFilter, DeliveryState, LoggedAttempt, QueueDepth, QueuedDelivery, StoredSubscription, secrets_from_json,
    secrets_to_json,
};
use crate::sender::store::change::{Change, Deferral, NewEvent, Outcome, SubscriptionChange, health_of_each};
use crate::sender::store::news::{News, NewsReader, NewsWriter};
use crate::sender::store::writer::{Commit, Writer, Written};
use crate::sender::store::{Job, LeaseRequest, Leased, Opening, QueueConnection, SCHEMA_VERSION, Store, Surveyed};
use crate::sender::subscription::WebhookSubscription;
use async_trait::async_trait;
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::{Connection as _, Database, QueryBuilder, Row as _, query, query_scalar, raw_sql};
use std::collections::{HashMap, HashSet};
use std::sync::Once;
use std::time::Duration;
use tracing::warn;

type Connection = <Driver as Database>::Connection;
type Pool = sqlx::Pool<Driver>;
type Row = <Driver as Database>::Row;

/// How many events are written by one statement.
const PORTION: usize = 256;

pub(in crate::sender) struct SqlStore {
    readers: Pool,
    pub(super) writers: Pool,
    writer: Writer,
    news: NewsWriter,
    watching: Once,
}

impl SqlStore {
    pub(super) fn new(readers: Pool, writers: Pool) -> Self {
        let news = NewsWriter::new();
        let writer = Writer::start(SqlCommit { pool: writers.clone(), news: news.clone() });
        Self { readers, writers, writer, news, watching: Once::new() }
    }
}

/// Makes the tables that are needed, where they may be made.
pub(super) async fn set_up(pool: &Pool, opening: Opening) -> Result<(), QueueError> {
    let found = version(&mut *pool.acquire().await?).await?;
    match (found, opening) {
        (Some(found), Opening::Create | Opening::Existing) => return check_version(found),
        (None, Opening::Existing) => return Err(QueueError::database("there is no queue in it")),
        (None, Opening::Create) | (_, Opening::Migrate) => {}
    }
    let mut transaction = pool.begin_with(BEGIN).await?;
    raw_sql(LOCK).execute(&mut *transaction).await?;
    // Somebody else may have been first.
    match version(&mut transaction).await? {
        None => run_scripts(&mut transaction, &SCHEMAS).await?,
        Some(1) if opening == Opening::Migrate => {
            run_scripts(&mut transaction, &[include_str!("upgrade_from_1.sql")]).await?;
            run_scripts(&mut transaction, &SCHEMAS).await?;
            run_scripts(&mut transaction, &[UPGRADE_EVENTS, include_str!("upgrade_from_1_copy.sql")]).await?;
        }
        Some(found) => check_version(found)?,
    }
    Ok(transaction.commit().await?)
}

async fn run_scripts(connection: &mut Connection, scripts: &[&'static str]) -> Result<(), QueueError> {
    for script in scripts {
        raw_sql(*script).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn version(connection: &mut Connection) -> Result<Option<i64>, QueueError> {
    if query_scalar::<_, i64>(HAS_SCHEMA).fetch_one(&mut *connection).await? == 0 {
        return Ok(None);
    }
    Ok(query_scalar("SELECT max(version) FROM dealix_schema").fetch_one(connection).await?)
}

fn check_version(found: i64) -> Result<(), QueueError> {
    let needed = SCHEMA_VERSION;
    match found {
        _ if found < needed => Err(QueueError::OlderSchema { found, needed }),
        _ if found > needed => Err(QueueError::NewerSchema { found, needed }),
        _ => Ok(()),
    }
}

struct SqlCommit {
    pool: Pool,
    news: NewsWriter,
}

impl Commit for SqlCommit {
    async fn commit(&mut self, changes: &[&Change]) -> Result<Vec<Written>, QueueError> {
        let group = Group::of(changes);
        let mut connection = self.pool.acquire().await?;
        if COMMITS_BY_ITSELF && group.is_of_one_kind() {
            return group.write(&mut connection, changes, &mut Vec::new()).await;
        }
        let mut transaction = connection.begin_with(BEGIN).await?;
        let mut due = Vec::new();
        let written = group.write(&mut transaction, changes, &mut due).await?;
        transaction.commit().await?;
        if !HEARS_ITSELF {
            due.into_iter().for_each(|subscription_id| self.news.tell(News::Due(subscription_id)));
        }
        Ok(written)
    }
}

/// Changes by their kind: each kind is one statement, or a few.
struct Group<'c> {
    events: Vec<&'c NewEvent>,
    outcomes: Vec<&'c Outcome>,
    deferrals: Vec<&'c Deferral>,
}

impl<'c> Group<'c> {
    fn of(changes: &[&'c Change]) -> Self {
        let mut group = Self { events: Vec::new(), outcomes: Vec::new(), deferrals: Vec::new() };
        for change in changes {
            match change {
                Change::Enqueue(event) => group.events.push(event),
                Change::Record(outcome) => group.outcomes.push(outcome),
                Change::Defer(deferral) => group.deferrals.push(deferral),
            }
        }
        group
    }

    fn is_of_one_kind(&self) -> bool {
        let kinds = [self.events.is_empty(), self.outcomes.is_empty(), self.deferrals.is_empty()];
        kinds.into_iter().filter(|is_empty| !is_empty).count() == 1
    }

    /// Answers in the changes' order; the subscriptions that have new deliveries are added to `due`.
    async fn write(
        &self,
        connection: &mut Connection,
        changes: &[&Change],
        due: &mut Vec<String>,
    ) -> Result<Vec<Written>, QueueError> {
        let mut events = enqueue(connection, &self.events, due).await?.into_iter();
        let mut outcomes = record(connection, &self.outcomes).await?.into_iter();
        let mut deferrals = defer(connection, &self.deferrals).await?.into_iter();
        let answer = |change: &&Change| match change {
            Change::Enqueue(_) => events.next().flatten(),
            Change::Record(_) => outcomes.next().flatten(),
            Change::Defer(_) => deferrals.next().flatten(),
        };
        Ok(changes.iter().map(answer).collect())
    }
}

async fn enqueue(
    connection: &mut Connection,
    events: &[impl std::borrow::Borrow<NewEvent> + Serialize],
    due: &mut Vec<String>,
) -> Result<Vec<Written>, QueueError> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let mut deliveries: HashMap<String, u64> = HashMap::new();
    let mut subscriptions = HashSet::new();
    for (event_id, subscription_id) in super::enqueue(connection, &to_json(events)).await? {
        *deliveries.entry(event_id).or_default() += u64::from(subscription_id.is_some());
        subscriptions.extend(subscription_id);
    }
    due.extend(subscriptions);
    // An event that is there twice is new once.
    Ok(events.iter().map(|event| deliveries.remove(&event.borrow().id)).collect())
}

async fn record(connection: &mut Connection, outcomes: &[&Outcome]) -> Result<Vec<Written>, QueueError> {
    if outcomes.is_empty() {
        return Ok(Vec::new());
    }
    let health = to_json(&health_of_each(outcomes.iter().copied()));
    let (new, waiting) = super::record(connection, &to_json(outcomes), &health).await?;
    // What is not new was written before, and only the database's answer was lost.
    let is_recorded = |outcome: &&Outcome| waiting.contains(&outcome.delivery_id) || !new.contains(&outcome.attempt_id);
    Ok(outcomes.iter().map(|outcome| is_recorded(outcome).then_some(1)).collect())
}

async fn defer(connection: &mut Connection, deferrals: &[&Deferral]) -> Result<Vec<Written>, QueueError> {
    const DEFER: &str = concat!(
        "UPDATE dealix_deliveries SET leased_by = NULL, error = coalesce(r.error, dealix_deliveries.error), \
         leased_until_ms = CASE WHEN r.error IS NULL THEN ",
        now_ms!(),
        " + r.delay_ms ELSE 0 END, \
         due_ms = CASE WHEN r.error IS NULL THEN due_ms ELSE ",
        now_ms!(),
        " + r.delay_ms END FROM ",
        rows!("$1", delivery_id text, worker text, delay_ms bigint, error text),
        " WHERE dealix_deliveries.id = r.delivery_id AND ",
        is_pending!(),
        " AND leased_by = r.worker \
         RETURNING dealix_deliveries.id"
    );
    if deferrals.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = query_scalar(DEFER).bind(to_json(deferrals)).fetch_all(connection).await?;
    let ids: HashSet<_> = ids.into_iter().collect();
    Ok(deferrals.iter().map(|deferral| ids.contains(&deferral.delivery_id).then_some(1)).collect())
}

#[async_trait]
impl Store for SqlStore {
    async fn write(&self, change: Change) -> Result<Written, QueueError> {
        self.writer.write(change).await
    }

    async fn enqueue_all(&self, events: &[NewEvent]) -> Result<Vec<Written>, QueueError> {
        let mut due = Vec::new();
        let mut written = Vec::with_capacity(events.len());
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        for portion in events.chunks(PORTION) {
            written.extend(enqueue(&mut transaction, portion, &mut due).await?);
        }
        transaction.commit().await?;
        self.news.tell(News::Anything);
        Ok(written)
    }

    async fn enqueue_in(&self, connection: QueueConnection<'_>, event: &NewEvent) -> Result<Written, QueueError> {
        let written = enqueue(super::own(connection)?, &[event], &mut Vec::new()).await?;
        Ok(written.into_iter().next().flatten())
    }

    async fn change_subscription(&self, change: SubscriptionChange) -> Result<u64, QueueError> {
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let changed = change_subscription(&mut transaction, &change).await?;
        self.finish(transaction).await?;
        Ok(changed)
    }

    async fn subscriptions(&self) -> Result<Vec<StoredSubscription>, QueueError> {
        let rows = query("SELECT * FROM dealix_subscriptions ORDER BY created_at, id").fetch_all(&self.readers).await?;
        rows.iter().map(subscription_from_row).collect()
    }

    async fn subscription(&self, id: &str) -> Result<Option<StoredSubscription>, QueueError> {
        let statement = query("SELECT * FROM dealix_subscriptions WHERE id = $1");
        statement.bind(id).fetch_optional(&self.readers).await?.as_ref().map(subscription_from_row).transpose()
    }

    async fn delivery(&self, id: &str) -> Result<Option<QueuedDelivery>, QueueError> {
        let statement = query("SELECT * FROM dealix_deliveries WHERE id = $1");
        statement.bind(id).fetch_optional(&self.readers).await?.as_ref().map(delivery_from_row).transpose()
    }

    async fn deliveries(&self, filter: &DeliveryFilter, limit: u32) -> Result<Vec<QueuedDelivery>, QueueError> {
        // A state at a time, each from its own index.
        let mut list = QueryBuilder::new("SELECT * FROM (");
        for (number, state) in states(filter).iter().enumerate() {
            list.push(if number == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
            list.push("SELECT * FROM dealix_deliveries WHERE ");
            push_filter(&mut list, filter, *state);
            list.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(limit)).push(") AS of_a_state");
        }
        list.push(") AS listed ORDER BY id DESC LIMIT ").push_bind(i64::from(limit));
        list.build().fetch_all(&self.readers).await?.iter().map(delivery_from_row).collect()
    }

    async fn count(&self, filter: &DeliveryFilter) -> Result<u64, QueueError> {
        let mut sum = QueryBuilder::new("SELECT 0");
        for state in states(filter) {
            sum.push(" + (SELECT count(*) FROM dealix_deliveries WHERE ");
            push_filter(&mut sum, filter, *state);
            sum.push(")");
        }
        small(sum.build_query_scalar::<i64>().fetch_one(&self.readers).await?)
    }

    async fn attempts(&self, delivery_id: &str) -> Result<Vec<LoggedAttempt>, QueueError> {
        let statement = query("SELECT * FROM dealix_attempts WHERE delivery_id = $1 ORDER BY attempt, timestamp");
        statement.bind(delivery_id).fetch_all(&self.readers).await?.iter().map(attempt_from_row).collect()
    }

    async fn depth(&self) -> Result<QueueDepth, QueueError> {
        const DEPTH: &str = concat!(
            "SELECT (SELECT count(*) FROM dealix_deliveries WHERE state = 'pending'), \
             (SELECT count(*) FROM ",
            pending_by_subscription!(),
            " AND due_ms <= ",
            now_ms!(),
            "), \
             (SELECT count(*) FROM dealix_deliveries WHERE state = 'dead_letter')"
        );
        let row = query(DEPTH).fetch_one(&self.readers).await?;
        Ok(QueueDepth {
            pending: small(row.try_get(0)?)?,
            due: small(row.try_get(1)?)?,
            dead_letters: small(row.try_get(2)?)?,
        })
    }

    async fn replay(&self, delivery_id: &str) -> Result<u64, QueueError> {
        const REPLAY: &str = concat!(
            "UPDATE dealix_deliveries SET state = 'pending', attempts_before_replay = attempts, due_ms = ",
            now_ms!(),
            ", finished_at = NULL WHERE id = $1 AND state <> 'pending'"
        );
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let replayed = query(REPLAY).bind(delivery_id).execute(&mut *transaction).await?.rows_affected();
        self.finish(transaction).await?;
        Ok(replayed)
    }

    async fn replay_all(&self, filter: &DeliveryFilter, per_second: Option<u32>) -> Result<u64, QueueError> {
        let mut replayed = 0;
        for state in states(filter).iter().filter(|state| **state != DeliveryState::Pending) {
            let mut after = String::new();
            while let Some(last) = self.replay_portion(filter, *state, &after, per_second, &mut replayed).await? {
                after = last;
            }
        }
        Ok(replayed)
    }

    async fn deliver_missed(&self, subscription_id: &str, since: i64, dry_run: bool) -> Result<u64, QueueError> {
        const MISSED: &str = insert_deliveries!(
            "FROM (SELECT id, event_type, customer_id, octet_length(envelope) AS bytes FROM dealix_events \
             WHERE created_at >= $2) AS e",
            " AND s.id = $1 AND NOT EXISTS (SELECT 1 FROM dealix_deliveries AS d \
             WHERE d.event_id = e.id AND d.subscription_id = $1)"
        );
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let missed = query(MISSED).bind(subscription_id).bind(since).execute(&mut *transaction).await?.rows_affected();
        if dry_run {
            transaction.rollback().await?;
        } else {
            self.finish(transaction).await?;
        }
        Ok(missed)
    }

    async fn lease(&self, request: LeaseRequest<'_>) -> Result<Vec<Leased>, QueueError> {
        super::lease(&self.writers, &request).await?.iter().map(leased_from_row).collect()
    }

    async fn renew(&self, worker: &str, delivery_ids: &[String], lease: Duration) -> Result<(), QueueError> {
        const RENEW: &str = concat!(
            "UPDATE dealix_deliveries SET leased_until_ms = ",
            now_ms!(),
            " + $3 WHERE id IN (",
            texts!("$1"),
            ") AND ",
            is_pending!(),
            " AND leased_by = $2"
        );
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let renewal = query(RENEW).bind(to_json(delivery_ids)).bind(worker).bind(integer(lease.as_millis()));
        renewal.execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    async fn survey(&self) -> Result<Vec<Surveyed>, QueueError> {
        // From one subscription to the next in the index: it takes as long as there are subscriptions, however many deliveries
        // wait for each.
        const SURVEY: &str = concat!(
            "WITH RECURSIVE pending(id) AS ( \
               SELECT (SELECT min(subscription_id) FROM ",
            pending_by_subscription!(),
            ") \
               UNION ALL \
               SELECT (SELECT min(subscription_id) FROM ",
            pending_by_subscription!(),
            " AND subscription_id > pending.id) \
               FROM pending WHERE pending.id IS NOT NULL) \
             SELECT pending.id, s.enabled, s.disabled_reason, coalesce(s.held_until_ms, 0) - ",
            now_ms!(),
            " AS held_ms, \
               (SELECT min(due_ms) FROM ",
            pending_by_subscription!(),
            " AND subscription_id = pending.id) - ",
            now_ms!(),
            " AS due_in_ms FROM pending LEFT JOIN dealix_subscriptions s ON s.id = pending.id \
             WHERE pending.id IS NOT NULL AND coalesce(s.paused, 0) = 0"
        );
        let rows = query(SURVEY).fetch_all(&self.readers).await?;
        rows.iter().map(surveyed_from_row).collect()
    }

    async fn abandon(&self, subscription_id: &str, reason: &str) -> Result<u64, QueueError> {
        const ABANDON: &str = concat!(
            "UPDATE dealix_deliveries SET state = 'dead_letter', due_ms = NULL, leased_until_ms = 0, leased_by = NULL, \
             finished_at = ",
            now_ms!(),
            " / 1000, status_code = NULL, error = $2 WHERE id IN (SELECT id FROM ",
            pending_by_subscription!(),
            " AND subscription_id = $1 AND due_ms <= ",
            now_ms!(),
            " AND leased_until_ms <= ",
            now_ms!(),
            " ORDER BY due_ms, id LIMIT 1000",
            skip_locked!(),
            ")"
        );
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let abandonment = query(ABANDON).bind(subscription_id).bind(reason);
        let abandoned = abandonment.execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        Ok(abandoned)
    }

    async fn relay(&self, max_envelope_bytes: usize) -> Result<usize, QueueError> {
        const TAKE: &str = concat!(
            "SELECT seq, event_id, event_type, customer_id, data, created_at FROM dealix_outbox WHERE seq IN (SELECT seq FROM ( \
             SELECT seq, sum(octet_length(data)) OVER (ORDER BY seq) - octet_length(data) AS before FROM ( \
             SELECT seq, data FROM dealix_outbox WHERE error IS NULL ORDER BY seq LIMIT 256) AS oldest) AS summed \
             WHERE before < 4194304) ORDER BY seq",
            skip_locked!()
        );
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let rows = query(TAKE).fetch_all(&mut *transaction).await?;
        let mut events = Vec::new();
        let mut sent: Vec<i64> = Vec::new();
        for row in &rows {
            let seq: i64 = row.try_get("seq")?;
            match event_from_outbox(row).and_then(|event| NewEvent::of(&event, max_envelope_bytes)) {
                Ok(event) => {
                    events.push(event);
                    sent.push(seq);
                }
                Err(error) => {
                    warn!(%error, seq, "an event in the outbox can never be sent; it stays there");
                    let refuse = query("UPDATE dealix_outbox SET error = $2 WHERE seq = $1");
                    refuse.bind(seq).bind(error.to_string()).execute(&mut *transaction).await?;
                }
            }
        }
        let mut due = Vec::new();
        enqueue(&mut transaction, &events, &mut due).await?;
        let delete = concat!(
            "DELETE FROM dealix_outbox WHERE seq IN (SELECT CAST(value AS BIGINT) FROM (",
            texts!("$1"),
            ") AS sent)"
        );
        query(delete).bind(to_json(&sent)).execute(&mut *transaction).await?;
        transaction.commit().await?;
        if !HEARS_ITSELF {
            due.into_iter().for_each(|subscription_id| self.news.tell(News::Due(subscription_id)));
        }
        Ok(rows.len())
    }

    async fn has_outbox(&self) -> Result<bool, QueueError> {
        let first = query_scalar::<_, i64>("SELECT seq FROM dealix_outbox WHERE error IS NULL ORDER BY seq LIMIT 1");
        Ok(first.fetch_optional(&self.readers).await?.is_some())
    }

    async fn prune(&self, keep: Duration) -> Result<u64, QueueError> {
        let now_ms: i64 = query_scalar(concat!("SELECT ", now_ms!())).fetch_one(&self.readers).await?;
        let before = (now_ms - integer(keep.as_millis())).max(0) / 1000;
        let mut pruned = 0;
        loop {
            let (deliveries, events) = prune_portion(&self.writers, before).await?;
            if deliveries + events == 0 {
                return Ok(pruned);
            }
            pruned += deliveries;
        }
    }

    async fn check_schema(&self) -> Result<(), QueueError> {
        check_version(query_scalar("SELECT max(version) FROM dealix_schema").fetch_one(&self.readers).await?)
    }

    fn news(&self) -> NewsReader {
        let reader = self.news.reader();
        self.watching.call_once(|| {
            tokio::spawn(super::watch(self.readers.clone(), self.news.clone()));
        });
        reader
    }
}

impl SqlStore {
    /// Commits what anybody may have to look at.
    async fn finish(&self, mut transaction: sqlx::Transaction<'_, Driver>) -> Result<(), QueueError> {
        super::tell_all(&mut transaction).await?;
        transaction.commit().await?;
        if !HEARS_ITSELF {
            self.news.tell(News::Anything);
        }
        Ok(())
    }

    /// The last that was replayed, where there may be more.
    async fn replay_portion(
        &self,
        filter: &DeliveryFilter,
        state: DeliveryState,
        after: &str,
        per_second: Option<u32>,
        replayed: &mut u64,
    ) -> Result<Option<String>, QueueError> {
        let interval_ms = per_second.map_or(0.0, |rate| 1000.0 / f64::from(rate.max(1)));
        let first_ms = integer((*replayed as f64 * interval_ms) as u64);
        let mut replay = QueryBuilder::new(concat!(
            "UPDATE dealix_deliveries SET state = 'pending', attempts_before_replay = attempts, finished_at = NULL, due_ms = ",
            now_ms!(),
            " + "
        ));
        replay.push_bind(first_ms).push(" + CAST(portion.place * ").push_bind(interval_ms).push(
            " AS BIGINT) FROM (SELECT id AS replayed_id, row_number() OVER (ORDER BY id) - 1 AS place FROM \
             (SELECT id FROM dealix_deliveries WHERE ",
        );
        push_filter(&mut replay, filter, state);
        replay.push(" AND id > ").push_bind(after.to_owned());
        replay.push(
            " ORDER BY id LIMIT 1000) AS found) AS portion WHERE dealix_deliveries.id = portion.replayed_id \
             RETURNING dealix_deliveries.id",
        );
        let mut transaction = self.writers.begin_with(BEGIN).await?;
        let ids: Vec<String> = replay.build_query_scalar().fetch_all(&mut *transaction).await?;
        self.finish(transaction).await?;
        *replayed += ids.len() as u64;
        Ok(ids.into_iter().max())
    }
}

async fn change_subscription(connection: &mut Connection, change: &SubscriptionChange) -> Result<u64, QueueError> {
    let done = match change {
        SubscriptionChange::Add(stored) => {
            let subscription = &stored.subscription;
            let events: Vec<_> = subscription.events.iter().map(|event| event.as_str()).collect();
            let secrets = secrets_to_json(&subscription.secrets);
            let statement = query(
                "INSERT INTO dealix_subscriptions (id, customer_id, endpoint_url, secrets, events, enabled, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            );
            let statement = statement.bind(&stored.id).bind(&subscription.customer_id).bind(&subscription.endpoint_url);
            let statement =
                statement.bind(secrets.as_str()).bind(to_json(&events)).bind(i64::from(subscription.enabled));
            statement.bind(subscription.created_at).execute(connection).await?
        }
        SubscriptionChange::SetSecrets { id, expected, secrets } => {
            let statement = query("UPDATE dealix_subscriptions SET secrets = $3 WHERE id = $1 AND secrets = $2");
            statement.bind(id).bind(expected.as_str()).bind(secrets.as_str()).execute(connection).await?
        }
        SubscriptionChange::Enable { id } => {
            let statement = query(
                "UPDATE dealix_subscriptions SET enabled = 1, disabled_reason = NULL, failing_since = NULL, \
                 held_until_ms = 0 WHERE id = $1",
            );
            statement.bind(id).execute(connection).await?
        }
        SubscriptionChange::Disable { id, reason } => {
            let statement = query(
                "UPDATE dealix_subscriptions SET enabled = 0, disabled_reason = $2 WHERE id = $1 AND enabled = 1",
            );
            statement.bind(id).bind(reason).execute(connection).await?
        }
        SubscriptionChange::Pause { id, paused } => {
            let statement = query("UPDATE dealix_subscriptions SET paused = $2 WHERE id = $1");
            statement.bind(id).bind(i64::from(*paused)).execute(connection).await?
        }
    };
    Ok(done.rows_affected())
}

/// In portions, so that nobody waits for long. What was queued long ago lies at the beginning of the index of its state.
async fn prune_portion(pool: &Pool, before: i64) -> Result<(u64, u64), QueueError> {
    let mut transaction = pool.begin_with(BEGIN).await?;
    let mut finished: Vec<String> = Vec::new();
    for state in [DeliveryState::Delivered, DeliveryState::DeadLetter] {
        let statement = query_scalar(
            "SELECT id FROM dealix_deliveries WHERE state = $1 AND id < $2 AND finished_at < $3 ORDER BY id LIMIT 1000",
        );
        let statement = statement.bind(state.as_str()).bind(first_id_since(before)).bind(before);
        finished.extend(statement.fetch_all(&mut *transaction).await?);
    }
    for statement in [
        concat!("DELETE FROM dealix_attempts WHERE delivery_id IN (", texts!("$1"), ")"),
        concat!("DELETE FROM dealix_deliveries WHERE id IN (", texts!("$1"), ")"),
    ] {
        query(statement).bind(to_json(&finished)).execute(&mut *transaction).await?;
    }
    let events = query(
        "DELETE FROM dealix_events WHERE id IN (SELECT id FROM dealix_events WHERE created_at < $1 AND NOT EXISTS \
         (SELECT 1 FROM dealix_deliveries WHERE dealix_deliveries.event_id = dealix_events.id) LIMIT 1000)",
    );
    let events = events.bind(before).execute(&mut *transaction).await?.rows_affected();
    transaction.commit().await?;
    Ok((finished.len() as u64, events))
}

fn states(filter: &DeliveryFilter) -> &'static [DeliveryState] {
    match filter.state {
        None => &[DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::DeadLetter],
        Some(DeliveryState::Pending) => &[DeliveryState::Pending],
        Some(DeliveryState::Delivered) => &[DeliveryState::Delivered],
        Some(DeliveryState::DeadLetter) => &[DeliveryState::DeadLetter],
    }
}

/// What the filter means among the deliveries of one state.
fn push_filter(builder: &mut QueryBuilder<Driver>, filter: &DeliveryFilter, state: DeliveryState) {
    builder.push("state = '").push(state.as_str()).push("'");
    if let Some(customer_id) = &filter.customer_id {
        builder.push(" AND customer_id = ").push_bind(customer_id.clone());
    }
    if let Some(subscription_id) = &filter.subscription_id {
        builder.push(" AND subscription_id = ").push_bind(subscription_id.clone());
    }
    if filter.since > 0 {
        match state {
            DeliveryState::DeadLetter => builder.push(" AND finished_at >= ").push_bind(filter.since),
            _ => builder.push(" AND id >= ").push_bind(first_id_since(filter.since)),
        };
    }
}

/// No delivery that was queued at this second since 1970 or later has a lesser id.
fn first_id_since(seconds: i64) -> String {
    format!("dlv_{:012x}", seconds.clamp(0, 1 << 37) * 1000)
}

fn event_from_outbox(row: &Row) -> Result<WebhookEvent, QueueError> {
    let data: String = row.try_get("data")?;
    let payload = RawValue::from_string(data).map_err(|_| QueueError::damaged("the data is not JSON"))?;
    if !payload.get().trim_start().starts_with('{') {
        return Err(QueueError::damaged("the data is not a JSON object"));
    }
    let event_id: String = row.try_get("event_id")?;
    let mut event = crate::make_event(
        row.try_get::<String, _>("event_type")?,
        row.try_get::<String, _>("customer_id")?,
        payload,
        row.try_get("created_at")?,
        [0; 16],
    );
    event.event_id = event_id;
    Ok(event)
}

fn surveyed_from_row(row: &Row) -> Result<Surveyed, QueueError> {
    let reason = match row.try_get::<Option<i64>, _>("enabled")? {
        None => Some("the subscription does not exist any more".to_owned()),
        Some(0) => {
            let reason: Option<String> = row.try_get("disabled_reason")?;
            Some(format!("the subscription is disabled: {}", reason.as_deref().unwrap_or("no reason given")))
        }
        Some(_) => None,
    };
    let held_ms: i64 = if reason.is_some() { 0 } else { row.try_get("held_ms")? };
    Ok(Surveyed {
        subscription_id: row.try_get(0)?,
        due_in_ms: row.try_get::<Option<i64>, _>("due_in_ms")?.unwrap_or(i64::MAX).max(held_ms),
        disabled: reason,
    })
}

fn leased_from_row(row: &Row) -> Result<Leased, QueueError> {
    let job = || {
        let envelope: Option<String> = row.try_get("envelope")?;
        Ok(Job {
            event_id: row.try_get("event_id")?,
            event_type: row.try_get("event_type")?,
            attempts: small(row.try_get("attempts")?)?,
            attempts_before_replay: small(row.try_get("attempts_before_replay")?)?,
            envelope: envelope.ok_or_else(|| QueueError::damaged("its event is missing"))?.into(),
            stored: subscription_from_row(row)?,
            now_ms: row.try_get("now_ms")?,
        })
    };
    Ok(Leased {
        delivery_id: row.try_get("delivery_id")?,
        subscription_id: row.try_get("id")?,
        bytes: small(row.try_get("bytes")?)?,
        job: job(),
    })
}

fn subscription_from_row(row: &Row) -> Result<StoredSubscription, QueueError> {
    let events: Vec<String> = serde_json::from_str(row.try_get("events")?).map_err(QueueError::damaged)?;
    let held_until_ms: i64 = row.try_get("held_until_ms")?;
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
        paused: row.try_get::<i64, _>("paused")? != 0,
        disabled_reason: row.try_get("disabled_reason")?,
        failing_since: row.try_get("failing_since")?,
        held_until: (held_until_ms > 0).then_some(held_until_ms / 1000),
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
        next_attempt_at: row.try_get::<Option<i64>, _>("due_ms")?.map(|due_ms| due_ms / 1000),
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

/// The databases have one integer type here; a number beyond ours was not written by this code.
fn small<T: TryFrom<i64>>(value: i64) -> Result<T, QueueError> {
    T::try_from(value).map_err(|_| QueueError::damaged("an integer is out of range"))
}

/// As the databases take it.
pub(super) fn integer(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("text and numbers have a JSON form")
}
