//! What this database does in its own way.

use crate::sender::queue::QueueError;
use crate::sender::store::connection::{AnyConnection, QueueConnection};
use crate::sender::store::lease::{LeaseRequest, SHORT_BYTES};
use crate::sender::store::news::{News, NewsWriter};
use crate::sender::store::sql::limits::PATIENCE;
use crate::sender::store::sql::recording::Recording;
use crate::sender::store::sql::values::{integer, to_json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, Row as _, SqliteConnection, query, query_as, query_scalar, raw_sql};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

pub type Driver = sqlx::Sqlite;
pub type Connection = <Driver as sqlx::Database>::Connection;
pub type Pool = sqlx::Pool<Driver>;
pub type Row = <Driver as sqlx::Database>::Row;
/// Where a connection goes.
pub type Target = SqliteConnectOptions;

/// How long a write waits for those of other processes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// How often it checks whether they are done. SQLite itself would back off to ten times a second, and processes that came
/// later would get their turn first.
const BUSY_INTERVAL: Duration = Duration::from_millis(1);
/// Whether a group of changes of one kind is a single statement, which needs no explicit transaction.
pub const IS_ONE_STATEMENT_A_KIND: bool = false;
/// Whether the database notifies the session that committed as well.
pub const HEARS_ITSELF: bool = false;

/// How often to check whether another process has written.
const WATCH_INTERVAL: Duration = Duration::from_millis(5);
/// How long to wait before replacing a connection that failed.
const WATCH_AGAIN: Duration = Duration::from_millis(500);
/// Long, because another process may be opening or closing the file.
pub const CONNECT_TIMEOUT: Duration = PATIENCE;
/// How many deliveries are pruned in one transaction, and for how many times as long pruning then rests. Nobody else can lease or
/// record anything during that transaction, so it is short, also on a machine that is busy with other work.
pub const PRUNE_PORTION: i64 = 100;
pub const PRUNE_REST: u32 = 3;
/// Nothing: the transaction itself locks out the others.
pub const LOCK: &str = "";
pub const HAS_SCHEMA: &str = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'dealix_schema'";
pub const SCHEMAS: [&str; 2] = [include_str!("../schema.sql"), include_str!("../schema_sqlite.sql")];
pub const UPGRADE_FROM_2: [&str; 1] = [include_str!("../upgrade_from_2.sql")];
pub const UPGRADE_EVENTS: &str = include_str!("../upgrade_from_1_sqlite.sql");

pub async fn connect(target: &Target) -> Result<SqliteConnection, sqlx::Error> {
    SqliteConnection::connect_with(target).await
}

/// Begins a write transaction whose commit is durable. A transaction that begins with a read would fail if another process
/// wrote in the meantime.
pub async fn begin(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    begin_as(connection, "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 0; BEGIN IMMEDIATE").await
}

