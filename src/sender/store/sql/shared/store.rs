use super::super::dialect::{Connection, HEARS_ITSELF, Pool, tell_all};
use super::group::SqlCommit;
use super::line::{Line, call, in_transaction};
use crate::sender::queue::{QueueError, SecretsKeys};
use crate::sender::store::news::{News, NewsWriter};
use crate::sender::store::sql::limits::{PATIENCE, RESPONSE_TIMEOUT};
use crate::sender::store::writer::Writer;
use std::sync::Arc;

/// A queue in an SQL database.
pub(in crate::sender) struct SqlStore {
    /// What secrets are sealed with.
    pub(super) keys: SecretsKeys,
    pub(super) readers: Pool,
    /// For what every delivery goes through.
    pub(in crate::sender::store::sql) lines: Lines,
    pub(super) writer: Writer,
    pub(super) news: NewsWriter,
}

/// The connections for writing; they may all be the same one.
pub(in crate::sender::store::sql) struct Lines {
    /// For groups of changes.
    pub changes: Arc<Line>,
    pub leases: Arc<Line>,
    /// For what a worker does besides its attempts.
    pub tasks: Arc<Line>,
    /// For everything else, which may take longer.
    pub operators: Arc<Line>,
}

impl SqlStore {
    pub(in crate::sender::store::sql) fn new(keys: SecretsKeys, readers: Pool, lines: Lines) -> Self {
        let news = NewsWriter::new();
        let writer = Writer::start(SqlCommit { line: lines.changes.clone(), news: news.clone() });
        Self { keys, readers, lines, writer, news }
    }

    pub(super) async fn read<T>(
        &self,
        read: impl AsyncFnOnce(&mut Connection) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        call(&self.readers, PATIENCE, read).await
    }

    /// Reads what a worker looks for again and again.
    pub(super) async fn read_often<T>(
        &self,
        read: impl AsyncFnOnce(&mut Connection) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        call(&self.readers, RESPONSE_TIMEOUT, read).await
    }

    /// Writes in a transaction.
    pub(in crate::sender::store::sql) async fn transact<T>(
        &self,
        write: impl AsyncFnOnce(&mut Connection) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        self.transact_on(&self.lines.operators, write).await
    }

    pub(super) async fn transact_on<T>(
        &self,
        line: &Line,
        write: impl AsyncFnOnce(&mut Connection) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        line.call(async |connection| in_transaction(connection, write).await).await
    }

    /// Writes in a transaction, and tells all workers to look at everything.
    pub(super) async fn transact_and_tell<T>(
        &self,
        write: impl AsyncFnOnce(&mut Connection) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        let write = async |connection: &mut Connection| {
            let written = write(connection).await?;
            tell_all(connection).await?;
            Ok(written)
        };
        let written = self.transact(write).await?;
        if !HEARS_ITSELF {
            self.news.tell(News::Anything);
        }
        Ok(written)
    }
}
