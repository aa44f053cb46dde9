use super::database_error::DatabaseError;
use crate::sender::error::{DeliveryError, TooManySecretsError};
use crate::{CanonicalError, ConfigurationError};
use thiserror::Error;

/// Why the queue could not do what it was asked to. Never holds a secret or an envelope.
///
/// ```
/// use dealix_webhooks::sender::{Queue, QueueError};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// assert!(matches!(Queue::open("mysql://localhost/shop").await, Err(QueueError::Url(_))));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum QueueError {
    /// The URL is not that of a database that this program was built for.
    #[error("the database URL must begin with {0}")]
    Url(&'static str),
    /// The database cannot be reached. The call may be retried.
    #[error("the queue's database cannot be reached: {0}")]
    Unreachable(#[source] DatabaseError),
    /// The database failed or refused. The call may be retried.
    #[error("the queue's database failed: {0}")]
    Database(#[source] DatabaseError),
    /// The tables were made by an earlier version of this library.
    #[error(
        "the database has version {found} of the queue's tables, and this program needs {needed}: stop the programs that use it and run `dealix-sender migrate`"
    )]
    OlderSchema {
        /// The version of the tables.
        found: i64,
        /// The version that this library works with.
        needed: i64,
    },
    /// The tables were made by a later version of this library.
    #[error(
        "the database has version {found} of the queue's tables, and this program supports at most {needed}: use a newer one"
    )]
    NewerSchema {
        /// The version of the tables.
        found: i64,
        /// The version that this library works with.
        needed: i64,
    },
    /// A record is not in the form in which this library writes it.
    #[error("a record in the queue's database cannot be read: {0}")]
    Damaged(#[source] DatabaseError),
    /// The event's `event_id` or `event_type` cannot be sent, or one of these or its `customer_id` is longer than 255 bytes.
    #[error("the event's {0} is empty or holds characters that a header cannot carry, or is longer than 255 bytes")]
    Event(&'static str),
    /// Events of this type come from the sender itself: [`Queue::ping`](crate::sender::Queue::ping).
    #[error("the event type {0} is the sender's own; give the event another")]
    ReservedEventType(&'static str),
    /// The event has no canonical envelope.
    #[error("the event cannot be serialized: {0}")]
    Envelope(#[from] CanonicalError),
    /// The event's envelope is longer than [`QueueOptions::max_envelope_bytes`](super::QueueOptions::max_envelope_bytes).
    #[error("the event's envelope has {bytes} bytes; the limit is {limit}")]
    TooLarge {
        /// The length of the canonical envelope.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The subscription could never sign.
    #[error("the subscription cannot sign: {0}")]
    Signature(#[from] ConfigurationError),
    /// The subscription's own headers could never be sent.
    #[error("the subscription's headers are refused: {0}")]
    Header(#[source] DeliveryError),
    /// The secrets are sealed with a key that this program was not given.
    #[error(
        "the secrets of {subscription_id} are sealed with the key {key_id}, which this program does not have (DEALIX_SECRETS_KEY)"
    )]
    SecretsLocked {
        /// The subscription's id.
        subscription_id: String,
        /// The id of the key.
        key_id: String,
    },
    /// Secrets cannot be sealed without a key.
    #[error("there is no key to seal the secrets with (DEALIX_SECRETS_KEY)")]
    NoSecretsKey,
    /// No secret can be added at present.
    #[error(transparent)]
    TooManySecrets(#[from] TooManySecretsError),
    /// There is no subscription with this id.
    #[error("there is no subscription {0}")]
    NoSubscription(String),
    /// The subscription was removed, so nothing can be delivered to it.
    #[error("the subscription {0} was removed; its deliveries can be read, but not sent again")]
    Removed(String),
    /// Nothing can be delivered to a disabled subscription.
    #[error("the subscription {0} is disabled; enable it first")]
    Disabled(String),
    /// There is no delivery with this id.
    #[error("there is no delivery {0}")]
    NoDelivery(String),
    /// The delivery is still waiting for an attempt, so there is nothing to replay.
    #[error("the delivery {0} is still pending; it can be replayed when it is delivered or a dead letter")]
    StillPending(String),
    /// The transaction belongs to a different database.
    #[error("the transaction does not belong to the queue's database")]
    OtherDatabase,
    /// The queue is shutting down.
    #[error("the queue is closed")]
    Closed,
}

impl QueueError {
    pub(in crate::sender) fn unreachable(message: impl Into<String>) -> Self {
        Self::Unreachable(DatabaseError::new(message))
    }

    pub(in crate::sender) fn database(message: impl Into<String>) -> Self {
        Self::Database(DatabaseError::new(message))
    }

    pub(in crate::sender) fn damaged(message: impl Into<String>) -> Self {
        Self::Damaged(DatabaseError::new(message))
    }
}
