//! One attempt: what the task asks for, the delivery itself, and what is written down of it.

use super::QueueError;
use super::endpoints::Entry;
use super::record::{DeliveryState, LoggedAttempt, QueuedDelivery, StoredSubscription, ordered_id};
use super::store::{AttemptTask, Change, Health, Next};
use super::worker::Shared;
use crate::sender::delivery::{SealedEvent, deliver_sealed};
use crate::sender::http::MAX_ERROR_CHARS;
use crate::sender::{DeliveryError, DeliveryOptions, Transport, WebhookDelivery, delay_after, random, unix_now};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;
use tracing::{Instrument, info, info_span, warn};

/// Before an attempt is tried again that failed on this machine.
const LOCAL_FAILURE_DEFERRAL_SECONDS: i64 = 5;
/// An endpoint that has only failed for so long is disabled.
const DISABLE_AFTER_SECONDS: i64 = 5 * 24 * 60 * 60;

pub(super) struct Delivering<T> {
    pub transport: T,
    pub shared: Arc<Shared>,
}

/// An attempt that is to be made.
struct Job {
    queued: QueuedDelivery,
    envelope: Bytes,
    stored: StoredSubscription,
}

/// [`Delivering`] with any transport.
pub(super) trait Handle: Send + Sync {
    /// Whether there is nothing more to do for the task. Otherwise it must not be acknowledged: somebody else will do it.
    fn handle(self: Arc<Self>, task: AttemptTask) -> BoxFuture<'static, bool>;
}

impl Shared {
    /// What the task asks for, or what is to be written in its place; nothing where the attempt was made before.
    async fn job(&self, task: &AttemptTask) -> Result<ControlFlow<Option<Change>, Job>, QueueError> {
        let Some(item) = self.insist(|| self.store.work_item(&task.delivery_id)).await? else {
            // It was pruned.
            return Ok(Break(None));
        };
        let queued = item.delivery;
        if queued.state != DeliveryState::Pending || queued.attempts + 1 != task.attempt {
            return Ok(Break(None));
        }
        let Some(stored) = item.subscription else {
            return Ok(Break(Some(abandon(task, "the subscription does not exist any more"))));
        };
        if !stored.subscription.enabled {
            let reason = stored.disabled_reason.as_deref().unwrap_or("no reason given");
            return Ok(Break(Some(abandon(task, &format!("the subscription is disabled: {reason}")))));
        }
        Ok(Continue(Job { queued, envelope: item.envelope, stored }))
    }
}

impl<T: Transport + 'static> Handle for Delivering<T> {
    fn handle(self: Arc<Self>, task: AttemptTask) -> BoxFuture<'static, bool> {
        let span = info_span!("attempt", delivery_id = task.delivery_id, attempt = task.attempt);
        async move {
            let _place = self.shared.places.acquire().await;
            if self.shared.left.load(Relaxed) {
                return false;
            }
            let attempted = match self.attempt(&task).await {
                Err(error @ QueueError::Damaged(_)) => {
                    self.shared.record(Some(abandon(&task, &error.to_string()))).await
                }
                attempted => attempted,
            };
            match attempted {
                Ok(()) => true,
                Err(error) => {
                    warn!(%error, "left unrecorded; the attempt will be made again");
                    if matches!(error, QueueError::Closed) {
                        self.shared.closed.notify_one();
                    }
                    false
                }
            }
        }
        .instrument(span)
        .boxed()
    }
}

impl<T: Transport> Delivering<T> {
    /// Makes the attempt and writes down what became of it, or what is to be written in its place.
    async fn attempt(&self, task: &AttemptTask) -> Result<(), QueueError> {
        let job = match self.shared.job(task).await? {
            Continue(job) => job,
            Break(change) => return self.shared.record(change).await,
        };
        let (job, _place) = match self.shared.endpoints.enter(&job.stored.id, self.shared.has_room_to_wait()).await {
            Entry::Now(place) => (job, place),
            // Meanwhile the subscription may have been disabled, or its secret rotated.
            Entry::AfterWaiting(place) => match self.shared.job(task).await? {
                Continue(job) => (job, place),
                Break(change) => return self.shared.record(change).await,
            },
            Entry::Later(until) => {
                return self.shared.record(Some(Change::Defer { task: task.clone(), until })).await;
            }
        };
        if self.shared.left.load(Relaxed) {
            // Nothing is sent that might not be written down.
            return Err(QueueError::Closed);
        }
        let delivery = self.deliver(task, &job).await;
        // Before the place is free: who waits for it must see what this attempt says of the endpoint.
        self.shared.record(Some(self.outcome(task, &job, delivery))).await
    }

