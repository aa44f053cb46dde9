//! Queries on a queue of a million deliveries must stay fast: none of them may scan a whole table.

use crate::bed::{Bed, ENDPOINT, answered, event, now, status, until_idle};
use crate::support::receiver::SECRET;
use crate::support::servers::Kind;
use dealix_webhooks::sender::{AlarmOptions, DeliveryFilter, DeliveryState, ReplayOptions, WorkOptions};
use std::future::Future;
use std::time::{Duration, Instant};

on_every_database![alone: a_queue_of_a_million_is_as_fast_as_an_empty_one];

const ROWS: usize = 1_000_000;
/// Scanning the table takes more than a second.
const LIMIT: Duration = Duration::from_millis(400);

/// One in a hundred is a dead letter, one in three is due in an hour, the rest are delivered; there are 100 customers. A tenth
/// of them have attempts.
async fn fill(bed: &Bed) {
    let (series, id) = match bed.kind {
        Kind::Sqlite => (
            format!("WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {ROWS})"),
            "printf('%012x', 1700000000000 + n)",
        ),
        Kind::Postgres => (
            format!("WITH series AS (SELECT generate_series(1, {ROWS}) AS n)"),
            "lpad(to_hex(1700000000000 + n), 12, '0')",
        ),
    };
    let later = (now() + 3600) * 1000;
    bed.sql(&format!(
        "INSERT INTO dealix_subscriptions (id, customer_id, endpoint_url, secrets, events, enabled, created_at) {series} \
         SELECT 'sub_' || n, 'cus_' || n, '{ENDPOINT}', '[{{\"secret\":\"{SECRET}\",\"expires_at\":null}}]', '[]', 1, 0 \
         FROM series WHERE n <= 100"
    ))
    .await;
    bed.sql(&format!(
        "INSERT INTO dealix_deliveries (id, event_id, event_type, customer_id, subscription_id, endpoint_url, bytes, state, \
         attempts, created_at, due_ms, finished_at) {series} \
         SELECT 'dlv_' || {id} || '000000000000', 'evt_' || n, 'deal.won', 'cus_' || (n % 100 + 1), 'sub_' || (n % 100 + 1), \
         '{ENDPOINT}', 300, CASE WHEN n % 100 = 7 THEN 'dead_letter' WHEN n % 3 = 0 THEN 'pending' ELSE 'delivered' END, \
         CASE WHEN n % 10 = 4 THEN 1 ELSE 0 END, 1700000000 + n / 1000, CASE WHEN n % 3 = 0 AND n % 100 <> 7 THEN {later} END, \
         CASE WHEN n % 3 <> 0 OR n % 100 = 7 THEN 1700000000 + n / 1000 END FROM series"
    ))
    .await;
    bed.sql(&format!(
        "INSERT INTO dealix_attempts (id, delivery_id, attempt, timestamp, status_code, success, duration_ms) {series} \
         SELECT 'att_' || n, 'dlv_' || {id} || '000000000000', 1, {}, 204, 1, n % 1000 FROM series WHERE n % 10 = 4",
        now()
    ))
    .await;
    bed.sql(&format!(
        "INSERT INTO dealix_events (id, event_type, customer_id, created_at, envelope) {series} \
         SELECT 'evt_' || n, 'deal.won', 'cus_' || (n % 100 + 1), {}, '{{}}' FROM series",
        now()
    ))
    .await;
}

async fn timed<T>(what: &str, act: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let answer = act.await;
    println!("{what}: {:?}", started.elapsed());
    assert!(started.elapsed() < LIMIT, "{what} took {:?}", started.elapsed());
    answer
}

