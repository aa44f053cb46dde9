//! The keys that secrets are sealed with in the database, and the commands about them.

use crate::arguments::SecretsCommand;
use crate::damaged::report_damaged;
use crate::environment;
use crate::output::{count, print_json, print_line, report};
use anyhow::{Context, Result, bail};
use dealix_webhooks::sender::{DamagedSubscription, Queue, QueueError, SecretsAtRest, SecretsKeys, SubscriptionList};
use serde_json::json;
use std::collections::BTreeMap;
use std::process::ExitCode;

const VARIABLE: &str = "DEALIX_SECRETS_KEY";

/// The keys in `DEALIX_SECRETS_KEY`, or in what stands for it, if there are any.
pub fn read() -> Result<SecretsKeys> {
    match environment::find(VARIABLE)? {
        Some(text) => text.parse().context(VARIABLE),
        None => Ok(SecretsKeys::default()),
    }
}

/// How many subscriptions have their secrets in clear, sealed with which key, and sealed with a key that is not there.
#[derive(Default)]
pub struct SecretsCount {
    pub clear: u64,
    pub sealed: BTreeMap<String, u64>,
    pub locked: BTreeMap<String, u64>,
    /// They cannot be read.
    pub damaged: Vec<DamagedSubscription>,
}

impl SecretsCount {
    pub async fn of(queue: &Queue) -> Result<Self, QueueError> {
        let SubscriptionList { readable, damaged, .. } = queue.subscriptions().await?;
        let mut count = Self { damaged, ..Default::default() };
        for stored in readable {
            match stored.secrets_at_rest {
                SecretsAtRest::Sealed { key_id } => *count.sealed.entry(key_id).or_default() += 1,
                SecretsAtRest::Locked { key_id } => *count.locked.entry(key_id).or_default() += 1,
                _ => count.clear += 1,
            }
        }
        Ok(count)
    }
}

/// Refuses to work without a key that is needed: nothing could be signed. Says if secrets are in clear.
pub async fn check(queue: &Queue) -> Result<()> {
    let SecretsCount { clear, locked, damaged, .. } = SecretsCount::of(queue).await?;
    // Their deliveries are parked, and that must not stop those of all others.
    report_damaged(&damaged);
    if let Some((key_id, number)) = locked.first_key_value() {
        let number = count(*number, "subscription", "subscriptions");
        bail!("the secrets of {number} are sealed with the key {key_id}, which {VARIABLE} does not hold: add it there");
    }
    say_if_clear(clear, queue.seals_secrets());
    Ok(())
}

/// Says that a secret that is stored now will be in clear.
pub fn warn_if_stored_in_clear(queue: &Queue) {
    if !queue.seals_secrets() {
        say_if_clear(1, false);
    }
}

fn say_if_clear(clear: u64, seals: bool) {
    match (clear, seals) {
        (0, _) => {}
        (_, false) => report(format_args!(
            "warning: secrets lie in clear in the database; set {VARIABLE} (`openssl rand -hex 32` makes a key), \
             then run `dealix-sender secrets rekey`"
        )),
        (_, true) => report(format_args!(
            "warning: the secrets of {} lie in clear in the database; `dealix-sender secrets rekey` seals them",
            count(clear, "subscription", "subscriptions")
        )),
    }
}

pub async fn run(queue: &Queue, command: SecretsCommand, json: bool) -> Result<ExitCode> {
    match command {
        SecretsCommand::Status => status(queue, json).await,
        SecretsCommand::Rekey => rekey(queue, json).await,
    }
}

async fn status(queue: &Queue, json: bool) -> Result<ExitCode> {
    let SecretsCount { clear, sealed, locked, damaged } = SecretsCount::of(queue).await?;
    let code = report_damaged(&damaged);
    let keys = read()?;
    if json {
        print_json(&json!({
            "clear": clear,
            "sealed": sealed,
            "locked": locked,
            "damaged": damaged,
            "current_key": keys.current_id(),
        }))?;
        return Ok(code);
    }
    let subscriptions = |number| count(number, "subscription", "subscriptions");
    print_line(format_args!("in clear: {}", subscriptions(clear)));
    for (key_id, number) in sealed {
        let current = if keys.current_id() == Some(key_id.as_str()) { ", the current one" } else { "" };
        print_line(format_args!("sealed with the key {key_id}{current}: {}", subscriptions(number)));
    }
    for (key_id, number) in locked {
        print_line(format_args!(
            "sealed with the key {key_id}, which {VARIABLE} does not hold: {}",
            subscriptions(number)
        ));
    }
    Ok(code)
}

/// Succeeds if all secrets are sealed with the current key now.
async fn rekey(queue: &Queue, json: bool) -> Result<ExitCode> {
    let done = queue.reseal_secrets().await?;
    let is_complete = done.locked == 0 && done.damaged.is_empty();
    let code = if is_complete { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    report_damaged(&done.damaged);
    if json {
        print_json(&done)?;
        return Ok(code);
    }
    print_line(format_args!(
        "sealed: the secrets of {}; {} sealed with this key before",
        count(done.resealed, "subscription", "subscriptions"),
        if done.unchanged == 1 { "1 was".to_owned() } else { format!("{} were", done.unchanged) }
    ));
    if done.locked > 0 {
        let number = count(done.locked, "subscription", "subscriptions");
        report(format_args!(
            "the secrets of {number} are sealed with a key that {VARIABLE} does not hold: add it there"
        ));
    }
    if !done.scrubbed {
        report(
            "warning: the earlier text may still be in the database's files; repeat this as the owner of the database's tables or \
             file, while nobody else uses it and there is space for a second copy",
        );
    }
    Ok(code)
}
