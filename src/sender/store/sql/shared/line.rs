//! Asking the database, and waiting for no answer without end.

use super::super::dialect::{self, CONNECT_TIMEOUT, Connection, Pool, Target};
use crate::sender::queue::error::QueueError;
use crate::sender::store::sql::limits::TRUSTED_FOR;
use sqlx::{Connection as _, raw_sql};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;
use tokio::time::{Duration, timeout};

/// One connection for what is asked often, by one after the other. A pool would try it each time that it is given back.
pub struct Line {
    target: Target,
    limit: Duration,
    held: Mutex<Option<(Connection, Instant)>>,
}

impl Line {
    pub fn new(target: Target, limit: Duration) -> Arc<Self> {
        Arc::new(Self { target, limit, held: Mutex::default() })
    }

    pub async fn ask<T>(
        &self,
        ask: impl AsyncFnOnce(&mut Connection) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        self.ask_in_steps(async |connection| within(self.limit, ask(connection)).await).await
    }

    /// Whoever asks sees to it that no step takes for ever. Whatever fails, or is not waited for to its end, takes the
    /// connection with it.
    pub async fn ask_in_steps<T>(
        &self,
        ask: impl AsyncFnOnce(&mut Connection) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        let mut held = self.held.lock().await;
        let mut connection = match held.take() {
            Some((connection, used_at)) => self.trusted(connection, used_at).await?,
            None => connect(&self.target).await?,
        };
        let answer = ask(&mut connection).await?;
        *held = Some((connection, Instant::now()));
        Ok(answer)
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

/// Whatever keeps a connection from being made, nothing was asked of the database yet: it may be asked again.
pub async fn connect(target: &Target) -> Result<Connection, QueueError> {
    let connection = within(CONNECT_TIMEOUT, async { Ok(dialect::connect(target).await?) }).await;
    connection.map_err(|error| match error {
        QueueError::Database(reason) => QueueError::Unreachable(reason),
        error => error,
    })
}

/// Asks on a connection of the pool's.
pub async fn ask<T>(
    pool: &Pool,
    limit: Duration,
    ask: impl AsyncFnOnce(&mut Connection) -> Result<T, QueueError>,
) -> Result<T, QueueError> {
    let mut connection = pool.acquire().await?;
    let answer = within(limit, ask(&mut connection)).await;
    if matches!(answer, Err(QueueError::Unreachable(_))) {
        // Whoever got it next would wait as long.
        connection.close_on_drop();
    }
    answer
}

/// Whoever holds the connection gives it up where this fails: nothing is rolled back here.
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

pub async fn within<T>(limit: Duration, asking: impl Future<Output = Result<T, QueueError>>) -> Result<T, QueueError> {
    let silence = |_| Err(QueueError::Unreachable(format!("no answer in {} s", limit.as_secs())));
    timeout(limit, asking).await.unwrap_or_else(silence)
}
