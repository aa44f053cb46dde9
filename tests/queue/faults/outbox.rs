//! Workers are killed again and again while a client commits events to the outbox, or rolls them back.

use crate::faults::bed::{Bed, assert_all_arrived, random};
use crate::faults::worker::{Worker, until};
use crate::support::receiver::Receiver;
use crate::support::servers::Kind;
use rand::{Rng, rngs::StdRng};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, PgConnection, SqliteConnection, raw_sql};
use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

on_every_database![only_committed_events_are_sent_however_often_workers_are_killed];

/// A service with its own transactions.
enum Client {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Client {
    async fn connect(bed: &Bed) -> Self {
        match bed.kind {
            Kind::Sqlite => {
                let options = SqliteConnectOptions::from_str(&bed.url).expect("a file");
                Self::Sqlite(options.busy_timeout(Duration::from_secs(30)).connect().await.expect("a connection"))
            }
            Kind::Postgres => Self::Postgres(PgConnection::connect(&bed.url).await.expect("a connection")),
        }
    }

    async fn execute(&mut self, statement: &str) {
        let statement = raw_sql(AssertSqlSafe(statement.to_owned()));
        match self {
            Self::Sqlite(connection) => statement.execute(connection).await.map(drop),
            Self::Postgres(connection) => statement.execute(connection).await.map(drop),
        }
        .expect("executed");
    }

    async fn begin(&mut self) {
        let begin = if matches!(self, Self::Sqlite(_)) { "BEGIN IMMEDIATE" } else { "BEGIN" };
        self.execute(begin).await;
    }

    async fn enqueue(&mut self, event_id: &str) {
        let data = format!(r#"{{"id": "{event_id}"}}"#);
        let enqueue = match self {
            Self::Sqlite(_) => format!(
                "INSERT INTO dealix_outbox (event_type, customer_id, data, event_id) \
                 VALUES ('deal.won', 'cus_1', '{data}', '{event_id}')"
            ),
            Self::Postgres(_) => format!("SELECT dealix.enqueue('deal.won', 'cus_1', '{data}', '{event_id}')"),
        };
        self.execute(&enqueue).await;
    }

    /// Makes transactions of one to three events and rolls about a third of them back. Returns the committed ids.
    async fn work(mut self, mut random: StdRng, until: Arc<AtomicBool>) -> BTreeSet<String> {
        let mut committed = BTreeSet::new();
        for transaction in 0.. {
            if until.load(Relaxed) {
                break;
            }
            self.begin().await;
            let ids: Vec<_> =
                (0..random.random_range(1..4)).map(|event| format!("evt_{transaction}_{event}")).collect();
            for id in &ids {
                self.enqueue(id).await;
            }
            if random.random_bool(0.3) {
                self.execute("ROLLBACK").await;
            } else {
                self.execute("COMMIT").await;
                committed.extend(ids);
            }
            tokio::time::sleep(Duration::from_millis(random.random_range(0..30))).await;
        }
        committed
    }
}

async fn only_committed_events_are_sent_however_often_workers_are_killed(bed: Bed) {
    const KILLS: usize = 200;
    let mut random = random(bed.kind);
    let receiver = Receiver::start(|_| 204).await;
    bed.subscribe(&receiver.url("/hook"), None).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let client = Client::connect(&bed).await;
    let client = tokio::spawn(client.work(rand::SeedableRng::seed_from_u64(random.random()), is_over.clone()));

    let started = Instant::now();
    for _ in 0..KILLS {
        let before = receiver.count();
        let worker = Worker::start(&bed.url, &[]);
        // Only once it delivers, so that each kill interrupts something.
        until("an attempt", || receiver.count() > before).await;
        tokio::time::sleep(Duration::from_millis(random.random_range(0..30))).await;
        worker.kill();
    }
    is_over.store(true, Relaxed);
    let committed = client.await.expect("the client ends");
    println!("{:?}: {} events, {KILLS} kills in {:?}", bed.kind, committed.len(), started.elapsed());
    assert!(receiver.arrivals().len() < committed.len(), "the last kill came too late to interrupt anything");
    Worker::start(&bed.url, &["--until-idle"]).finish().await;

    assert_all_arrived(&bed.queue, &receiver, &committed).await;
    assert_eq!(bed.number("SELECT count(*) FROM dealix_outbox").await, 0, "nothing is left in the outbox");
}
