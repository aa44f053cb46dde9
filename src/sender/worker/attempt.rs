//! Makes one attempt, and records its outcome.

use super::endpoints::Ended;
use super::outcome::{ended, outcome};
use super::shared::Shared;
use super::slot::Slot;
use crate::sender::delivery::{DeliveryOptions, WebhookDelivery, deliver_sealed};
use crate::sender::error::DeliveryError;
use crate::sender::queue::QueueError;
use crate::sender::sealed::SealedEvent;
use crate::sender::store::change::Change;
use crate::sender::store::lease::{Job, Leased};
use crate::sender::store::outcome::Outcome;
use crate::sender::store::parked::PARKED;
use crate::sender::system::{age, ordered_id, random};
use crate::sender::traces;
use crate::sender::transport::Transport;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tracing::{Instrument, Span, error, info, info_span, warn};

/// How long an attempt that cannot be made at all is deferred: a newer version, or an operator, may fix it by then.
const PARKED_FOR: Duration = Duration::from_mins(15);

pub(super) struct Attempts<T> {
    pub transport: T,
    pub shared: Arc<Shared>,
}

/// [`Attempts`] with any transport.
pub(super) trait Attempt: Send + Sync {
    /// Makes the attempt, and records its outcome.
    fn attempt(self: Arc<Self>, leased: Leased) -> BoxFuture<'static, ()>;
}

impl<T: Transport + 'static> Attempt for Attempts<T> {
    fn attempt(self: Arc<Self>, leased: Leased) -> BoxFuture<'static, ()> {
        let number = leased.job.as_ref().map_or(0, |job| job.attempts + 1);
        let span = info_span!("attempt", delivery_id = leased.delivery_id, attempt = number);
        traces::join(&span, leased.job.as_ref().ok().and_then(|job| job.traceparent.as_ref()));
        let mut slot = Slot::occupy(self.shared.clone(), &leased);
        async move {
            let change = match &leased.job {
                Ok(job) => {
                    let making = AssertUnwindSafe(self.make(job, &leased.delivery_id, &mut slot));
                    making.catch_unwind().await.unwrap_or_else(|_| {
                        error!("an attempt panicked; the delivery is parked");
                        self.park(&leased, "the sender failed while making the attempt")
                    })
                }
                Err(error @ QueueError::SecretsLocked { .. }) => {
                    // Another worker may have the key, so it is left as it is, and due.
                    self.shared.warn_of_this_machine(error);
                    slot.ended = Ended::Locally;
                    self.shared.deferral(&leased.delivery_id, Duration::ZERO, None)
                }
                Err(error) => {
                    warn!(%error, "the delivery is parked");
                    self.park(&leased, &error.to_string())
                }
            };
            self.record(change, &leased.subscription_id).await;
            // Not earlier, so that the next attempt in this slot sees what this one says about the endpoint.
            drop(slot);
        }
        .instrument(span)
        .boxed()
    }
}

impl<T: Transport> Attempts<T> {
    fn park(&self, leased: &Leased, reason: &str) -> Change {
        self.shared.note_parked(&leased.subscription_id, &leased.delivery_id, reason);
        self.shared.deferral(&leased.delivery_id, PARKED_FOR, Some(format!("{PARKED}{reason}")))
    }

    async fn make(&self, job: &Job, delivery_id: &str, slot: &mut Slot) -> Change {
        if job.leased_at.elapsed() >= self.shared.options.lease {
            // The process was suspended in between, and another worker may have leased the delivery.
            return self.shared.deferral(delivery_id, Duration::ZERO, None);
        }
        let delivery = self.deliver(job).await;
        if let (None, Some(error @ DeliveryError::Local(_))) = (delivery.status_code, &delivery.error) {
            self.shared.warn_of_this_machine(error);
            slot.ended = Ended::Locally;
            return self.shared.deferral(delivery_id, Duration::ZERO, None);
        }
        if delivery.success && job.attempts == 0 {
            self.shared.metering.receipt(age(delivery_id, job.now_ms()));
        }
        slot.ended = ended(&delivery);
        let jitter = if self.shared.options.jitter { f64::from(random()[0]) / 255.0 } else { 0.0 };
        let is_broken = self.shared.endpoints.is_broken(&job.stored.id);
        Change::Record(Box::new(outcome(job, delivery_id, delivery, jitter, is_broken)))
    }

    async fn deliver(&self, job: &Job) -> WebhookDelivery {
        let sealed =
            SealedEvent { event_id: &job.event_id, event_type: &job.event_type, body: Ok(job.envelope.clone()) };
        // By the database's clock: if this machine's is minutes off, receivers would refuse the signature.
        let now_ms = job.now_ms();
        let traceparent = traces::position(&Span::current()).or_else(|| job.traceparent.clone());
        let traceparent = traceparent.map(|position| ("traceparent".to_owned(), position.to_string()));
        let options = DeliveryOptions {
            attempt: job.attempts + 1,
            extra_headers: traceparent.into_iter().collect(),
            now: Some(now_ms / 1000),
        };
        let attempt_id = ordered_id("att_", now_ms);
        let delivery = deliver_sealed(attempt_id, &job.stored.subscription, &sealed, &self.transport, &options).await;
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
        self.shared.metering.attempt(&delivery, &job.stored.id);
        delivery
    }

    async fn record(&self, change: Change, subscription_id: &str) {
        let written = self.shared.insist(change.clone()).await;
        let Change::Record(outcome) = change else {
            return;
        };
        match written {
            Err(error) => warn!(%error, "not recorded; the attempt will be made again"),
            Ok(None) => {
                self.shared.metering.lease_lost();
                info!("another worker was faster");
            }
            Ok(Some(_)) => self.count(&outcome, subscription_id),
        }
    }

    fn count(&self, outcome: &Outcome, subscription_id: &str) {
        let counters = &self.shared.counters;
        match outcome.delay_ms {
            _ if outcome.success == 1 => {
                self.shared.metering.delivered(subscription_id);
                &counters.delivered
            }
            Some(delay_ms) => {
                self.shared.note_due(subscription_id, Duration::from_millis(delay_ms));
                &counters.retries
            }
            None => {
                let reason = outcome.error.clone().unwrap_or_else(|| format!("answered {:?}", outcome.status_code));
                info!(reason, "abandoned: the delivery is a dead letter");
                self.shared.metering.abandoned(1, subscription_id);
                &counters.dead_letters
            }
        }
        .fetch_add(1, Relaxed);
    }
}
