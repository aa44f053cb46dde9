use crate::arguments::{RecoverArguments, ReplayArguments};
use crate::output::{counted, print_json, print_line};
use anyhow::Result;
use dealix_webhooks::sender::{Queue, QueueError};
use serde_json::json;
use std::process::ExitCode;

pub async fn replay(queue: &Queue, arguments: ReplayArguments, json: bool) -> Result<ExitCode> {
    let dry_run = arguments.pace.dry_run;
    let subscription = match &arguments.id {
        Some(id) => Some(queue.delivery(id).await?.subscription_id),
        None => arguments.subscription().map(str::to_owned),
    };
    if let Some(id) = subscription {
        refuse_disabled(queue, &id).await?;
    }
    let replayed = match (&arguments.id, arguments.pace.per_second) {
        (Some(id), _) => queue.replay(id).await.map(|()| 1)?,
        (None, _) if dry_run => queue.count(&arguments.filter()).await?,
        (None, per_second) => queue.replay_all(&arguments.filter(), per_second).await?,
    };
    if json {
        print_json(&json!({ "replayed": replayed, "dry_run": dry_run }))?;
    } else {
        let deliveries = counted(replayed, "delivery", "deliveries");
        print_line(format_args!("{deliveries} {} made again", will_be(dry_run)));
    }
    Ok(ExitCode::SUCCESS)
}

/// What is replayed for it would at once be given up again.
async fn refuse_disabled(queue: &Queue, subscription_id: &str) -> Result<()> {
    match queue.subscription(subscription_id).await?.subscription.enabled {
        true => Ok(()),
        false => Err(QueueError::Disabled(subscription_id.to_owned()).into()),
    }
}

pub async fn recover(queue: &Queue, arguments: RecoverArguments, json: bool) -> Result<ExitCode> {
    let RecoverArguments { subscription, since, pace } = arguments;
    let (replayed, missed) = queue.recover(&subscription, since, pace.per_second, pace.dry_run).await?;
    if json {
        print_json(&json!({ "replayed": replayed, "missed": missed, "dry_run": pace.dry_run }))?;
    } else {
        let dead = counted(replayed, "dead letter", "dead letters");
        let missed = counted(missed, "event", "events");
        print_line(format_args!("{dead} and {missed} that it missed {} delivered", will_be(pace.dry_run)));
    }
    Ok(ExitCode::SUCCESS)
}

fn will_be(dry_run: bool) -> &'static str {
    if dry_run { "would be" } else { "will be" }
}
