//! Clocks that are wrong or jump. With PostgreSQL only the server's clock counts, with SQLite the machine's.

use crate::faults::bed::{Bed, CUSTOMER, assert_all_arrived, assert_no_duplicates, event};
use crate::faults::worker::{Worker, run_as, succeeded, until, until_async, within};
use crate::support::receiver::Receiver;
use crate::support::servers::Kind;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Anything that no clock holds back happens within this time.
const AT_ONCE: Duration = Duration::from_secs(5);
const NOW_MS: &str = "(extract(epoch FROM now()) * 1000)::bigint";

#[tokio::test(flavor = "multi_thread")]
async fn the_databases_clock_decides_with_the_producer_ahead() {
    deliver_by_the_databases_clock("+600s", "-600s").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_databases_clock_decides_with_the_worker_ahead() {
    deliver_by_the_databases_clock("-600s", "+600s").await;
}

async fn deliver_by_the_databases_clock(producers: &str, workers: &str) {
    let bed = Bed::start(Kind::Postgres).await;
    let fails_at_first = |first: u32| if first == 1 { 500 } else { 204 };
    let receiver = Receiver::start(move |received| match received.path.as_str() {
        "/flaky" => fails_at_first(received.attempt),
        _ => 204,
    })
    .await;
    bed.subscribe(&receiver.url("/hook"), Some("deal.won")).await;
    bed.subscribe(&receiver.url("/flaky"), Some("deal.lost")).await;
    let _worker = Worker::start_as(off_by(workers), &bed.url, &["--no-jitter"]);
    for (number, event_type) in ["deal.won", "deal.lost"].into_iter().enumerate() {
        let enqueue = ["enqueue", "--type", event_type, "--customer", CUSTOMER];
        succeeded(run_as(off_by(producers), &bed.url, &enqueue));
        let enqueued = Instant::now();
        until("the first attempt", || receiver.count() + receiver.refused().len() > number).await;
        assert!(enqueued.elapsed() < AT_ONCE, "it took {:?}", enqueued.elapsed());
    }
    assert_eq!(receiver.refused(), Vec::<String>::new(), "the receiver's clock is right: it refuses none");

    const RECORDED: &str = "SELECT count(*) FROM dealix_attempts";
    until_async("the log", async || bed.number(RECORDED).await == 2).await;
    let due_in = format!("SELECT due_ms - {NOW_MS} FROM dealix_deliveries WHERE state = 'pending'");
    let due_in = bed.number(&due_in).await;
    assert!((20_000..=30_000).contains(&due_in), "the retry is due in {due_in} ms");
    let off = format!("SELECT max(abs(timestamp - {NOW_MS} / 1000)) FROM dealix_attempts");
    assert!(bed.number(&off).await < 60, "the log uses the database's time");

    bed.sql(&format!("UPDATE dealix_deliveries SET due_ms = {NOW_MS} + 2000 WHERE state = 'pending'")).await;
    let (set, before) = (Instant::now(), receiver.count());
    until("the second attempt", || receiver.count() > before).await;
    let waited = set.elapsed();
    assert!((Duration::from_millis(1800)..AT_ONCE).contains(&waited), "the retry came after {waited:?}");
    until_async("the log", async || bed.number(RECORDED).await == 3).await;
    assert_eq!(receiver.refused(), Vec::<String>::new(), "every signature is valid");
}

on_every_database![alone: a_jumping_clock_loses_nothing_and_sends_nothing_twice];

async fn a_jumping_clock_loses_nothing_and_sends_nothing_twice(bed: Bed) {
    const EVENTS: usize = 60;
    // With SQLite the worker's clock counts. If it is more than five minutes off, receivers refuse the signatures.
    let ahead = if bed.kind == Kind::Sqlite { "+240" } else { "+600" };
    let clock = Clock::new();
    let receiver = Receiver::slow(|_| Duration::from_millis(20)).await;
    bed.subscribe(&receiver.url("/hook"), None).await;
    let worker = Worker::start_as(clock.command(), &bed.url, &[]);
    let mut events = BTreeSet::new();
    // At each jump something is in flight, and after each jump something is enqueued.
    for offset in [ahead, "+0", ahead, "+0"] {
        events.extend(clock.enqueue(&bed, EVENTS));
        until("some deliveries", || receiver.count() + EVENTS > events.len() + 4).await;
        if bed.kind == Kind::Sqlite && offset == "+0" {
            // Otherwise the rest would be due only once the clock has caught up.
            until("all deliveries", || receiver.count() >= events.len()).await;
        }
        clock.set(offset);
        let jumped = Instant::now();
        until("all deliveries", || receiver.count() + receiver.refused().len() >= events.len()).await;
        assert!(jumped.elapsed() < AT_ONCE, "after a jump to {offset} it took {:?}", jumped.elapsed());
    }
    worker.signal("TERM");
    worker.finish().await;
    assert_eq!(assert_all_arrived(&bed.queue, &receiver, &events).await, 0, "every attempt is in the log");
    assert_no_duplicates(&receiver);
}

/// `dealix-sender` with a clock that is off by `offset`. Its timers are not affected.
fn off_by(offset: &str) -> Command {
    let mut command = within("env");
    command.env("LD_PRELOAD", library()).env("FAKETIME", offset).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command
}

/// What makes clocks wrong. `faketime` itself would run the program as a child, which outlives it when it is killed.
fn library() -> String {
    let output = Command::new("faketime").args(["-m", "-f", "+0s", "printenv", "LD_PRELOAD"]).output();
    let output = output.expect("faketime; `cargo xtask setup` installs it");
    String::from_utf8(output.stdout).expect("a path").trim().to_owned()
}

/// A clock that can be changed while programs use it.
struct Clock {
    folder: TempDir,
    library: String,
}

impl Clock {
    fn new() -> Self {
        let clock = Self { folder: tempfile::tempdir().expect("a temporary folder"), library: library() };
        clock.set("+0");
        clock
    }

    fn offset(&self) -> PathBuf {
        self.folder.path().join("offset")
    }

    /// Replaces the file in one step, so that nobody reads half of it.
    fn set(&self, offset: &str) {
        let new = self.folder.path().join("new");
        fs::write(&new, offset).expect("written");
        fs::rename(new, self.offset()).expect("in its place");
    }

    fn command(&self) -> Command {
        let mut command = within("env");
        command.env("LD_PRELOAD", &self.library).env("FAKETIME_TIMESTAMP_FILE", self.offset());
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command
    }

    /// Enqueues events as a producer with this clock, and returns their ids.
    fn enqueue(&self, bed: &Bed, count: usize) -> Vec<String> {
        let ids: Vec<_> = (0..count).map(|number| event("deal.won", number).event_id).collect();
        let line =
            |id: &String| format!(r#"{{"id": "{id}", "type": "deal.won", "customer_id": "{CUSTOMER}", "data": {{}}}}"#);
        let batch = self.folder.path().join("batch");
        fs::write(&batch, ids.iter().map(line).collect::<Vec<_>>().join("\n")).expect("written");
        let batch = batch.to_str().expect("a path");
        succeeded(run_as(self.command(), &bed.url, &["enqueue", "--batch", batch]));
        ids
    }
}
