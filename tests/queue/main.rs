//! The durable queue: the same behaviour on every database, whatever fails, and the operators' command.

#[path = "../support/mod.rs"]
mod support;

/// Runs each behaviour as a test on each database; the file that lists them imports its `Bed`. Those after `alone:` measure
/// time, so no other listed test runs beside them.
macro_rules! on_every_database {
    (alone: $($behaviour:ident),* $(,)?) => { on_every_database! { @ alone $($behaviour)* } };
    ($($behaviour:ident),* $(,)?) => { on_every_database! { @ shared $($behaviour)* } };
    (@ $company:ident $($behaviour:ident)*) => {
        mod sqlite { $( on_every_database! { @ $company Sqlite: $behaviour } )* }
        mod postgres { $( on_every_database! { @ $company Postgres: $behaviour } )* }
    };
    (@ $company:ident $kind:ident: $behaviour:ident) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $behaviour() {
            let _machine = crate::support::quiet::$company().await;
            super::$behaviour(super::Bed::start(crate::support::servers::Kind::$kind).await).await
        }
    };
}

mod alarms;
mod bed;
mod command;
mod configuration;
mod deliveries;
mod doctor;
mod egress;
mod endpoints;
mod failures;
mod fairness;
mod faults;
mod life;
mod log;
mod monitoring;
mod opening;
mod operators;
mod outbox_python;
mod packaging;
mod page;
mod plans;
mod rates;
mod records;
mod replay;
mod rights;
mod sealing;
mod secrets;
mod secrets_command;
mod sender_command;
mod subscriptions_command;
mod telemetry;
#[cfg(feature = "otlp")]
mod traces;
mod ways_in;
mod workers;
