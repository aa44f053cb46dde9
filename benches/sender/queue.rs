//! The durable queue: a worker delivers what was queued before it started.

use crate::filling::{self, ENDPOINTS, ENQUEUED_AT_ONCE};
use crate::receiver::Receiver;
use crate::servers::{Database, Kind};
use crate::table::{Row, Table};
use crate::worker::Workers;
use crate::{runtime, step};
use dealix_webhooks::sender::Queue;
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// What is measured on each database. A long queue must not slow the worker down or be held in memory.
const RUNS: [(Kind, u64); 3] = [(Kind::Sqlite, 10_000), (Kind::Sqlite, 100_000), (Kind::Postgres, 20_000)];
const SLICE: u64 = 10_000;

#[derive(Serialize)]
pub struct Figures {
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Run {
    database: String,
    queued: u64,
    enqueued_per_second: f64,
    delivered_per_second: f64,
    /// Deliveries per second, for each 10,000 in turn.
    rates: Vec<f64>,
    peak_memory_bytes: usize,
}

pub fn measure() -> Figures {
    let receiver = Receiver::start();
    Figures { runs: RUNS.map(|(kind, queued)| measure_one(kind, queued, &receiver.url())).into() }
}

fn measure_one(kind: Kind, queued: u64, receiver_url: &str) -> Run {
    step(format_args!("queue: {kind:?}, {queued} queued"));
    let database = Database::start(kind);
    let enqueuing = runtime().block_on(enqueue(&database.url(), queued, receiver_url));
    let mut worker = Workers::start(&database.url(), 1);
    let mut ends = vec![worker.started];
    ends.extend((1..=queued / SLICE).map(|slice| worker.wait_for(slice * SLICE)));
    let rate = |deliveries: u64, time: Duration| deliveries as f64 / time.as_secs_f64();
    Run {
        database: format!("{kind:?}"),
        queued,
        enqueued_per_second: rate(queued, enqueuing),
        delivered_per_second: rate(queued, ends[ends.len() - 1] - ends[0]),
        rates: ends.windows(2).map(|slice| rate(SLICE, slice[1] - slice[0])).collect(),
        peak_memory_bytes: worker.peak_memory_bytes(),
    }
}

async fn enqueue(database_url: &str, events: u64, receiver_url: &str) -> Duration {
    let queue = Queue::open(database_url).await.expect("a queue");
    filling::subscribe(&queue, filling::CUSTOMERS, ENDPOINTS, receiver_url).await;
    filling::enqueue(&queue, events, ENQUEUED_AT_ONCE).await
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |run: &Run| {
            let rates =
                [run.delivered_per_second, run.rates[0], run.rates[run.rates.len() - 1], run.enqueued_per_second];
            let rates = rates.map(|rate| format!("{rate:.0}"));
            let memory = format!("{:.1} MB", run.peak_memory_bytes as f64 / 1e6);
            Row::new(format!("queue on {}, {} queued", run.database, run.queued), rates.into_iter().chain([memory]))
        };
        let table = Table {
            about: format!("The queue: {ENDPOINTS} endpoints on loopback, bodies of 300 bytes, one worker."),
            columns: vec!["delivered/s", "first 10k/s", "last 10k/s", "enqueued/s", "peak RSS"],
            rows: self.runs.iter().map(row).collect(),
        };
        table.fmt(f)
    }
}
