//! One attempt: the delivery itself, and what is written down of it.

use super::endpoints::Ended;
use super::shared::{Place, Shared};
use crate::sender::delivery::{DeliveryOptions, WebhookDelivery, deliver_sealed};
use crate::sender::error::{DeliveryError, MAX_ERROR_CHARS};
use crate::sender::queue::record::{DeliveryState, StoredSubscription};
use crate::sender::retry::{MAX_RETRY_AFTER, delay_after};
use crate::sender::sealed::SealedEvent;
use crate::sender::store::change::{Change, Health, Outcome};
use crate::sender::store::database::{Job, Leased};
use crate::sender::system::{ordered_id, random};
use crate::sender::transport::Transport;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tracing::{Instrument, error, info, info_span, warn};

/// An endpoint that takes longer is not shown to work by its answer.
const SLOW: Duration = Duration::from_secs(1);
/// Before an attempt is tried again that could not be made at all: a newer version, or an operator, may mend it.
const PARKED_FOR: Duration = Duration::from_mins(15);
/// How long an endpoint is left alone that answers 429 without saying until when.
const HOLD_WITHOUT_RETRY_AFTER: Duration = Duration::from_secs(5);
/// An endpoint that has only failed for so long is disabled.
const DISABLE_AFTER_SECONDS: i64 = 5 * 24 * 60 * 60;

pub(super) struct Delivering<T> {
    pub transport: T,
    pub shared: Arc<Shared>,
}

/// [`Delivering`] with any transport.
pub(super) trait Attempt: Send + Sync {
    /// Makes the attempt, and writes down what became of it.
    fn attempt(self: Arc<Self>, leased: Leased) -> BoxFuture<'static, ()>;
}

impl<T: Transport + 'static> Attempt for Delivering<T> {
    fn attempt(self: Arc<Self>, leased: Leased) -> BoxFuture<'static, ()> {
        let number = leased.job.as_ref().map_or(0, |job| job.attempts + 1);
        let span = info_span!("attempt", delivery_id = leased.delivery_id, attempt = number);
        let mut place = self.shared.enter(&leased);
        async move {
            let change = match &leased.job {
                Ok(job) => {
                    let making = AssertUnwindSafe(self.make(job, &leased.delivery_id, &mut place));
                    making.catch_unwind().await.unwrap_or_else(|_| {
                        error!("an attempt ended in a panic; the delivery is parked");
                        self.park(&leased.delivery_id, "the sender failed while it made the attempt")
                    })
                }
                Err(error) => {
                    warn!(%error, "the delivery is parked");
                    self.park(&leased.delivery_id, &error.to_string())
                }
            };
            self.record(change, &leased.subscription_id).await;
            // Not before: who takes the place must see what this attempt says of the endpoint.
            drop(place);
        }
        .instrument(span)
        .boxed()
    }
}

impl<T: Transport> Delivering<T> {
    fn park(&self, delivery_id: &str, reason: &str) -> Change {
        self.shared.deferral(delivery_id, PARKED_FOR, Some(reason.to_owned()))
    }

    async fn make(&self, job: &Job, delivery_id: &str, place: &mut Place) -> Change {
        if job.leased_at.elapsed() >= self.shared.options.lease {
            // The process was stopped in between: another worker may be at it.
            return self.shared.deferral(delivery_id, Duration::ZERO, None);
        }
        let delivery = self.deliver(job).await;
        if let (None, Some(error @ DeliveryError::Local(_))) = (delivery.status_code, &delivery.error) {
            self.shared.warn_of_this_machine(error);
            place.ended = Ended::Locally;
            return self.shared.deferral(delivery_id, Duration::ZERO, None);
        }
        place.ended = ended(&delivery);
        self.outcome(job, delivery_id, delivery)
    }

