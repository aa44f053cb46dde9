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
macro_rules! for_share {
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
use crate::sender::store::sql::limits::PATIENCE;
use shared::line::Line;
use shared::setup::set_up;
use shared::store::{Lines, SqlStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::fs::OpenOptions;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// How long a connection waits for the file, where another process opens or closes it.
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
    set_up(&options, opening).await?;
    // SQLite has one writer at a time: who waits for it waits at this one connection, in order, and polls no lock.
    let line = Line::new(options.clone(), PATIENCE);
    let readers = SqlitePoolOptions::new().max_connections(READERS).test_before_acquire(false).connect_with(options);
    Ok(SqlStore::new(
        readers.await?,
        Lines { changes: line.clone(), leases: line.clone(), tasks: line.clone(), operators: line },
    ))
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
    use sqlx::query_scalar;

    #[tokio::test]
    async fn what_was_committed_is_on_disk() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("queue.db").display());
        let store = open(&url, Opening::Create).await.expect("a queue");
        let as_a_lease_leaves_it = sqlx::raw_sql("PRAGMA synchronous = NORMAL");
        let line = &store.lines.changes;
        line.ask(async |connection| Ok(as_a_lease_leaves_it.execute(connection).await.map(drop)?)).await.expect("set");
        let synchronous = async |connection: &mut dialect::Connection| {
            Ok(query_scalar::<_, i64>("PRAGMA synchronous").fetch_one(connection).await?)
        };
        // FULL: the log is synced at every commit.
        assert_eq!(store.transact(synchronous).await.expect("a number"), 2);
        let mode = query_scalar::<_, String>("PRAGMA journal_mode");
        let mode = line.ask(async |connection| Ok(mode.fetch_one(connection).await?)).await;
        assert_eq!(mode.expect("a mode"), "wal");
    }
}
