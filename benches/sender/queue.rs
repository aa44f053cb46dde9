//! The durable queue: a worker in a process of its own works off what was queued before it started.

use crate::deliveries::transport;
use crate::documents::{self, raw};
use crate::receiver::this_program;
use crate::servers::{Database, Kind};
use crate::{SECRET, runtime};
use dealix_webhooks::sender::{Queue, WebhookSubscription, WorkOptions, make_event};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

pub const WORKER_ROLE: &str = "worker";

/// What is measured on each database. The queue must not slow down with its length, nor hold it in memory.
const RUNS: [(Kind, usize); 3] = [(Kind::Sqlite, 10_000), (Kind::Sqlite, 100_000), (Kind::Postgres, 20_000)];
const SLICE: usize = 10_000;
/// Several, as a sender has: one endpoint alone gets `concurrency_per_endpoint` deliveries at a time.
const ENDPOINTS: usize = 8;
const ENQUEUED_AT_ONCE: usize = 256;

#[derive(Serialize)]
pub struct QueueFigures {
    pub database: String,
    pub queued: usize,
    pub enqueued_per_second: f64,
    pub delivered_per_second: f64,
    /// Deliveries a second, over each 10,000 in turn.
    pub rates: Vec<f64>,
    /// The most memory that the worker had.
    pub peak_memory_bytes: usize,
}

/// What a worker tells.
#[derive(Serialize, Deserialize)]
struct Worked {
    /// When each 10,000 were delivered, in seconds since the worker's start.
    marks: Vec<f64>,
    peak_memory_bytes: usize,
}

pub fn measure(receiver_url: &str) -> Vec<QueueFigures> {
    RUNS.map(|(kind, queued)| measure_one(kind, queued, receiver_url)).into()
}

fn measure_one(kind: Kind, queued: usize, receiver_url: &str) -> QueueFigures {
    let database = Database::start(kind);
    let enqueuing = runtime().block_on(fill(&database.url(), queued, receiver_url));
    let output = this_program(&[WORKER_ROLE, &database.url(), &queued.to_string()]).output().expect("a worker");
    assert!(output.status.success(), "the worker failed:\n{}", String::from_utf8_lossy(&output.stderr));
    let worked: Worked = serde_json::from_slice(&output.stdout).expect("the worker's figures");
    let starts = [0.0].into_iter().chain(worked.marks.iter().copied());
    QueueFigures {
        database: format!("{kind:?}"),
        queued,
        enqueued_per_second: queued as f64 / enqueuing.as_secs_f64(),
        delivered_per_second: queued as f64 / worked.marks.last().expect("a slice"),
        rates: starts.zip(&worked.marks).map(|(start, end)| SLICE as f64 / (end - start)).collect(),
        peak_memory_bytes: worked.peak_memory_bytes,
    }
}

async fn fill(database_url: &str, events: usize, receiver_url: &str) -> Duration {
    let queue = Queue::open(database_url).await.expect("a queue");
    for endpoint in 0..ENDPOINTS {
        let subscription = WebhookSubscription::new(customer(endpoint), receiver_url, SECRET, 0);
        queue.add_subscription(subscription).await.expect("a subscription");
    }
    let payload = raw(&documents::small());
    let started = Instant::now();
    stream::iter(0..events)
        .map(|number| make_event("deal.won", customer(number % ENDPOINTS), payload.clone()))
        .map(Ok)
        .try_for_each_concurrent(ENQUEUED_AT_ONCE, |event| {
            let queue = &queue;
            async move { queue.enqueue(&event).await.map(drop) }
        })
        .await
        .expect("the database takes all events");
    started.elapsed()
}

fn customer(endpoint: usize) -> String {
    format!("cus_{endpoint}")
}

/// The worker's process: works off what is queued, with a worker's default options, and prints its figures.
pub fn work(database_url: &str, deliveries: usize) {
    let marks = runtime().block_on(async {
        let started = Instant::now();
        let queue = Queue::open(database_url).await.expect("the queue");
        let worker = queue.worker(transport(), WorkOptions::default());
        let counters = worker.counters();
        let mut marks = Vec::new();
        let all_delivered = async {
            while marks.len() * SLICE < deliveries {
                tokio::time::sleep(Duration::from_millis(2)).await;
                if counters.summary().delivered >= ((marks.len() + 1) * SLICE) as u64 {
                    marks.push(started.elapsed().as_secs_f64());
                }
            }
        };
        let summary = worker.run(all_delivered).await;
        assert_eq!((summary.delivered, summary.retries), (deliveries as u64, 0), "every attempt succeeds");
        marks
    });
    let worked = Worked { marks, peak_memory_bytes: peak_memory_bytes() };
    println!("{}", serde_json::to_string(&worked).expect("figures have a JSON form"));
}

fn peak_memory_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux's /proc");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
    peak.trim().trim_end_matches(" kB").parse::<usize>().expect("a number of kB") * 1024
}
