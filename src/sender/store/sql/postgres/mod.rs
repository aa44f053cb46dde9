//! The queue in a PostgreSQL database, for any number of machines.

/// The database's time in milliseconds: when the statement began, so that an index can be asked.
macro_rules! now_ms {
    () => {
        "(extract(epoch FROM statement_timestamp()) * 1000)::bigint"
    };
}
/// A parameter's JSON text as rows.
macro_rules! rows {
    ($parameter:literal, $first:ident $type:ident $(, $column:ident $other:ident)*) => {
        concat!("json_to_recordset(", $parameter, "::json) AS r(", stringify!($first), " ", stringify!($type),
            $(", ", stringify!($column), " ", stringify!($other),)* ")")
    };
}
/// A parameter's JSON array of texts, for `IN`.
macro_rules! texts {
    ($parameter:literal) => {
        concat!("SELECT value FROM json_array_elements_text(", $parameter, "::json)")
    };
}
macro_rules! new_delivery_id {
    () => {
        concat!(
            "'dlv_' || lpad(to_hex(",
            now_ms!(),
            "), 12, '0') || left(replace(gen_random_uuid()::text, '-', ''), 12)"
        )
    };
}
/// Whether the subscription `s` wants events of the type of `e`.
macro_rules! wants {
    () => {
        "(s.events = '[]' OR EXISTS (SELECT 1 FROM json_array_elements_text(s.events::json) AS wanted(type) \
         WHERE wanted.type = e.event_type))"
    };
}
macro_rules! pending_by_subscription {
    () => {
        "dealix_deliveries WHERE state = 'pending'"
    };
}
macro_rules! is_pending {
    () => {
        "dealix_deliveries.state = 'pending'"
    };
}
/// Passes over rows that another worker holds.
macro_rules! skip_locked {
    () => {
        " FOR UPDATE SKIP LOCKED"
    };
}

mod dialect;
#[allow(clippy::duplicate_mod, reason = "the same code for another `Driver`")]
#[path = "../shared/mod.rs"]
mod shared;

use crate::sender::queue::error::QueueError;
use crate::sender::store::database::Opening;
use shared::setup::set_up;
use shared::store::SqlStore;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::time::Duration;

const CONNECTIONS: u32 = 8;
/// How long to wait for a connection before the database counts as gone.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A plan for any value, made while the tables were small, would be used when they are large. And where they are large, the
/// planner would have a statement of 5 ms compiled for 50 ms.
const SETTINGS: [&str; 2] = ["SET plan_cache_mode = force_custom_plan", "SET jit = off"];
/// A connection that was idle for longer is tried before it is used.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

pub(in crate::sender) async fn open(url: &str, opening: Opening) -> Result<SqlStore, QueueError> {
    // The pool would go on trying, and then only say that it took too long.
    PgConnection::connect(url).await?.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(|connection, _| {
            Box::pin(async move {
                for setting in SETTINGS {
                    // A database that does not know it does not do so.
                    let _ = connection.execute(setting).await;
                }
                Ok(())
            })
        })
        // Each try would be a round trip.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED_FOR {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect(url)
        .await?;
    set_up(&pool, opening).await?;
    Ok(SqlStore::new(pool.clone(), pool))
}
