//! What a load takes while it goes on.

use super::disk::Disk;
use super::figures::Sample;
use super::watch::Watch;
use crate::servers::Kind;
use crate::step;
use crate::worker::Workers;
use std::time::{Duration, Instant};

const SAMPLE_INTERVAL: Duration = Duration::from_secs(5);

pub async fn take(
    kind: Kind,
    worker: &mut Workers,
    watch: &Watch,
    database_url: &str,
    duration: Duration,
) -> Vec<Sample> {
    let mut disk = Disk::open(database_url).await;
    disk.limit_wal().await;
    let mut samples = Vec::new();
    let started = Instant::now();
    let mut ticks = tokio::time::interval(SAMPLE_INTERVAL.min(duration / 24));
    ticks.tick().await;
    while started.elapsed() < duration {
        ticks.tick().await;
        let (stored_bytes, wal_bytes) = disk.bytes().await;
        let sample = Sample {
            seconds: started.elapsed().as_secs_f64(),
            memory_bytes: worker.latest().memory_bytes,
            stored_bytes,
            wal_bytes,
            pending: watch.pending(),
            p99: watch.p99_since_last(),
        };
        show(kind, &sample);
        samples.push(sample);
    }
    samples
}

fn show(kind: Kind, sample: &Sample) {
    let [memory, stored, wal] =
        [sample.memory_bytes as u64, sample.stored_bytes, sample.wal_bytes].map(|bytes| bytes / 1_000_000);
    step(format_args!(
        "load: {kind:?}, {:.0} s: p99 {:.0} ms, {} pending; worker {memory} MB, tables {stored} MB, WAL {wal} MB",
        sample.seconds,
        sample.p99.unwrap_or(f64::NAN),
        sample.pending
    ));
}
