//! A PostgreSQL database with a round trip of 1.3 ms.

use crate::filling::{self, ENDPOINTS};
use crate::receiver::Receiver;
use crate::servers::{Database, Kind};
use crate::statistics::median;
use crate::table::{Aim, Row, Table};
use crate::worker::Workers;
use crate::{proxy, runtime, step};
use dealix_webhooks::sender::Queue;
use serde::Serialize;
use sqlx::{Connection, Executor, PgConnection};
use std::fmt;
use std::time::{Duration, Instant};

/// The delay in each direction.
const DELAY: Duration = Duration::from_micros(650);
const CALLERS: usize = 64;
const EVENTS: u64 = 10_000;
const EVENTS_BY_ONE: u64 = 300;
const DELIVERIES: u64 = 10_000;
const AIM: f64 = 1_000.0;

#[derive(Serialize)]
pub struct Figures {
    round_trip_ms: f64,
    enqueued_per_second: f64,
    /// With one caller, who waits for each event to be stored.
    enqueued_per_second_by_one: f64,
    delivered_per_second: f64,
}

pub fn measure() -> Figures {
    step("distance: a database with a round trip of 1.3 ms");
    let database = Database::start(Kind::Postgres);
    let receiver = Receiver::start();
    filling::fill(&database.url(), DELIVERIES, &receiver.url());
    let far = far_away(&database.url());
    let mut worker = Workers::start(&far, 1);
    let delivering = worker.wait_for(DELIVERIES) - worker.started;
    drop(worker);
    let (round_trip_ms, by_many, by_one) = runtime().block_on(async {
        let queue = Queue::open(&far).await.expect("a queue");
        let by_one = filling::enqueue(&queue, EVENTS_BY_ONE, 1).await;
        (round_trip_ms(&far).await, filling::enqueue(&queue, EVENTS, CALLERS).await, by_one)
    });
    Figures {
        round_trip_ms,
        enqueued_per_second: EVENTS as f64 / by_many.as_secs_f64(),
        enqueued_per_second_by_one: EVENTS_BY_ONE as f64 / by_one.as_secs_f64(),
        delivered_per_second: DELIVERIES as f64 / delivering.as_secs_f64(),
    }
}

fn far_away(database_url: &str) -> String {
    let (before, rest) = database_url.rsplit_once(':').expect("a port");
    let (port, name) = rest.split_once('/').expect("a name");
    format!("{before}:{}/{name}", proxy::start(port.parse().expect("a port"), DELAY))
}

async fn round_trip_ms(database_url: &str) -> f64 {
    let mut connection = PgConnection::connect(database_url).await.expect("PostgreSQL answers");
    let mut times = Vec::new();
    for _ in 0..200 {
        let started = Instant::now();
        connection.execute("SELECT 1").await.expect("PostgreSQL answers");
        times.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    median(times)
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |label: String, rate: f64| Row::new(label, [format!("{rate:.0}")]);
        let aim = |rate: f64| Aim::new(format!("≥ {AIM}"), rate >= AIM);
        let (enqueued, delivered) = (self.enqueued_per_second, self.delivered_per_second);
        let table = Table {
            about: format!("A distant PostgreSQL database: `SELECT 1` takes {:.2} ms.", self.round_trip_ms),
            columns: vec!["per second"],
            rows: vec![
                row(format!("enqueued by {CALLERS} callers"), enqueued).aiming(aim(enqueued)),
                row("enqueued by one caller".to_owned(), self.enqueued_per_second_by_one),
                row(format!("delivered to {ENDPOINTS} endpoints"), delivered).aiming(aim(delivered)),
            ],
        };
        table.fmt(f)
    }
}
