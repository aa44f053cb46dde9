//! A disk that is full.

use crate::bed::{CUSTOMER, assert_all_arrived, enqueue, slow_receiver};
use crate::support::receiver::SECRET;
use crate::worker::{Worker, until};
use dealix_webhooks::sender::{Queue, QueueError, QueueOptions, WebhookSubscription, make_event};
use serde_json::{json, value::to_raw_value};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// A file system of a few megabytes, for this process and the worker's.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(folder.path());
        let output = mount.output().expect("mount");
        assert!(output.status.success(), "a tmpfs needs root: {}", String::from_utf8_lossy(&output.stderr));
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn fill(&self) {
        // Writes until there is no room: the failure is what is wanted.
        let _ = std::fs::write(self.path().join("filler"), vec![0; 32 << 20]);
    }

    fn make_room(&self) {
        std::fs::remove_file(self.path().join("filler")).expect("the filler goes");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the queue may still hold its files.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_new_events_and_loses_none_of_the_old() {
    let disk = SmallDisk::mount();
    let url = format!("sqlite://{}", disk.path().join("queue.db").display());
    let receiver = slow_receiver().await;
    let queue = Queue::open_with(&url, QueueOptions { max_envelope_bytes: 8 << 20 }).await.expect("a queue");
    let subscription = WebhookSubscription::new(CUSTOMER, receiver.url("/hook"), SECRET, 0);
    queue.add_subscription(subscription).await.expect("a subscription");
    let mut events = enqueue(&queue, "deal.won", 200).await;

    let worker = Worker::start(&url, &["--until-idle"]);
    until("some of them", || receiver.count() >= 20).await;
    disk.fill();
    let big = to_raw_value(&json!({ "text": "x".repeat(4 << 20) })).expect("JSON");
    let refused = make_event("deal.won", CUSTOMER, big);
    let error = queue.enqueue(&refused).await.expect_err("there is no room");
    assert!(matches!(&error, QueueError::Database(reason) if reason.contains("full")), "{error}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    disk.make_room();
    worker.finish().await;
    let unrecorded = assert_all_arrived(&queue, &receiver, &events).await;
    assert_eq!(unrecorded, 0, "what was under way is recorded when there is room");

    queue.enqueue(&refused).await.expect("there is room again");
    events.insert(refused.event_id);
    Worker::start(&url, &["--until-idle"]).finish().await;
    assert_all_arrived(&queue, &receiver, &events).await;
}