async fn a_queue_of_a_million_is_as_fast_as_an_empty_one(bed: Bed) {
    let started = Instant::now();
    fill(&bed).await;
    println!("{:?}: filled in {:?}", bed.kind, started.elapsed());
    let scans = async || match bed.kind {
        // PostgreSQL counts a scan a while after it happens.
        Kind::Postgres => {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            bed.number("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'dealix_deliveries'").await
        }
        Kind::Sqlite => 0,
    };
    let before = scans().await;
    let queue = &bed.queue;
    let list = async |what: &str, filter: DeliveryFilter| {
        let listed = timed(what, queue.deliveries(&filter, 100)).await.expect("a list");
        assert_eq!(listed.len(), 100, "{what}");
    };
    let customer_id = Some("cus_5".to_owned());
    list("all", DeliveryFilter::default()).await;
    list("a customer's", DeliveryFilter { customer_id: customer_id.clone(), ..Default::default() }).await;
    for state in [DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::DeadLetter] {
        let of_that_state = DeliveryFilter { state: Some(state), ..Default::default() };
        list(&format!("{state}"), of_that_state.clone()).await;
        list(&format!("{state}, since"), DeliveryFilter { since: 1_700_000_100, ..of_that_state }).await;
    }
    let of_event = DeliveryFilter { event_id: Some("evt_unknown".to_owned()), ..Default::default() };
    assert!(timed("an event's", queue.deliveries(&of_event, 100)).await.expect("a list").is_empty());
    let dead = DeliveryFilter { state: Some(DeliveryState::DeadLetter), customer_id, ..Default::default() };
    let count = timed("a customer's dead letters, counted", queue.count(&dead)).await.expect("a count");
    assert_eq!(count, 0);
    let listed = timed("a customer's subscriptions", queue.subscriptions_of("cus_5")).await.expect("a list");
    assert_eq!(listed.readable.len(), 1);
    let activity =
        timed("a subscription's activity", queue.subscription_activity("sub_5")).await.expect("the activity");
    timed("the activity again", queue.subscription_activity("sub_5")).await.expect("the activity");
    assert!(activity.pending > 3000 && activity.last_hour.attempts == 1000 && activity.is_partial, "{activity:?}");
    timed("enqueue", queue.enqueue(&event("deal.won", "cus_5"))).await.expect("enqueued");
    let worker = queue.worker(answered(status(200)), WorkOptions { keep_finished: Duration::MAX, ..until_idle() });
    let worked = timed("a worker that finds one", worker.run(std::future::pending())).await;
    assert_eq!(worked.delivered, 1);
    let few = DeliveryFilter { subscription_id: Some("sub_8".to_owned()), since: 1_700_000_990, ..Default::default() };
    let replayed = timed("a replay", queue.replay_all(&few, ReplayOptions::default())).await.expect("replayed");
    assert!(replayed > 50, "{replayed}");
    assert_eq!(scans().await - before, 0, "something scanned a whole table");

    // Many dead letters, but none of the last minute.
    let abandoned = "UPDATE dealix_deliveries SET state = 'dead_letter' WHERE state = 'delivered' \
                     AND finished_at BETWEEN 1700000020 AND 1700001000";
    bed.sql(abandoned).await;
    let told = now() - 100;
    let told = format!("DELETE FROM dealix_alarms; INSERT INTO dealix_alarms VALUES ('dead_letters', '', {told})");
    let mut fastest = LIMIT;
    for _ in 0..3 {
        bed.sql(&told).await;
        let started = Instant::now();
        let raised = queue.raise_alarms(AlarmOptions::default()).await.expect("the alarms");
        fastest = fastest.min(started.elapsed());
        assert!(raised.is_empty(), "{raised:?}");
    }
    println!("the alarms: {fastest:?}");
    // Reading all dead letters takes 350 ms.
    assert!(fastest < LIMIT / 4, "the alarms took {fastest:?}");

    let started = Instant::now();
    queue.depth().await.expect("the depth");
    println!("the depth: {:?}", started.elapsed());
    // A worker prunes when it starts.
    let keep_finished = Duration::from_secs((now() - 1_700_000_020).unsigned_abs());
    let options = WorkOptions { keep_finished, ..Default::default() };
    let worker = queue.worker(answered(status(200)), options);
    let started = Instant::now();
    let pruned = async {
        let finished = "SELECT count(*) FROM dealix_deliveries WHERE state = 'delivered' AND finished_at < 1700000019";
        crate::bed::until("pruning", async || bed.number(finished).await == 0).await;
    };
    worker.run(pruned).await;
    println!("pruned in {:?}", started.elapsed());
}
