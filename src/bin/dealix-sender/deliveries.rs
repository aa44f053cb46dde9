use crate::arguments::{DeadLettersArguments, DeliveriesArguments, ListArguments};
use crate::output::{count, print_json, print_line, print_table, printable, time};
use anyhow::Result;
use dealix_webhooks::sender::{
    AttemptPhases, DeliveryFilter, DeliveryState, LoggedAttempt, Queue, QueuedDelivery, ResponseExcerpt,
    StoredSubscription, unix_now,
};
use serde_json::json;
use std::collections::HashMap;
use std::process::ExitCode;

pub async fn deliveries(queue: &Queue, arguments: DeliveriesArguments, json: bool) -> Result<ExitCode> {
    match arguments.id {
        Some(id) => show(queue, &id, json).await,
        None => list_or_count(queue, arguments.state, arguments.list, json).await,
    }
}

pub async fn dead_letters(queue: &Queue, arguments: DeadLettersArguments, json: bool) -> Result<ExitCode> {
    list_or_count(queue, Some(DeliveryState::DeadLetter), arguments.list, json).await
}

async fn list_or_count(
    queue: &Queue,
    state: Option<DeliveryState>,
    arguments: ListArguments,
    json: bool,
) -> Result<ExitCode> {
    let filter = arguments.filter.with_state(state);
    match arguments.count {
        true => print_count(queue, &filter, json).await?,
        false => print_list(queue, &filter, arguments.limit, json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn print_count(queue: &Queue, filter: &DeliveryFilter, json: bool) -> Result<()> {
    let count = queue.count(filter).await?;
    if json {
        return print_json(&json!({ "count": count }));
    }
    print_line(count);
    Ok(())
}

async fn print_list(queue: &Queue, filter: &DeliveryFilter, limit: u32, json: bool) -> Result<()> {
    let deliveries = queue.deliveries(filter, limit).await?;
    if json {
        return print_json(&deliveries);
    }
    if deliveries.is_empty() {
        print_line("no deliveries");
        return Ok(());
    }
    print_deliveries(queue, &deliveries).await?;
    if deliveries.len() == limit as usize {
        print_line(format_args!("(the newest {limit}; --limit shows more, --count shows how many there are)"));
    }
    Ok(())
}

async fn print_deliveries(queue: &Queue, deliveries: &[QueuedDelivery]) -> Result<()> {
    let subscriptions = queue.subscriptions().await?.readable;
    let subscriptions: HashMap<_, _> = subscriptions.iter().map(|stored| (stored.id.as_str(), stored)).collect();
    let headings = ["DELIVERY", "EVENT", "TYPE", "ENDPOINT", "STATE", "ATTEMPTS", "LAST RESPONSE", "NEXT ATTEMPT"];
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
                response(delivery.status_code, delivery.error.as_deref()),
                next_attempt(delivery, subscriptions.get(delivery.subscription_id.as_str()).copied()),
            ]
        }),
    );
    Ok(())
}

/// When it is due, or what it is waiting for after that.
fn next_attempt(delivery: &QueuedDelivery, subscription: Option<&StoredSubscription>) -> String {
    let Some(due) = delivery.next_attempt_at else { return String::new() };
    match subscription {
        Some(stored) if stored.paused => "when the subscription is resumed".to_owned(),
        Some(StoredSubscription { held_until: Some(until), .. }) if *until > due.max(unix_now()) => {
            format!("{}, held", time(*until))
        }
        _ => time(due),
    }
}

fn response(status_code: Option<u16>, error: Option<&str>) -> String {
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
        print_deliveries(queue, &[delivery]).await?;
        print_line("");
        print_attempts(&attempts);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_attempts(attempts: &[LoggedAttempt]) {
    if attempts.is_empty() {
        print_line("no attempts yet");
        return;
    }
    print_table(
        &["ATTEMPT", "AT", "RESPONSE", "TOOK", "OF THAT"],
        attempts.iter().map(|attempt| {
            vec![
                attempt.attempt.to_string(),
                time(attempt.timestamp),
                response(attempt.status_code, attempt.error.as_deref()),
                format!("{} ms", attempt.duration_ms),
                phases(attempt.phases),
            ]
        }),
    );
    for attempt in attempts {
        if let Some(excerpt) = &attempt.excerpt {
            print_line(format_args!("\nattempt {}: {}", attempt.attempt, said(excerpt)));
        }
    }
}

/// What the endpoint said, each line indented, so that none of it passes for ours.
pub fn said(excerpt: &ResponseExcerpt) -> String {
    let content_type = excerpt.content_type.as_deref().unwrap_or("no content type");
    let mut said = format!("the endpoint said ({})", printable(content_type));
    for line in excerpt.body.lines() {
        said.push_str("\n    ");
        said.push_str(&printable(line));
    }
    said
}

/// Such as `DNS 2 ms, connect 20 ms, TLS 41 ms, first byte 90 ms`.
pub fn phases(phases: AttemptPhases) -> String {
    let AttemptPhases { dns_ms, connect_ms, tls_ms, first_byte_ms, .. } = phases;
    let all = [("DNS", dns_ms), ("connect", connect_ms), ("TLS", tls_ms), ("first byte", first_byte_ms)];
    let measured = all.iter().filter_map(|(name, ms)| ms.map(|ms| format!("{name} {ms} ms")));
    measured.collect::<Vec<_>>().join(", ")
}

pub async fn depth(queue: &Queue, json: bool) -> Result<ExitCode> {
    let depth = queue.depth().await?;
    if json {
        print_json(&depth)?;
    } else {
        let dead = count(depth.dead_letters, "dead letter", "dead letters");
        print_line(format_args!("{} pending, {} of them due; {dead}", depth.pending, depth.due));
        if depth.refused > 0 {
            let refused = count(depth.refused, "event", "events");
            print_line(format_args!(
                "{refused} in the outbox can never be sent; the column `error` of dealix_outbox says why"
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}
