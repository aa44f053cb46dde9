//! Enqueues events on schedule, however long the database takes, unless too much is pending.

use super::watch::Watch;
use crate::filling::event;
use dealix_webhooks::sender::Queue;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::interval;

const TICK: Duration = Duration::from_millis(10);

/// The events to some customers, in turn.
pub struct Flow {
    pub customers: &'static str,
    pub count: usize,
    pub per_second: f64,
    /// Whether they arrive.
    pub is_watched: bool,
}

#[derive(Default)]
pub struct Sent {
    by_customers: HashMap<&'static str, u64>,
    /// What was due but not sent.
    pub held_back: u64,
}

impl Sent {
    pub fn of(&self, customers: &str) -> u64 {
        self.by_customers.get(customers).copied().unwrap_or_default()
    }
}

pub async fn send(
    queue: Arc<Queue>,
    watch: Arc<Watch>,
    flows: Vec<Flow>,
    most_pending: usize,
    duration: Duration,
) -> Sent {
    let mut sent = Sent::default();
    let mut sending = JoinSet::new();
    let started = Instant::now();
    let mut ticks = interval(TICK);
    let mut elapsed = Duration::ZERO;
    while elapsed < duration {
        ticks.tick().await;
        elapsed = started.elapsed();
        for flow in &flows {
            let so_far = sent.by_customers.entry(flow.customers).or_default();
            let room = most_pending.saturating_sub(watch.pending()) as u64;
            for _ in 0..due(flow, elapsed).saturating_sub(*so_far).min(room) {
                let event = event(format!("{}{}", flow.customers, *so_far % flow.count as u64));
                *so_far += 1;
                if flow.is_watched {
                    watch.expect(&event.event_id);
                }
                let queue = queue.clone();
                sending.spawn(async move { queue.enqueue(&event).await.map(drop) });
            }
        }
        while let Some(enqueued) = sending.try_join_next() {
            enqueued.expect("no panic").expect("the database takes the event");
        }
    }
    sent.held_back = flows.iter().map(|flow| due(flow, elapsed) - sent.of(flow.customers)).sum();
    sending.join_all().await.into_iter().collect::<Result<(), _>>().expect("the database takes all events");
    sent
}

/// How many events should have been sent by then.
fn due(flow: &Flow, elapsed: Duration) -> u64 {
    (elapsed.as_secs_f64() * flow.per_second) as u64
}
