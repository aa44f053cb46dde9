//! One event to an idle worker: from the call of `enqueue` to its arrival at the receiver in the same process.

use crate::arrivals::Arrivals;
use crate::filling::{self, event};
use crate::receiver::this_program;
use crate::servers::{Database, Kind};
use crate::statistics::Percentiles;
use crate::table::{Aim, Row, Table};
use crate::worker::Workers;
use crate::{exit_with_parent, runtime, step};
use dealix_webhooks::sender::Queue;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The process that produces and receives. The database and the worker are its children and share its cores.
pub const ROLE: &str = "latency";
pub const BUSY_ROLE: &str = "busy";

const EVENTS: usize = 200;
/// Sent first to open every connection, and not counted.
const FIRST_EVENTS: usize = 10;
/// The pause between two events, so that the worker is idle again.
const PAUSE_MS: std::ops::Range<u64> = 25..75;
const PATIENCE: Duration = Duration::from_secs(15);

const SETTINGS: [Setting; 3] = [
    Setting { name: "all cores", is_on_one_core: false, is_busy: false },
    Setting { name: "one core", is_on_one_core: true, is_busy: false },
    Setting { name: "one core, kept busy", is_on_one_core: true, is_busy: true },
];

struct Setting {
    name: &'static str,
    is_on_one_core: bool,
    /// Another process keeps the core busy.
    is_busy: bool,
}

#[derive(Serialize)]
pub struct Figures {
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Run {
    database: String,
    setting: &'static str,
    events: usize,
    milliseconds: Percentiles,
    aim_p50: f64,
    aim_p99: f64,
}

pub fn measure() -> Figures {
    let kinds = [Kind::Sqlite, Kind::Postgres];
    Figures { runs: kinds.iter().flat_map(|kind| SETTINGS.iter().map(|setting| measure_one(*kind, setting))).collect() }
}

fn measure_one(kind: Kind, setting: &Setting) -> Run {
    step(format_args!("latency: {kind:?}, {}", setting.name));
    let _busy = setting.is_busy.then(Busy::start);
    let name = format!("{kind:?}");
    let mut producer = if setting.is_on_one_core { on_one_core(&[ROLE, &name]) } else { this_program(&[ROLE, &name]) };
    let output = producer.stdin(Stdio::piped()).stderr(Stdio::inherit()).output().expect("the producer runs");
    assert!(output.status.success(), "the producer failed");
    let times: Vec<f64> = serde_json::from_slice(&output.stdout).expect("the producer's figures");
    Run {
        database: name,
        setting: setting.name,
        events: times.len(),
        milliseconds: Percentiles::of(times.into_iter().map(Duration::from_secs_f64)),
        aim_p50: if kind == Kind::Postgres { 5.0 } else { 10.0 },
        aim_p99: 50.0,
    }
}

fn on_one_core(arguments: &[&str]) -> Command {
    let this = this_program(arguments);
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(this.get_program()).args(this.get_args());
    command
}

/// The producer's process: prints the latency of each event in seconds.
pub fn produce(kind: &str) {
    let kind =
        [Kind::Sqlite, Kind::Postgres].into_iter().find(|known| format!("{known:?}") == kind).expect("a database");
    let database = Database::start(kind);
    let arrivals = Arrivals::start(Duration::ZERO);
    let times = runtime().block_on(async {
        let queue = Queue::open(&database.url()).await.expect("a queue");
        filling::subscribe(&queue, filling::CUSTOMERS, 1, &arrivals.url).await;
        let _worker = Workers::start(&database.url(), 1);
        send(&queue, FIRST_EVENTS).await;
        arrivals.wait_for(FIRST_EVENTS, PATIENCE).await;
        let sent = send(&queue, EVENTS).await;
        arrivals.wait_for(FIRST_EVENTS + EVENTS, PATIENCE).await;
        let arrived = arrivals.times();
        let times = sent.iter().map(|(id, sent)| arrived.get(id).expect("every event arrives").duration_since(*sent));
        times.map(|time| time.as_secs_f64()).collect::<Vec<_>>()
    });
    println!("{}", serde_json::to_string(&times).expect("figures have a JSON form"));
}

/// Sends events one at a time. Returns when each was sent, by event id.
async fn send(queue: &Queue, events: usize) -> HashMap<String, Instant> {
    let mut sent = HashMap::new();
    let mut random = StdRng::seed_from_u64(events as u64);
    for _ in 0..events {
        let pause = random.random_range(PAUSE_MS);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let event = event(format!("{}0", filling::CUSTOMERS));
        sent.insert(event.event_id.clone(), Instant::now());
        queue.enqueue(&event).await.expect("the database accepts it");
    }
    sent
}

struct Busy(Child);

impl Busy {
    fn start() -> Self {
        Self(on_one_core(&[BUSY_ROLE]).stdin(Stdio::piped()).spawn().expect("taskset"))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The process that keeps a core busy.
pub fn be_busy() {
    exit_with_parent();
    loop {
        std::hint::spin_loop();
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |run: &Run| {
            let Percentiles { p50, p99, .. } = run.milliseconds;
            let is_met = p50 <= run.aim_p50 && p99 <= run.aim_p99;
            let aim = Aim::new(format!("p50 ≤ {}, p99 ≤ {}", run.aim_p50, run.aim_p99), is_met);
            Row::new(format!("{}, {}", run.database, run.setting), run.milliseconds.cells()).aiming(aim)
        };
        let table = Table {
            about: format!(
                "Latency: {EVENTS} events, one at a time, to an idle worker; milliseconds from `enqueue` to arrival."
            ),
            columns: vec!["p50", "p90", "p99", "max"],
            rows: self.runs.iter().map(row).collect(),
        };
        table.fmt(f)
    }
}
