use crate::arguments::WorkArguments;
use crate::interrupts::Interrupts;
use crate::listen::Monitor;
use crate::output::{count, print_json, print_line, report, reports_json};
use crate::secrets_keys;
use anyhow::{Context, Result, bail};
use clap::{Command, FromArgMatches};
use dealix_webhooks::sender::{
    AlarmOptions, Queue, QueueError, WorkCounters, WorkHealth, WorkMetrics, WorkOptions, WorkSummary,
};
use serde_json::json;
use std::convert::Infallible;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// How often to show progress on a terminal.
const LIVE: Duration = Duration::from_secs(1);
/// How often to show it elsewhere.
const LOGGED: Duration = Duration::from_secs(30);
/// How long to wait for the database at the end; it may be gone.
const LAST_LOOK: Duration = Duration::from_secs(1);

/// Works until told to stop. Prints progress to standard error, and the summary to standard output.
pub async fn work(queue: &Queue, arguments: WorkArguments, interrupts: &Interrupts, json: bool) -> Result<ExitCode> {
    // Not left to clap, to which an option that the file sets is not there.
    if arguments.metrics_by_subscription && arguments.listen.is_none() {
        bail!("--metrics-by-subscription has no effect without --listen: add it, or leave both out");
    }
    let monitor = match arguments.listen {
        Some(address) => Some(Monitor::listen(address).await?),
        None => None,
    };
    let options = WorkOptions {
        concurrency: arguments.concurrency.into(),
        concurrency_per_endpoint: arguments.concurrency_per_endpoint.into(),
        jitter: !arguments.no_jitter,
        until_idle: arguments.until_idle,
        max_bytes_in_flight: usize::try_from(arguments.max_bytes_in_flight).unwrap_or(usize::MAX),
        lease: arguments.lease,
        keep_finished: arguments.keep_finished,
        alarms: AlarmOptions { failing_for: arguments.alarm_failing_for, overdue_by: arguments.alarm_overdue_by },
        metrics: match arguments.listen {
            None => WorkMetrics::Off,
            Some(_) if arguments.metrics_by_subscription => WorkMetrics::BySubscription,
            Some(_) => WorkMetrics::On,
        },
        ..Default::default()
    };
    // Each connection needs one, and the usual soft limit is 1,024. If it cannot be raised, it stays unchanged.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    secrets_keys::check(queue).await?;
    let worker = queue.worker(arguments.transport.transport()?, options);
    let (counters, health) = (worker.counters(), worker.health());
    let started = Instant::now();
    let interrupted = interrupts.stop_worker();
    report("working; interrupt to finish the attempts in flight and stop");
    let summary = tokio::select! {
        summary = worker.run(interrupted) => summary,
        never = show_progress(queue, &counters) => match never {},
        never = serve(monitor.as_ref(), health) => match never {},
    };
    clear_progress();
    print_summary(queue, summary, started.elapsed(), json).await?;
    match timeout(LAST_LOOK, queue.check_schema()).await {
        Ok(Err(error @ (QueueError::OlderSchema { .. } | QueueError::NewerSchema { .. }))) => Err(error.into()),
        // The work is done, whether or not the database responds now.
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// What a worker would have if it were started without arguments.
pub fn defaults(definition: Command) -> Result<WorkArguments> {
    let matches = definition.try_get_matches_from(["dealix-sender", "work"])?;
    let worker = matches.subcommand_matches("work").context("no options of `work`")?;
    Ok(WorkArguments::from_arg_matches(worker)?)
}

async fn serve(monitor: Option<&Monitor>, health: Arc<WorkHealth>) -> Infallible {
    match monitor {
        Some(monitor) => monitor.serve(health).await,
        None => std::future::pending().await,
    }
}

async fn show_progress(queue: &Queue, counters: &WorkCounters) -> Infallible {
    let is_live = is_live();
    let interval = if is_live { LIVE } else { LOGGED };
    let mut looking_took = Duration::ZERO;
    loop {
        // Counting a long queue takes long, and must not keep the database busy.
        sleep(interval.max(looking_took * 20)).await;
        let started = Instant::now();
        let summary = counters.summary();
        let depth = match queue.depth().await {
            Ok(depth) => format!("{} due, {} pending", depth.due, depth.pending),
            Err(_) => "the database does not respond".to_owned(),
        };
        looking_took = started.elapsed();
        let line = format!("{}; {depth}", counts(summary));
        if is_live {
            // If the terminal is gone, that does not matter.
            let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
        } else {
            report(&line);
        }
    }
}

/// Whether progress is shown in one line that changes.
fn is_live() -> bool {
    std::io::stderr().is_terminal() && !reports_json()
}

fn clear_progress() {
    if is_live() {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}

fn counts(summary: WorkSummary) -> String {
    let WorkSummary { delivered, retries, dead_letters, .. } = summary;
    format!("{delivered} delivered, {retries} to be retried, {}", count(dead_letters, "dead letter", "dead letters"))
}

async fn print_summary(queue: &Queue, summary: WorkSummary, took: Duration, json: bool) -> Result<()> {
    // The work is done and recorded, whether or not the database responds now.
    let depth = timeout(LAST_LOOK, queue.depth()).await;
    let pending = depth.ok().and_then(Result::ok).map(|depth| depth.pending);
    if json {
        return print_json(&json!({
            "delivered": summary.delivered,
            "retries": summary.retries,
            "dead_letters": summary.dead_letters,
            "seconds": took.as_secs_f64(),
            "pending": pending,
        }));
    }
    let pending = pending.map(|pending| format!("; {pending} pending")).unwrap_or_default();
    print_line(format_args!("{} in {:.1} s{pending}", counts(summary), took.as_secs_f64()));
    Ok(())
}
