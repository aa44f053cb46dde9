use crate::arguments::{RecoverArguments, ReplayArguments};
use crate::output::{count, print_json, print_line};
use anyhow::Result;
use dealix_webhooks::sender::{Queue, Recovered};
use serde_json::json;
use std::process::ExitCode;

pub async fn replay(queue: &Queue, arguments: ReplayArguments, json: bool) -> Result<ExitCode> {
    let dry_run = arguments.pace.dry_run;
    let options = arguments.pace.options();
    let replayed = match &arguments.id {
        Some(id) => queue.replay(id).await.map(|()| 1)?,
        None => queue.replay_all(&arguments.filter(), options).await?,
    };
    if json {
        print_json(&json!({ "replayed": replayed, "dry_run": dry_run }))?;
    } else {
        let deliveries = count(replayed, "delivery", "deliveries");
        print_line(format_args!("{deliveries} {} replayed", will_be(dry_run)));
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn recover(queue: &Queue, arguments: RecoverArguments, json: bool) -> Result<ExitCode> {
    let RecoverArguments { subscription, since, pace } = arguments;
    let recovered = queue.recover(&subscription, since, pace.options()).await?;
    let Recovered { replayed, missed, .. } = recovered;
    if json {
        print_json(&json!({ "replayed": replayed, "missed": missed, "dry_run": pace.dry_run }))?;
    } else {
        let dead = count(replayed, "dead letter", "dead letters");
        let missed = count(missed, "missed event", "missed events");
        print_line(format_args!("{dead} and {missed} {} delivered", will_be(pace.dry_run)));
    }
    Ok(ExitCode::SUCCESS)
}

fn will_be(dry_run: bool) -> &'static str {
    if dry_run { "would be" } else { "will be" }
}
