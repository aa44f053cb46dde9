use std::fmt;

/// Your own transaction in the queue's database, for [`Queue::enqueue_in`](crate::sender::Queue::enqueue_in). It is made
/// from a `&mut` to sqlx's `Transaction` or connection, of SQLite or PostgreSQL; the version of sqlx is 0.9.
pub struct QueueConnection<'c>(pub(super) AnyConnection<'c>);

pub(super) enum AnyConnection<'c> {
    Sqlite(&'c mut sqlx::SqliteConnection),
    #[cfg(feature = "postgres")]
    Postgres(&'c mut sqlx::PgConnection),
}

impl<'c> From<&'c mut sqlx::SqliteConnection> for QueueConnection<'c> {
    fn from(connection: &'c mut sqlx::SqliteConnection) -> Self {
        Self(AnyConnection::Sqlite(connection))
    }
}

impl<'c> From<&'c mut sqlx::Transaction<'_, sqlx::Sqlite>> for QueueConnection<'c> {
    fn from(transaction: &'c mut sqlx::Transaction<'_, sqlx::Sqlite>) -> Self {
        Self(AnyConnection::Sqlite(transaction))
    }
}

#[cfg(feature = "postgres")]
impl<'c> From<&'c mut sqlx::PgConnection> for QueueConnection<'c> {
    fn from(connection: &'c mut sqlx::PgConnection) -> Self {
        Self(AnyConnection::Postgres(connection))
    }
}

#[cfg(feature = "postgres")]
impl<'c> From<&'c mut sqlx::Transaction<'_, sqlx::Postgres>> for QueueConnection<'c> {
    fn from(transaction: &'c mut sqlx::Transaction<'_, sqlx::Postgres>) -> Self {
        Self(AnyConnection::Postgres(transaction))
    }
}

impl fmt::Debug for QueueConnection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueConnection").finish_non_exhaustive()
    }
}
