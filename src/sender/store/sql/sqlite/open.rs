use super::shared::line::Line;
use super::shared::setup::set_up;
use super::shared::store::{Lines, SqlStore};
use crate::sender::queue::{DatabaseError, QueueError, SecretsKeys};
use crate::sender::store::database::Opening;
use crate::sender::store::sql::limits::PATIENCE;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::fs::OpenOptions;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// How long a connection waits for the file while another process opens or closes it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// The number of connections for reading.
const READERS: u32 = 4;

pub async fn open(url: &str, opening: Opening, keys: SecretsKeys) -> Result<SqlStore, QueueError> {
    let options = SqliteConnectOptions::from_str(url)?;
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(QueueError::database("a queue in memory is lost with the process; name a file"));
    }
    create_file(options.get_filename(), opening)?;
    let options =
        options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full).busy_timeout(BUSY_TIMEOUT);
    set_up(&options, opening).await?;
    // SQLite has one writer at a time. Writers queue up for this one connection, in order, and none of them polls a lock.
    let line = Line::new(options.clone(), PATIENCE);
    let readers = SqlitePoolOptions::new().max_connections(READERS).test_before_acquire(false).connect_with(options);
    Ok(SqlStore::new(
        keys,
        readers.await?,
        Lines { changes: line.clone(), leases: line.clone(), tasks: line.clone(), operators: line },
    ))
}

/// The file holds secrets, so only its owner may read it; SQLite gives its other files the same permissions.
fn create_file(file: &Path, opening: Opening) -> Result<(), QueueError> {
    let mut options = OpenOptions::new();
    options.append(true).create(opening != Opening::Existing);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(file).map_err(|error| {
        QueueError::Database(DatabaseError::caused_by(format!("{}: {error}", file.display()), error))
    })?;
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
    use super::super::dialect::Connection;
    use super::*;
    use sqlx::query_scalar;

    #[tokio::test]
    async fn what_was_committed_is_on_disk() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("queue.db").display());
        let store = open(&url, Opening::Create, SecretsKeys::default()).await.expect("a queue");
        let as_left_by_a_lease = sqlx::raw_sql("PRAGMA synchronous = NORMAL");
        let line = &store.lines.changes;
        line.call(async |connection| Ok(as_left_by_a_lease.execute(connection).await.map(drop)?)).await.expect("set");
        let synchronous = async |connection: &mut Connection| {
            Ok(query_scalar::<_, i64>("PRAGMA synchronous").fetch_one(connection).await?)
        };
        // FULL: the log is synced at every commit.
        assert_eq!(store.transact(synchronous).await.expect("a number"), 2);
        let mode = query_scalar::<_, String>("PRAGMA journal_mode");
        let mode = line.call(async |connection| Ok(mode.fetch_one(connection).await?)).await;
        assert_eq!(mode.expect("a mode"), "wal");
    }
}
