use crate::sender::TooManySecrets;
use crate::{CanonicalError, ConfigurationError};
use std::fmt::Display;
use thiserror::Error;

/// Why the queue could not do what it was asked to. Never holds a secret or an envelope.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum QueueError {
    /// The database URL names no database that this program was built for.
    #[error("the database URL must begin with one of {0}")]
    Url(&'static str),
    /// The database cannot be reached. What was asked for may be asked for again.
    #[error("the queue's database cannot be reached: {0}")]
    Unreachable(String),
    /// The database refused. What was asked for may be asked for again.
    #[error("the queue's database failed: {0}")]
    Database(String),
    /// A record is not as this library writes it.
    #[error("a record in the queue's database cannot be read: {0}")]
    Damaged(String),
    /// The event's id or type could not be sent.
    #[error("the event's {0} is empty or holds characters that a header cannot carry")]
    Event(&'static str),
    /// The event has no canonical form.
    #[error("the event cannot be serialized: {0}")]
    Payload(#[from] CanonicalError),
    /// The subscription could never sign.
    #[error("the subscription cannot sign: {0}")]
    Signature(#[from] ConfigurationError),
    /// No secret can be added.
    #[error(transparent)]
    TooManySecrets(#[from] TooManySecrets),
    /// There is no subscription of this id.
    #[error("there is no subscription {0}")]
    NoSubscription(String),
    /// There is no delivery of this id.
    #[error("there is no delivery {0}")]
    NoDelivery(String),
    /// The delivery waits for its next attempt, so there is nothing to replay.
    #[error("the delivery {0} is still pending; it can be replayed when it is delivered or a dead letter")]
    StillPending(String),
    /// Somebody else changed the record at the same time.
    #[error("the record was changed by somebody else at the same time; try again")]
    Conflict,
    /// The queue is shutting down.
    #[error("the queue is closed")]
    Closed,
}

impl QueueError {
    pub(super) fn database(error: impl Display) -> Self {
        Self::Database(error.to_string())
    }

    pub(super) fn damaged(error: impl Display) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<sqlx::Error> for QueueError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnNotFound(_) => {
                Self::damaged(error)
            }
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
                Self::Unreachable(error.to_string())
            }
            _ => Self::database(error),
        }
    }
}
