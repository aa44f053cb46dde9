//! Which URLs open a queue, and the errors for those that do not.

use crate::bed::Bed;
use crate::support::servers::Kind;
use dealix_webhooks::sender::{Queue, QueueError, QueueOptions};
use sqlx::{Connection as _, PgConnection};
use std::time::Duration;

async fn refusal(url: &str) -> QueueError {
    Queue::open(url).await.expect_err("refused")
}

#[tokio::test]
async fn a_url_with_an_unknown_scheme_is_refused() {
    for url in ["", "queue.db", "mysql://root@localhost/db", "sqlite", "redis://localhost/"] {
        assert!(matches!(refusal(url).await, QueueError::Url(_)), "{url}");
    }
}

#[tokio::test]
async fn the_error_for_an_unreachable_url_shows_no_password() {
    for url in [
        "postgres://user:hunter2@127.0.0.1:port/db",
        "postgres://user:hunter2@127.0.0.1:1/db",
        "postgres://user:hunter2@ /db",
    ] {
        let error = refusal(url).await;
        let is_about_the_database = matches!(error, QueueError::Database(_) | QueueError::Unreachable(_));
        assert!(is_about_the_database && !format!("{error} {error:?}").contains("hunter2"), "{url}: {error:?}");
    }
}

/// `CREATE INDEX IF NOT EXISTS`, for example, would wait for all writers, and new writers would wait for it.
#[tokio::test(flavor = "multi_thread")]
async fn opening_a_postgres_queue_in_use_does_not_wait_for_writers() {
    let bed = Bed::start(Kind::Postgres).await;
    let mut connection = PgConnection::connect(&bed.url).await.expect("a connection");
    let mut writing = connection.begin().await.expect("a transaction");
    let lock = "LOCK TABLE dealix_deliveries, dealix_attempts IN ROW EXCLUSIVE MODE";
    sqlx::query(lock).execute(&mut *writing).await.expect("locked, as by a write");
    let opening = tokio::time::timeout(Duration::from_secs(10), Queue::open(&bed.url));
    opening.await.expect("it must not wait").expect("a queue");
}

/// Both queues would share one SQL function.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_queue_in_another_schema_of_the_same_database_is_refused() {
    let bed = Bed::start(Kind::Postgres).await;
    bed.sql("CREATE SCHEMA other").await;
    let database = bed.url.rsplit('/').next().expect("a name");
    bed.sql(&format!("ALTER DATABASE {database} SET search_path = other")).await;
    let error = refusal(&bed.url).await.to_string();
    assert!(error.contains("this database has another queue") && error.contains("public"), "{error}");
    assert!(
        matches!(Queue::open_existing(&bed.url, QueueOptions::default()).await, Err(QueueError::Database(_))),
        "nothing was created"
    );
}
