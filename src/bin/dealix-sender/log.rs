//! Logs to standard error, as text for people or as JSON for programs.

use crate::arguments::LogFormat;
use crate::output::report_as_json;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// `DEALIX_LOG` takes the directives of tracing's `EnvFilter`; `info` logs every attempt.
pub fn start(format: LogFormat) {
    // The queue itself logs what sqlx would log about a database that fails or is slow.
    let filter = EnvFilter::try_from_env("DEALIX_LOG").unwrap_or_else(|_| EnvFilter::new("warn,sqlx=off"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        // If nobody reads the log any more, the work goes on.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => {
            log.json().flatten_event(true).init();
            report_as_json();
        }
    }
}
