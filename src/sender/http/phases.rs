//! Measures the phases of an attempt.

use crate::sender::phases::AttemptPhases;
use std::cell::Cell;
use std::time::{Duration, Instant};

tokio::task_local! {
    /// Of the attempt that is being made. The client opens a connection within the attempt that needs it.
    static LAPS: Cell<Laps>;
}

#[derive(Clone, Copy)]
struct Laps {
    phases: AttemptPhases,
    /// When the last phase ended.
    since: Instant,
}

/// Makes the attempt, and returns how its time was spent.
pub(super) async fn measured<T>(attempt: impl Future<Output = T>) -> (T, AttemptPhases) {
    let start = Laps { phases: AttemptPhases::default(), since: Instant::now() };
    let attempt = async {
        let output = attempt.await;
        (output, LAPS.with(Cell::get).phases)
    };
    LAPS.scope(Cell::new(start), attempt).await
}

/// This phase of the current attempt has ended, and the next one begins.
pub(super) fn end(phase: fn(&mut AttemptPhases) -> &mut Option<u64>) {
    // The client completes a connection in a task of its own if the attempt no longer needs it.
    let _ = LAPS.try_with(|cell| {
        let mut laps = cell.get();
        *phase(&mut laps.phases) = Some(whole_ms(laps.since.elapsed()));
        laps.since = Instant::now();
        cell.set(laps);
    });
}

pub(super) fn whole_ms(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
