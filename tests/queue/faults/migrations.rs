//! Queues of earlier versions. The fixtures are dumps of databases that these made. Version 1 kept its jobs in apalis, and its
//! worker was killed during an attempt; version 2 migrated the same queue.

use crate::faults::bed::{CUSTOMER, Empty, execute, number, texts};
use crate::faults::worker::{Worker, run, spawn, succeeded, until_async};
use crate::support::receiver::{Receiver, SECRET};
use crate::support::servers::Kind;
use dealix_webhooks::Verifier;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection as _, PgConnection, raw_sql};
use std::str::FromStr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where the fixtures' endpoints were.
const THEN: &str = "http://127.0.0.1:18999";
const VERSION: &str = "SELECT max(version) FROM dealix_schema";
const NEWER_SECRET: &str = "whsec_the_newer";

/// A queue of version 1 or 2.
async fn old_queue(kind: Kind, version: i64, receiver: &Receiver) -> Empty {
    let dump = match (kind, version) {
        (Kind::Sqlite, 1) => include_str!("../../fixtures/queue-1.sqlite.sql"),
        (Kind::Postgres, 1) => include_str!("../../fixtures/queue-1.postgres.sql"),
        (Kind::Sqlite, _) => include_str!("../../fixtures/queue-2.sqlite.sql"),
        (Kind::Postgres, _) => include_str!("../../fixtures/queue-2.postgres.sql"),
    };
    let database = Empty::start(kind).await;
    execute(&database.url, &dump.replace(THEN, &receiver.url(""))).await;
    // Due an hour after the test runs, whenever that is.
    let now = if kind == Kind::Sqlite { "unixepoch()" } else { "extract(epoch FROM now())::bigint" };
    let due = if version == 1 {
        format!("next_attempt_at = {now} + 3600")
    } else {
        format!("due_ms = ({now} + 3600) * 1000")
    };
    let later = format!("UPDATE dealix_deliveries SET {due} WHERE event_id = 'evt_to_retry_later'");
    execute(&database.url, &later).await;
    database
}

async fn receiver() -> Receiver {
    Receiver::with_secrets([SECRET, NEWER_SECRET], |_| 204).await
}

