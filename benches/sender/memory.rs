//! Large bodies: the worker's memory is limited by the bytes in flight, not by the number of bodies.

use crate::filling::ENDPOINTS;
use crate::receiver::Receiver;
use crate::servers::{Database, Kind};
use crate::table::{Row, Table};
use crate::worker::Workers;
use crate::{filling, runtime, step};
use dealix_webhooks::sender::{Queue, QueueOptions, make_event};
use serde::Serialize;
use serde_json::json;
use std::fmt;
use std::time::Duration;

const BODIES: u64 = 40;
const BODY_BYTES: usize = 10_000_000;
/// Long enough that as many bodies as allowed are in flight.
const RECEIVER_ANSWERS_AFTER: Duration = Duration::from_millis(500);

#[derive(Serialize)]
pub struct Figures {
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Run {
    database: String,
    peak_memory_bytes: usize,
    seconds: f64,
}

pub fn measure() -> Figures {
    Figures { runs: [Kind::Sqlite, Kind::Postgres].map(measure_one).into() }
}

fn measure_one(kind: Kind) -> Run {
    step(format_args!("memory: {kind:?}"));
    let database = Database::start(kind);
    let receiver = Receiver::answering_after(RECEIVER_ANSWERS_AFTER);
    runtime().block_on(enqueue(&database.url(), &receiver.url()));
    let mut worker = Workers::start(&database.url(), 1);
    let time = worker.wait_for(BODIES) - worker.started;
    Run { database: format!("{kind:?}"), peak_memory_bytes: worker.peak_memory_bytes(), seconds: time.as_secs_f64() }
}

async fn enqueue(database_url: &str, receiver_url: &str) {
    let options = QueueOptions { max_envelope_bytes: 2 * BODY_BYTES, ..Default::default() };
    let queue = Queue::open_with(database_url, options).await.expect("a queue");
    filling::subscribe(&queue, filling::CUSTOMERS, ENDPOINTS, receiver_url).await;
    let payload = crate::documents::raw(&json!({"text": "x".repeat(BODY_BYTES)}));
    for number in 0..BODIES {
        let customer = format!("{}{}", filling::CUSTOMERS, number % ENDPOINTS as u64);
        let event = make_event("deal.won", customer, payload.clone());
        queue.enqueue(&event).await.expect("the database accepts it");
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |run: &Run| {
            let memory = format!("{:.0} MB", run.peak_memory_bytes as f64 / 1e6);
            Row::new(run.database.clone(), [memory, format!("{:.1}", run.seconds)])
        };
        let table = Table {
            about: format!(
                "Memory: {BODIES} bodies of 10 MB for {ENDPOINTS} endpoints that answer after {} ms; at most 64 MiB in flight.",
                RECEIVER_ANSWERS_AFTER.as_millis()
            ),
            columns: vec!["peak RSS", "seconds"],
            rows: self.runs.iter().map(row).collect(),
        };
        table.fmt(f)
    }
}