    async fn deliver(&self, job: &Job) -> WebhookDelivery {
        let sealed =
            SealedEvent { event_id: &job.event_id, event_type: &job.event_type, body: Ok(job.envelope.clone()) };
        // By the database's clock: receivers would refuse what a machine signs whose own is minutes off.
        let options =
            DeliveryOptions { attempt: job.attempts + 1, now: Some(job.now_ms() / 1000), ..Default::default() };
        let delivery = deliver_sealed(&job.stored.subscription, &sealed, &self.transport, &options).await;
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

    fn outcome(&self, job: &Job, delivery_id: &str, mut delivery: WebhookDelivery) -> Change {
        let attempt = delivery.attempt;
        // A replay starts the schedule anew.
        delivery.attempt = attempt.saturating_sub(job.attempts_before_replay);
        let jitter = if self.shared.options.jitter { f64::from(random()[0]) / 255.0 } else { 0.0 };
        let delay = delay_after(&delivery, jitter);
        let state = match delay {
            _ if delivery.success => DeliveryState::Delivered,
            Some(_) => DeliveryState::Pending,
            None => DeliveryState::DeadLetter,
        };
        Change::Record(Box::new(Outcome {
            attempt_id: ordered_id("att_", job.now_ms()),
            delivery_id: delivery_id.to_owned(),
            attempt,
            timestamp: delivery.timestamp,
            status_code: delivery.status_code,
            success: delivery.success.into(),
            error: delivery.error.as_ref().map(storable),
            duration_ms: delivery.duration_ms.min(i64::MAX as u64),
            state: state.as_str(),
            delay_ms: delay.map(|delay| delay.as_millis().try_into().unwrap_or(u64::MAX)),
            health: self.health(&job.stored, &delivery, state),
        }))
    }

    /// What an attempt says about its endpoint.
    fn health(&self, stored: &StoredSubscription, delivery: &WebhookDelivery, state: DeliveryState) -> Health {
        let mut health = Health::of(&stored.id);
        if delivery.success {
            health.works = 1;
            return health;
        }
        health.hold_ms = hold(delivery).as_millis().try_into().unwrap_or(u64::MAX);
        if delivery.status_code == Some(410) {
            health.disable = Some("its endpoint answered 410 Gone");
            return health;
        }
        if !is_the_endpoints_failure(delivery) {
            return health;
        }
        health.fails_since = Some(delivery.timestamp);
        let fails_for = stored.failing_since.map_or(0, |since| delivery.timestamp - since);
        // Not by an attempt that another follows, which may succeed; unless it is one of many that time out.
        let is_beyond_hope = state == DeliveryState::DeadLetter || self.shared.endpoints.is_broken(&stored.id);
        if fails_for >= DISABLE_AFTER_SECONDS && is_beyond_hope {
            health.disable = Some("its endpoint has only failed for five days");
            health.if_failing_since = stored.failing_since;
        }
        health
    }

    async fn record(&self, change: Change, subscription_id: &str) {
        let written = self.shared.insist(change.clone()).await;
        let Change::Record(outcome) = change else {
            return;
        };
        match written {
            Err(error) => warn!(%error, "left unrecorded; the attempt will be made again"),
            Ok(None) => info!("another worker was faster"),
            Ok(Some(_)) => self.count(&outcome, subscription_id),
        }
    }

    fn count(&self, outcome: &Outcome, subscription_id: &str) {
        let counters = &self.shared.counters;
        match outcome.delay_ms {
            _ if outcome.success == 1 => &counters.delivered,
            Some(delay_ms) => {
                self.shared.note_due(subscription_id, Duration::from_millis(delay_ms));
                &counters.retries
            }
            None => {
                let reason = outcome.error.clone().unwrap_or_else(|| format!("answered {:?}", outcome.status_code));
                info!(reason, "given up: the delivery is a dead letter");
                &counters.dead_letters
            }
        }
        .fetch_add(1, Relaxed);
    }
}

fn ended(delivery: &WebhookDelivery) -> Ended {
    let took = Duration::from_millis(delivery.duration_ms);
    match (delivery.status_code, &delivery.error) {
        _ if delivery.success && took > SLOW => Ended::DeliveredSlowly,
        _ if delivery.success => Ended::Delivered,
        (Some(_), _) => Ended::Answered,
        (None, Some(DeliveryError::TimedOut(_))) => Ended::TimedOut(took),
        // It held its place as long as if it had timed out.
        (None, _) if took > SLOW => Ended::TimedOut(took),
        (None, _) => Ended::Otherwise,
    }
}

/// How long the endpoint asks for nothing more.
fn hold(delivery: &WebhookDelivery) -> Duration {
    match (delivery.status_code, delivery.retry_after) {
        (Some(429 | 503), Some(retry_after)) => retry_after.min(MAX_RETRY_AFTER),
        (Some(429), None) => HOLD_WITHOUT_RETRY_AFTER,
        _ => Duration::ZERO,
    }
}

/// A transport may say what it likes; PostgreSQL takes no text with a NUL in it.
fn storable(error: &DeliveryError) -> String {
    error.to_string().chars().take(MAX_ERROR_CHARS).map(|char| if char == '\0' { '\u{fffd}' } else { char }).collect()
}

/// A header that cannot be sent, say, is the sender's.
fn is_the_endpoints_failure(delivery: &WebhookDelivery) -> bool {
    match &delivery.error {
        None | Some(DeliveryError::Transport(_) | DeliveryError::TimedOut(_) | DeliveryError::Endpoint(_)) => true,
        Some(_) => delivery.status_code.is_some(),
    }
}