/// Everything that all versions store, in the same words.
async fn everything(url: &str, version: i64) -> Vec<String> {
    let due = if version == 1 { "next_attempt_at" } else { "due_ms / 1000" };
    let of_deliveries = format!(
        "id || '|' || event_id || '|' || event_type || '|' || customer_id || '|' || subscription_id || '|' || endpoint_url \
         || '|' || state || '|' || attempts || '|' || attempts_before_replay || '|' || created_at || '|' || \
         coalesce({due}, 0) || '|' || coalesce(finished_at, 0) || '|' || coalesce(status_code, 0) || '|' || coalesce(error, '')"
    );
    let of_subscriptions = "id || '|' || customer_id || '|' || endpoint_url || '|' || secrets || '|' || events || '|' || enabled \
         || '|' || created_at || '|' || coalesce(disabled_reason, '') || '|' || coalesce(failing_since, 0)";
    let of_attempts = "id || '|' || delivery_id || '|' || attempt || '|' || timestamp || '|' || coalesce(status_code, 0) || '|' \
         || success || '|' || coalesce(error, '') || '|' || duration_ms";
    let mut all = Vec::new();
    for (columns, table) in [
        (of_deliveries.as_str(), "deliveries"),
        (of_subscriptions, "subscriptions"),
        (of_attempts, "attempts"),
        ("id || '|' || created_at || '|' || length(envelope)", "events"),
    ] {
        all.extend(texts(url, &format!("SELECT {columns} FROM dealix_{table} ORDER BY id")).await);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_sqlite_queue_is_migrated_and_goes_on() {
    an_old_queue_is_migrated_and_goes_on(Kind::Sqlite, 1).await;
    an_old_queue_is_migrated_and_goes_on(Kind::Sqlite, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_postgres_queue_is_migrated_and_goes_on() {
    an_old_queue_is_migrated_and_goes_on(Kind::Postgres, 1).await;
    an_old_queue_is_migrated_and_goes_on(Kind::Postgres, 2).await;
}

async fn an_old_queue_is_migrated_and_goes_on(kind: Kind, version: i64) {
    let receiver = receiver().await;
    let database = old_queue(kind, version, &receiver).await;
    let url = database.url.as_str();
    let before = everything(url, version).await;
    assert_refused(url);
    assert_eq!(everything(url, version).await, before, "a refusal changes nothing");

    let upgraded = format!("the tables were upgraded from version {version} to 3\n");
    assert_eq!(succeeded(run(url, &["migrate"])), upgraded);
    assert!(succeeded(run(url, &["migrate"])).contains("nothing to do"));
    assert_eq!(everything(url, 3).await, before, "nothing is lost");
    assert_eq!(number(url, VERSION).await, 3);
    assert_nothing_is_left_of_apalis(kind, url).await;
    let disabled = "SELECT count(*) FROM dealix_subscriptions WHERE enabled = 0";
    let known = "SELECT count(*) FROM dealix_alarms JOIN dealix_subscriptions ON id = subject WHERE kind = 'disabled' AND enabled = 0";
    assert_eq!((number(url, disabled).await, number(url, known).await), (1, 1), "it is no news");

    assert_pending_deliveries_are_made_when_due(url, &receiver).await;
    assert_finished_deliveries_are_known(url, &receiver).await;
    if kind == Kind::Postgres {
        let call = "SELECT dealix.enqueue('deal.won', 'cus_4', '{}')";
        assert!(texts(url, call).await[0].starts_with("evt_"), "the function can be called as before");
    }
    let log = "SELECT count(*) FROM dealix_attempts";
    assert_eq!(number(url, log).await, 9 + receiver.count() as i64, "the log is kept and continued");
}

/// Also checks that a body is exactly what was enqueued.
async fn assert_pending_deliveries_are_made_when_due(url: &str, receiver: &Receiver) {
    Worker::start(url, &["--until-idle"]).finish().await;
    let due = [("evt_in_flight", 1), ("evt_to_retry", 2), ("evt_untouched", 1)];
    assert_eq!(attempts(receiver), due.map(|(id, attempt)| (id.to_owned(), attempt)), "{:?}", receiver.refused());
    let received = receiver.received();
    let untouched = received.iter().find(|received| received.event_id == "evt_untouched").expect("the event");
    let body = String::from_utf8_lossy(&untouched.body);
    assert!(body.contains(r#""data":{"n":8,"text":"it's \"quoted\""}"#), "{body}");

    execute(url, "UPDATE dealix_deliveries SET due_ms = 0 WHERE state = 'pending'").await;
    Worker::start(url, &["--until-idle"]).finish().await;
    assert!(attempts(receiver).contains(&("evt_to_retry_later".to_owned(), 2)));
}

/// Checks that ids are known, dead letters can be replayed, and new events are signed with the rotated-in secret.
async fn assert_finished_deliveries_are_known(url: &str, receiver: &Receiver) {
    for id in ["evt_delivered", "evt_wanted_by_nobody", "evt_refused"] {
        let again = succeeded(run(url, &["enqueue", "--type", "deal.won", "--customer", CUSTOMER, "--id", id]));
        assert!(again.contains("was queued before"), "{again}");
    }
    let dead = "SELECT id FROM dealix_deliveries WHERE event_id = 'evt_refused' AND state = 'dead_letter'";
    succeeded(run(url, &["replay", &texts(url, dead).await[0]]));
    succeeded(run(url, &["enqueue", "--type", "deal.won", "--customer", "cus_4", "--id", "evt_new"]));
    let before = attempts(receiver).len();
    Worker::start(url, &["--until-idle"]).finish().await;
    let attempts = attempts(receiver);
    assert_eq!(attempts.len(), before + 2, "{attempts:?}");
    assert!(attempts.contains(&("evt_refused".to_owned(), 2)) && attempts.contains(&("evt_new".to_owned(), 1)));
    assert_eq!(receiver.refused(), Vec::<String>::new(), "every signature is valid");
    let newest = receiver.received().into_iter().find(|received| received.event_id == "evt_new").expect("an event");
    let signature = newest.headers["dealix-signature"].as_bytes();
    let verified = Verifier::new([NEWER_SECRET]).expect("a secret").verify(signature, &newest.body, unix_now());
    verified.expect("it is signed with the newer secret");
}

/// The events that have arrived and their attempt numbers, sorted by id.
fn attempts(receiver: &Receiver) -> Vec<(String, u32)> {
    let mut all: Vec<_> =
        receiver.received().into_iter().map(|received| (received.event_id, received.attempt)).collect();
    all.sort();
    all
}

fn unix_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() as i64
}

/// Checks that every command that opens the queue fails, and names the command that helps.
fn assert_refused(url: &str) {
    let event = ["enqueue", "--type", "deal.won", "--customer", CUSTOMER];
    for arguments in [&["work", "--local", "--until-idle"][..], &event, &["deliveries"]] {
        let refused = run(url, arguments);
        let error = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && error.contains("run `dealix-sender migrate`"), "{refused:?}");
    }
}

async fn assert_nothing_is_left_of_apalis(kind: Kind, url: &str) {
    let left = match kind {
        // sqlx's own list of migrations may belong to another program too.
        Kind::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             AND (name NOT LIKE 'dealix\\_%' ESCAPE '\\' OR name LIKE '%\\_1' ESCAPE '\\' OR type = 'trigger') \
             AND name <> '_sqlx_migrations'"
        }
        Kind::Postgres => {
            "SELECT nspname::text FROM pg_namespace WHERE nspname = 'apalis' \
             UNION ALL SELECT proname::text FROM pg_proc WHERE proname = 'dealix_forget_done' \
             UNION ALL SELECT relname::text FROM pg_class WHERE relname LIKE 'dealix\\_%\\_1'"
        }
    };
    assert_eq!(texts(url, left).await, Vec::<String>::new(), "nothing of the previous layout is left");
}

/// Adds many deliveries, so that the migration takes a while.
const MANY_IN_SQLITE: &str = "
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 40000)
    INSERT INTO dealix_events SELECT 'evt_' || n, 1700000000, (SELECT envelope FROM dealix_events LIMIT 1) FROM numbers;
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 40000)
    INSERT INTO dealix_deliveries SELECT 'dlv_' || n, 'evt_' || n, 'deal.won', 'cus_1', 'sub_1', 'http://localhost/',
        'delivered', 1, 0, 1700000000, NULL, 1700000000, 204, NULL FROM numbers;";

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_sqlite_migration_changes_nothing() {
    let receiver = receiver().await;
    let database = old_queue(Kind::Sqlite, 1, &receiver).await;
    let url = database.url.as_str();
    execute(url, MANY_IN_SQLITE).await;
    let before = everything(url, 1).await;
    for after_ms in [0, 5, 20, 50] {
        let mut migration = spawn(url, &["migrate"]);
        until_async("its transaction", async || is_written_to(url).await).await;
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        assert!(migration.try_wait().expect("its state").is_none(), "it finished before it could be killed");
        migration.kill().expect("killed");
        migration.wait().expect("it has ended");
        assert_eq!(number(url, VERSION).await, 1, "{after_ms} ms after it began");
        assert!(everything(url, 1).await == before, "something has changed, {after_ms} ms after it began");
    }
    succeeded(run(url, &["migrate"]));
    assert!(everything(url, 3).await == before, "nothing is lost");
}

/// Whether another process is in a write transaction.
async fn is_written_to(url: &str) -> bool {
    let options = SqliteConnectOptions::from_str(url).expect("a file").busy_timeout(Duration::ZERO);
    let mut connection = options.connect().await.expect("a connection");
    raw_sql("BEGIN IMMEDIATE; ROLLBACK").execute(&mut connection).await.is_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_postgres_migration_changes_nothing() {
    let receiver = receiver().await;
    let database = old_queue(Kind::Postgres, 1, &receiver).await;
    let url = database.url.as_str();
    let before = everything(url, 1).await;
    // The migration comes to this table last, and waits for it.
    let mut holder = PgConnection::connect(url).await.expect("a connection");
    raw_sql("BEGIN; LOCK TABLE dealix_attempts IN ACCESS SHARE MODE").execute(&mut holder).await.expect("locked");
    let mut migration = spawn(url, &["migrate"]);
    const WAITING: &str = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'dealix_attempts'::regclass";
    until_async("the migration", async || number(url, WAITING).await > 0).await;
    migration.kill().expect("killed");
    migration.wait().expect("it has ended");
    raw_sql("ROLLBACK").execute(&mut holder).await.expect("unlocked");

    assert_eq!(number(url, VERSION).await, 1);
    assert_eq!(everything(url, 1).await, before, "nothing has changed");
    assert_refused(url);
    succeeded(run(url, &["migrate"]));
    assert_eq!(everything(url, 3).await, before, "nothing is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_leaves_other_programs_jobs_alone() {
    let database = old_queue(Kind::Postgres, 1, &receiver().await).await;
    let others = "INSERT INTO apalis.jobs (job, id, job_type, status, attempts, max_attempts, run_at, priority) \
                  SELECT job, 'other', 'emails', 'Pending', 0, 25, run_at, 0 FROM apalis.jobs LIMIT 1";
    execute(&database.url, others).await;
    succeeded(run(&database.url, &["migrate"]));
    assert_eq!(texts(&database.url, "SELECT job_type FROM apalis.jobs").await, ["emails"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_upgrade_does_not_wait_behind_a_transaction_for_long() {
    let receiver = receiver().await;
    let database = old_queue(Kind::Postgres, 2, &receiver).await;
    let mut other = PgConnection::connect(&database.url).await.expect("a connection");
    raw_sql("BEGIN; SELECT count(*) FROM dealix_subscriptions").execute(&mut other).await.expect("a transaction");
    let started = Instant::now();
    let refused = tokio::task::block_in_place(|| run(&database.url, &["migrate"]));
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(complaint.contains("nothing has changed") && complaint.contains("run it again"), "{complaint}");
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    assert_eq!(number(&database.url, VERSION).await, 2);
    raw_sql("ROLLBACK").execute(&mut other).await.expect("it has ended");
    tokio::task::block_in_place(|| succeeded(run(&database.url, &["migrate"])));
    assert_eq!(number(&database.url, VERSION).await, 3);
}
