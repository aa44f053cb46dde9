//! What sqlx's errors mean to the queue.

use crate::sender::queue::{DatabaseError, QueueError};

#[doc(hidden)]
impl From<sqlx::Error> for QueueError {
    /// Only the message is kept, and an I/O or TLS error as the source. sqlx's own error would show more in its `Debug`: the
    /// row that PostgreSQL refused, and with it a secret or an envelope.
    fn from(error: sqlx::Error) -> Self {
        let message = error.to_string();
        match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnNotFound(_) => {
                Self::damaged(message)
            }
            sqlx::Error::Io(source) => Self::Unreachable(DatabaseError::caused_by(message, source)),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::unreachable(message),
            sqlx::Error::Tls(source) => Self::Database(DatabaseError::caused_by(message, source)),
            _ => Self::database(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;
    use std::io;

    #[test]
    fn an_io_error_is_the_source() {
        let error = QueueError::from(sqlx::Error::Io(io::Error::from(io::ErrorKind::ConnectionRefused)));
        let source = error.source().and_then(Error::source).and_then(|source| source.downcast_ref::<io::Error>());
        assert_eq!(source.map(io::Error::kind), Some(io::ErrorKind::ConnectionRefused), "{error:?}");
    }
}