async fn begin_as(connection: &mut SqliteConnection, begin: &'static str) -> Result<(), sqlx::Error> {
    let started = Instant::now();
    loop {
        match raw_sql(begin).execute(&mut *connection).await {
            Err(error) if is_busy(&error) && started.elapsed() < BUSY_TIMEOUT => sleep(BUSY_INTERVAL).await,
            begun => return begun.map(drop),
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: i32 = 5;
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
    // The low byte is the primary error code.
    code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

/// Tells when this or another process has written to the file.
pub async fn watch(options: Arc<SqliteConnectOptions>, news: NewsWriter) {
    loop {
        // The version that a connection sees changes when another connection writes.
        if let Ok(mut connection) = connect(&options).await {
            let mut seen = None;
            let mut newest = i64::MAX;
            while let Ok(version) = query_scalar::<_, i64>("PRAGMA data_version").fetch_one(&mut connection).await {
                if seen.replace(version) != Some(version) {
                    // Anything may have changed; new deliveries, the most frequent change, are told first.
                    let Ok(()) = tell_new_deliveries(&mut connection, &mut newest, &news).await else { break };
                    news.tell(News::Anything);
                }
                sleep(WATCH_INTERVAL).await;
            }
        }
        sleep(WATCH_AGAIN).await;
    }
}

/// Tells the subscriptions of the deliveries after the row `newest`. Row numbers increase, unless the newest rows are deleted.
async fn tell_new_deliveries(
    connection: &mut SqliteConnection,
    newest: &mut i64,
    news: &NewsWriter,
) -> Result<(), sqlx::Error> {
    const LAST: &str = "SELECT coalesce(max(rowid), 0) FROM dealix_deliveries";
    const DUE: &str = "SELECT DISTINCT subscription_id FROM dealix_deliveries WHERE rowid > $1 AND rowid <= $2";
    let last: i64 = query_scalar(LAST).fetch_one(&mut *connection).await?;
    let due: Vec<String> = query_scalar(DUE).bind(*newest).bind(last).fetch_all(connection).await?;
    due.into_iter().for_each(|subscription_id| news.tell(News::Due(subscription_id)));
    *newest = last;
    Ok(())
}

/// Nothing: the other processes notice that the file was written to.
pub async fn tell_all(_: &mut SqliteConnection) -> Result<(), QueueError> {
    Ok(())
}

pub async fn enqueue(
    connection: &mut SqliteConnection,
    events: &str,
) -> Result<Vec<(String, Option<String>)>, QueueError> {
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

/// Returns the ids of the attempts that were new to the log, and of the deliveries whose state they changed.
pub async fn record(
    connection: &mut SqliteConnection,
    Recording { outcomes, excerpts, health }: Recording,
) -> Result<(HashSet<String>, HashSet<String>), QueueError> {
    let insert_attempts = query_scalar(insert_attempts!("$1", "$2")).bind(&outcomes).bind(excerpts);
    let new = insert_attempts.fetch_all(&mut *connection).await?;
    let waiting = query_scalar(update_deliveries!("$1")).bind(outcomes).fetch_all(&mut *connection).await?;
    query(update_health!("$1")).bind(health).execute(connection).await?;
    Ok((new.into_iter().collect(), waiting.into_iter().collect()))
}

pub async fn lease(connection: &mut SqliteConnection, request: &LeaseRequest<'_>) -> Result<Vec<Row>, QueueError> {
    #[rustfmt::skip]
    const LEASE: &str = concat!(
        "UPDATE dealix_deliveries SET leased_by = $2, leased_until_ms = ", now_ms!(), " + $6 WHERE id IN (",
        fitting!(
            concat!(
                "(SELECT id, bytes, due_ms, $4 AS bytes_left FROM ", pending_by_subscription!(),
                is_leasable!("$1", "$2", "$3"), " AND EXISTS (SELECT 1 FROM dealix_subscriptions \
                 WHERE id = $1 AND enabled = 1 AND paused = 0 AND held_until_ms <= ", now_ms!(), ") \
                 ORDER BY due_ms, id LIMIT coalesce((SELECT min($7, ", at_once!("s"), ") FROM dealix_subscriptions s \
                 WHERE s.id = $1), $7))"
            ),
            "$5"
        ),
        ") RETURNING id, bytes"
    );
    #[rustfmt::skip]
    const SELECT: &str =
        concat!(select_leased!("dealix_deliveries"), " WHERE l.id IN (SELECT value FROM json_each($1))");
    let mut bytes_leased = 0;
    let mut ids: Vec<String> = Vec::new();
    // The commit does not wait for the disk: losing a lease in a crash of the machine does no harm.
    begin_as(connection, "PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 0; BEGIN IMMEDIATE").await?;
    for wanted in request.wanted {
        let may_be_longer = request.is_first && ids.is_empty();
        let leased = query(LEASE)
            .bind(&wanted.subscription_id)
            .bind(request.worker)
            .bind(to_json(&wanted.in_flight))
            .bind(integer(wanted.bytes).saturating_sub(bytes_leased))
            .bind(i64::from(may_be_longer))
            .bind(integer(request.lease.as_millis()))
            .bind(integer(wanted.slots));
        for row in leased.fetch_all(&mut *connection).await? {
            let bytes: i64 = row.try_get(1)?;
            bytes_leased += if bytes > integer(SHORT_BYTES) { bytes } else { 0 };
            ids.push(row.try_get(0)?);
        }
    }
    let rows = query(SELECT).bind(to_json(&ids)).fetch_all(&mut *connection).await?;
    raw_sql("COMMIT").execute(connection).await?;
    Ok(rows)
}

pub fn own<'c>(connection: QueueConnection<'c>) -> Result<&'c mut SqliteConnection, QueueError> {
    match connection.0 {
        AnyConnection::Sqlite(connection) => Ok(connection),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => Err(QueueError::OtherDatabase),
    }
}

/// From now on, this connection overwrites with zeros what it deletes.
pub const OVERWRITE: &str = "PRAGMA secure_delete = ON";

/// How long [`scrub`] may take. Rewriting a file of 500 MB takes 10 s.
pub const SCRUB_TIMEOUT: Duration = Duration::from_hours(1);

/// Rewrites the file, because the free space in its pages still holds what was there before; then writes the write-ahead log into
/// it, and empties that, unless someone is still reading from it.
pub async fn scrub(connection: &mut SqliteConnection) -> Result<bool, QueueError> {
    if raw_sql("PRAGMA busy_timeout = 2000; VACUUM").execute(&mut *connection).await.is_err() {
        return Ok(false);
    }
    let (is_busy, ..): (i64, i64, i64) =
        query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await?;
    Ok(is_busy == 0)
}

/// None: SQLite has no roles.
pub const MISSING_PRIVILEGES: &str = "SELECT '' WHERE false";
pub const MAY_ENQUEUE_IN_SQL: &str = "SELECT true";
pub const JOURNAL_MODE: &str = "PRAGMA journal_mode";
