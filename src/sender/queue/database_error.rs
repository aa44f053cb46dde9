use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What a database reported, or what is wrong with what it returned. It never holds the values of a row: the database's
/// message is kept, but not the details in which PostgreSQL quotes the row that it refused.
///
/// [`source`](Error::source) is the I/O or TLS error beneath it, if there is one.
#[derive(Clone, Debug)]
pub struct DatabaseError {
    message: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl DatabaseError {
    pub(in crate::sender) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }

    pub(in crate::sender) fn caused_by(
        message: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { message: message.into(), source: Some(source.into().into()) }
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for DatabaseError {
    /// The error itself, not the `Arc` around it, which could not be found by downcasting.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
