//! The queue in a PostgreSQL database, for any number of machines.

#[allow(clippy::duplicate_mod, reason = "the same code for another `Driver`")]
#[path = "sql.rs"]
mod sql;

use super::store::AttemptTask;
use super::{QUEUE_NAME, QueueError};
use apalis_postgres::{Config, PostgresStorage as Storage};
use sql::SqlStore;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection, PgPool};
use std::time::Duration;

type Driver = sqlx::Postgres;

const BEGIN: &str = "BEGIN";
const CONNECTIONS: u32 = 8;
/// How long to wait for a connection before the database counts as gone.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// In one transaction, and one opener at a time: `IF NOT EXISTS` is no protection against another's creating it.
const AMENDMENTS: &str = "
    SELECT pg_advisory_xact_lock(7305808869229538664);
    CREATE OR REPLACE FUNCTION dealix_forget_done() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN DELETE FROM apalis.jobs WHERE id = NEW.id; RETURN NULL; END $$;
    -- What is done is of no use: the log of attempts is ours. This keeps the table as small as what is to be done.
    CREATE OR REPLACE TRIGGER dealix_forget_done AFTER UPDATE OF status ON apalis.jobs
    FOR EACH ROW WHEN (NEW.status = 'Done') EXECUTE FUNCTION dealix_forget_done();
";
const RELEASE: &str = "UPDATE apalis.jobs SET status = 'Pending', done_at = NULL, lock_by = NULL, lock_at = NULL \
    WHERE lock_by = $1 AND status IN ('Queued', 'Running')";
const FORGET_DEAD_WORKERS: &str = "DELETE FROM apalis.workers WHERE last_seen < now() - interval '1 day' \
    AND NOT EXISTS (SELECT 1 FROM apalis.jobs WHERE lock_by = workers.id)";

pub(super) async fn open(url: &str) -> Result<SqlStore, QueueError> {
    // The pool would go on trying, and then only say that it took too long.
    PgConnection::connect(url).await?.close().await?;
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT).connect(url).await?;
    if !sql::is_set_up(&pool).await {
        set_up(&pool).await?;
    }
    Ok(SqlStore::new(pool.clone(), pool))
}

async fn set_up(pool: &PgPool) -> Result<(), QueueError> {
    Storage::<()>::migrations().run(pool).await.map_err(QueueError::database)?;
    let mut transaction = pool.begin().await?;
    sqlx::raw_sql(AMENDMENTS).execute(&mut *transaction).await?;
    let schema = include_str!("schema.sql").replace("BLOB", "BYTEA");
    sqlx::raw_sql(sqlx::AssertSqlSafe(schema)).execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

async fn push_task(connection: &mut PgConnection, task: &AttemptTask, at: i64) -> Result<(), QueueError> {
    let pushed = apalis_postgres::queries::push_tasks(connection, QUEUE_NAME, vec![task.for_apalis(at)]).await;
    pushed.map_err(QueueError::database)
}
