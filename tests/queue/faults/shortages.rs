//! Failures of the sender's own machine, for which no endpoint is to blame.

use crate::faults::bed::{Bed, assert_all_arrived, assert_no_duplicates, enqueue};
use crate::faults::worker::{SENDER, Worker, until, within};
use crate::support::receiver::Receiver;
use crate::support::servers::Kind;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

on_every_database![running_out_of_file_descriptors_defers_attempts];

async fn running_out_of_file_descriptors_defers_attempts(bed: Bed) {
    const ENDPOINTS: usize = 25;
    // Long enough for all first attempts, four per endpoint, to be in flight together.
    let receiver = Receiver::slow(|_| Duration::from_millis(500)).await;
    let mut events = std::collections::BTreeSet::new();
    for hook in 0..ENDPOINTS {
        let event_type = format!("deal.{hook}");
        bed.subscribe(&receiver.url(&format!("/{hook}")), Some(&event_type)).await;
        events.extend(enqueue(&bed.queue, &event_type, 6).await);
    }
    // Both limits, because the worker raises its soft limit to the hard one.
    let mut worker = Worker::start_as(within("prlimit --nofile=64:64"), &bed.url, &["--until-idle"]);
    assert!(worker.end().await.success());
    assert!(worker.log().contains("Too many open files"), "there was no shortage: {}", worker.log());

    assert_eq!(assert_all_arrived(&bed.queue, &receiver, &events).await, 0, "every attempt is in the log");
    assert_no_duplicates(&receiver);
    assert_eq!(bed.number("SELECT count(*) FROM dealix_attempts WHERE success = 0").await, 0, "no attempt has failed");
    let blamed = "SELECT count(*) FROM dealix_subscriptions WHERE failing_since IS NOT NULL OR enabled = 0";
    assert_eq!(bed.number(blamed).await, 0, "no endpoint is blamed");
}

/// The files in which a machine looks names up, replaced for one worker.
struct Names(TempDir);

impl Names {
    /// No name is known, and no name server answers.
    fn none() -> Self {
        let names = Self(tempfile::tempdir().expect("a temporary folder"));
        fs::write(names.file("hosts"), "").expect("written");
        fs::write(names.file("resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n").expect("written");
        names
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Makes these names known.
    fn add(&self, hosts: &str) {
        fs::write(self.file("hosts"), hosts).expect("written");
    }

    /// `dealix-sender` in its own mount namespace.
    fn command(&self) -> Command {
        const SCRIPT: &str = "mount --bind $0 /etc/hosts && mount --bind $1 /etc/resolv.conf && shift && exec \"$@\"";
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", SCRIPT]).arg(self.file("hosts")).arg(self.file("resolv.conf")).arg(SENDER);
        command
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dns_outage_defers_attempts() {
    const ENDPOINTS: usize = 8;
    // The third name in a row that fails is taken for an outage. The two before it count as their endpoints' failures.
    const BLAMED: i64 = 2;
    let bed = Bed::start(Kind::Sqlite).await;
    let receiver = Receiver::start(|_| 204).await;
    let mut hosts = String::new();
    for number in 0..ENDPOINTS {
        let host = format!("endpoint-{number}.test");
        bed.subscribe(&receiver.url(&format!("/{number}")).replace("127.0.0.1", &host), None).await;
        hosts += &format!("127.0.0.1 {host}\n");
    }
    let names = Names::none();
    let worker = Worker::start_as(names.command(), &bed.url, &[]);
    let event = enqueue(&bed.queue, "deal.won", 1).await;
    until("the outage", || worker.log().contains("they are deferred")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(worker.log().matches("they are deferred").count(), 1, "it is logged once");
    names.add(&hosts);
    until("the deferred deliveries", || receiver.count() >= ENDPOINTS - 2).await;
    let blamed = "SELECT count(*) FROM dealix_subscriptions WHERE failing_since IS NOT NULL";
    assert!(bed.number(blamed).await <= BLAMED, "more than {BLAMED} endpoints are blamed");
    bed.sql("UPDATE dealix_deliveries SET due_ms = 0 WHERE state = 'pending'").await;
    until("all deliveries", || receiver.count() == ENDPOINTS).await;
    assert!(receiver.arrivals().keys().eq(&event), "{:?}", receiver.refused());
    assert!(bed.number("SELECT count(*) FROM dealix_attempts WHERE success = 0").await <= BLAMED);
}
