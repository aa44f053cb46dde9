//! What this database does in its own way.

use crate::sender::queue::QueueError;
use crate::sender::store::connection::{AnyConnection, QueueConnection};
use crate::sender::store::lease::LeaseRequest;
use crate::sender::store::news::{News, NewsWriter};
use crate::sender::store::sql::limits;
use crate::sender::store::sql::recording::Recording;
use crate::sender::store::sql::values::{integer, to_json};
use sqlx::postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions};
use sqlx::{Connection as _, Executor as _, PgConnection, query, query_as, query_scalar};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tracing::warn;

macro_rules! settings {
    ($values:literal) => {
        concat!(
            "SELECT set_config(known.name, wanted.setting, false) FROM pg_settings AS known JOIN (VALUES ",
            $values,
            ") AS wanted(name, setting) ON known.name = wanted.name"
        )
    };
}

pub type Driver = sqlx::Postgres;
pub type Connection = <Driver as sqlx::Database>::Connection;
pub type Pool = sqlx::Pool<Driver>;
pub type Row = <Driver as sqlx::Database>::Row;

/// Where a connection goes, and the settings of its session.
pub struct Target {
    pub options: PgConnectOptions,
    pub settings: Settings,
}

/// A statement that sets the session's settings, skipping those that this version of PostgreSQL does not have. `jit` is off
/// because with large tables it would compile a 5 ms statement for 50 ms; the timeouts release the locks of a client that has
/// disappeared.
pub type Settings = &'static str;

/// For the statements that every delivery goes through. Each is planned once, to find its rows by an index even if the tables
/// are small at the time.
pub const FOR_DELIVERIES: Settings = settings!(
    "('jit', 'off'), ('plan_cache_mode', 'force_generic_plan'), ('enable_seqscan', 'off'), ('enable_hashjoin', 'off'), \
     ('enable_mergejoin', 'off'), ('enable_bitmapscan', 'off'), ('statement_timeout', '20s'), \
     ('idle_in_transaction_session_timeout', '20s')"
);
/// Plans anew each time: a generic plan that was made while the tables were small would still be used when they are large.
pub const FOR_OPERATORS: Settings = settings!(
    "('jit', 'off'), ('plan_cache_mode', 'force_custom_plan'), ('idle_in_transaction_session_timeout', '60s')"
);

pub async fn connect(target: &Target) -> Result<PgConnection, sqlx::Error> {
    let mut connection = PgConnection::connect_with(&target.options).await?;
    connection.execute(target.settings).await?;
    Ok(connection)
}

/// Whether a group of changes of one kind is a single statement, which needs no explicit transaction.
pub const IS_ONE_STATEMENT_A_KIND: bool = true;
/// Whether the database notifies the session that committed as well.
pub const HEARS_ITSELF: bool = true;

/// How long to wait before replacing a listener that failed.
const LISTEN_AGAIN: Duration = Duration::from_millis(500);
/// How long the database may be silent before the connection is checked.
const SILENCE: Duration = Duration::from_secs(15);
pub const CONNECT_TIMEOUT: Duration = limits::CONNECT_TIMEOUT;
/// How many deliveries are pruned in one transaction, and for how many times as long pruning then rests.
pub const PRUNE_PORTION: i64 = 1000;
pub const PRUNE_REST: u32 = 1;
/// Only one process at a time sets up or upgrades the tables.
/// While an upgrade waits for a table, everyone else waits behind it, so it gives up soon.
pub const LOCK: &str = "SELECT pg_advisory_xact_lock(7305808869229538664); SET LOCAL lock_timeout = '5s'";
pub const HAS_SCHEMA: &str = "SELECT (to_regclass('dealix_schema') IS NOT NULL)::int::bigint";
const FUNCTIONS: &str = include_str!("../functions_postgres.sql");
pub const SCHEMAS: [&str; 3] = [include_str!("../schema.sql"), include_str!("../schema_postgres.sql"), FUNCTIONS];
pub const UPGRADE_FROM_2: [&str; 2] = [include_str!("../upgrade_from_2.sql"), FUNCTIONS];
pub const UPGRADE_EVENTS: &str = include_str!("../upgrade_from_1_postgres.sql");

