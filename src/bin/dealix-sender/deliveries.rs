use crate::arguments::{DeadLettersArguments, DeliveriesArguments, FilterArguments, ReplayArguments};
use crate::output::{print_json, print_line, print_table, time};
use anyhow::Result;
use dealix_webhooks::sender::{DeliveryFilter, DeliveryState, LoggedAttempt, Queue, QueuedDelivery};
use serde_json::json;
use std::process::ExitCode;

pub async fn deliveries(queue: &Queue, arguments: DeliveriesArguments, json: bool) -> Result<ExitCode> {
    match arguments.id {
        Some(id) => show(queue, &id, json).await,
        None => list(queue, arguments.state, arguments.filter, json).await,
    }
}

pub async fn dead_letters(queue: &Queue, arguments: DeadLettersArguments, json: bool) -> Result<ExitCode> {
    list(queue, Some(DeliveryState::DeadLetter), arguments.filter, json).await
}

async fn list(queue: &Queue, state: Option<DeliveryState>, filter: FilterArguments, json: bool) -> Result<ExitCode> {
    let filter =
        DeliveryFilter { state, customer_id: filter.customer, since: filter.since.unwrap_or(0), limit: filter.limit };
    let deliveries = queue.deliveries(&filter).await?;
    if json {
        print_json(&deliveries)?;
    } else if deliveries.is_empty() {
        print_line("no deliveries");
    } else {
        print_deliveries(&deliveries);
        if deliveries.len() == filter.limit as usize {
            print_line(format_args!("(the newest {}; --limit shows more)", filter.limit));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print_deliveries(deliveries: &[QueuedDelivery]) {
    let headings = ["DELIVERY", "EVENT", "TYPE", "ENDPOINT", "STATE", "ATTEMPTS", "LAST ANSWER", "NEXT ATTEMPT"];
    print_table(
        &headings,
        deliveries.iter().map(|delivery| {
            vec![
                delivery.delivery_id.clone(),
                delivery.event_id.clone(),
                delivery.event_type.clone(),
                delivery.endpoint_url.clone(),
                delivery.state.to_string(),
                delivery.attempts.to_string(),
                answer(delivery.status_code, delivery.error.as_deref()),
                delivery.next_attempt_at.map(time).unwrap_or_default(),
            ]
        }),
    );
}

fn answer(status_code: Option<u16>, error: Option<&str>) -> String {
    match (status_code, error) {
        (Some(status), None) => status.to_string(),
        (Some(status), Some(error)) => format!("{status}, {error}"),
        (None, error) => error.unwrap_or_default().to_owned(),
    }
}

async fn show(queue: &Queue, id: &str, json: bool) -> Result<ExitCode> {
    let delivery = queue.delivery(id).await?;
    let attempts = queue.attempts(id).await?;
    if json {
        print_json(&json!({ "delivery": delivery, "attempts": attempts }))?;
    } else {
        print_deliveries(&[delivery]);
        print_line("");
        print_attempts(&attempts);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_attempts(attempts: &[LoggedAttempt]) {
    if attempts.is_empty() {
        print_line("no attempt was made yet");
        return;
    }
    print_table(
        &["ATTEMPT", "AT", "ANSWER", "TOOK"],
        attempts.iter().map(|attempt| {
            vec![
                attempt.attempt.to_string(),
                time(attempt.timestamp),
                answer(attempt.status_code, attempt.error.as_deref()),
                format!("{} ms", attempt.duration_ms),
            ]
        }),
    );
}

pub async fn replay(queue: &Queue, arguments: ReplayArguments, json: bool) -> Result<ExitCode> {
    let replayed = match (arguments.id, arguments.failed_since) {
        (Some(id), _) => queue.replay(&id).await.map(|()| 1)?,
        (None, since) => queue.replay_failed_since(since.unwrap_or(0)).await?,
    };
    if json {
        print_json(&json!({ "replayed": replayed }))?;
    } else {
        print_line(format_args!("{replayed} delivery(ies) will be made again"));
    }
    Ok(ExitCode::SUCCESS)
}
