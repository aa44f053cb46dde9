//! What was enqueued arrives, whatever fails in between: the worker's process, the database, the disk, the clock, the
//! receiver. The worker is the real `dealix-sender`, in a process of its own that can be killed.
#![cfg(feature = "cli")]

mod bed;
#[path = "../support/mod.rs"]
mod support;
mod worker;

mod backups;
mod clocks;
mod databases;
mod disks;
mod fairness;
mod kills;
mod migrations;
mod outbox;
mod shortages;
mod stops;
mod versions;

/// Each test for both databases.
macro_rules! on_every_database {
    ($($test:ident),* $(,)?) => {
        mod sqlite { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() { super::$test(crate::bed::Bed::start(crate::support::servers::Kind::Sqlite).await).await }
        )* }
        mod postgres { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() { super::$test(crate::bed::Bed::start(crate::support::servers::Kind::Postgres).await).await }
        )* }
    };
}
use on_every_database;
