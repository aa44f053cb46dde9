//! A healthy endpoint beside some that hang. Each attempt at those takes the full timeout of ten seconds.

use crate::arrivals::{Arrivals, hang};
use crate::filling::{self, event};
use crate::servers::{Database, Kind};
use crate::statistics::Percentiles;
use crate::table::{Aim, Row, Table};
use crate::worker::Workers;
use crate::{runtime, step};
use dealix_webhooks::sender::Queue;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// How many endpoints hang, and how many deliveries are queued for each of them beforehand.
const SCENARIOS: [(usize, u64); 5] = [(0, 0), (4, 20), (8, 20), (99, 20), (1, 400_000)];
/// Longer than two timeouts.
const DURATION: Duration = Duration::from_secs(22);
const HEALTHY_PER_SECOND: u32 = 40;
const HANGING_PER_SECOND_EACH: u32 = 2;
const HEALTHY_ANSWERS_AFTER: Duration = Duration::from_millis(5);
/// An event that arrives later than this after the last one was sent counts as late.
const PATIENCE: Duration = Duration::from_secs(3);
/// The highest acceptable p99, as a multiple of the p99 with no hanging endpoint.
const AIM: f64 = 1.5;

const HEALTHY: &str = "healthy_";
const HANGING: &str = "hanging_";

#[derive(Serialize)]
pub struct Figures {
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Run {
    database: String,
    hanging: usize,
    backlog_each: u64,
    sent: usize,
    delivered: usize,
    milliseconds: Percentiles,
    /// 1.5 times the p99 with no hanging endpoint.
    aim_p99: Option<f64>,
}

pub fn measure() -> Figures {
    let mut runs = Vec::new();
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let database = Database::start(kind);
        let mut aim_p99 = None;
        for (hanging, backlog) in SCENARIOS {
            step(format_args!("fairness: {kind:?}, {hanging} hang with a backlog of {backlog} each"));
            let mut run = runtime().block_on(measure_one(&database.create(), hanging, backlog));
            run.aim_p99 = aim_p99;
            aim_p99.get_or_insert(run.milliseconds.p99 * AIM);
            runs.push(Run { database: format!("{kind:?}"), ..run });
        }
    }
    Figures { runs }
}

async fn measure_one(database_url: &str, hanging: usize, backlog_each: u64) -> Run {
    let queue = Arc::new(Queue::open(database_url).await.expect("a queue"));
    let arrivals = Arrivals::start(HEALTHY_ANSWERS_AFTER);
    filling::subscribe(&queue, HEALTHY, 1, &arrivals.url).await;
    for endpoint in 0..hanging {
        filling::subscribe_one(&queue, format!("{HANGING}{endpoint}"), &hang()).await;
    }
    if hanging > 0 {
        filling::insert(database_url, HANGING, hanging, backlog_each * hanging as u64).await;
    }
    let _worker = Workers::start(database_url, 1);
    let (sent, _) = tokio::join!(
        send(&queue, HEALTHY, 1, HEALTHY_PER_SECOND),
        send(&queue, HANGING, hanging, HANGING_PER_SECOND_EACH * hanging as u32)
    );
    arrivals.wait_for(sent.len(), PATIENCE).await;
    let arrived = arrivals.times();
    let times: Vec<_> = sent.iter().filter_map(|(id, sent)| Some(arrived.get(id)?.duration_since(*sent))).collect();
    Run {
        database: String::new(),
        hanging,
        backlog_each,
        sent: sent.len(),
        delivered: times.len(),
        milliseconds: Percentiles::of(times),
        aim_p99: None,
    }
}

/// Sends events to these customers in turn, on schedule, however long the database takes. Returns when each was sent.
async fn send(queue: &Arc<Queue>, customers: &str, count: usize, per_second: u32) -> HashMap<String, Instant> {
    let mut sent = HashMap::new();
    let mut sending = JoinSet::new();
    if per_second == 0 {
        return sent;
    }
    let mut ticks = interval(Duration::from_secs(1) / per_second);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for number in 0..(DURATION.as_secs_f64() * f64::from(per_second)) as usize {
        ticks.tick().await;
        let event = event(format!("{customers}{}", number % count));
        sent.insert(event.event_id.clone(), Instant::now());
        let queue = queue.clone();
        sending.spawn(async move { queue.enqueue(&event).await.map(drop) });
    }
    sending.join_all().await.into_iter().collect::<Result<(), _>>().expect("the database takes all events");
    sent
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = Table {
            about: format!(
                "Fairness: a healthy endpoint at {HEALTHY_PER_SECOND} events/s for {} s, beside some that never answer and get \
                 {HANGING_PER_SECOND_EACH} events/s each;\nmilliseconds from `enqueue` to arrival.",
                DURATION.as_secs()
            ),
            columns: vec!["delivered", "of", "p50", "p90", "p99", "max"],
            rows: self.runs.iter().map(row).collect(),
        };
        table.fmt(f)
    }
}

fn row(run: &Run) -> Row {
    let label = match (run.hanging, run.backlog_each) {
        (0, _) => format!("{}, none hang", run.database),
        (hanging, backlog) => format!("{}, {hanging} hang, {backlog} queued for each", run.database),
    };
    let counts = [run.delivered, run.sent].map(|count| count.to_string());
    let row = Row::new(label, counts.into_iter().chain(run.milliseconds.cells()));
    let are_all_delivered = run.delivered == run.sent;
    row.aiming(match run.aim_p99 {
        None => Aim::new("all", are_all_delivered),
        Some(most) => Aim::new(format!("all, p99 ≤ {most:.1}"), are_all_delivered && run.milliseconds.p99 <= most),
    })
}
