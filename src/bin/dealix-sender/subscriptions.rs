use crate::arguments::{AddArguments, SubscriptionsCommand, advice};
use crate::output::{print_json, print_line, print_table, time};
use crate::{secret, secrets_keys};
use anyhow::{Result, bail};
use dealix_webhooks::sender::{Queue, SecretsAtRest, StoredSubscription, WebhookSubscription, unix_now};
use serde_json::{Value, json};
use std::process::ExitCode;

pub async fn run(queue: &Queue, command: SubscriptionsCommand, json: bool) -> Result<ExitCode> {
    match command {
        SubscriptionsCommand::Add(arguments) => add(queue, arguments, json).await?,
        SubscriptionsCommand::List => list(queue, json).await?,
        SubscriptionsCommand::Pause(subscription) => pause(queue, &subscription.id, true, json).await?,
        SubscriptionsCommand::Resume(subscription) => pause(queue, &subscription.id, false, json).await?,
        SubscriptionsCommand::Disable(subscription) => enable(queue, &subscription.id, false, json).await?,
        SubscriptionsCommand::Enable(subscription) => enable(queue, &subscription.id, true, json).await?,
        SubscriptionsCommand::RotateSecret(subscription) => rotate_secret(queue, &subscription.id, json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(queue: &Queue, arguments: AddArguments, json: bool) -> Result<()> {
    let policy = arguments.endpoints.policy()?;
    if let Err(refused) = policy.check_url(&arguments.to) {
        bail!("the endpoint is refused: {refused}{}", advice(refused));
    }
    let mut subscription = WebhookSubscription::new(arguments.customer, arguments.to, secret::read()?, unix_now());
    subscription.events = arguments.events.into_iter().map(Into::into).collect();
    secrets_keys::warn_if_stored_in_clear(queue);
    let id = queue.add_subscription(subscription).await?;
    if json {
        return print_json(&json!({ "id": id }));
    }
    print_line(id);
    Ok(())
}

async fn list(queue: &Queue, json: bool) -> Result<()> {
    let subscriptions = queue.subscriptions().await?;
    if json {
        return print_json(&subscriptions.iter().map(as_json).collect::<Vec<_>>());
    }
    if subscriptions.is_empty() {
        print_line("no subscriptions; `dealix-sender subscriptions add` registers one");
        return Ok(());
    }
    let headings = ["SUBSCRIPTION", "CUSTOMER", "ENDPOINT", "EVENTS", "SECRETS", "STATE"];
    print_table(&headings, subscriptions.iter().map(row));
    Ok(())
}

/// Everything except the secrets.
fn as_json(stored: &StoredSubscription) -> Value {
    let subscription = &stored.subscription;
    json!({
        "id": stored.id,
        "customer_id": subscription.customer_id,
        "endpoint_url": subscription.endpoint_url,
        "events": subscription.events.iter().map(|event| event.as_str()).collect::<Vec<_>>(),
        "active_secrets": subscription.active_secrets(unix_now()).count(),
        "enabled": subscription.enabled,
        "paused": stored.paused,
        "held_until": held_until(stored),
        "disabled_reason": stored.disabled_reason,
        "failing_since": stored.failing_since,
        "created_at": subscription.created_at,
        "secrets_sealed_with": sealed_with(stored),
    })
}

/// The id of the key that its secrets are sealed with.
fn sealed_with(stored: &StoredSubscription) -> Option<&str> {
    match &stored.secrets_at_rest {
        SecretsAtRest::Sealed { key_id } | SecretsAtRest::Locked { key_id } => Some(key_id),
        _ => None,
    }
}

fn row(stored: &StoredSubscription) -> Vec<String> {
    let subscription = &stored.subscription;
    let events: Vec<_> = subscription.events.iter().map(|event| event.as_str()).collect();
    vec![
        stored.id.clone(),
        subscription.customer_id.clone(),
        subscription.endpoint_url.clone(),
        if events.is_empty() { "all".to_owned() } else { events.join(" ") },
        match &stored.secrets_at_rest {
            SecretsAtRest::Locked { key_id } => format!("locked by key {key_id}"),
            _ => subscription.active_secrets(unix_now()).count().to_string(),
        },
        state(stored),
    ]
}

fn state(stored: &StoredSubscription) -> String {
    if !stored.subscription.enabled {
        return format!("disabled: {}", stored.disabled_reason.as_deref().unwrap_or("no reason given"));
    }
    let mut state = vec![if stored.paused { "paused" } else { "enabled" }.to_owned()];
    state.extend(stored.failing_since.map(|since| format!("failing since {}", time(since))));
    state.extend(held_until(stored).map(|until| format!("held until {}", time(until))));
    state.join(", ")
}

/// Until when its endpoint asked to be left alone, if that time has not passed.
fn held_until(stored: &StoredSubscription) -> Option<i64> {
    stored.held_until.filter(|until| *until > unix_now())
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
