//! Which URLs open a queue, and what is said of those that do not.

use dealix_webhooks::native::{Queue, QueueError};

async fn refusal(url: &str) -> QueueError {
    Queue::open(url).await.expect_err("refused")
}

#[tokio::test]
async fn a_url_of_no_known_scheme_is_refused() {
    for url in ["", "queue.db", "mysql://root@localhost/db", "sqlite", "REDIS"] {
        assert!(matches!(refusal(url).await, QueueError::Url(_)), "{url}");
    }
}

#[tokio::test]
async fn a_url_that_leads_nowhere_is_an_error_that_shows_no_password() {
    for url in [
        "redis://:hunter2@127.0.0.1:1/",
        "redis://user:hunter2@127.0.0.1:port/",
        "redis://:hunter2@127.0.0.1:1/database",
        "redis://:hunter2@/ /",
        "rediss://:hunter2@127.0.0.1:1/",
        "postgres://user:hunter2@127.0.0.1:port/db",
        "postgres://user:hunter2@127.0.0.1:1/db",
        "postgres://user:hunter2@ /db",
    ] {
        let error = refusal(url).await;
        let is_about_the_database = matches!(error, QueueError::Database(_) | QueueError::Unreachable(_));
        assert!(is_about_the_database && !format!("{error} {error:?}").contains("hunter2"), "{url}: {error:?}");
    }
}
