//! PostgreSQL with a large backlog: how much is queued must not slow the worker down.

use crate::filling::{self, ENDPOINTS};
use crate::receiver::Receiver;
use crate::servers::{Database, Kind};
use crate::step;
use crate::table::{Aim, Row, Table};
use crate::worker::Workers;
use serde::Serialize;
use std::fmt;

const QUEUED: [u64; 3] = [10_000, 100_000, 1_000_000];
/// How many of them are delivered at most.
const DELIVERED: u64 = 20_000;
/// The lowest acceptable rate, as a share of the rate with the shortest backlog.
const AIM: f64 = 0.9;

#[derive(Serialize)]
pub struct Figures {
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Run {
    queued: u64,
    delivered: u64,
    delivered_per_second: f64,
    peak_memory_bytes: usize,
}

pub fn measure() -> Figures {
    let receiver = Receiver::start();
    Figures { runs: QUEUED.map(|queued| measure_one(queued, &receiver.url())).into() }
}

fn measure_one(queued: u64, receiver_url: &str) -> Run {
    step(format_args!("backlog: {queued}"));
    let database = Database::start(Kind::Postgres);
    filling::fill(&database.url(), queued, receiver_url);
    let delivered = queued.min(DELIVERED);
    let mut worker = Workers::start(&database.url(), 1);
    let time = worker.wait_for(delivered) - worker.started;
    Run {
        queued,
        delivered,
        delivered_per_second: delivered as f64 / time.as_secs_f64(),
        peak_memory_bytes: worker.peak_memory_bytes(),
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let least = self.runs[0].delivered_per_second * AIM;
        let row = |run: &Run| {
            let memory = format!("{:.1} MB", run.peak_memory_bytes as f64 / 1e6);
            let cells = [run.delivered.to_string(), format!("{:.0}", run.delivered_per_second), memory];
            Row::new(format!("{} queued", run.queued), cells)
        };
        let aiming =
            |run: &Run| row(run).aiming(Aim::new(format!("≥ {least:.0}/s"), run.delivered_per_second >= least));
        let table = Table {
            about: format!("A backlog in PostgreSQL, for {ENDPOINTS} endpoints; one worker."),
            columns: vec!["delivered", "delivered/s", "peak RSS"],
            rows: self.runs.iter().take(1).map(row).chain(self.runs.iter().skip(1).map(aiming)).collect(),
        };
        table.fmt(f)
    }
}
