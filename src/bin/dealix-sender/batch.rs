//! A batch of events: a file with one JSON object per line. All of them are queued, or none.

use crate::event::is_object;
use crate::output::{count, print_json, print_line, printable, report};
use anyhow::{Context, Result, bail, ensure};
use dealix_webhooks::WebhookEvent;
use dealix_webhooks::sender::{Queue, QueueOptions, TraceParent, TracedEvent, make_event};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::ExitCode;

/// The events of a batch are all in memory, and then in one transaction.
const MAX_BATCH_BYTES: usize = 256 * 1024 * 1024;

/// In a file that is not a batch, every line would be reported.
const MAX_REPORTED: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'l> {
    #[serde(rename = "type")]
    event_type: String,
    customer_id: String,
    #[serde(borrow)]
    data: &'l RawValue,
    id: Option<String>,
    timestamp: Option<i64>,
    traceparent: Option<String>,
}

/// An event, and the trace that it is part of.
type Event = (WebhookEvent, Option<TraceParent>);

pub async fn enqueue(queue: &Queue, file: &Path, limits: QueueOptions, json: bool) -> Result<ExitCode> {
    let events = if file == Path::new("-") {
        read(queue, std::io::stdin().lock(), limits)?
    } else {
        let opened = File::open(file).with_context(|| format!("--batch: {}", file.display()))?;
        read(queue, BufReader::new(opened), limits)?
    };
    let traced = events.iter().map(|(event, traceparent)| TracedEvent { event, traceparent: traceparent.clone() });
    let enqueued = queue.enqueue_all(traced).await.context("nothing was queued")?;
    let deliveries: usize = enqueued.iter().map(|enqueued| enqueued.deliveries).sum();
    let duplicates = enqueued.iter().filter(|enqueued| enqueued.duplicate).count();
    let queued = enqueued.len() - duplicates;
    if json {
        print_json(&json!({ "events": queued, "deliveries": deliveries, "duplicates": duplicates }))?;
    } else {
        let before = match duplicates {
            0 => String::new(),
            1 => " (1 was queued before)".to_owned(),
            _ => format!(" ({duplicates} were queued before)"),
        };
        let reason = if queued > 0 && deliveries == 0 { "; no enabled subscription wants them" } else { "" };
        let events = count(queued as u64, "event", "events");
        let deliveries = count(deliveries as u64, "delivery", "deliveries");
        print_line(format_args!("{events} queued for {deliveries}{before}{reason}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns all events, or an error after reporting every line that is not a valid event.
fn read(queue: &Queue, mut input: impl BufRead, limits: QueueOptions) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let (mut line, mut bytes, mut lines, mut refused) = (Vec::new(), 0, 0, 0);
    while read_line(&mut input, &mut line, limits.max_envelope_bytes).context("the batch cannot be read")? {
        lines += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        bytes += line.len();
        ensure!(
            bytes <= MAX_BATCH_BYTES,
            "nothing was queued: the batch is longer than {MAX_BATCH_BYTES} bytes; split it"
        );
        match event(queue, &line, limits.max_envelope_bytes) {
            Ok(event) if refused == 0 => events.push(event),
            Ok(_) => {}
            Err(error) => {
                refused += 1;
                events.clear();
                if refused <= MAX_REPORTED {
                    report(format_args!("line {lines}: {}", printable(&format!("{error:#}"))));
                }
            }
        }
    }
    if refused > MAX_REPORTED {
        report(format_args!("… and {} more", count((refused - MAX_REPORTED) as u64, "line", "lines")));
    }
    if refused > 0 {
        bail!("nothing was queued: {refused} of {} are not valid", count(lines, "line", "lines"));
    }
    Ok(events)
}

/// Reads a line, keeping only enough of it to see that it is too long. Returns false at the end of the input.
pub fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>, limit: usize) -> std::io::Result<bool> {
    line.clear();
    let kept = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(2);
    if input.by_ref().take(kept).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > limit {
        input.skip_until(b'\n')?;
    }
    Ok(true)
}

/// The event on one line.
pub fn event(queue: &Queue, line: &[u8], limit: usize) -> Result<Event> {
    ensure!(line.len() <= limit, "the line has more than {limit} bytes; --max-envelope-bytes raises the limit");
    // serde would accept an array, with its elements as the fields.
    ensure!(line.trim_ascii_start().starts_with(b"{"), "the line is not a JSON object");
    let Line { event_type, customer_id, data, id, timestamp, traceparent } =
        serde_json::from_slice(line).map_err(in_this_line)?;
    ensure!(!customer_id.is_empty(), "the customer_id is empty");
    ensure!(is_object(data), "the data is not a JSON object, such as {{\"amount\": 12.5}}");
    let mut event = make_event(event_type, customer_id, data.to_owned());
    event.event_id = id.unwrap_or(event.event_id);
    event.timestamp = timestamp.unwrap_or(event.timestamp);
    queue.check(&event)?;
    let traceparent = traceparent.map(|text| text.parse()).transpose()?;
    Ok((event, traceparent))
}

/// The parser sees only this line, and would call it line 1.
fn in_this_line(error: serde_json::Error) -> anyhow::Error {
    let (text, place) = (error.to_string(), format!(" at line {} column {}", error.line(), error.column()));
    let reason = text.strip_suffix(&place).unwrap_or(&text);
    anyhow::anyhow!("column {}: {reason}", error.column())
}
