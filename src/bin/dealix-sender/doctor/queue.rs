//! Checks of the queue's database.

use super::check::{Check, State};
use super::clock;
use crate::database::DatabaseUrl;
use crate::output::count;
use crate::secrets_keys::SecretsCount;
use dealix_webhooks::sender::{
    DamagedSubscription, DatabaseStatus, Queue, QueueActivity, QueueError, QueueOptions, SecretsKeys,
    StoredSubscription,
};
use std::time::Duration;
use url::{Host, Url};

/// Each delivery takes several round trips.
const SLOW_ROUND_TRIP: Duration = Duration::from_millis(50);
/// A worker sends within a second.
const LONG_DUE: Duration = Duration::from_secs(60);
/// A worker tries even an endpoint that hangs more often than that.
const RECENTLY: Duration = Duration::from_mins(5);
const MAX_HOSTS: usize = 5;

/// The queue, or the check that failed.
pub async fn open(database: &DatabaseUrl, secrets_keys: SecretsKeys) -> Result<Queue, Check> {
    let options = QueueOptions { secrets_keys, ..Default::default() };
    database.open_existing_queue(options).await.map_err(|error| {
        let advice = match error {
            QueueError::Unreachable(_) => "check that it runs, that this machine reaches it, and DEALIX_DATABASE",
            QueueError::OlderSchema { .. } | QueueError::NewerSchema { .. } => "programs and tables must match",
            _ => "check DEALIX_DATABASE; `dealix-sender migrate` creates the tables, if there are none",
        };
        Check::not_ok("database", State::Failed, error.to_string(), advice)
    })
}

/// Adds all checks of an open queue.
pub async fn checks(queue: &Queue, checks: &mut Vec<Check>) -> Option<DatabaseStatus> {
    let status = queue.database_status().await;
    match &status {
        Ok(status) => {
            checks.extend([round_trip(status), clock::against_database(status.ahead_ms)]);
            checks.extend(status.journal_mode.as_deref().map(journal));
        }
        Err(error) => checks.push(unknown("database", error)),
    }
    checks.push(rights(queue).await);
    match queue.activity().await {
        Ok(activity) => {
            checks.push(worker(&activity));
            checks.extend(parked(activity.parked));
        }
        Err(error) => checks.push(unknown("worker", &error)),
    }
    status.ok()
}

fn round_trip(status: &DatabaseStatus) -> Check {
    let took = status.round_trip.as_secs_f64() * 1000.0;
    let seen = format!("its tables have version {}; a round trip takes {took:.1} ms", status.schema_version);
    match status.round_trip > SLOW_ROUND_TRIP {
        true => {
            Check::not_ok("database", State::Warning, seen, "run the worker closer to it, or find out why it is slow")
        }
        false => Check::ok("database", seen),
    }
}

fn journal(mode: &str) -> Check {
    match mode {
        "wal" => Check::ok("journal", "SQLite's journal mode is wal"),
        mode => Check::not_ok(
            "journal",
            State::Failed,
            format!("SQLite's journal mode is {mode}, although wal was asked for"),
            "move the file to a local disk: file systems of other machines cannot do that",
        ),
    }
}

async fn rights(queue: &Queue) -> Check {
    match queue.privileges().await {
        Ok(rights) if !rights.missing.is_empty() => Check::not_ok(
            "rights",
            State::Failed,
            format!("this role lacks {}", rights.missing.join(", ")),
            "GRANT it, as docs/sender.md says; a standby server lacks all that write",
        ),
        Ok(rights) if rights.may_enqueue_in_sql => {
            Check::ok("rights", "this role may do what a worker does, and queue events with SQL")
        }
        Ok(_) => {
            Check::ok("rights", "this role may do what a worker does, but not call dealix.enqueue, as services do")
        }
        Err(error) => unknown("rights", &error),
    }
}

/// Whether this machine's keys open all secrets.
pub async fn secrets(queue: &Queue) -> Check {
    let found = match SecretsCount::of(queue).await {
        Ok(found) => found,
        Err(error) => return unknown("secrets", &error),
    };
    let subscriptions = |number| count(number, "subscription", "subscriptions");
    if let Some((key_id, number)) = found.locked.first_key_value() {
        let seen = format!("those of {} are sealed with the key {key_id}, which is not here", subscriptions(*number));
        return Check::not_ok("secrets", State::Failed, seen, "add it to DEALIX_SECRETS_KEY");
    }
    if let Some(DamagedSubscription { id, reason, .. }) = found.damaged.first() {
        let seen = format!("{id} cannot be read: {reason}; nothing is sent to it");
        let advice = "restore its record, or remove it; `dealix-sender subscriptions list` names all of them";
        return Check::not_ok("secrets", State::Failed, seen, advice);
    }
    if found.clear > 0 {
        let seen = format!("those of {} lie in clear in the database", subscriptions(found.clear));
        return Check::not_ok(
            "secrets",
            State::Warning,
            seen,
            "set DEALIX_SECRETS_KEY and run `dealix-sender secrets rekey`",
        );
    }
    Check::ok("secrets", "all are sealed with a key that is here")
}

fn worker(activity: &QueueActivity) -> Check {
    let QueueActivity { leased, oldest_due, oldest_in_outbox, last_attempt, .. } = activity;
    let in_flight = count(*leased, "delivery is", "deliveries are");
    let waits = oldest_due.max(oldest_in_outbox).unwrap_or_default();
    let waited = humantime::format_duration(Duration::from_secs(waits.as_secs()));
    match (*leased, waits > LONG_DUE) {
        // Endpoints that hang are left alone between two attempts.
        (0, true) if last_attempt.is_some_and(|ago| ago < RECENTLY) => Check::not_ok(
            "worker",
            State::Warning,
            format!("attempts were made lately, but something has been due for {waited}"),
            "its endpoint may hang (`dealix-sender deliveries --state pending`), or the worker has just stopped",
        ),
        (0, true) => Check::not_ok(
            "worker",
            State::Warning,
            format!("nothing is in flight, and something has been due for {waited}"),
            "start `dealix-sender work`",
        ),
        (0, false) => Check::ok("worker", "nothing is in flight, and nothing has been due for long"),
        (_, true) => Check::ok("worker", format!("{in_flight} in flight; another has been due for {waited}")),
        (_, false) => Check::ok("worker", format!("{in_flight} in flight")),
    }
}

/// Deliveries that no worker can make.
fn parked(number: u64) -> Option<Check> {
    let advice = "`dealix-sender deliveries --state pending` says why; restore the record, or remove its subscription";
    let seen = format!("{} that no worker can make", count(number, "delivery is pending", "deliveries are pending"));
    (number > 0).then(|| Check::not_ok("parked", State::Warning, seen, advice))
}

fn unknown(check: &'static str, error: &QueueError) -> Check {
    Check::not_ok(check, State::Failed, error.to_string(), "see the database's log")
}

/// Different hosts that enabled subscriptions name, the first few.
pub async fn hosts(queue: &Queue) -> Vec<String> {
    let host = |stored: StoredSubscription| match Url::parse(&stored.subscription.endpoint_url).ok()?.host()? {
        Host::Domain(name) => Some(name.to_owned()),
        _ => None,
    };
    let subscriptions = queue.subscriptions().await.unwrap_or_default().readable;
    let mut hosts = Vec::new();
    for host in subscriptions.into_iter().filter(|stored| stored.subscription.enabled).filter_map(host) {
        if !hosts.contains(&host) {
            hosts.push(host);
        }
        if hosts.len() == MAX_HOSTS {
            break;
        }
    }
    hosts
}
