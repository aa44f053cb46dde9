//! A full disk.

use crate::faults::bed::{
    CUSTOMER, assert_all_arrived, assert_no_duplicates, enqueue, execute, number, random, slow_receiver,
};
use crate::faults::worker::{Worker, until, until_async};
use crate::support::receiver::{Receiver, SECRET};
use crate::support::servers::{Database, Kind};
use dealix_webhooks::WebhookEvent;
use dealix_webhooks::sender::{
    HttpOptions, HttpTransport, Queue, QueueError, QueueOptions, WebhookSubscription, WorkOptions, make_event,
};
use rand::Rng;
use serde_json::{json, value::to_raw_value};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A file system of a few megabytes, visible to this process and those that it starts.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path, megabytes: usize) -> Self {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"]).arg(folder);
        let output = mount.output().expect("mount");
        assert!(output.status.success(), "a tmpfs needs root: {}", String::from_utf8_lossy(&output.stderr));
        Self(folder.to_owned())
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Writes until the disk is full, so the final error is expected.
    fn fill(&self) {
        let mut filler = File::create(self.filler()).expect("a file");
        while filler.write_all(&[0; 4096]).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).expect("the filler is removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, because the database may still hold files open.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

async fn queue_for(url: &str, receiver: &Receiver) -> Queue {
    let queue = Queue::open_with(url, QueueOptions { max_envelope_bytes: 32 << 20, ..Default::default() })
        .await
        .expect("a queue");
    let subscription = WebhookSubscription::new(CUSTOMER, receiver.url("/hook"), SECRET, 0);
    queue.add_subscription(subscription).await.expect("a subscription");
    queue
}

/// An event that PostgreSQL cannot compress.
fn big_event(megabytes: usize) -> WebhookEvent {
    let mut random = random("an event");
    let text: String = (0..1 << 16).map(|_| char::from(random.random_range(b'a'..=b'z'))).collect();
    let data = json!({ "text": text.repeat(megabytes << 4) });
    make_event("deal.won", CUSTOMER, to_raw_value(&data).expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_new_events_and_loses_none() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk = SmallDisk::mount(folder.path(), 24);
    let url = format!("sqlite://{}", folder.path().join("queue.db").display());
    let receiver = slow_receiver().await;
    let queue = queue_for(&url, &receiver).await;
    let mut events = enqueue(&queue, "deal.won", 200).await;

    let worker = Worker::start(&url, &["--until-idle"]);
    until("some deliveries", || receiver.count() >= 20).await;
    disk.fill();
    let refused = big_event(4);
    let error = queue.enqueue(&refused).await.expect_err("there is no room");
    assert!(matches!(&error, QueueError::Database(reason) if reason.to_string().contains("full")), "{error}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    disk.make_room();
    worker.finish().await;
    let unrecorded = assert_all_arrived(&queue, &receiver, &events).await;
    assert_eq!(unrecorded, 0, "attempts in flight are recorded once there is room");

    queue.enqueue(&refused).await.expect("there is room again");
    events.insert(refused.event_id);
    Worker::start(&url, &["--until-idle"]).finish().await;
    assert_all_arrived(&queue, &receiver, &events).await;
}

/// Once a minute it writes down until when it has told of dead letters, of which there need not be any.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_a_worker_is_not_ready_even_if_nothing_is_due() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk = SmallDisk::mount(folder.path(), 8);
    let url = format!("sqlite://{}", folder.path().join("queue.db").display());
    let queue = Queue::open(&url).await.expect("a queue");
    let worker = queue.worker(HttpTransport::new(HttpOptions::default()).expect("a transport"), WorkOptions::default());
    let health = worker.health();
    let working = tokio::spawn(worker.run(std::future::pending()));
    until("ready", || health.problems().is_empty()).await;
    let told = "SELECT count(*) FROM dealix_alarms WHERE kind = 'dead_letters'";
    until_async("it has begun to tell", async || number(&url, told).await == 1).await;
    execute(&url, "UPDATE dealix_alarms SET since = since - 60").await;
    disk.fill();
    let cannot_write = || health.problems().iter().any(|problem| problem.starts_with("nothing could be written"));
    until("not ready", cannot_write).await;
    disk.make_room();
    until("ready again", || health.problems().is_empty()).await;
    working.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_postgres_disk_refuses_new_events_and_loses_none() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().to_owned();
    let disk = SmallDisk::mount(&path, 160);
    let mut database = Database::start_in(folder, Kind::Postgres);
    let receiver = slow_receiver().await;
    let queue = queue_for(&database.url(), &receiver).await;
    let events = enqueue(&queue, "deal.won", 300).await;

    let worker = Worker::start(&database.url(), &["--until-idle"]);
    until("some deliveries", || receiver.count() >= 20).await;
    disk.fill();
    // More than fits into the rest of the WAL segment. The server refuses it, or crashes.
    let error = queue.enqueue(&big_event(24)).await.expect_err("there is no room");
    println!("with a full disk: {error}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    disk.make_room();
    database.resume_if_ended();
    worker.finish().await;
    assert_eq!(assert_all_arrived(&queue, &receiver, &events).await, 0, "every attempt is in the log");
    assert_no_duplicates(&receiver);
    database.kill();
    drop(disk);
}
