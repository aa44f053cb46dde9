//! How long a database is waited for: a host that goes says nothing.

use std::time::Duration;

/// For what every delivery goes through, and for what a worker looks for again and again.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// For what an operator asks, which may take a while; and for SQLite, where another process may be writing.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// For a connection, or for its saying that it still works.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that was idle for longer is tried before it is used.
pub const TRUSTED_FOR: Duration = Duration::from_secs(1);
