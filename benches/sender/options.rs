//! What sealed secrets, the excerpts of responses and metrics cost: `dealix-sender work` with and without them, in turn.

use crate::command::{self, ALL, NONE, Options};
use crate::receiver::Receiver;
use crate::servers::{Database, Kind};
use crate::statistics::{Quartiles, median};
use crate::table::{Aim, Row, Table};
use crate::{cpu, filling, step};
use serde::Serialize;
use std::fmt;

const DELIVERIES: u64 = 20_000;
/// What an endpoint responds with: a few words, as most do, or as much as is kept of a response.
const RESPONSE_BYTES: [usize; 2] = [100, 1024];
const ROUNDS: usize = 5;
/// The most CPU time that all of them together may take, in percent.
const AIM: f64 = 5.0;

const VARIANTS: [Variant; 6] = [
    Variant::new("sealed secrets", Options { seals_secrets: true, ..NONE }, 0),
    Variant::new("metrics", Options { has_metrics: true, ..NONE }, 0),
    Variant::new("excerpts", Options { keeps_excerpts: true, ..NONE }, 0),
    Variant::new("excerpts", Options { keeps_excerpts: true, ..NONE }, 1),
    Variant::new(ALL_THREE, ALL, 0),
    Variant::new(ALL_THREE, ALL, 1),
];
const ALL_THREE: &str = "all three";

/// What is measured.
#[derive(Clone, Copy)]
struct Variant {
    name: &'static str,
    options: Options,
    /// Which of `RESPONSE_BYTES`.
    responses: usize,
}

impl Variant {
    const fn new(name: &'static str, options: Options, responses: usize) -> Self {
        Self { name, options, responses }
    }
}

#[derive(Serialize)]
pub struct Figures {
    runs: Vec<Run>,
}

/// One variant on one database, each figure from the same rounds without it and with it.
#[derive(Serialize)]
struct Run {
    database: String,
    with: &'static str,
    response_bytes: usize,
    delivered_per_second_without: f64,
    delivered_per_second: f64,
    /// By how much the throughput is lower, in percent.
    throughput_cost: Quartiles,
    /// Of the worker and, if it is a process of its own, the database, for each delivery.
    cpu_us_without: f64,
    cpu_us: f64,
    /// By how much more CPU time is used, in percent.
    cpu_cost: Quartiles,
}

/// What one run took.
#[derive(Clone, Copy)]
struct Taken {
    seconds: f64,
    cpu_us: f64,
}

pub fn measure() -> Figures {
    let receivers = RESPONSE_BYTES.map(Receiver::answering);
    let pairs = [Kind::Sqlite, Kind::Postgres].map(|kind| VARIANTS.map(|variant| (kind, variant)));
    let mut taken = vec![Vec::new(); pairs.len() * VARIANTS.len()];
    for round in 0..ROUNDS {
        for ((kind, variant), rounds) in pairs.iter().flatten().zip(&mut taken) {
            let Variant { name, options, responses } = *variant;
            let bytes = RESPONSE_BYTES[responses];
            step(format_args!("options: {kind:?}, {name}, {bytes} bytes, round {} of {ROUNDS}", round + 1));
            rounds.push(measure_round(*kind, options, round % 2 == 1, &receivers[responses].url()));
        }
    }
    let runs = pairs.iter().flatten().zip(taken);
    Figures { runs: runs.map(|((kind, variant), rounds)| summary(*kind, *variant, &rounds)).collect() }
}

/// Without the options, with them, with them, without; or, if `begins_with`, the other way round. Returns the means without
/// and with them.
fn measure_round(kind: Kind, options: Options, begins_with: bool, receiver_url: &str) -> [Taken; 2] {
    let database = Database::start(kind);
    let [outer, inner] = if begins_with { [options, NONE] } else { [NONE, options] };
    let taken = [outer, inner, inner, outer].map(|options| measure_one(&database, kind, options, receiver_url));
    let [outer, inner] = [mean(taken[0], taken[3]), mean(taken[1], taken[2])];
    if begins_with { [inner, outer] } else { [outer, inner] }
}

fn measure_one(database: &Database, kind: Kind, options: Options, receiver_url: &str) -> Taken {
    let database_url = database.create();
    filling::fill_sealed(&database_url, options.secrets_keys(), DELIVERIES, receiver_url);
    let of_database = || if kind == Kind::Postgres { cpu::of_postgres(database) } else { Default::default() };
    let before = of_database();
    let done = command::start(&database_url, options).finish();
    assert_eq!(done.delivered, DELIVERIES, "each event is delivered once");
    let cpu = done.cpu + of_database() - before;
    Taken { seconds: done.seconds, cpu_us: cpu.as_secs_f64() * 1e6 / DELIVERIES as f64 }
}

fn mean(one: Taken, other: Taken) -> Taken {
    Taken { seconds: (one.seconds + other.seconds) / 2.0, cpu_us: (one.cpu_us + other.cpu_us) / 2.0 }
}

fn summary(kind: Kind, variant: Variant, rounds: &[[Taken; 2]]) -> Run {
    let each = |figure: fn(&[Taken; 2]) -> f64| rounds.iter().map(figure).collect::<Vec<_>>();
    Run {
        database: format!("{kind:?}"),
        with: variant.name,
        response_bytes: RESPONSE_BYTES[variant.responses],
        delivered_per_second_without: DELIVERIES as f64 / median(each(|[without, _]| without.seconds)),
        delivered_per_second: DELIVERIES as f64 / median(each(|[_, with]| with.seconds)),
        throughput_cost: Quartiles::of(each(|[without, with]| 100.0 * (1.0 - without.seconds / with.seconds))),
        cpu_us_without: median(each(|[without, _]| without.cpu_us)),
        cpu_us: median(each(|[_, with]| with.cpu_us)),
        cpu_cost: Quartiles::of(each(|[without, with]| 100.0 * (with.cpu_us / without.cpu_us - 1.0))),
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = Table {
            about: format!(
                "What options of a worker cost: medians, with the quartiles, of {ROUNDS} rounds of without, with, with, without. \
                 Each time {DELIVERIES} deliveries\nof 300 bytes, to an endpoint that responds with as many bytes as the row says; \
                 metrics are read twice a second."
            ),
            columns: vec!["without/s", "with/s", "costs throughput", "µs of CPU without", "with", "costs CPU"],
            rows: self.runs.iter().map(row).collect(),
        };
        table.fmt(f)
    }
}

fn row(run: &Run) -> Row {
    let cells = [
        format!("{:.0}", run.delivered_per_second_without),
        format!("{:.0}", run.delivered_per_second),
        run.throughput_cost.cell(),
        format!("{:.0}", run.cpu_us_without),
        format!("{:.0}", run.cpu_us),
        run.cpu_cost.cell(),
    ];
    let row = Row::new(format!("{}, {}, {} bytes", run.database, run.with, run.response_bytes), cells);
    if run.with != ALL_THREE {
        return row;
    }
    row.aiming(Aim::new(format!("≤ {AIM} % of CPU"), run.cpu_cost.median <= AIM))
}
