//! Summaries of many measurements.

use serde::Serialize;
use std::time::Duration;

/// In milliseconds.
#[derive(Clone, Copy, Serialize)]
pub struct Percentiles {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

impl Percentiles {
    /// There must be at least one.
    pub fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<_> = times.into_iter().map(|time| time.as_secs_f64() * 1000.0).collect();
        times.sort_by(f64::total_cmp);
        let percentile = |percent: usize| times[(times.len() * percent).div_ceil(100).max(1) - 1];
        Self { p50: percentile(50), p90: percentile(90), p99: percentile(99), max: percentile(100) }
    }

    pub fn cells(&self) -> [String; 4] {
        [self.p50, self.p90, self.p99, self.max].map(|figure| format!("{figure:.1}"))
    }
}

/// Of a figure in percent.
#[derive(Clone, Copy, Serialize)]
pub struct Quartiles {
    pub lower: f64,
    pub median: f64,
    pub upper: f64,
}

impl Quartiles {
    /// There must be at least one.
    pub fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let at = |share: f64| figures[((figures.len() - 1) as f64 * share).round() as usize];
        Self { lower: at(0.25), median: median(figures.clone()), upper: at(0.75) }
    }

    pub fn cell(&self) -> String {
        format!("{:.1} % ({:.1} to {:.1})", self.median, self.lower, self.upper)
    }
}

pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
