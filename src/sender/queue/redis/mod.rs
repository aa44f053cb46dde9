//! The queue in Redis, for any number of machines. Each change is one script; `change.lua` says which keys there are.

mod fields;

use super::record::{DeliveryFilter, DeliveryState, LoggedAttempt, QueueDepth, QueuedDelivery, StoredSubscription};
use super::store::{AttemptTask, Change, Store, WorkItem, WorkerSettings};
use super::worker::{Handler, POLL_INTERVAL, until_dropped};
use super::{QUEUE_NAME, QueueError};
use crate::sender::unix_now;
use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::{Client, ErrorKind, FromRedisValue, RedisError, Script, ScriptInvocation, cmd, pipe};
use apalis::prelude::*;
use apalis_redis::{Config, RedisStorage};
use async_trait::async_trait;
use fields::{Fields, change_to_json};
use std::collections::HashSet;
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::interval;

const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);
/// Long enough for a disk that is slow to sync.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a lost connection is tried at once; who asked then hears of the failure, and decides.
const RECONNECTIONS: usize = 2;
/// apalis fetches a batch with a call that takes no more than some thousand arguments.
const MAX_BATCH: usize = 1000;
/// How many deliveries are read at once.
const PAGE: usize = 500;

pub(super) struct RedisStore {
    /// All callers share one connection: Redis reads what has arrived, and syncs once for all of it.
    connection: ConnectionManager,
    scripts: Scripts,
}

struct Scripts {
    change: Script,
    release: Script,
    prune: Script,
    subscriptions: Script,
    tend: Script,
    work_item: Script,
}

pub(super) async fn open(url: &str) -> Result<RedisStore, QueueError> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECTION_TIMEOUT))
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_number_of_retries(RECONNECTIONS);
    let connection = Client::open(url)?.get_connection_manager_with_config(config).await?;
    let scripts = Scripts {
        change: Script::new(include_str!("change.lua")),
        release: Script::new(include_str!("release.lua")),
        prune: Script::new(include_str!("prune.lua")),
        subscriptions: Script::new(include_str!("subscriptions.lua")),
        tend: Script::new(include_str!("tend.lua")),
        work_item: Script::new(include_str!("work_item.lua")),
    };
    Ok(RedisStore { connection, scripts })
}

#[async_trait]
impl Store for RedisStore {
    async fn write(&self, change: Change) -> Result<u64, QueueError> {
        let (name, json, stored) = change_to_json(change);
        self.run(self.scripts.change.key(QUEUE_NAME).arg(name).arg(json.to_string()).arg(stored)).await
    }

    async fn subscriptions(&self) -> Result<Vec<StoredSubscription>, QueueError> {
        self.subscriptions_in("dealix:subscriptions").await
    }

    async fn subscriptions_of(&self, customer_id: &str) -> Result<Vec<StoredSubscription>, QueueError> {
        self.subscriptions_in(&format!("dealix:subscriptions:{customer_id}")).await
    }

    async fn subscription(&self, id: &str) -> Result<Option<StoredSubscription>, QueueError> {
        let fields: Fields = self.ask(cmd("HGETALL").arg(format!("dealix:subscription:{id}"))).await?;
        fields.into_subscription()
    }

    async fn work_item(&self, delivery_id: &str) -> Result<Option<WorkItem>, QueueError> {
        let found = self.run(&mut self.scripts.work_item.key(delivery_key(delivery_id))).await?;
        let Some((delivery, envelope, subscription)): Option<(Fields, Option<Vec<u8>>, Fields)> = found else {
            return Ok(None);
        };
        let envelope = envelope.ok_or_else(|| QueueError::damaged("the delivery's event is missing"))?;
        let Some(delivery) = delivery.into_delivery()? else { return Ok(None) };
        Ok(Some(WorkItem { delivery, envelope: envelope.into(), subscription: subscription.into_subscription()? }))
    }

    async fn delivery(&self, delivery_id: &str) -> Result<Option<QueuedDelivery>, QueueError> {
        let fields: Fields = self.ask(cmd("HGETALL").arg(delivery_key(delivery_id))).await?;
        fields.into_delivery()
    }

    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<QueuedDelivery>, QueueError> {
        if filter.state == Some(DeliveryState::DeadLetter) {
            self.dead_letters(filter).await
        } else {
            self.newest(filter).await
        }
    }

    async fn attempts(&self, delivery_id: &str) -> Result<Vec<LoggedAttempt>, QueueError> {
        let lines: Vec<String> =
            self.ask(cmd("LRANGE").arg(format!("dealix:attempts:{delivery_id}")).arg(0).arg(-1)).await?;
        let attempts: Result<Vec<LoggedAttempt>, _> = lines.iter().map(|line| serde_json::from_str(line)).collect();
        let mut attempts = attempts.map_err(QueueError::damaged)?;
        attempts.sort_by_key(|attempt| (attempt.attempt, attempt.timestamp));
        Ok(attempts)
    }

    async fn depth(&self, now: i64) -> Result<QueueDepth, QueueError> {
        let mut counts = pipe();
        counts.atomic().zcard("dealix:pending").zcount("dealix:pending", "-inf", now).zcard("dealix:dead_letter");
        let (pending, due, dead_letters) = counts.query_async(&mut self.connection.clone()).await?;
        Ok(QueueDepth { pending, due, dead_letters })
    }

    async fn prune(&self, before: i64) -> Result<u64, QueueError> {
        let mut pruned = 0;
        loop {
            let (deliveries, events): (u64, u64) = self.run(&mut self.scripts.prune.arg(before)).await?;
            if deliveries + events == 0 {
                return Ok(pruned);
            }
            pruned += deliveries;
        }
    }

