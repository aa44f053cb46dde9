//! Collects what the worker reports to the `metrics` facade, in Prometheus's text format.

use anyhow::{Context, Result};
use metrics::{describe_gauge, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::sleep;

/// Up to the time limit of an attempt, which is 10 s by default.
const ATTEMPT_SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Up to the backlog of an hour.
const RECEIPT_SECONDS: [f64; 12] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 600.0, 3600.0];
/// What is recorded for a histogram takes memory until it is put into buckets.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Must be called before the worker is made.
pub fn collect() -> Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full("dealix_attempt_seconds".to_owned()), &ATTEMPT_SECONDS)?
        .set_buckets_for_metric(Matcher::Full("dealix_receipt_seconds".to_owned()), &RECEIPT_SECONDS)?
        .install_recorder()
        .context("the metrics cannot be collected")?;
    describe_gauge!("dealix_build_info", "The version of dealix-sender; always 1");
    gauge!("dealix_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
    Ok(handle)
}

pub async fn keep_up(handle: &PrometheusHandle) -> Infallible {
    loop {
        sleep(UPKEEP_INTERVAL).await;
        handle.run_upkeep();
    }
}
