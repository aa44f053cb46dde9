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
/// As much of a response as is kept.
const RESPONSE_BYTES: usize = 1024;

/// Bytes per delivery.
#[derive(Serialize)]
pub struct Figures {
    postgres_wal_enqueued: f64,
    postgres_wal_delivered: f64,
    postgres_tables: f64,
    sqlite_file: f64,
    /// What each response that is kept adds.
    postgres_wal_response: f64,
    postgres_tables_response: f64,
    sqlite_file_response: f64,
}

/// Bytes in use.
#[derive(Clone, Copy)]
struct Bytes {
    stored: i64,
    /// Bytes written to the write-ahead log so far.
    wal: i64,
}

/// Bytes for each delivery of one run.
struct Each {
    stored: f64,
    wal_enqueued: f64,
    wal_delivered: f64,
}

pub fn measure() -> Figures {
    let [postgres, sqlite] = [Kind::Postgres, Kind::Sqlite].map(|kind| measure_one(kind, 0));
    let [with_responses, sqlite_with_responses] =
        [Kind::Postgres, Kind::Sqlite].map(|kind| measure_one(kind, RESPONSE_BYTES));
    Figures {
        postgres_wal_enqueued: postgres.wal_enqueued,
        postgres_wal_delivered: postgres.wal_delivered,
        postgres_tables: postgres.stored,
        sqlite_file: sqlite.stored,
        postgres_wal_response: with_responses.wal_delivered - postgres.wal_delivered,
        postgres_tables_response: with_responses.stored - postgres.stored,
        sqlite_file_response: sqlite_with_responses.stored - sqlite.stored,
    }
}

/// Measures before anything is enqueued, when all is enqueued, and when all is delivered.
fn measure_one(kind: Kind, response_bytes: usize) -> Each {
    step(format_args!("cost: {kind:?}, responses of {response_bytes} bytes"));
    let database = Database::start(kind);
    let receiver = Receiver::answering(response_bytes);
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
    let delivered = bytes();
    let each = |from: i64, to: i64| (to - from) as f64 / EVENTS as f64;
    Each {
        stored: each(before.stored, delivered.stored),
        wal_enqueued: each(before.wal, enqueued.wal),
        wal_delivered: each(enqueued.wal, delivered.wal),
    }
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
                row("PostgreSQL, tables: a response of 1 KiB adds", self.postgres_tables_response),
                row("PostgreSQL, WAL: it adds", self.postgres_wal_response),
                row("SQLite, the file: it adds", self.sqlite_file_response),
            ],
        };
        table.fmt(f)
    }
}
