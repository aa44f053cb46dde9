//! What was enqueued arrives, whatever fails in between: the worker's process, the database, the disk, the receiver.
//! The worker is the real `dealix-sender`, in a process of its own that can be killed.
#![cfg(feature = "cli")]

mod support;

use dealix_webhooks::sender::{
    DeliveryFilter, DeliveryState, Queue, QueueError, QueuedDelivery, WebhookSubscription, make_event,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{json, value::to_raw_value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use support::receiver::{Receiver, SECRET};
use support::servers::{Database, Kind};

const CUSTOMER: &str = "cus_1";
const DEADLINE: Duration = Duration::from_secs(120);

/// A worker in a process of its own.
struct WorkerProcess(Child);

impl WorkerProcess {
    fn start(database: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dealix-sender"));
        command.args(["work", "--local", "--presumed-dead-after", "5s", "--concurrency", "8"]).args(arguments);
        command.env("DEALIX_DATABASE", database).stdin(Stdio::null()).stdout(Stdio::null());
        Self(command.spawn().expect("dealix-sender starts"))
    }

    /// SIGKILL: no destructor runs, nothing is flushed.
    fn kill(mut self) {
        self.0.kill().expect("the worker is killed");
        self.0.wait().expect("the worker has ended");
    }

    async fn finish(mut self) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.0.try_wait().expect("the worker's state") {
                assert!(status.success(), "the worker ended with {status}");
                return;
            }
            assert!(Instant::now() < deadline, "the worker is not idle after {DEADLINE:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // It has ended already, or it is ended now.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn until(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "nothing has come of it after {DEADLINE:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Enqueues so many events for one endpoint, and returns their ids.
async fn enqueue(queue: &Queue, count: usize) -> BTreeSet<String> {
    let enqueue_one = async |number: usize| {
        let payload = to_raw_value(&json!({ "number": number })).expect("JSON");
        let event = make_event("deal.won", CUSTOMER, payload);
        queue.enqueue(&event).await.map(|_| event.event_id)
    };
    let enqueued = futures_util::future::join_all((0..count).map(enqueue_one)).await;
    enqueued.into_iter().collect::<Result<_, _>>().expect("all are enqueued")
}

async fn queue_for(database: &Database, receiver: &Receiver) -> Queue {
    let queue = Queue::open(&database.url()).await.expect("a queue");
    let subscription = WebhookSubscription::new(CUSTOMER, receiver.url("/hook"), SECRET, 0);
    queue.add_subscription(subscription).await.expect("a subscription");
    queue
}

async fn all_deliveries(queue: &Queue) -> Vec<QueuedDelivery> {
    let filter = DeliveryFilter { limit: u32::MAX, ..Default::default() };
    queue.deliveries(&filter).await.expect("the deliveries")
}

/// Nothing is lost, and the log says what the receiver saw, save for attempts whose worker was killed before it could
/// write them down.
async fn assert_all_arrived(queue: &Queue, receiver: &Receiver, events: &BTreeSet<String>, most_unrecorded: usize) {
    assert_eq!(receiver.refused(), Vec::<String>::new(), "every signature is good");
    let arrivals = receiver.arrivals();
    let arrived: BTreeSet<_> = arrivals.into_keys().collect();
    let differ: Vec<_> = arrived.symmetric_difference(events).collect();
    assert!(differ.is_empty(), "each event arrives, and no other; these did not, or should not have: {differ:?}");

    let mut seen: BTreeMap<(String, u32), usize> = BTreeMap::new();
    for received in receiver.received() {
        *seen.entry((received.event_id, received.attempt)).or_default() += 1;
    }
    let deliveries = all_deliveries(queue).await;
    assert_eq!(deliveries.len(), events.len());
    let mut recorded = 0;
    for delivery in &deliveries {
        assert_eq!(delivery.state, DeliveryState::Delivered, "{delivery:?}");
        let log = queue.attempts(&delivery.delivery_id).await.expect("its log");
        assert_eq!(log.iter().filter(|attempt| attempt.success).count(), 1, "{log:?}");
        for attempt in log.iter().filter(|attempt| attempt.status_code.is_some()) {
            let key = (delivery.event_id.clone(), attempt.attempt);
            assert!(seen.contains_key(&key), "the log holds an attempt that the receiver never saw: {attempt:?}");
            recorded += 1;
        }
    }
    let unrecorded = seen.values().sum::<usize>() - recorded;
    assert!(unrecorded <= most_unrecorded, "{unrecorded} arrivals are not in the log, over {most_unrecorded}");
}

/// A receiver slow enough that there is always something under way to be lost.
async fn slow_receiver() -> Receiver {
    Receiver::start(|_| {
        std::thread::sleep(Duration::from_millis(10));
        204
    })
    .await
}

async fn killed_ten_times(kind: Kind) {
    const EVENTS: usize = 1_000;
    const KILLS: usize = 10;
    const CONCURRENCY: usize = 8;
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").subsec_nanos().into();
    println!("{kind:?}: seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let database = Database::start(kind);
    let receiver = slow_receiver().await;
    let queue = queue_for(&database, &receiver).await;
    let events = enqueue(&queue, EVENTS).await;

    let mut killed_at = Vec::new();
    for _ in 0..KILLS {
        let before = receiver.received().len();
        let worker = WorkerProcess::start(&database.url(), &[]);
        // Not before it works, so that each kill hits something.
        until(|| receiver.received().len() > before).await;
        tokio::time::sleep(Duration::from_millis(random.random_range(0..150))).await;
        worker.kill();
        killed_at.push(receiver.received().len());
    }
    println!("{kind:?}: killed after {killed_at:?} arrivals");
    assert!(receiver.arrivals().len() < EVENTS, "the last kill came too late to hit anything");
    WorkerProcess::start(&database.url(), &["--until-idle"]).finish().await;

    assert_all_arrived(&queue, &receiver, &events, KILLS * CONCURRENCY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_ten_times_loses_nothing_on_sqlite() {
    killed_ten_times(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_ten_times_loses_nothing_on_postgres() {
    killed_ten_times(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_ten_times_loses_nothing_on_redis() {
    killed_ten_times(Kind::Redis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_workers_on_postgres_one_is_killed_and_the_other_takes_over() {
    let database = Database::start(Kind::Postgres);
    let receiver = slow_receiver().await;
    let queue = queue_for(&database, &receiver).await;
    let events = enqueue(&queue, 400).await;

    let first = WorkerProcess::start(&database.url(), &[]);
    let second = WorkerProcess::start(&database.url(), &["--until-idle"]);
    until(|| receiver.received().len() >= 100).await;
    first.kill();
    second.finish().await;

    assert_all_arrived(&queue, &receiver, &events, 8).await;
}

async fn database_gone(kind: Kind) {
    let mut database = Database::start(kind);
    let receiver = slow_receiver().await;
    let queue = queue_for(&database, &receiver).await;
    let events = enqueue(&queue, 300).await;

    let worker = WorkerProcess::start(&database.url(), &["--until-idle"]);
    until(|| receiver.received().len() >= 50).await;
    database.kill();
    let lost = make_event("deal.won", CUSTOMER, to_raw_value(&json!({})).expect("JSON"));
    let refused = queue.enqueue(&lost).await;
    assert!(matches!(refused, Err(QueueError::Unreachable(_))), "{refused:?}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    database.resume();
    worker.finish().await;

    // An attempt that was under way is recorded when the database is back: only what apalis hands out twice is unrecorded.
    assert_all_arrived(&queue, &receiver, &events, 16).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_is_gone_for_a_while_is_waited_for() {
    database_gone(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_gone_for_a_while_is_waited_for() {
    database_gone(Kind::Redis).await;
}

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
    let queue = Queue::open(&url).await.expect("a queue");
    let subscription = WebhookSubscription::new(CUSTOMER, receiver.url("/hook"), SECRET, 0);
    queue.add_subscription(subscription).await.expect("a subscription");
    let mut events = enqueue(&queue, 200).await;

    let worker = WorkerProcess::start(&url, &["--until-idle"]);
    until(|| receiver.received().len() >= 20).await;
    disk.fill();
    let big = to_raw_value(&json!({ "text": "x".repeat(4 << 20) })).expect("JSON");
    let refused = make_event("deal.won", CUSTOMER, big);
    let error = queue.enqueue(&refused).await.expect_err("there is no room");
    assert!(error.to_string().contains("full"), "{error}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    disk.make_room();
    worker.finish().await;
    assert_all_arrived(&queue, &receiver, &events, 16).await;

    queue.enqueue(&refused).await.expect("there is room again");
    events.insert(refused.event_id);
    WorkerProcess::start(&url, &["--until-idle"]).finish().await;
    assert_all_arrived(&queue, &receiver, &events, 16).await;
}
