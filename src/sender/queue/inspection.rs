use std::time::Duration;

/// What a database says about itself: see [`Queue::database_status`](crate::sender::Queue::database_status).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DatabaseStatus {
    /// How long a statement takes that does nothing.
    pub round_trip: Duration,
    /// How far the database's clock, by which deliveries are due and signed, is ahead of this process's; in milliseconds.
    pub ahead_ms: i64,
    /// The version of the queue's tables.
    pub schema_version: i64,
    /// SQLite's journal mode; `wal`, unless the file system cannot do that.
    pub journal_mode: Option<String>,
}

/// What the database's role may do: see [`Queue::privileges`](crate::sender::Queue::privileges).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct QueuePrivileges {
    /// What a worker needs and the role lacks, such as `UPDATE ON dealix_deliveries`.
    pub missing: Vec<String>,
    /// Whether the role may queue events with SQL. Workers need not.
    pub may_enqueue_in_sql: bool,
}

/// Whether deliveries are being worked off: see [`Queue::activity`](crate::sender::Queue::activity).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct QueueActivity {
    /// Deliveries that a worker has leased.
    pub leased: u64,
    /// Deliveries that wait because the sender itself could not make their attempts; their `error` says why.
    pub parked: u64,
    /// For how long the delivery has been due that has waited longest, of those that could be sent now.
    pub oldest_due: Option<Duration>,
    /// For how long the oldest event has been in the outbox, from which a worker takes it immediately.
    pub oldest_in_outbox: Option<Duration>,
    /// How long ago an attempt was recorded, to the minute: one that failed, or one of the newest 500 deliveries that arrived.
    pub last_attempt: Option<Duration>,
}
