//! How long to wait for a database: a host that disappears sends nothing.

use std::time::Duration;

/// For what every delivery goes through, and for what a worker reads again and again.
pub const RESPONSE_TIMEOUT: Duration = Duration::from_secs(15);
/// For an operator's commands, which may take a while; and for SQLite, where another process may be writing.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// For making a connection, or checking that it still works; SQLite has no server that could disappear.
#[cfg(feature = "postgres")]
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that was idle for longer is checked before it is used.
pub const TRUSTED_FOR: Duration = Duration::from_secs(1);