    async fn deliver(&self, task: &AttemptTask, job: &Job) -> WebhookDelivery {
        let sealed = SealedEvent {
            event_id: &job.queued.event_id,
            event_type: &job.queued.event_type,
            body: Ok(job.envelope.clone()),
        };
        let options = DeliveryOptions { attempt: task.attempt, ..Default::default() };
        let started = Instant::now();
        let delivery = deliver_sealed(&job.stored.subscription, &sealed, &self.transport, &options).await;
        self.shared.endpoints.took(&job.stored.id, started.elapsed());
        info!(
            monotonic_counter.dealix_attempts = 1_u64,
            monotonic_counter.dealix_attempt_successes = u64::from(delivery.success),
            histogram.dealix_attempt_ms = delivery.duration_ms,
            event_id = delivery.event_id,
            subscription_id = job.stored.id,
            status_code = delivery.status_code,
            error = delivery.error.as_ref().map(tracing::field::display),
            "attempt made"
        );
        delivery
    }

    fn outcome(&self, task: &AttemptTask, job: &Job, mut delivery: WebhookDelivery) -> Change {
        if let (None, Some(error @ DeliveryError::Local(_))) = (delivery.status_code, &delivery.error) {
            warn!(%error, "the attempt is put off");
            return Change::Defer { task: task.clone(), until: unix_now() + LOCAL_FAILURE_DEFERRAL_SECONDS };
        }
        // A replay starts the schedule anew.
        delivery.attempt = task.attempt.saturating_sub(job.queued.attempts_before_replay);
        let jitter = if self.shared.options.jitter { f64::from(random()[0]) / 255.0 } else { 0.0 };
        let next = match delay_after(&delivery, jitter) {
            _ if delivery.success => Next::Delivered,
            // Whole seconds, and never early.
            Some(delay) => {
                Next::Retry { at: unix_now() + i64::try_from(delay.as_millis().div_ceil(1000)).unwrap_or(i64::MAX) }
            }
            None => Next::DeadLetter,
        };
        let attempt = LoggedAttempt {
            attempt_id: ordered_id("att_"),
            delivery_id: task.delivery_id.clone(),
            attempt: task.attempt,
            timestamp: delivery.timestamp,
            status_code: delivery.status_code,
            success: delivery.success,
            error: delivery.error.as_ref().map(storable),
            duration_ms: delivery.duration_ms,
        };
        Change::Record { attempt, next, health: health(&job.stored, &delivery, next) }
    }
}

pub(super) fn abandon(task: &AttemptTask, reason: &str) -> Change {
    Change::Abandon { task: task.clone(), reason: reason.to_owned(), now: unix_now() }
}

/// A transport may say what it likes; PostgreSQL takes no text with a NUL in it.
fn storable(error: &DeliveryError) -> String {
    error.to_string().chars().take(MAX_ERROR_CHARS).map(|char| if char == '\0' { '\u{fffd}' } else { char }).collect()
}

/// What an attempt says about its endpoint, where it says anything new.
fn health(stored: &StoredSubscription, delivery: &WebhookDelivery, next: Next) -> Option<Health> {
    let subscription_id = stored.id.clone();
    if delivery.success {
        // Even where it was not failing when the attempt began: another attempt may have failed meanwhile.
        return Some(Health::Works { subscription_id });
    }
    if delivery.status_code == Some(410) {
        let reason = "its endpoint answered 410 Gone".to_owned();
        return Some(Health::Disable { subscription_id, reason, failing_since: None });
    }
    if !is_the_endpoints_failure(delivery) {
        return None;
    }
    match stored.failing_since {
        None => Some(Health::Fails { subscription_id, since: delivery.timestamp }),
        // Not by an attempt that another follows, which may succeed.
        Some(since) if matches!(next, Next::DeadLetter) && delivery.timestamp - since >= DISABLE_AFTER_SECONDS => {
            let reason = "its endpoint has only failed for five days".to_owned();
            Some(Health::Disable { subscription_id, reason, failing_since: Some(since) })
        }
        Some(_) => None,
    }
}

/// A header that cannot be sent, say, is the sender's.
fn is_the_endpoints_failure(delivery: &WebhookDelivery) -> bool {
    match &delivery.error {
        None | Some(DeliveryError::Transport(_) | DeliveryError::Endpoint(_)) => true,
        Some(_) => delivery.status_code.is_some(),
    }
}
