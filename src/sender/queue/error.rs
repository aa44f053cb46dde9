use crate::sender::subscription::TooManySecrets;
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
    /// The tables are those of an earlier version of this library.
    #[error(
        "the database has version {found} of the queue's tables, and this program needs {needed}: stop the programs that use it and run `dealix-sender migrate`"
    )]
    OlderSchema {
        /// The tables' version.
        found: i64,
        /// The version that this library works with.
        needed: i64,
    },
    /// The tables are those of a later version of this library.
    #[error(
        "the database has version {found} of the queue's tables, and this program knows {needed} at most: use a newer one"
    )]
    NewerSchema {
        /// The tables' version.
        found: i64,
        /// The version that this library works with.
        needed: i64,
    },
    /// A record is not as this library writes it.
    #[error("a record in the queue's database cannot be read: {0}")]
    Damaged(String),
    /// The event's id or type could not be sent, or its id, type or customer is longer than 255 bytes.
    #[error("the event's {0} is empty or holds characters that a header cannot carry, or is longer than 255 bytes")]
    Event(&'static str),
    /// The event has no canonical form.
    #[error("the event cannot be serialized: {0}")]
    Payload(#[from] CanonicalError),
    /// The event's envelope is too long; `QueueOptions` say how long it may be.
    #[error("the event's envelope has {bytes} bytes, and at most {limit} are taken")]
    TooLarge {
        /// How long the canonical envelope is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// The subscription could never sign.
    #[error("the subscription cannot sign: {0}")]
    Signature(#[from] ConfigurationError),
    /// No secret can be added.
    #[error(transparent)]
    TooManySecrets(#[from] TooManySecrets),
    /// There is no subscription of this id.
    #[error("there is no subscription {0}")]
    NoSubscription(String),
    /// Nothing can be delivered to a subscription that is disabled.
    #[error("the subscription {0} is disabled; enable it first")]
    Disabled(String),
    /// There is no delivery of this id.
    #[error("there is no delivery {0}")]
    NoDelivery(String),
    /// The delivery waits for its next attempt, so there is nothing to replay.
    #[error("the delivery {0} is still pending; it can be replayed when it is delivered or a dead letter")]
    StillPending(String),
    /// Somebody else changed the record at the same time.
    #[error("the record was changed by somebody else at the same time; try again")]
    Conflict,
    /// The transaction is of another database than the queue.
    #[error("the transaction is not one of the queue's database")]
    OtherDatabase,
    /// The queue is shutting down.
    #[error("the queue is closed")]
    Closed,
}

impl QueueError {
    pub(in crate::sender) fn database(error: impl Display) -> Self {
        Self::Database(error.to_string())
    }

    pub(in crate::sender) fn damaged(error: impl Display) -> Self {
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
