use super::attempt_outcome::AttemptOutcome;
use super::call::Call;
use super::describe::describe;
use crate::sender::delivery::WebhookDelivery;
use crate::sender::queue::{DeliveryState, QueueDepth, WorkMetrics};
use crate::sender::worker::endpoints::Standing;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use std::time::Duration;

/// What every attempt reports goes through handles, because looking up a metric by its name takes a microsecond. If nothing is to be
/// reported, they do nothing.
pub(in crate::sender::worker) struct Metering {
    metrics: WorkMetrics,
    attempts: [Counter; AttemptOutcome::NAMES.len()],
    delivered: Counter,
    dead_letters: Counter,
    attempt_seconds: Histogram,
    receipt_seconds: Histogram,
    in_flight: Gauge,
}

impl Metering {
    /// Counters start at 0, so that their first increase can be seen.
    pub(in crate::sender::worker) fn start(metrics: WorkMetrics) -> Self {
        let mut metering = Self {
            metrics,
            attempts: std::array::from_fn(|_| Counter::noop()),
            delivered: Counter::noop(),
            dead_letters: Counter::noop(),
            attempt_seconds: Histogram::noop(),
            receipt_seconds: Histogram::noop(),
            in_flight: Gauge::noop(),
        };
        if !metering.is_on() {
            return metering;
        }
        describe();
        Call::NAMES.iter().for_each(|call| counter!("dealix_database_errors_total", "call" => *call).increment(0));
        counter!("dealix_leases_lost_total").increment(0);
        counter!("dealix_attempts_parked_total").increment(0);
        metering.attempt_seconds = histogram!("dealix_attempt_seconds");
        metering.receipt_seconds = histogram!("dealix_receipt_seconds");
        metering.in_flight = gauge!("dealix_attempts_in_flight");
        if metrics == WorkMetrics::On {
            metering.attempts =
                AttemptOutcome::NAMES.map(|outcome| counter!("dealix_attempts_total", "outcome" => outcome));
            metering.delivered = counter!("dealix_deliveries_finished_total", "state" => "delivered");
            metering.dead_letters = counter!("dealix_deliveries_finished_total", "state" => "dead_letter");
        }
        metering
    }

    pub(in crate::sender::worker) fn is_on(&self) -> bool {
        self.metrics != WorkMetrics::Off
    }

    pub(in crate::sender::worker) fn attempt(&self, delivery: &WebhookDelivery, subscription_id: &str) {
        let outcome = AttemptOutcome::of(delivery);
        self.attempts[outcome as usize].increment(1);
        if outcome.is_sent() {
            self.attempt_seconds.record(Duration::from_millis(delivery.duration_ms));
        }
        if self.metrics == WorkMetrics::BySubscription {
            let (outcome, subscription) = (AttemptOutcome::NAMES[outcome as usize], subscription_id.to_owned());
            counter!("dealix_attempts_total", "outcome" => outcome, "subscription" => subscription).increment(1);
        }
    }

    /// A first attempt was delivered, this long after its event was queued.
    pub(in crate::sender::worker) fn receipt(&self, after: Duration) {
        self.receipt_seconds.record(after);
    }

    pub(in crate::sender::worker) fn delivered(&self, subscription_id: &str) {
        self.delivered.increment(1);
        self.finished(DeliveryState::Delivered, 1, subscription_id);
    }

    pub(in crate::sender::worker) fn abandoned(&self, deliveries: u64, subscription_id: &str) {
        self.dead_letters.increment(deliveries);
        self.finished(DeliveryState::DeadLetter, deliveries, subscription_id);
    }

    fn finished(&self, state: DeliveryState, deliveries: u64, subscription_id: &str) {
        if self.metrics == WorkMetrics::BySubscription {
            let (state, subscription) = (state.as_str(), subscription_id.to_owned());
            counter!("dealix_deliveries_finished_total", "state" => state, "subscription" => subscription)
                .increment(deliveries);
        }
    }

    /// An attempt starts (1), or has ended (-1).
    pub(in crate::sender::worker) fn in_flight(&self, change: f64) {
        self.in_flight.increment(change);
    }

    pub(in crate::sender::worker) fn database_error(&self, call: Call) {
        if self.is_on() {
            counter!("dealix_database_errors_total", "call" => Call::NAMES[call as usize]).increment(1);
        }
    }

    pub(in crate::sender::worker) fn lease_lost(&self) {
        if self.is_on() {
            counter!("dealix_leases_lost_total").increment(1);
        }
    }

    /// An attempt could not be made, and its delivery waits.
    pub(in crate::sender::worker) fn parked(&self) {
        if self.is_on() {
            counter!("dealix_attempts_parked_total").increment(1);
        }
    }

    /// For how long something has been due.
    pub(in crate::sender::worker) fn overdue(&self, overdue: Duration) {
        if self.is_on() {
            gauge!("dealix_queue_oldest_due_seconds").set(overdue.as_secs_f64());
        }
    }

    pub(in crate::sender::worker) fn depth(&self, depth: QueueDepth) {
        if self.is_on() {
            gauge!("dealix_queue_pending").set(depth.pending as f64);
            gauge!("dealix_queue_due").set(depth.due as f64);
            gauge!("dealix_queue_dead_letters").set(depth.dead_letters as f64);
            gauge!("dealix_queue_refused").set(depth.refused as f64);
        }
    }

    /// How long ago the oldest pending delivery was queued.
    pub(in crate::sender::worker) fn oldest(&self, age: Duration) {
        if self.is_on() {
            gauge!("dealix_queue_oldest_pending_seconds").set(age.as_secs_f64());
        }
    }

    pub(in crate::sender::worker) fn endpoints(&self, standings: &[Standing]) {
        if self.is_on() {
            let mut counts = [0_u32; Standing::NAMES.len()];
            standings.iter().for_each(|standing| counts[*standing as usize] += 1);
            for (state, count) in Standing::NAMES.iter().zip(counts) {
                gauge!("dealix_endpoints", "state" => *state).set(count);
            }
        }
    }
}
