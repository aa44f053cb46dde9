use super::dialect::{FOR_DELIVERIES, FOR_OPERATORS, Target};
use super::shared::line::Line;
use super::shared::setup::set_up;
use super::shared::store::{Lines, SqlStore};
use crate::sender::queue::{QueueError, SecretsKeys};
use crate::sender::store::database::Opening;
use crate::sender::store::sql::limits::{CONNECT_TIMEOUT, PATIENCE, RESPONSE_TIMEOUT, TRUSTED_FOR};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::str::FromStr;
use std::time::Duration;
use tokio::time::timeout;

/// Several connections may be dead at once; all of them are checked within the time that a new one may take.
const PING_TIMEOUT: Duration = Duration::from_secs(1);
/// The number of connections for reading.
const READERS: u32 = 5;

pub async fn open(url: &str, opening: Opening, keys: SecretsKeys) -> Result<SqlStore, QueueError> {
    let options = PgConnectOptions::from_str(url)?;
    let target = |settings| Target { options: options.clone(), settings };
    set_up(&target(FOR_OPERATORS), opening).await?;
    let readers = PgPoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(CONNECT_TIMEOUT)
        .after_connect(|connection, _| Box::pin(async move { connection.execute(FOR_OPERATORS).await.map(drop) }))
        // Each test would be a round trip.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move { Ok(meta.idle_for <= TRUSTED_FOR || works(connection).await) })
        })
        // Without a timeout of ours, the pool would wait forever and count the connection as in use.
        .after_release(|connection, _| Box::pin(async move { Ok(works(connection).await) }))
        .connect_lazy_with(options.clone());
    let line = || Line::new(target(FOR_DELIVERIES), RESPONSE_TIMEOUT);
    let operators = Line::new(target(FOR_OPERATORS), PATIENCE);
    Ok(SqlStore::new(keys, readers, Lines { changes: line(), leases: line(), tasks: line(), operators }))
}

async fn works(connection: &mut PgConnection) -> bool {
    matches!(timeout(PING_TIMEOUT, connection.ping()).await, Ok(Ok(())))
}
