use crate::arguments::EnqueueArguments;
use crate::output::{print_json, print_line, printable};
use anyhow::Result;
use dealix_webhooks::sender::Queue;
use serde_json::json;
use std::process::ExitCode;

pub async fn enqueue(queue: &Queue, arguments: EnqueueArguments, json: bool) -> Result<ExitCode> {
    let mut event = arguments.event.into_event()?;
    if let Some(id) = arguments.id {
        event.event_id = id;
    }
    let enqueued = queue.enqueue(&event).await?;
    let event_id = printable(&event.event_id);
    if json {
        print_json(&json!({
            "event_id": event.event_id, "deliveries": enqueued.deliveries, "duplicate": enqueued.duplicate,
        }))?;
    } else if enqueued.duplicate {
        print_line(format_args!("{event_id} was queued before; nothing to do"));
    } else if enqueued.deliveries == 0 {
        print_line(format_args!("{event_id}: no enabled subscription wants it, so nothing is to be delivered"));
    } else {
        print_line(format_args!("{event_id} queued for {} subscription(s)", enqueued.deliveries));
    }
    Ok(ExitCode::SUCCESS)
}