pub async fn begin(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    connection.execute("BEGIN").await.map(drop)
}

/// Passes on the notifications of all sessions.
pub async fn watch(options: Arc<PgConnectOptions>, news: NewsWriter) {
    loop {
        if let Err(error) = listen(&options, &news).await {
            warn!(%error, "the database sends no notifications; polling instead");
        }
        sleep(LISTEN_AGAIN).await;
    }
}

/// Returns when the connection fails.
async fn listen(options: &PgConnectOptions, news: &NewsWriter) -> Result<(), sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(options.clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    // Reconnecting by itself, it would not say what it missed.
    listener.eager_reconnect(false);
    listener.listen("dealix").await?;
    // Earlier notifications are lost.
    news.tell(News::Anything);
    while let Some(notification) = next(&mut listener).await? {
        news.tell(match notification.payload() {
            "" => News::Outbox,
            "*" => News::Anything,
            subscription_id => News::Due(subscription_id.to_owned()),
        });
    }
    Ok(())
}

/// The next notification. After a silence, checks that the database is still there.
async fn next(listener: &mut PgListener) -> Result<Option<PgNotification>, sqlx::Error> {
    loop {
        if let Ok(notification) = timeout(SILENCE, listener.try_recv()).await {
            return notification;
        }
        let checked = timeout(CONNECT_TIMEOUT, listener.execute("SELECT 1")).await;
        checked.map_err(|_| sqlx::Error::PoolTimedOut)??;
    }
}

/// Tells all sessions to look at everything.
pub async fn tell_all(connection: &mut PgConnection) -> Result<(), QueueError> {
    query("SELECT pg_notify('dealix', '*')").execute(connection).await?;
    Ok(())
}

pub async fn enqueue(connection: &mut PgConnection, events: &str) -> Result<Vec<(String, Option<String>)>, QueueError> {
    #[rustfmt::skip]
    const ENQUEUE: &str = concat!(
        "WITH e AS (",
        insert_events!("$1"),
        " RETURNING id, event_type, customer_id, octet_length(envelope) AS bytes), \
         d AS (",
        insert_deliveries!("FROM e"),
        "), \
         n AS MATERIALIZED (SELECT pg_notify('dealix', id) FROM (SELECT DISTINCT subscription_id AS id FROM d) AS told) \
         SELECT id, NULL FROM e WHERE (SELECT count(*) FROM n) >= 0 UNION ALL SELECT event_id, subscription_id FROM d"
    );
    Ok(query_as(ENQUEUE).bind(events).fetch_all(connection).await?)
}

/// Returns the ids of the attempts that were new to the log, and of the deliveries whose state they changed.
pub async fn record(
    connection: &mut PgConnection,
    Recording { outcomes, excerpts, health }: Recording,
) -> Result<(HashSet<String>, HashSet<String>), QueueError> {
    #[rustfmt::skip]
    const RECORD: &str = concat!(
        "WITH a AS (",
        insert_attempts!("$1", "$3"),
        "), d AS (",
        update_deliveries!("$1"),
        "), h AS (",
        update_health!("$2"),
        ") \
         SELECT 0::bigint, id FROM a UNION ALL SELECT 1::bigint, id FROM d"
    );
    let rows: Vec<(i64, String)> =
        query_as(RECORD).bind(outcomes).bind(health).bind(excerpts).fetch_all(connection).await?;
    let (new, waiting): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(part, _)| *part == 0);
    let ids = |rows: Vec<(i64, String)>| rows.into_iter().map(|(_, id)| id).collect();
    Ok((ids(new), ids(waiting)))
}

