//! Logs to standard error, as text for people or as JSON for programs; and exports traces, if built with the feature `otlp`.

use crate::arguments::LogFormat;
use crate::output::report_as_json;
#[cfg(feature = "otlp")]
use crate::traces::Traces;
use anyhow::Result;
use std::io::IsTerminal;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

pub struct Log {
    #[cfg(feature = "otlp")]
    traces: Option<Traces>,
}

impl Log {
    /// `filter` has the directives of tracing's `EnvFilter`.
    pub fn start(format: LogFormat, filter: &str) -> Result<Self> {
        let lines = fmt::layer()
            .with_ansi(std::io::stderr().is_terminal())
            // If nobody reads the log any more, the work goes on.
            .log_internal_errors(false)
            .with_writer(std::io::stderr);
        let lines = match format {
            LogFormat::Text => lines.boxed(),
            LogFormat::Json => {
                report_as_json();
                lines.json().flatten_event(true).boxed()
            }
        };
        let subscriber = registry().with(lines.with_filter(EnvFilter::new(filter)));
        #[cfg(feature = "otlp")]
        let traces = Traces::start()?;
        #[cfg(feature = "otlp")]
        let subscriber = subscriber.with(traces.as_ref().map(Traces::layer));
        subscriber.init();
        Ok(Self {
            #[cfg(feature = "otlp")]
            traces,
        })
    }

    /// Exports what is left of the traces.
    pub fn end(self) {
        #[cfg(feature = "otlp")]
        if let Some(traces) = self.traces {
            traces.end();
        }
    }
}
