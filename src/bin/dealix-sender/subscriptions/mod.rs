mod record;
mod settings;
mod show;

use crate::arguments::{PingArguments, SubscriptionsCommand};
use crate::output::{count, print_json, print_line, print_table, printable, time};
use crate::{attempt, damaged::report_damaged, secret, secrets_keys};
use anyhow::Result;
use dealix_webhooks::sender::{Queue, StoredSubscription, unix_now};
use record::{as_json, events, secrets, state};
use serde_json::json;
use std::process::ExitCode;

pub async fn run(queue: &Queue, command: SubscriptionsCommand, json: bool) -> Result<ExitCode> {
    match command {
        SubscriptionsCommand::Add(arguments) => settings::add(queue, arguments, json).await?,
        SubscriptionsCommand::Update(arguments) => settings::update(queue, arguments, json).await?,
        SubscriptionsCommand::List(arguments) => return list(queue, arguments.customer.as_deref(), json).await,
        SubscriptionsCommand::Show(subscription) => show::show(queue, &subscription.id, json).await?,
        SubscriptionsCommand::Ping(arguments) => return ping(queue, arguments, json).await,
        SubscriptionsCommand::Pause(subscription) => pause(queue, &subscription.id, true, json).await?,
        SubscriptionsCommand::Resume(subscription) => pause(queue, &subscription.id, false, json).await?,
        SubscriptionsCommand::Disable(subscription) => enable(queue, &subscription.id, false, json).await?,
        SubscriptionsCommand::Enable(subscription) => enable(queue, &subscription.id, true, json).await?,
        SubscriptionsCommand::Remove(subscription) => remove(queue, &subscription.id, json).await?,
        SubscriptionsCommand::RotateSecret(subscription) => rotate_secret(queue, &subscription.id, json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Succeeds if all can be shown.
async fn list(queue: &Queue, customer: Option<&str>, json: bool) -> Result<ExitCode> {
    let list = match customer {
        Some(customer_id) => queue.subscriptions_of(customer_id).await?,
        None => queue.subscriptions().await?,
    };
    let code = report_damaged(&list.damaged);
    let subscriptions = list.readable;
    if json {
        print_json(&subscriptions.iter().map(as_json).collect::<Vec<_>>())?;
        return Ok(code);
    }
    if subscriptions.is_empty() && list.damaged.is_empty() {
        let whose = customer.map(|id| format!(" of the customer {}", printable(id))).unwrap_or_default();
        print_line(format_args!("no subscriptions{whose}; `dealix-sender subscriptions add` registers one"));
        return Ok(code);
    }
    let headings = ["SUBSCRIPTION", "CUSTOMER", "ENDPOINT", "EVENTS", "SECRETS", "STATE"];
    print_table(&headings, subscriptions.iter().map(row));
    Ok(code)
}

fn row(stored: &StoredSubscription) -> Vec<String> {
    let subscription = &stored.subscription;
    vec![
        stored.id.clone(),
        subscription.customer_id.clone(),
        subscription.endpoint_url.clone(),
        events(stored),
        secrets(stored),
        state(stored),
    ]
}

async fn enable(queue: &Queue, id: &str, enabled: bool, json: bool) -> Result<()> {
    queue.enable_subscription(id, enabled).await?;
    if json {
        return print_json(&json!({ "id": id, "enabled": enabled }));
    }
    print_line(format_args!("{id} is {}", if enabled { "enabled" } else { "disabled" }));
    Ok(())
}

async fn pause(queue: &Queue, id: &str, paused: bool, json: bool) -> Result<()> {
    queue.pause_subscription(id, paused).await?;
    if json {
        return print_json(&json!({ "id": id, "paused": paused }));
    }
    let what = if paused { "paused; its events are queued but not sent" } else { "resumed" };
    print_line(format_args!("{id} is {what}"));
    Ok(())
}

async fn rotate_secret(queue: &Queue, id: &str, json: bool) -> Result<()> {
    let secret = secret::read()?;
    secrets_keys::warn_if_stored_in_clear(queue);
    let stored = queue.rotate_secret(id, secret).await?;
    let active = stored.subscription.active_secrets(unix_now()).count();
    let until = stored.subscription.secrets.iter().filter_map(|secret| secret.expires_at).max();
    if json {
        return print_json(&json!({ "id": id, "active_secrets": active, "old_secrets_sign_until": until }));
    }
    let overlap = until.map(|until| format!("; the old ones until {}", time(until))).unwrap_or_default();
    print_line(format_args!("{id} signs with the new secret{overlap}"));
    Ok(())
}

async fn remove(queue: &Queue, id: &str, json: bool) -> Result<()> {
    let pending = queue.remove_subscription(id).await?;
    if json {
        return print_json(&json!({ "id": id, "pending": pending }));
    }
    let becomes = if pending == 1 { "becomes a dead letter" } else { "become dead letters" };
    let pending = count(pending, "pending delivery", "pending deliveries");
    print_line(format_args!("{id} is removed; {pending} {becomes}"));
    Ok(())
}

async fn ping(queue: &Queue, arguments: PingArguments, json: bool) -> Result<ExitCode> {
    let transport = arguments.transport.transport()?;
    attempt::show(&queue.ping(&arguments.subscription.id, &transport).await?, json)
}