pub async fn lease(connection: &mut PgConnection, request: &LeaseRequest<'_>) -> Result<Vec<Row>, QueueError> {
    // The commit does not wait for the disk: losing a lease in a crash of the machine does no harm.
    #[rustfmt::skip]
    const LEASE: &str = concat!(
        "WITH unsynced AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), \
         picked AS MATERIALIZED (SELECT d.id, d.bytes, d.due_ms, r.bytes AS bytes_left FROM unsynced, ",
        rows!("$1", subscription_id text, slots bigint, bytes bigint, in_flight json),
        " JOIN dealix_subscriptions s ON s.id = r.subscription_id AND s.enabled = 1 AND s.paused = 0 AND s.held_until_ms <= ",
        now_ms!(),
        " CROSS JOIN LATERAL (SELECT id, bytes, due_ms FROM ", pending_by_subscription!(),
        is_leasable!("r.subscription_id", "$2", "r.in_flight"), " ORDER BY due_ms, id LIMIT least(r.slots, ", at_once!("s"), ")", skip_locked!(),
        ") AS d), \
         leased AS (UPDATE dealix_deliveries SET leased_by = $2, leased_until_ms = ", now_ms!(), " + $4 \
         WHERE id = ANY(ARRAY(", fitting!("picked", "$3"), ")) RETURNING *) ",
        select_leased!("leased")
    );
    let leased = query(LEASE)
        .bind(to_json(request.wanted))
        .bind(request.worker)
        .bind(i64::from(request.is_first))
        .bind(integer(request.lease.as_millis()));
    Ok(leased.fetch_all(connection).await?)
}

pub fn own<'c>(connection: QueueConnection<'c>) -> Result<&'c mut PgConnection, QueueError> {
    match connection.0 {
        AnyConnection::Postgres(connection) => Ok(connection),
        AnyConnection::Sqlite(_) => Err(QueueError::OtherDatabase),
    }
}

/// How long [`scrub`] may take.
pub const SCRUB_TIMEOUT: Duration = limits::PATIENCE;
/// Nothing: PostgreSQL keeps the row that an update replaces until the table is rewritten.
pub const OVERWRITE: &str = "";

/// Rewrites the table without the rows that were replaced. Earlier write-ahead log and backups keep them.
pub async fn scrub(connection: &mut PgConnection) -> Result<bool, QueueError> {
    // While it waits for a transaction that has used the table, every lease and every new event waits behind it.
    connection.execute("SET lock_timeout = '2s'").await?;
    let before = subscriptions_file(connection).await?;
    // To all but the table's owner PostgreSQL says that it succeeded, although it did nothing.
    let _ = connection.execute("VACUUM (FULL) dealix_subscriptions").await;
    connection.execute("RESET lock_timeout").await?;
    Ok(subscriptions_file(connection).await? != before)
}

/// The number of the file that holds the table.
async fn subscriptions_file(connection: &mut PgConnection) -> Result<i64, QueueError> {
    let file = query_scalar("SELECT pg_relation_filenode('dealix_subscriptions')::bigint");
    Ok(file.fetch_one(connection).await?)
}

/// What a worker needs of the tables, as far as this role lacks it; all of it in a session that may not write.
pub const MISSING_PRIVILEGES: &str = "\
    SELECT needed.privilege || ' ON ' || needed.tables FROM ( \
      SELECT privilege, tables FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege, \
        unnest(ARRAY['dealix_subscriptions', 'dealix_events', 'dealix_deliveries', 'dealix_attempts', 'dealix_outbox', 'dealix_alarms']) AS tables \
      UNION ALL SELECT 'SELECT', 'dealix_schema') AS needed \
    WHERE NOT coalesce(has_table_privilege(to_regclass(needed.tables), needed.privilege), false) \
      OR (needed.privilege <> 'SELECT' AND current_setting('transaction_read_only') = 'on')";
pub const MAY_ENQUEUE_IN_SQL: &str = "SELECT coalesce(has_schema_privilege(to_regnamespace('dealix'), 'USAGE'), false)";
pub const JOURNAL_MODE: &str = "SELECT NULL::text";
