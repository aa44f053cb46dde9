use crate::arguments::EnqueueArguments;
use crate::batch;
use crate::output::{count, print_json, print_line, printable};
use anyhow::{Result, bail};
use dealix_webhooks::sender::{Queue, TracedEvent};
use serde_json::json;
use std::process::ExitCode;

pub async fn enqueue(queue: &Queue, arguments: EnqueueArguments, json: bool) -> Result<ExitCode> {
    let EnqueueArguments { event, id, traceparent, batch, limits } = arguments;
    let event = match (batch, event) {
        (Some(file), _) => return batch::enqueue(queue, &file, limits.options(), json).await,
        (None, Some(event)) => event,
        (None, None) => {
            bail!("no event: use --type and --customer for one event, or --batch for many")
        }
    };
    let mut event = event.into_event()?;
    event.event_id = id.unwrap_or(event.event_id);
    let enqueued = queue.enqueue(TracedEvent { event: &event, traceparent }).await?;
    let event_id = printable(&event.event_id);
    if json {
        print_json(&json!({
            "event_id": event.event_id, "deliveries": enqueued.deliveries, "duplicate": enqueued.duplicate,
        }))?;
    } else if enqueued.duplicate {
        print_line(format_args!("{event_id} was queued before; nothing to do"));
    } else if enqueued.deliveries == 0 {
        print_line(format_args!("{event_id}: no enabled subscription wants it, so there is nothing to deliver"));
    } else {
        let subscriptions = count(enqueued.deliveries as u64, "subscription", "subscriptions");
        print_line(format_args!("{event_id} queued for {subscriptions}"));
    }
    Ok(ExitCode::SUCCESS)
}
