//! How much disk a delivery takes.

use crate::filling::{self, ENDPOINTS, ENQUEUED_AT_ONCE};
use crate::receiver::Receiver;
use crate::servers::{Database, Kind};
use crate::table::{Row, Table};
use crate::worker::Workers;
use crate::{runtime, step};
use dealix_webhooks::sender::Queue;
use serde::Serialize;
use sqlx::{Connection, PgConnection, SqliteConnection, query_scalar};
use std::fmt;

const EVENTS: u64 = 20_000;

/// Bytes per delivery.
#[derive(Serialize)]
pub struct Figures {
    postgres_wal_enqueued: f64,
    postgres_wal_delivered: f64,
    postgres_tables: f64,
    sqlite_file: f64,
}

/// Bytes in use.
#[derive(Clone, Copy)]
struct Bytes {
    stored: i64,
    /// Bytes written to the write-ahead log so far.
    wal: i64,
}

pub fn measure() -> Figures {
    let [before, enqueued, delivered] = measure_one(Kind::Postgres);
    let [sqlite_before, _, sqlite] = measure_one(Kind::Sqlite);
    let each = |from: i64, to: i64| (to - from) as f64 / EVENTS as f64;
    Figures {
        postgres_wal_enqueued: each(before.wal, enqueued.wal),
        postgres_wal_delivered: each(enqueued.wal, delivered.wal),
        postgres_tables: each(before.stored, delivered.stored),
        sqlite_file: each(sqlite_before.stored, sqlite.stored),
    }
}

/// Measures before anything is enqueued, when all is enqueued, and when all is delivered.
fn measure_one(kind: Kind) -> [Bytes; 3] {
    step(format_args!("cost: {kind:?}"));
    let database = Database::start(kind);
    let receiver = Receiver::start();
    let runtime = runtime();
    let bytes = || match kind {
        Kind::Postgres => runtime.block_on(in_postgres(&database.url())),
        Kind::Sqlite => runtime.block_on(in_sqlite(&database.url())),
    };
    let queue = runtime.block_on(Queue::open(&database.url())).expect("a queue");
    runtime.block_on(filling::subscribe(&queue, filling::CUSTOMERS, ENDPOINTS, &receiver.url()));
    let before = bytes();
    runtime.block_on(filling::enqueue(&queue, EVENTS, ENQUEUED_AT_ONCE));
    let enqueued = bytes();
    Workers::start(&database.url(), 1).wait_for(EVENTS);
    [before, enqueued, bytes()]
}

async fn in_postgres(database_url: &str) -> Bytes {
    let mut connection = PgConnection::connect(database_url).await.expect("PostgreSQL answers");
    let stored =
        "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relname LIKE 'dealix_%' AND relkind = 'r'";
    let wal = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint";
    Bytes {
        stored: query_scalar(stored).fetch_one(&mut connection).await.expect("a size"),
        wal: query_scalar(wal).fetch_one(&mut connection).await.expect("a place in the log"),
    }
}

async fn in_sqlite(database_url: &str) -> Bytes {
    let mut connection = SqliteConnection::connect(database_url).await.expect("SQLite opens");
    let stored = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    Bytes { stored: query_scalar(stored).fetch_one(&mut connection).await.expect("a size"), wal: 0 }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |label: &str, bytes: f64| Row::new(label, [format!("{bytes:.0}")]);
        let table = Table {
            about: format!(
                "Disk space per delivery of 300 bytes, with its event and its attempt, over {EVENTS} deliveries."
            ),
            columns: vec!["bytes each"],
            rows: vec![
                row("PostgreSQL, tables and indexes", self.postgres_tables),
                row("PostgreSQL, WAL of enqueuing", self.postgres_wal_enqueued),
                row("PostgreSQL, WAL of leasing and recording", self.postgres_wal_delivered),
                row("SQLite, the file", self.sqlite_file),
            ],
        };
        table.fmt(f)
    }
}
