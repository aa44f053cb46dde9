use std::fmt;

/// A transaction of the caller's, in the database that the queue is in; the types are sqlx's. It is made from
/// `&mut sqlx::Transaction` and from `&mut` the connection.
pub enum QueueConnection<'c> {
    /// Of a SQLite database.
    Sqlite(&'c mut sqlx::SqliteConnection),
    /// Of a PostgreSQL database.
    #[cfg(feature = "postgres")]
    Postgres(&'c mut sqlx::PgConnection),
}

impl<'c> From<&'c mut sqlx::SqliteConnection> for QueueConnection<'c> {
    fn from(connection: &'c mut sqlx::SqliteConnection) -> Self {
        Self::Sqlite(connection)
    }
}

impl<'c> From<&'c mut sqlx::Transaction<'_, sqlx::Sqlite>> for QueueConnection<'c> {
    fn from(transaction: &'c mut sqlx::Transaction<'_, sqlx::Sqlite>) -> Self {
        Self::Sqlite(transaction)
    }
}

#[cfg(feature = "postgres")]
impl<'c> From<&'c mut sqlx::PgConnection> for QueueConnection<'c> {
    fn from(connection: &'c mut sqlx::PgConnection) -> Self {
        Self::Postgres(connection)
    }
}

#[cfg(feature = "postgres")]
impl<'c> From<&'c mut sqlx::Transaction<'_, sqlx::Postgres>> for QueueConnection<'c> {
    fn from(transaction: &'c mut sqlx::Transaction<'_, sqlx::Postgres>) -> Self {
        Self::Postgres(transaction)
    }
}

impl fmt::Debug for QueueConnection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueConnection").finish_non_exhaustive()
    }
}
