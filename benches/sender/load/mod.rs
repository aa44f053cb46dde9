//! `cargo xtask load sender`: a queue on each database, both at once, for minutes at half of its top rate, with endpoints that fail
//! beside healthy ones. Prints what was seen as JSON; `tests/npm/load` judges it.

mod disk;
mod endpoints;
mod figures;
mod samples;
mod traffic;
mod watch;

use crate::filling::subscribe_one;
use crate::servers::{Database, Kind};
use crate::statistics::Percentiles;
use crate::worker::Workers;
use crate::{runtime, step};
use dealix_webhooks::sender::{DeliveryFilter, DeliveryState, Queue};
use endpoints::{Endpoints, FAULTS, HEALTHY, HEALTHY_ENDPOINTS, SLOW};
use figures::{Faulty, Run};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::sleep;
use traffic::{Flow, send};
use watch::Watch;

pub const ROLE: &str = "load";

/// Short, so that pruning and what is enqueued are in balance after a minute.
const KEEP_FINISHED: Duration = Duration::from_secs(30);
const TOP_RATE_TIME: Duration = Duration::from_secs(30);
/// So short that what finishes is pruned meanwhile: a rate without pruning cannot last.
const TOP_RATE_KEEP_FINISHED: Duration = Duration::from_secs(1);
/// How many events of the highest rate are on their way at once.
const TOP_RATE_PENDING: usize = 2_000;
/// More than this, and the queue has fallen behind.
const MOST_PENDING: usize = 50_000;
/// How long the last events may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn run(duration: Duration) {
    let start = |kind| std::thread::spawn(move || runtime().block_on(measure(kind, &Database::start(kind), duration)));
    let runs = [Kind::Postgres, Kind::Sqlite].map(start).map(|run| run.join().expect("no panic"));
    println!("{}", serde_json::to_string(&runs).expect("figures have a JSON form"));
}

async fn measure(kind: Kind, database: &Database, duration: Duration) -> Run {
    let top_per_second = top_rate(kind, &database.create()).await;
    let per_second = top_per_second / 2.0;
    step(format_args!(
        "load: {kind:?} at {per_second:.0} events/s, half of its top rate, for {} s",
        duration.as_secs()
    ));
    let database_url = database.create();
    let queue = Arc::new(Queue::open(&database_url).await.expect("a queue"));
    let watch = Watch::start();
    let endpoints = Endpoints::start(watch.clone());
    endpoints.subscribe_all(&queue).await;
    let mut worker = Workers::keeping(KEEP_FINISHED, &database_url, 1);
    let sending = tokio::spawn(send(queue.clone(), watch.clone(), flows(per_second), MOST_PENDING, duration));
    let samples = samples::take(kind, &mut worker, &watch, &database_url, duration).await;
    let sent = sending.await.expect("the database takes all events");
    wait_for(|| watch.pending() == 0).await;
    let refused = sent.of(endpoints::REFUSES);
    wait_for(|| worker.latest().dead_letters >= refused).await;
    let mut faulty = Vec::new();
    for name in FAULTS {
        faulty.push(faulty_one(&queue, name, sent.of(name)).await);
    }
    let tally = worker.latest();
    let expected = sent.of(HEALTHY) + sent.of(SLOW);
    Run {
        database: format!("{kind:?}"),
        top_per_second,
        per_second,
        samples,
        sent: expected,
        arrived: watch.arrived(),
        again: watch.again(),
        held_back: sent.held_back,
        milliseconds: Percentiles::of(watch.times()),
        faulty,
        retries: tally.retries,
        dead_letters: tally.dead_letters,
    }
}

fn flows(per_second: f64) -> Vec<Flow> {
    let healthy = Flow { customers: HEALTHY, count: HEALTHY_ENDPOINTS, per_second, is_watched: true };
    let slow = Flow { customers: SLOW, count: 1, per_second: 1.0, is_watched: true };
    let faulty = FAULTS.map(|customers| Flow { customers, count: 1, per_second: 1.0, is_watched: false });
    [healthy, slow].into_iter().chain(faulty).collect()
}

/// How many events a second arrive if as many are enqueued as the queue can take, and as many are pruned.
async fn top_rate(kind: Kind, database_url: &str) -> f64 {
    step(format_args!("load: the top rate of {kind:?}"));
    let queue = Arc::new(Queue::open(database_url).await.expect("a queue"));
    let watch = Watch::start();
    let endpoints = Endpoints::start(watch.clone());
    for number in 0..HEALTHY_ENDPOINTS {
        subscribe_one(&queue, format!("{HEALTHY}{number}"), &endpoints.url(HEALTHY)).await;
    }
    let _worker = Workers::keeping(TOP_RATE_KEEP_FINISHED, database_url, 1);
    let flow = Flow { customers: HEALTHY, count: HEALTHY_ENDPOINTS, per_second: 1e6, is_watched: true };
    let sending = tokio::spawn(send(queue, watch.clone(), vec![flow], TOP_RATE_PENDING, TOP_RATE_TIME));
    let warm_up = TOP_RATE_TIME / 3;
    sleep(warm_up).await;
    let (before, started) = (watch.arrived(), Instant::now());
    sleep(TOP_RATE_TIME - warm_up).await;
    let rate = (watch.arrived() - before) as f64 / started.elapsed().as_secs_f64();
    sending.await.expect("the database takes all events");
    rate
}

async fn faulty_one(queue: &Queue, name: &'static str, sent: u64) -> Faulty {
    let count = async |state| {
        let customer_id = Some(format!("{name}0"));
        let filter = DeliveryFilter { state: Some(state), customer_id, ..Default::default() };
        queue.count(&filter).await.expect("the database answers")
    };
    Faulty {
        name,
        sent,
        pending: count(DeliveryState::Pending).await,
        dead_letters: count(DeliveryState::DeadLetter).await,
    }
}

async fn wait_for(mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() && started.elapsed() < PATIENCE {
        sleep(Duration::from_millis(50)).await;
    }
}
