//! Calls to the database, none of which waits forever.

use super::super::dialect::{self, CONNECT_TIMEOUT, Connection, Pool, Target};
use crate::sender::queue::QueueError;
use crate::sender::store::sql::limits::TRUSTED_FOR;
use sqlx::{Connection as _, raw_sql};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;
use tokio::time::{Duration, timeout};

/// One connection for frequent calls, which take turns. A pool would check the connection each time that it is released.
pub struct Line {
    target: Target,
    limit: Duration,
    held: Mutex<Option<(Connection, Instant)>>,
}

impl Line {
    pub fn new(target: Target, limit: Duration) -> Arc<Self> {
        Arc::new(Self { target, limit, held: Mutex::default() })
    }

    pub async fn call<T>(
        &self,
        call: impl AsyncFnOnce(&mut Connection) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        self.call_in_steps(async |connection| within(self.limit, call(connection)).await).await
    }

    /// The caller limits each step. If the call fails or is cancelled, the connection is dropped.
    pub async fn call_in_steps<T>(
        &self,
        call: impl AsyncFnOnce(&mut Connection) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        let mut held = self.held.lock().await;
        let mut connection = match held.take() {
            Some((connection, used_at)) => self.trusted(connection, used_at).await?,
            None => connect(&self.target).await?,
        };
        let result = call(&mut connection).await?;
        *held = Some((connection, Instant::now()));
        Ok(result)
    }

    async fn trusted(&self, mut connection: Connection, used_at: Instant) -> Result<Connection, QueueError> {
        if used_at.elapsed() < TRUSTED_FOR {
            return Ok(connection);
        }
        match timeout(CONNECT_TIMEOUT, connection.ping()).await {
            Ok(Ok(())) => Ok(connection),
            _ => connect(&self.target).await,
        }
    }
}

/// Makes a connection. Any failure is `Unreachable`, since the database was not told to do anything yet: the caller may retry.
pub async fn connect(target: &Target) -> Result<Connection, QueueError> {
    let connection = within(CONNECT_TIMEOUT, async { Ok(dialect::connect(target).await?) }).await;
    connection.map_err(|error| match error {
        QueueError::Database(error) => QueueError::Unreachable(error),
        error => error,
    })
}

/// Calls on one of the pool's connections.
pub async fn call<T>(
    pool: &Pool,
    limit: Duration,
    call: impl AsyncFnOnce(&mut Connection) -> Result<T, QueueError>,
) -> Result<T, QueueError> {
    let mut connection = pool.acquire().await?;
    let result = within(limit, call(&mut connection)).await;
    if matches!(result, Err(QueueError::Unreachable(_))) {
        // The next caller would wait just as long.
        connection.close_on_drop();
    }
    result
}

/// Nothing is rolled back here: if this fails, the caller drops the connection.
pub async fn in_transaction<T>(
    connection: &mut Connection,
    write: impl AsyncFnOnce(&mut Connection) -> Result<T, QueueError>,
) -> Result<T, QueueError> {
    begin(connection).await?;
    let written = write(connection).await?;
    commit(connection).await?;
    Ok(written)
}

pub async fn begin(connection: &mut Connection) -> Result<(), QueueError> {
    Ok(dialect::begin(connection).await?)
}

pub async fn commit(connection: &mut Connection) -> Result<(), QueueError> {
    Ok(raw_sql("COMMIT").execute(connection).await.map(drop)?)
}

pub async fn within<T>(limit: Duration, call: impl Future<Output = Result<T, QueueError>>) -> Result<T, QueueError> {
    let silence = |_| Err(QueueError::unreachable(format!("no response in {} s", limit.as_secs())));
    timeout(limit, call).await.unwrap_or_else(silence)
}