    async fn run_worker(&self, name: &str, settings: WorkerSettings, handler: Handler) -> Result<(), QueueError> {
        let config = Config::default()
            .queue(QUEUE_NAME)
            .batch_size(settings.concurrency.min(MAX_BATCH))
            .heartbeat_interval(settings.heartbeat)
            .missed_heartbeats(settings.missed_heartbeats)
            .lock_tasks(false)
            .emit_events(false);
        let storage = RedisStorage::new(self.connection.clone()).with_config(config);
        let working = WorkerBuilder::new(name)
            .backend(storage.poll_with_interval(POLL_INTERVAL))
            .concurrency(settings.concurrency)
            .build(move |task: AttemptTask| handler(task))
            .run_with_ctx(until_dropped);
        tokio::select! {
            worked = working => worked.map_err(QueueError::database),
            failed = self.tend(name) => match failed? {},
        }
    }

    async fn release(&self, worker: &str) -> Result<(), QueueError> {
        self.run(self.scripts.release.key(QUEUE_NAME).arg(worker)).await
    }
}

impl RedisStore {
    /// Tries twice where nothing was sent: the first to ask after a failure is told of that one, whatever it is now.
    async fn run<T: FromRedisValue>(&self, script: &mut ScriptInvocation<'_>) -> Result<T, QueueError> {
        match script.invoke_async(&mut self.connection.clone()).await {
            Err(error) if error.is_connection_refusal() => {
                Ok(script.invoke_async(&mut self.connection.clone()).await?)
            }
            answer => Ok(answer?),
        }
    }

    async fn ask<T: FromRedisValue>(&self, command: &mut ::redis::Cmd) -> Result<T, QueueError> {
        match command.query_async(&mut self.connection.clone()).await {
            Err(error) if error.is_connection_refusal() => {
                Ok(command.query_async(&mut self.connection.clone()).await?)
            }
            answer => Ok(answer?),
        }
    }

    async fn subscriptions_in(&self, index: &str) -> Result<Vec<StoredSubscription>, QueueError> {
        let found: Vec<Fields> = self.run(&mut self.scripts.subscriptions.key(index)).await?;
        found.into_iter().filter_map(|fields| fields.into_subscription().transpose()).collect()
    }

    /// Does what apalis' worker leaves undone, for as long as it runs.
    async fn tend(&self, worker: &str) -> Result<Infallible, QueueError> {
        let mut ticks = interval(POLL_INTERVAL);
        loop {
            ticks.tick().await;
            while self.run(self.scripts.tend.key(QUEUE_NAME).arg(unix_now()).arg(worker)).await? {}
        }
    }

    async fn dead_letters(&self, filter: &DeliveryFilter) -> Result<Vec<QueuedDelivery>, QueueError> {
        let ids: Vec<String> =
            self.ask(cmd("ZRANGEBYSCORE").arg("dealix:dead_letter").arg(filter.since).arg("+inf")).await?;
        let mut found = Vec::new();
        for page in ids.chunks(PAGE) {
            found.extend(self.deliveries_of(page).await?.into_iter().filter(|delivery| matches(filter, delivery)));
        }
        found.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.delivery_id.cmp(&b.delivery_id)));
        found.truncate(limit(filter));
        Ok(found)
    }

    /// Page by page, so that Redis is never kept from its other callers.
    async fn newest(&self, filter: &DeliveryFilter) -> Result<Vec<QueuedDelivery>, QueueError> {
        let mut found = Vec::new();
        // What is enqueued meanwhile moves all others down: some are met twice.
        let mut seen = HashSet::new();
        for first in (0..).step_by(PAGE) {
            let ids: Vec<String> =
                self.ask(cmd("ZRANGE").arg("dealix:deliveries").arg(first).arg(first + PAGE - 1)).await?;
            let page = self.deliveries_of(&ids).await?;
            let is_last = ids.len() < PAGE
                || filter.state.is_some() && page.iter().any(|delivery| delivery.created_at < filter.since);
            let matching = page.into_iter().filter(|delivery| matches(filter, delivery));
            found.extend(matching.filter(|delivery| seen.insert(delivery.delivery_id.clone())));
            if is_last || found.len() >= limit(filter) {
                break;
            }
        }
        found.truncate(limit(filter));
        Ok(found)
    }

    async fn deliveries_of(&self, ids: &[String]) -> Result<Vec<QueuedDelivery>, QueueError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut reads = pipe();
        for id in ids {
            reads.hgetall(delivery_key(id));
        }
        let found: Vec<Fields> = reads.query_async(&mut self.connection.clone()).await?;
        found.into_iter().filter_map(|fields| fields.into_delivery().transpose()).collect()
    }
}

fn delivery_key(id: &str) -> String {
    format!("dealix:delivery:{id}")
}

fn limit(filter: &DeliveryFilter) -> usize {
    filter.limit.try_into().unwrap_or(usize::MAX)
}

fn matches(filter: &DeliveryFilter, delivery: &QueuedDelivery) -> bool {
    let since = match delivery.state {
        DeliveryState::DeadLetter => delivery.finished_at,
        _ => Some(delivery.created_at),
    };
    filter.state.is_none_or(|state| state == delivery.state)
        && filter.customer_id.as_ref().is_none_or(|customer_id| *customer_id == delivery.customer_id)
        && since.is_some_and(|since| since >= filter.since)
}

impl From<RedisError> for QueueError {
    fn from(error: RedisError) -> Self {
        match error.kind() {
            ErrorKind::UnexpectedReturnType => Self::damaged(error),
            ErrorKind::Io => Self::Unreachable(error.to_string()),
            _ => Self::database(error),
        }
    }
}
