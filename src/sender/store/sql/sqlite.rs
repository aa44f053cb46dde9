//! The queue in an embedded SQLite database, for one machine.

/// The database's time in milliseconds.
macro_rules! now_ms {
    () => {
        "CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)"
    };
}
/// A parameter's JSON text as rows.
macro_rules! rows {
    ($parameter:literal, $first:ident $type:ident $(, $column:ident $other:ident)*) => {
        concat!("(SELECT value ->> '", stringify!($first), "' AS ", stringify!($first),
            $(", value ->> '", stringify!($column), "' AS ", stringify!($column),)* " FROM json_each(", $parameter, ")) AS r")
    };
}
/// A parameter's JSON array of texts, for `IN`.
macro_rules! texts {
    ($parameter:literal) => {
        concat!("SELECT value FROM json_each(", $parameter, ")")
    };
}
macro_rules! new_delivery_id {
    () => {
        concat!("'dlv_' || printf('%012x', ", now_ms!(), ") || lower(hex(randomblob(6)))")
    };
}
/// Whether the subscription `s` wants events of the type of `e`.
macro_rules! wants {
    () => {
        "(s.events = '[]' OR EXISTS (SELECT 1 FROM json_each(s.events) AS wanted WHERE wanted.value = e.event_type))"
    };
}
/// The pending deliveries by their subscription. SQLite knows nothing of how many there are, and would take the states' index.
macro_rules! pending_by_subscription {
    () => {
        "dealix_deliveries INDEXED BY dealix_deliveries_due WHERE state = 'pending'"
    };
}
/// Whether the delivery, found by its id, is pending: the plus keeps SQLite from looking through all that are.
macro_rules! is_pending {
    () => {
        "+dealix_deliveries.state = 'pending'"
    };
}
/// There is one writer at a time: nobody else holds a row.
macro_rules! skip_locked {
    () => {
        ""
    };
}

#[allow(clippy::duplicate_mod, reason = "the same code for another `Driver`")]
#[path = "shared/mod.rs"]
mod shared;

use crate::sender::queue::error::QueueError;
use crate::sender::store::news::{News, NewsWriter};
use crate::sender::store::{LeaseRequest, Opening, QueueConnection};
use shared::{SqlStore, integer, to_json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{Connection as _, Row as _, SqliteConnection, SqlitePool, query, query_as, query_scalar};
use std::collections::HashSet;
use std::fs::OpenOptions;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

type Driver = sqlx::Sqlite;

/// A transaction that will write says so: one that reads first would fail where another has written meanwhile. What it has
/// committed is on disk.
const BEGIN: &str = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE";
/// The same, but its commit waits for no disk: a lease that is lost with the machine is none.
const BEGIN_UNSYNCED: &str = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";
const COMMITS_BY_ITSELF: bool = false;
const HEARS_ITSELF: bool = false;
/// How long a write waits for another process's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
const READERS: u32 = 4;
/// How often to look whether another process has written.
const WATCH_INTERVAL: Duration = Duration::from_millis(5);
/// Before a connection that failed is made anew.
const WATCH_AGAIN: Duration = Duration::from_millis(500);
/// The transaction locks out others.
const LOCK: &str = "";
const HAS_SCHEMA: &str = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'dealix_schema'";
const SCHEMAS: [&str; 2] = [include_str!("schema.sql"), include_str!("schema_sqlite.sql")];
const UPGRADE_EVENTS: &str = include_str!("upgrade_from_1_sqlite.sql");

pub(in crate::sender) async fn open(url: &str, opening: Opening) -> Result<SqlStore, QueueError> {
    let options = SqliteConnectOptions::from_str(url)?;
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(QueueError::database("a queue in memory is lost with the process; name a file"));
    }
    make_file(options.get_filename(), opening)?;
    let options =
        options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full).busy_timeout(BUSY_TIMEOUT);
    // SQLite has one writer at a time: who waits for it waits at this one connection, in order, and polls no lock.
    let writers = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false);
    // A full disk ends a transaction without sqlx's knowing, and no other could ever begin on that connection.
    let writers = writers.before_acquire(|connection, _| {
        let is_free = !connection.is_in_transaction();
        Box::pin(async move { Ok(is_free) })
    });
    let writers = writers.connect_with(options.clone()).await?;
    shared::set_up(&writers, opening).await?;
    let readers = SqlitePoolOptions::new().max_connections(READERS).test_before_acquire(false);
    Ok(SqlStore::new(readers.connect_with(options).await?, writers))
}

/// The file holds secrets: it is made for its owner alone, and SQLite gives its other files the same permissions.
fn make_file(file: &Path, opening: Opening) -> Result<(), QueueError> {
    let mut options = OpenOptions::new();
    options.append(true).create(opening != Opening::Existing);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(file).map_err(|error| QueueError::database(format!("{}: {error}", file.display())))?;
    #[cfg(unix)]
    if opened
        .metadata()
        .is_ok_and(|metadata| std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0)
    {
        tracing::warn!(file = %file.display(), "others can read the queue's file, which holds secrets; chmod 600 it");
    }
    Ok(())
}

