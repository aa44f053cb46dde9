use super::super::dialect::{Driver, HEARS_ITSELF, Pool, tell_all};
use super::group::SqlCommit;
use crate::sender::queue::error::QueueError;
use crate::sender::store::news::{News, NewsWriter};
use crate::sender::store::writer::Writer;

/// A queue in the database.
pub(in crate::sender) struct SqlStore {
    pub(super) readers: Pool,
    pub(in crate::sender::store::sql) writers: Pool,
    pub(super) writer: Writer,
    pub(super) news: NewsWriter,
}

impl SqlStore {
    pub(in crate::sender::store::sql) fn new(readers: Pool, writers: Pool) -> Self {
        let news = NewsWriter::new();
        let writer = Writer::start(SqlCommit { pool: writers.clone(), news: news.clone() });
        Self { readers, writers, writer, news }
    }

    /// Commits what anybody may have to look at.
    pub(super) async fn finish(&self, mut transaction: sqlx::Transaction<'_, Driver>) -> Result<(), QueueError> {
        tell_all(&mut transaction).await?;
        transaction.commit().await?;
        if !HEARS_ITSELF {
            self.news.tell(News::Anything);
        }
        Ok(())
    }
}
