//! The durable queue, the same behaviour on every database.
#![cfg(feature = "postgres")]

mod bed;
#[path = "../support/mod.rs"]
mod support;

mod deliveries;
mod endpoints;
mod failures;
mod fairness;
mod opening;
mod operators;
mod plans;
mod records;
mod replay;
mod secrets;
mod ways_in;
mod workers;

/// Each behaviour as a test for each database.
macro_rules! on_every_database {
    ($($behaviour:ident),* $(,)?) => {
        mod sqlite { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $behaviour() { super::$behaviour(crate::bed::Bed::start(crate::support::servers::Kind::Sqlite).await).await }
        )* }
        mod postgres { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $behaviour() { super::$behaviour(crate::bed::Bed::start(crate::support::servers::Kind::Postgres).await).await }
        )* }
    };
}
use on_every_database;