/// Tells when the file was written to, be it by another process.
async fn watch(options: Arc<SqliteConnectOptions>, news: NewsWriter) {
    loop {
        // Each connection counts the others' writes.
        if let Ok(mut connection) = SqliteConnection::connect_with(&options).await {
            let mut seen = None;
            while let Ok(version) = query_scalar::<_, i64>("PRAGMA data_version").fetch_one(&mut connection).await {
                if seen.replace(version) != Some(version) {
                    news.tell(News::Anything);
                }
                sleep(WATCH_INTERVAL).await;
            }
        }
        sleep(WATCH_AGAIN).await;
    }
}

/// The others see that the file was written to.
async fn tell_all(_: &mut SqliteConnection) -> Result<(), QueueError> {
    Ok(())
}

async fn enqueue(connection: &mut SqliteConnection, events: &str) -> Result<Vec<(String, Option<String>)>, QueueError> {
    const INSERT_EVENTS: &str = concat!(insert_events!("$1"), " RETURNING id");
    const INSERT_DELIVERIES: &str = insert_deliveries!(
        "FROM (SELECT id, event_type, customer_id, octet_length(envelope) AS bytes FROM dealix_events \
         WHERE id IN (SELECT value FROM json_each($1))) AS e"
    );
    let new: Vec<String> = query_scalar(INSERT_EVENTS).bind(events).fetch_all(&mut *connection).await?;
    let deliveries: Vec<(String, String)> =
        query_as(INSERT_DELIVERIES).bind(to_json(&new)).fetch_all(connection).await?;
    let deliveries = deliveries.into_iter().map(|(event_id, subscription_id)| (event_id, Some(subscription_id)));
    Ok(new.into_iter().map(|event_id| (event_id, None)).chain(deliveries).collect())
}

/// The attempts that were new to the log, and the deliveries that were waiting for them.
async fn record(
    connection: &mut SqliteConnection,
    outcomes: &str,
    health: &str,
) -> Result<(HashSet<String>, HashSet<String>), QueueError> {
    let new = query_scalar(insert_attempts!("$1")).bind(outcomes).fetch_all(&mut *connection).await?;
    let waiting = query_scalar(update_deliveries!("$1")).bind(outcomes).fetch_all(&mut *connection).await?;
    query(update_health!("$1")).bind(health).execute(connection).await?;
    Ok((new.into_iter().collect(), waiting.into_iter().collect()))
}

async fn lease(writers: &SqlitePool, request: &LeaseRequest<'_>) -> Result<Vec<SqliteRow>, QueueError> {
    #[rustfmt::skip]
    const LEASE: &str = concat!(
        "UPDATE dealix_deliveries SET leased_by = $2, leased_until_ms = ",
        now_ms!(),
        " + $6 WHERE id IN (",
        fitting!(concat!(
            "(SELECT id, bytes, due_ms FROM ",
            pending_by_subscription!(),
            is_leasable!("$1"),
            " AND EXISTS (SELECT 1 FROM \
             dealix_subscriptions WHERE id = $1 AND enabled = 1 AND paused = 0 AND held_until_ms <= ",
            now_ms!(),
            ") \
             ORDER BY due_ms, id LIMIT $7)"
        )),
        ") RETURNING id, bytes"
    );
    #[rustfmt::skip]
    const SELECT: &str =
        concat!(select_leased!("dealix_deliveries"), " WHERE l.id IN (SELECT value FROM json_each($1))");
    let in_flight = to_json(request.in_flight);
    let mut left = integer(request.bytes);
    let mut ids: Vec<String> = Vec::new();
    let mut transaction = writers.begin_with(BEGIN_UNSYNCED).await?;
    for wanted in request.wanted {
        let may_be_larger = request.is_first && ids.is_empty();
        let leased = query(LEASE)
            .bind(&wanted.subscription_id)
            .bind(request.worker)
            .bind(&in_flight)
            .bind(left)
            .bind(i64::from(may_be_larger))
            .bind(integer(request.lease.as_millis()))
            .bind(integer(wanted.places));
        for row in leased.fetch_all(&mut *transaction).await? {
            left = (left - row.try_get::<i64, _>(1)?).max(0);
            ids.push(row.try_get(0)?);
        }
    }
    let rows = query(SELECT).bind(to_json(&ids)).fetch_all(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(rows)
}

fn own<'c>(connection: QueueConnection<'c>) -> Result<&'c mut SqliteConnection, QueueError> {
    match connection {
        QueueConnection::Sqlite(connection) => Ok(connection),
        #[cfg(feature = "postgres")]
        QueueConnection::Postgres(_) => Err(QueueError::OtherDatabase),
    }
}
