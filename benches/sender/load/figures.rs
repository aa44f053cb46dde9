//! What is reported of a load.

use crate::statistics::Percentiles;
use serde::Serialize;

/// What one database went through.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    pub database: String,
    pub top_per_second: f64,
    pub per_second: f64,
    pub samples: Vec<Sample>,
    /// What the healthy endpoints got, and the slow one.
    pub sent: u64,
    pub arrived: u64,
    /// Arrivals after the first of the same event, which "at least once" allows.
    pub again: u64,
    /// What was due but not sent, because too much was pending.
    pub held_back: u64,
    /// From `enqueue` to the arrival at a healthy endpoint.
    pub milliseconds: Percentiles,
    pub faulty: Vec<Faulty>,
    /// Attempts that failed and are repeated.
    pub retries: u64,
    pub dead_letters: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    pub seconds: f64,
    pub memory_bytes: usize,
    pub stored_bytes: u64,
    pub wal_bytes: u64,
    pub pending: usize,
    pub p99: Option<f64>,
}

/// An endpoint that fails, and its deliveries at the end.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Faulty {
    pub name: &'static str,
    pub sent: u64,
    pub pending: u64,
    pub dead_letters: u64,
}
