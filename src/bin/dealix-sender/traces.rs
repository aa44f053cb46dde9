//! Exports traces over OTLP, as OpenTelemetry's environment variables say.

use anyhow::{Context, Result};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::time::Duration;
use tracing::{Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
/// How long the command waits for the collector when it has nothing else to do.
const LAST_EXPORT: Duration = Duration::from_secs(5);

pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Nothing is exported unless the environment names a collector.
    pub fn start() -> Result<Option<Self>> {
        if !ENDPOINTS.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())) {
            return Ok(None);
        }
        let exporter = SpanExporter::builder().with_http().build();
        let exporter = exporter.context("traces cannot be exported; check the variables OTEL_EXPORTER_OTLP_…")?;
        Ok(Some(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).build())))
    }

    /// The spans of the queue, and not those of the exporter's own requests.
    pub fn layer<S: Subscriber + for<'s> LookupSpan<'s>>(&self) -> impl Layer<S> + use<S> {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("dealix-sender"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target("dealix_webhooks", Level::INFO))
    }

    /// Exports what is left.
    pub fn end(self) {
        // The exporter logs its errors itself.
        let _ = self.0.shutdown_with_timeout(LAST_EXPORT);
    }
}
