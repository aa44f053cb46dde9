//! The durable queue: the same behaviour on every database, whatever fails in between, and the operators' command.

#[path = "../support/mod.rs"]
mod support;

/// Each behaviour as a test for each database; the file that lists them imports its `Bed`.
macro_rules! on_every_database {
    ($($behaviour:ident),* $(,)?) => {
        mod sqlite { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $behaviour() { super::$behaviour(super::Bed::start(crate::support::servers::Kind::Sqlite).await).await }
        )* }
        mod postgres { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $behaviour() { super::$behaviour(super::Bed::start(crate::support::servers::Kind::Postgres).await).await }
        )* }
    };
}

mod bed;
mod deliveries;
mod endpoints;
mod failures;
mod fairness;
mod faults;
mod opening;
mod operators;
mod outbox_python;
mod plans;
mod records;
mod replay;
mod secrets;
mod sender_command;
mod telemetry;
mod ways_in;
mod workers;
