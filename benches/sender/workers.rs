//! Several workers on one PostgreSQL database.

use crate::filling::{self, ENDPOINTS};
use crate::receiver::Receiver;
use crate::servers::{Database, Kind};
use crate::step;
use crate::table::{Row, Table};
use crate::worker::Workers;
use serde::Serialize;
use std::fmt;

const WORKERS: [usize; 3] = [1, 2, 4];
const QUEUED: u64 = 20_000;

#[derive(Serialize)]
pub struct Figures {
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Run {
    workers: usize,
    delivered_per_second: f64,
}

pub fn measure() -> Figures {
    let database = Database::start(Kind::Postgres);
    let receiver = Receiver::start();
    Figures { runs: WORKERS.map(|workers| measure_one(&database, workers, &receiver.url())).into() }
}

fn measure_one(database: &Database, workers: usize, receiver_url: &str) -> Run {
    step(format_args!("workers: {workers}"));
    let database_url = database.create();
    filling::fill(&database_url, QUEUED, receiver_url);
    let mut processes = Workers::start(&database_url, workers);
    let time = processes.wait_for(QUEUED) - processes.started;
    Run { workers, delivered_per_second: QUEUED as f64 / time.as_secs_f64() }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |run: &Run| {
            let label = if run.workers == 1 { "1 worker".to_owned() } else { format!("{} workers", run.workers) };
            Row::new(label, [format!("{:.0}", run.delivered_per_second)])
        };
        let table = Table {
            about: format!("Workers on one PostgreSQL database: {QUEUED} queued, {ENDPOINTS} endpoints."),
            columns: vec!["delivered/s"],
            rows: self.runs.iter().map(row).collect(),
        };
        table.fmt(f)
    }
}
