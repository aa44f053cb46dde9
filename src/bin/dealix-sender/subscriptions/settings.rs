//! Registers subscriptions and changes their settings.

use super::record::as_json;
use crate::arguments::{AddArguments, SettingArguments, UpdateArguments, advice};
use crate::output::{print_json, print_line};
use crate::{secret, secrets_keys};
use anyhow::{Result, bail};
use dealix_webhooks::sender::{EndpointPolicy, Queue, Secret, SubscriptionUpdate, WebhookSubscription, unix_now};
use serde_json::json;

pub async fn add(queue: &Queue, arguments: AddArguments, json: bool) -> Result<()> {
    let AddArguments { customer, to, events, settings, endpoints } = arguments;
    check(&to, &endpoints.policy()?)?;
    let max_per_second = settings.max_per_second();
    let SettingArguments { headers, note, .. } = settings;
    let headers = headers.iter().map(|argument| read_header(argument)).collect::<Result<_>>()?;
    let events = events.into_iter().map(Into::into).collect();
    let subscription = WebhookSubscription::new(customer, to, secret::read()?, unix_now());
    let subscription = WebhookSubscription { events, headers, note, max_per_second, ..subscription };
    secrets_keys::warn_if_stored_in_clear(queue);
    let id = queue.add_subscription(subscription).await?;
    if json {
        return print_json(&json!({ "id": id }));
    }
    print_line(id);
    Ok(())
}

pub async fn update(queue: &Queue, arguments: UpdateArguments, json: bool) -> Result<()> {
    let id = arguments.subscription.id.clone();
    let update = wanted(arguments)?;
    if update.headers.as_ref().is_some_and(|headers| !headers.is_empty()) {
        secrets_keys::warn_if_stored_in_clear(queue);
    }
    let is_moved = update.endpoint_url.is_some();
    let stored = queue.update_subscription(&id, update).await?;
    if json {
        return print_json(&as_json(&stored));
    }
    let moved = if is_moved { "; pending deliveries go to the new endpoint from their next attempt on" } else { "" };
    print_line(format_args!("{id} is updated{moved}"));
    Ok(())
}

fn wanted(arguments: UpdateArguments) -> Result<SubscriptionUpdate> {
    let UpdateArguments { to, events, all_events, settings, no_headers, no_note, no_max_per_second, .. } = arguments;
    if let Some(to) = &to {
        check(to, &arguments.endpoints.policy()?)?;
    }
    let max_per_second = settings.max_per_second();
    let SettingArguments { headers, note, .. } = settings;
    let headers: Vec<_> = headers.iter().map(|argument| read_header(argument)).collect::<Result<_>>()?;
    let update = SubscriptionUpdate {
        endpoint_url: to,
        events: (all_events || !events.is_empty()).then(|| events.into_iter().map(Into::into).collect()),
        headers: (no_headers || !headers.is_empty()).then_some(headers),
        note: (no_note || note.is_some()).then_some(note),
        max_per_second: (no_max_per_second || max_per_second.is_some()).then_some(max_per_second),
    };
    let SubscriptionUpdate { endpoint_url, events, headers, note, max_per_second } = &update;
    if endpoint_url.is_none() && events.is_none() && headers.is_none() && note.is_none() && max_per_second.is_none() {
        bail!(
            "nothing to change: name at least one of --to, --event, --all-events, --header-env, --no-headers, --note, \
             --no-note, --max-per-second and --no-max-per-second"
        );
    }
    Ok(update)
}

fn check(endpoint_url: &str, policy: &EndpointPolicy) -> Result<()> {
    match policy.check_url(endpoint_url) {
        Ok(_) => Ok(()),
        Err(refused) => bail!("the endpoint is refused: {refused}{}", advice(refused)),
    }
}

/// The header that an argument names. The argument is not shown, because a careless one holds the value itself.
fn read_header(argument: &str) -> Result<(String, Secret)> {
    let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let (name, variable) = match argument.split_once('=') {
        Some((name, variable)) if !name.is_empty() && !variable.is_empty() && is_name(variable) => (name, variable),
        _ => bail!(
            "--header-env takes a header's name and the environment variable with its value: Authorization=CRM_TOKEN"
        ),
    };
    match std::env::var(variable) {
        Ok(value) if value.is_empty() => bail!("--header-env: the environment variable for {name} is empty"),
        Ok(value) => Ok((name.to_owned(), value.into())),
        Err(std::env::VarError::NotPresent) => {
            bail!("--header-env: the environment variable for {name} is not set; export it with the header's value")
        }
        Err(std::env::VarError::NotUnicode(_)) => bail!("--header-env: the variable for {name} is not Unicode text"),
    }
}
