//! Growing beyond one database: the customers are divided between two, each with a worker of its own. Says how much CPU time a
//! delivery takes, and where.

use crate::command::{self, Done, NONE};
use crate::receiver::Receiver;
use crate::servers::{Database, Kind};
use crate::statistics::median;
use crate::table::{Row, Table};
use crate::{cpu, filling, step};
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// Altogether, however many databases there are.
const DELIVERIES: u64 = 40_000;
const ROUNDS: usize = 6;

const LAYOUTS: [Layout; 4] = [
    Layout { label: "one database, one worker", servers: 1, databases: 1, workers_each: 1 },
    Layout { label: "one database, two workers", servers: 1, databases: 1, workers_each: 2 },
    Layout { label: "two databases on one server, a worker each", servers: 1, databases: 2, workers_each: 1 },
    Layout { label: "two servers, a worker each", servers: 2, databases: 2, workers_each: 1 },
];

struct Layout {
    label: &'static str,
    servers: usize,
    databases: usize,
    workers_each: usize,
}

#[derive(Serialize)]
pub struct Figures {
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Run {
    layout: &'static str,
    delivered_per_second: f64,
    /// For each delivery.
    worker_cpu_us: f64,
    database_cpu_us: f64,
    receiver_cpu_us: f64,
    /// How many of the machine's cores all of them used on average, and how many nobody used. The rest is other work.
    cores: f64,
    idle_cores: f64,
}

/// What one run took: seconds, and CPU time.
#[derive(Clone, Copy)]
struct Taken {
    seconds: f64,
    workers: Duration,
    databases: Duration,
    receiver: Duration,
    idle: Duration,
}

pub fn measure() -> Figures {
    let mut taken = LAYOUTS.map(|_| Vec::new());
    for round in 0..ROUNDS {
        let mut order: Vec<_> = LAYOUTS.iter().zip(&mut taken).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for (layout, rounds) in order {
            step(format_args!("databases: {}, round {} of {ROUNDS}", layout.label, round + 1));
            rounds.push(measure_one(layout));
        }
    }
    Figures { runs: LAYOUTS.iter().zip(&taken).map(|(layout, rounds)| summary(layout, rounds)).collect() }
}

fn measure_one(layout: &Layout) -> Taken {
    let receiver = Receiver::start();
    let servers: Vec<_> = (0..layout.servers).map(|_| Database::start(Kind::Postgres)).collect();
    let urls: Vec<_> = (0..layout.databases).map(|number| servers[number % servers.len()].create()).collect();
    let deliveries = DELIVERIES / layout.databases as u64;
    urls.iter().for_each(|url| filling::fill(url, deliveries, &receiver.url()));
    let of_databases = || servers.iter().map(cpu::of_postgres).sum::<Duration>();
    let (databases, of_receiver, idle) = (of_databases(), receiver.cpu(), cpu::idle());
    let workers = urls.iter().flat_map(|url| (0..layout.workers_each).map(move |_| command::start(url, NONE)));
    let done: Vec<Done> = workers.collect::<Vec<_>>().into_iter().map(command::Running::finish).collect();
    assert_eq!(done.iter().map(|done| done.delivered).sum::<u64>(), DELIVERIES, "each event is delivered once");
    Taken {
        seconds: done.iter().map(|done| done.seconds).fold(0.0, f64::max),
        workers: done.iter().map(|done| done.cpu).sum(),
        databases: of_databases() - databases,
        receiver: receiver.cpu() - of_receiver,
        idle: cpu::idle() - idle,
    }
}

fn summary(layout: &Layout, rounds: &[Taken]) -> Run {
    let each = |figure: fn(&Taken) -> f64| median(rounds.iter().map(figure).collect());
    Run {
        layout: layout.label,
        delivered_per_second: DELIVERIES as f64 / each(|taken| taken.seconds),
        worker_cpu_us: each(|taken| us_each(taken.workers)),
        database_cpu_us: each(|taken| us_each(taken.databases)),
        receiver_cpu_us: each(|taken| us_each(taken.receiver)),
        cores: each(|taken| (taken.workers + taken.databases + taken.receiver).as_secs_f64() / taken.seconds),
        idle_cores: each(|taken| taken.idle.as_secs_f64() / taken.seconds),
    }
}

fn us_each(cpu: Duration) -> f64 {
    cpu.as_secs_f64() * 1e6 / DELIVERIES as f64
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |run: &Run| {
            let figures = [run.delivered_per_second, run.worker_cpu_us, run.database_cpu_us, run.receiver_cpu_us];
            let cells = figures.map(|figure| format!("{figure:.0}"));
            Row::new(
                run.layout,
                cells.into_iter().chain([run.cores, run.idle_cores].map(|cores| format!("{cores:.1}"))),
            )
        };
        let table = Table {
            about: format!(
                "Customers divided between PostgreSQL databases: {DELIVERIES} deliveries of 300 bytes altogether; medians of \
                 {ROUNDS} rounds. CPU time is\nfor each delivery, in µs."
            ),
            columns: vec!["delivered/s", "workers", "databases", "receiver", "cores in use", "idle"],
            rows: self.runs.iter().map(row).collect(),
        };
        table.fmt(f)
    }
}
