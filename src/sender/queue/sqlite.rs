//! The queue in an embedded SQLite database, for one machine.

#[allow(clippy::duplicate_mod, reason = "the same code for another `Driver`")]
#[path = "sql.rs"]
mod sql;

use super::store::AttemptTask;
use super::{QUEUE_NAME, QueueError, WhereMissing};
use apalis_sqlite::{Config, SqliteStorage as Storage};
use sql::SqlStore;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection};
use std::fs::OpenOptions;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

type Driver = sqlx::Sqlite;

/// A transaction that will write says so: one that reads first would fail where another has written meanwhile.
const BEGIN: &str = "BEGIN IMMEDIATE";
/// How long a write waits for another process's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
const READERS: u32 = 4;

/// What apalis' tables lack, and what they have too much of.
const APALIS_AMENDMENTS: &str = "
    -- It makes each acknowledgement slower than the one before: all of a worker's tasks stand under one key.
    DROP INDEX IF EXISTS LIdx;
    -- What is done is of no use: the log of attempts is ours. This keeps the table as small as what is to be done.
    CREATE TRIGGER IF NOT EXISTS dealix_forget_done AFTER UPDATE OF status ON Jobs WHEN NEW.status = 'Done'
    BEGIN DELETE FROM Jobs WHERE id = NEW.id; END;
";
const RELEASE: &str = "UPDATE Jobs SET status = 'Pending', done_at = NULL, lock_by = NULL, lock_at = NULL \
    WHERE lock_by = $1 AND status IN ('Queued', 'Running')";
const FORGET_DEAD_WORKERS: &str = "DELETE FROM Workers WHERE last_seen < strftime('%s', 'now') - 86400 \
    AND NOT EXISTS (SELECT 1 FROM Jobs WHERE lock_by = Workers.id)";

pub(super) async fn open(url: &str, missing: WhereMissing) -> Result<SqlStore, QueueError> {
    let options = SqliteConnectOptions::from_str(url)?;
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(QueueError::database("a queue in memory is lost with the process; name a file"));
    }
    make_file(options.get_filename(), missing)?;
    let options =
        options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full).busy_timeout(BUSY_TIMEOUT);
    // SQLite has one writer at a time: who waits for it waits at this one connection, in order, and polls no lock.
    let writers = SqlitePoolOptions::new().max_connections(1);
    // A full disk ends a transaction without sqlx's knowing, and no other could ever begin on that connection.
    let writers = writers.before_acquire(|connection, _| {
        let is_free = !connection.is_in_transaction();
        Box::pin(async move { Ok(is_free) })
    });
    let writers = writers.connect_with(options.clone()).await?;
    if !sql::is_set_up(&writers).await {
        Storage::<()>::migrations().run(&writers).await.map_err(QueueError::database)?;
        sqlx::raw_sql(APALIS_AMENDMENTS).execute(&writers).await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&writers).await?;
    }
    let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(options).await?;
    Ok(SqlStore::new(readers, writers))
}

/// The file holds secrets: it is made for its owner alone, and SQLite gives its other files the same permissions.
fn make_file(file: &Path, missing: WhereMissing) -> Result<(), QueueError> {
    let mut options = OpenOptions::new();
    options.append(true).create(missing == WhereMissing::Create);
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

async fn push_task(connection: &mut SqliteConnection, task: &AttemptTask, at: i64) -> Result<(), QueueError> {
    let pushed = apalis_sqlite::queries::push_tasks(connection, QUEUE_NAME, &[task.for_apalis(at)]).await;
    pushed.map_err(QueueError::database)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::query_scalar;

    #[tokio::test]
    async fn what_was_committed_is_on_disk() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("queue.db").display());
        let store = open(&url, WhereMissing::Create).await.expect("a queue");
        let number = async |pragma| query_scalar::<_, i64>(pragma).fetch_one(&store.writers).await.expect("a number");
        // FULL: the log is synced at every commit.
        assert_eq!(number("PRAGMA synchronous").await, 2);
        assert_eq!(number("PRAGMA busy_timeout").await, BUSY_TIMEOUT.as_millis() as i64);
        let mode: String = query_scalar("PRAGMA journal_mode").fetch_one(&store.writers).await.expect("a mode");
        assert_eq!(mode, "wal");
    }
}
