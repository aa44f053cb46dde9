//! What the queue asks of a database, and what it writes to it.

use super::QueueError;
use super::record::{DeliveryFilter, LoggedAttempt, QueueDepth, QueuedDelivery, StoredSubscription};
use super::worker::Handler;
use apalis::prelude::{Task, TaskBuilder};
use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use zeroize::Zeroizing;

/// One thing that is written, wholly or not at all.
#[derive(Clone)]
pub(super) enum Change {
    AddSubscription(StoredSubscription),
    /// Replaces the secrets, unless somebody else did since they were read.
    SetSecrets {
        subscription_id: String,
        expected: Zeroizing<String>,
        secrets: Zeroizing<String>,
    },
    Enable {
        subscription_id: String,
    },
    Disable {
        subscription_id: String,
        reason: String,
    },
    /// An event and its deliveries, unless the event is known already.
    Enqueue {
        event_id: String,
        created_at: i64,
        envelope: Vec<u8>,
        deliveries: Vec<QueuedDelivery>,
    },
    /// An attempt for the log and, unless another worker recorded this attempt before, where the delivery stands now.
    Record {
        attempt: LoggedAttempt,
        next: Next,
        health: Option<Health>,
    },
    /// Makes a delivery a dead letter without an attempt.
    Abandon {
        task: AttemptTask,
        reason: String,
        now: i64,
    },
    /// Puts an attempt off that has not been made.
    Defer {
        task: AttemptTask,
        until: i64,
    },
    /// Starts the schedule anew for a delivery that is not pending.
    Replay {
        delivery_id: String,
        now: i64,
    },
}

/// What follows an attempt.
#[derive(Clone, Copy)]
pub(super) enum Next {
    Delivered,
    Retry { at: i64 },
    DeadLetter,
}

/// News of a subscription's endpoint.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Health {
    Works {
        subscription_id: String,
    },
    Fails {
        subscription_id: String,
        since: i64,
    },
    /// With `failing_since`, only where it has been failing since then, and has not worked meanwhile.
    Disable {
        subscription_id: String,
        reason: String,
        failing_since: Option<i64>,
    },
}

impl Change {
    /// Why it makes a delivery a dead letter, where it does.
    pub(super) fn reason_to_give_up(&self) -> Option<String> {
        match self {
            Self::Abandon { reason, .. } => Some(reason.clone()),
            Self::Record { attempt, next: Next::DeadLetter, .. } => {
                let status = attempt.status_code.map(|status| format!("answered {status}"));
                attempt.error.clone().or(status)
            }
            _ => None,
        }
    }

    /// What it says of an endpoint.
    pub(super) fn health(&self) -> Option<&Health> {
        match self {
            Self::Record { health, .. } => health.as_ref(),
            _ => None,
        }
    }
}

impl Health {
    pub(super) fn subscription_id(&self) -> &str {
        match self {
            Self::Works { subscription_id }
            | Self::Fails { subscription_id, .. }
            | Self::Disable { subscription_id, .. } => subscription_id,
        }
    }
}

/// What lies in apalis' queue: which attempt of which delivery to make. The delivery itself says whether it is still
/// to be made, so that a task which is run twice does no harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AttemptTask {
    pub delivery_id: String,
    pub attempt: u32,
}

impl AttemptTask {
    /// The task for apalis' queue, due at this second since 1970.
    pub(super) fn for_apalis(&self, at: i64) -> Task<Vec<u8>> {
        let json = serde_json::to_vec(self).expect("text and an integer have a JSON form");
        TaskBuilder::new(json).run_at_timestamp(at.try_into().unwrap_or(0)).build()
    }
}

/// All that an attempt needs to know.
pub(super) struct WorkItem {
    pub delivery: QueuedDelivery,
    pub envelope: Bytes,
    pub subscription: Option<StoredSubscription>,
}

/// How one run of an apalis worker behaves.
#[derive(Clone, Copy)]
pub(super) struct WorkerSettings {
    pub concurrency: usize,
    pub heartbeat: Duration,
    pub missed_heartbeats: usize,
}

/// A database that holds a queue.
#[async_trait]
pub(super) trait Store: Send + Sync {
    /// Writes one change durably; the number says how many records it found to change.
    async fn write(&self, change: Change) -> Result<u64, QueueError>;

    async fn subscriptions(&self) -> Result<Vec<StoredSubscription>, QueueError>;
    async fn subscriptions_of(&self, customer_id: &str) -> Result<Vec<StoredSubscription>, QueueError>;
    async fn subscription(&self, id: &str) -> Result<Option<StoredSubscription>, QueueError>;

    async fn work_item(&self, delivery_id: &str) -> Result<Option<WorkItem>, QueueError>;
    async fn delivery(&self, delivery_id: &str) -> Result<Option<QueuedDelivery>, QueueError>;
    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<QueuedDelivery>, QueueError>;
    async fn attempts(&self, delivery_id: &str) -> Result<Vec<LoggedAttempt>, QueueError>;
    async fn depth(&self, now: i64) -> Result<QueueDepth, QueueError>;

    /// Forgets what was finished before this second since 1970, and the tasks that apalis has done.
    async fn prune(&self, before: i64) -> Result<u64, QueueError>;

    /// Runs an apalis worker, until the database fails or the future is dropped.
    async fn run_worker(&self, name: &str, settings: WorkerSettings, handler: Handler) -> Result<(), QueueError>;

    /// Puts back what this worker fetched and has not acknowledged. Nothing of it may be under way.
    async fn release(&self, worker: &str) -> Result<(), QueueError>;
}
