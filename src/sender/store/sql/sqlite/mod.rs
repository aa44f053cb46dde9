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

mod dialect;
#[allow(clippy::duplicate_mod, reason = "the same code for another `Driver`")]
#[path = "../shared/mod.rs"]
mod shared;

use crate::sender::queue::error::QueueError;
use crate::sender::store::database::Opening;
use shared::setup::set_up;
use shared::store::SqlStore;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::fs::OpenOptions;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// How long a write waits for another process's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
const READERS: u32 = 4;

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
    set_up(&writers, opening).await?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use dialect::BEGIN;
    use sqlx::query_scalar;

    #[tokio::test]
    async fn what_was_committed_is_on_disk() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("queue.db").display());
        let store = open(&url, Opening::Create).await.expect("a queue");
        sqlx::raw_sql("PRAGMA synchronous = NORMAL").execute(&store.writers).await.expect("as a lease leaves it");
        let mut transaction = store.writers.begin_with(BEGIN).await.expect("a transaction");
        // FULL: the log is synced at every commit.
        let synchronous = query_scalar::<_, i64>("PRAGMA synchronous").fetch_one(&mut *transaction).await;
        assert_eq!(synchronous.expect("a number"), 2);
        drop(transaction);
        let timeout = query_scalar::<_, i64>("PRAGMA busy_timeout").fetch_one(&store.writers).await;
        assert_eq!(timeout.expect("a number"), BUSY_TIMEOUT.as_millis() as i64);
        let mode: String = query_scalar("PRAGMA journal_mode").fetch_one(&store.writers).await.expect("a mode");
        assert_eq!(mode, "wal");
    }
}
