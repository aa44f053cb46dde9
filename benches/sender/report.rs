//! What was measured, for programs as JSON and for people as a table.

use crate::canonical::CanonicalFigures;
use crate::queue::QueueFigures;
use serde::Serialize;
use std::fmt;

#[derive(Serialize)]
pub struct Report {
    pub cores: usize,
    /// Deliveries a second.
    pub transport: f64,
    /// Deliveries a second.
    pub dispatch: f64,
    pub queues: Vec<QueueFigures>,
    pub canonical: CanonicalFigures,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Deliveries to a receiver on loopback, 64 in flight, bodies of 300 bytes; the receiver and the database"
        )?;
        writeln!(f, "share {} cores with the sender. The queue is durable: each commit is synced.\n", self.cores)?;
        writeln!(
            f,
            "{:34} {:>11} {:>11} {:>11} {:>11} {:>9}",
            "", "delivered/s", "first 10k/s", "last 10k/s", "enqueued/s", "peak RSS"
        )?;
        writeln!(f, "{:34} {:>11.0}", "transport alone", self.transport)?;
        writeln!(f, "{:34} {:>11.0}", "dispatch (serialize, sign, send)", self.dispatch)?;
        for queue in &self.queues {
            write_queue(f, queue)?;
        }
        writeln!(
            f,
            "\nCanonical JSON, MB/s written: ours from the payload's text, serde_json's to_vec (its own number format and"
        )?;
        writeln!(f, "escapes) and CPython {}'s json.dumps from the parsed document.\n", self.canonical.python_version)?;
        writeln!(
            f,
            "{:26} {:>7} {:>7} {:>11} {:>7} {:>14} {:>14}",
            "", "bytes", "ours", "serde_json", "CPython", "× serde_json", "× CPython"
        )?;
        for figures in &self.canonical.documents {
            writeln!(
                f,
                "{:26} {:>7} {:>7.0} {:>11.0} {:>7.0} {:>14.2} {:>14.1}",
                figures.name,
                figures.canonical_bytes,
                figures.bytes_per_second / 1e6,
                figures.serde_json_bytes_per_second / 1e6,
                figures.python_bytes_per_second / 1e6,
                figures.times_serde_json,
                figures.times_python,
            )?;
        }
        Ok(())
    }
}

fn write_queue(f: &mut fmt::Formatter<'_>, queue: &QueueFigures) -> fmt::Result {
    writeln!(
        f,
        "{:34} {:>11.0} {:>11.0} {:>11.0} {:>11.0} {:>6.1} MB",
        format!("queue on {}, {} queued", queue.database, queue.queued),
        queue.delivered_per_second,
        queue.rates.first().copied().unwrap_or_default(),
        queue.rates.last().copied().unwrap_or_default(),
        queue.enqueued_per_second,
        queue.peak_memory_bytes as f64 / 1e6,
    )
}
