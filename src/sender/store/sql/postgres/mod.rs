//! The queue in a PostgreSQL database, for any number of machines.

/// The database's time in milliseconds: when the statement began, so that an index can be asked.
macro_rules! now_ms {
    () => {
        "floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint"
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
/// Whether the delivery, found by its id, is pending: no index of those that are can be asked for this, which would look
/// through all of them where there were few when the statement was planned.
macro_rules! is_pending {
    () => {
        "dealix_deliveries.state || '' = 'pending'"
    };
}
/// Passes over rows that another worker holds.
macro_rules! skip_locked {
    () => {
        " FOR UPDATE SKIP LOCKED"
    };
}

/// Nobody changes the row before this transaction ends.
macro_rules! for_share {
    () => {
        " FOR SHARE"
    };
}

mod dialect;
#[allow(clippy::duplicate_mod, reason = "the same code for another `Driver`")]
#[path = "../shared/mod.rs"]
mod shared;

use crate::sender::queue::error::QueueError;
use crate::sender::store::database::Opening;
use crate::sender::store::sql::limits::{ANSWER_TIMEOUT, CONNECT_TIMEOUT, PATIENCE, TRUSTED_FOR};
use dialect::{FOR_DELIVERIES, FOR_OPERATORS, Target};
use shared::line::Line;
use shared::setup::set_up;
use shared::store::{Lines, SqlStore};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::str::FromStr;
use std::time::Duration;
use tokio::time::timeout;

/// Several connections may be gone at once, and all of them are tried within the time for one that is new.
const PING_TIMEOUT: Duration = Duration::from_secs(1);
/// For what is read.
const READERS: u32 = 5;

pub(in crate::sender) async fn open(url: &str, opening: Opening) -> Result<SqlStore, QueueError> {
    let options = PgConnectOptions::from_str(url)?;
    let target = |settings| Target { options: options.clone(), settings };
    set_up(&target(FOR_OPERATORS), opening).await?;
    let readers = PgPoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(CONNECT_TIMEOUT)
        .after_connect(|connection, _| Box::pin(async move { connection.execute(FOR_OPERATORS).await.map(drop) }))
        // Each try would be a round trip.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move { Ok(meta.idle_for <= TRUSTED_FOR || works(connection).await) })
        })
        // The pool would wait for the answer without end, and count the connection as in use.
        .after_release(|connection, _| Box::pin(async move { Ok(works(connection).await) }))
        .connect_lazy_with(options.clone());
    let line = || Line::new(target(FOR_DELIVERIES), ANSWER_TIMEOUT);
    let operators = Line::new(target(FOR_OPERATORS), PATIENCE);
    Ok(SqlStore::new(readers, Lines { changes: line(), leases: line(), tasks: line(), operators }))
}

async fn works(connection: &mut PgConnection) -> bool {
    matches!(timeout(PING_TIMEOUT, connection.ping()).await, Ok(Ok(())))
}
