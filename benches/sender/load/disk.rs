//! What a queue takes on disk.

use sqlx::{Connection, PgConnection, query, query_scalar};
use std::path::PathBuf;

pub enum Disk {
    Postgres(PgConnection),
    Sqlite(PathBuf),
}

impl Disk {
    pub async fn open(database_url: &str) -> Self {
        match database_url.strip_prefix("sqlite://") {
            Some(file) => Self::Sqlite(file.into()),
            None => Self::Postgres(PgConnection::connect(database_url).await.expect("PostgreSQL answers")),
        }
    }

    /// PostgreSQL keeps up to 1 GB of its log before it writes over it, which would take most of the time to see.
    pub async fn limit_wal(&mut self) {
        let Self::Postgres(connection) = self else { return };
        for statement in ["ALTER SYSTEM SET max_wal_size = '256MB'", "SELECT pg_reload_conf()"] {
            query(statement).execute(&mut *connection).await.expect("PostgreSQL takes it");
        }
    }

    /// The bytes of the tables with their indexes, and of the write-ahead log.
    pub async fn bytes(&mut self) -> (u64, u64) {
        const STORED: &str = "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class \
             WHERE relname LIKE 'dealix_%' AND relkind = 'r'";
        const WAL: &str = "SELECT sum(size)::bigint FROM pg_ls_waldir()";
        match self {
            Self::Postgres(connection) => {
                let stored: i64 = query_scalar(STORED).fetch_one(&mut *connection).await.expect("a size");
                let wal: i64 = query_scalar(WAL).fetch_one(connection).await.expect("a size");
                (stored.unsigned_abs(), wal.unsigned_abs())
            }
            Self::Sqlite(file) => {
                let length = |file: &str| std::fs::metadata(file).map_or(0, |file| file.len());
                let file = file.display().to_string();
                (length(&file), length(&format!("{file}-wal")))
            }
        }
    }
}
