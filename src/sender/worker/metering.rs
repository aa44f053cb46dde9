//! What a worker reports to the `metrics` facade. `docs/sender.md` explains each metric.

use super::endpoints::Standing;
use crate::sender::delivery::WebhookDelivery;
use crate::sender::error::DeliveryError;
use crate::sender::queue::{QueueDepth, WorkMetrics};
use metrics::{Label, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use std::time::Duration;

/// How an attempt can end: the values of the label `outcome`.
const OUTCOMES: [&str; 10] = [
    "delivered",
    "answered_3xx",
    "answered_4xx",
    "answered_5xx",
    "answered_other",
    "timed_out",
    "no_response",
    "refused",
    "local",
    "unsendable",
];

/// What a worker asks of the database: the label `call`.
#[derive(Clone, Copy)]
pub(super) enum Call {
    Survey,
    Lease,
    Record,
    Renew,
    Outbox,
    Abandon,
    Depth,
    Prune,
}

impl Call {
    const ALL: [Self; 8] =
        [Self::Survey, Self::Lease, Self::Record, Self::Renew, Self::Outbox, Self::Abandon, Self::Depth, Self::Prune];

    fn name(self) -> &'static str {
        match self {
            Self::Survey => "survey",
            Self::Lease => "lease",
            Self::Record => "record",
            Self::Renew => "renew",
            Self::Outbox => "outbox",
            Self::Abandon => "abandon",
            Self::Depth => "depth",
            Self::Prune => "prune",
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Metering(WorkMetrics);

impl Metering {
    /// Counters start at 0, so that their first increase can be seen.
    pub(super) fn start(metrics: WorkMetrics) -> Self {
        if metrics != WorkMetrics::Off {
            describe();
            Call::ALL
                .iter()
                .for_each(|call| counter!("dealix_database_errors_total", "call" => call.name()).increment(0));
            counter!("dealix_leases_lost_total").increment(0);
            gauge!("dealix_attempts_in_flight").set(0.0);
        }
        if metrics == WorkMetrics::On {
            OUTCOMES.iter().for_each(|outcome| counter!("dealix_attempts_total", "outcome" => *outcome).increment(0));
            ["delivered", "dead_letter"]
                .iter()
                .for_each(|state| counter!("dealix_deliveries_finished_total", "state" => *state).increment(0));
        }
        Self(metrics)
    }

    pub(super) fn is_on(self) -> bool {
        self.0 != WorkMetrics::Off
    }

    pub(super) fn attempt(self, delivery: &WebhookDelivery, subscription_id: &str) {
        if self.is_on() {
            let outcome = outcome_of(delivery);
            counter!("dealix_attempts_total", self.labels("outcome", outcome, subscription_id)).increment(1);
            if !matches!(outcome, "refused" | "local" | "unsendable") {
                histogram!("dealix_attempt_seconds").record(Duration::from_millis(delivery.duration_ms));
            }
        }
    }

    /// A first attempt was delivered, this long after its event was queued.
    pub(super) fn receipt(self, after: Duration) {
        if self.is_on() {
            histogram!("dealix_receipt_seconds").record(after);
        }
    }

    /// Deliveries were delivered or abandoned.
    pub(super) fn finished(self, state: &'static str, count: u64, subscription_id: &str) {
        if self.is_on() {
            counter!("dealix_deliveries_finished_total", self.labels("state", state, subscription_id)).increment(count);
        }
    }

    pub(super) fn database_error(self, call: Call) {
        if self.is_on() {
            counter!("dealix_database_errors_total", "call" => call.name()).increment(1);
        }
    }

    pub(super) fn lease_lost(self) {
        if self.is_on() {
            counter!("dealix_leases_lost_total").increment(1);
        }
    }

    pub(super) fn in_flight(self, change: f64) {
        if self.is_on() {
            gauge!("dealix_attempts_in_flight").increment(change);
        }
    }

    /// How long something has been due.
    pub(super) fn overdue(self, overdue: Duration) {
        if self.is_on() {
            gauge!("dealix_queue_oldest_due_seconds").set(overdue.as_secs_f64());
        }
    }

    pub(super) fn depth(self, depth: QueueDepth, oldest: Duration) {
        if self.is_on() {
            gauge!("dealix_queue_pending").set(depth.pending as f64);
            gauge!("dealix_queue_due").set(depth.due as f64);
            gauge!("dealix_queue_dead_letters").set(depth.dead_letters as f64);
            gauge!("dealix_queue_refused").set(depth.refused as f64);
            gauge!("dealix_queue_oldest_pending_seconds").set(oldest.as_secs_f64());
        }
    }

    pub(super) fn endpoints(self, standings: &[Standing]) {
        if self.is_on() {
            let mut counts = [0_u32; Standing::NAMES.len()];
            standings.iter().for_each(|standing| counts[*standing as usize] += 1);
            for (state, count) in Standing::NAMES.iter().zip(counts) {
                gauge!("dealix_endpoints", "state" => *state).set(count);
            }
        }
    }

    fn labels(self, name: &'static str, value: &'static str, subscription_id: &str) -> Vec<Label> {
        let mut labels = vec![Label::from_static_parts(name, value)];
        if self.0 == WorkMetrics::BySubscription {
            labels.push(Label::new("subscription", subscription_id.to_owned()));
        }
        labels
    }
}

fn outcome_of(delivery: &WebhookDelivery) -> &'static str {
    match (delivery.status_code, &delivery.error) {
        _ if delivery.success => "delivered",
        (Some(300..=399), _) => "answered_3xx",
        (Some(400..=499), _) => "answered_4xx",
        (Some(500..=599), _) => "answered_5xx",
        (Some(_), _) => "answered_other",
        (None, Some(DeliveryError::TimedOut(_))) => "timed_out",
        (None, Some(DeliveryError::Transport(_)) | None) => "no_response",
        (None, Some(DeliveryError::Endpoint(_))) => "refused",
        (None, Some(DeliveryError::Local(_))) => "local",
        (None, Some(_)) => "unsendable",
    }
}

fn describe() {
    describe_counter!("dealix_attempts_total", "Attempts that ended, by outcome");
    describe_histogram!("dealix_attempt_seconds", "How long the attempts took that were sent");
    describe_histogram!("dealix_receipt_seconds", "From queuing an event to its delivery by the first attempt");
    describe_counter!("dealix_deliveries_finished_total", "Deliveries that were delivered or became dead letters");
    describe_gauge!("dealix_queue_pending", "Deliveries that are waiting for an attempt");
    describe_gauge!("dealix_queue_due", "Pending deliveries whose attempt is due");
    describe_gauge!("dealix_queue_dead_letters", "Dead letters that are kept");
    describe_gauge!("dealix_queue_refused", "Events in the outbox that can never be sent");
    describe_gauge!("dealix_queue_oldest_pending_seconds", "How long ago the oldest pending delivery was queued");
    describe_gauge!("dealix_queue_oldest_due_seconds", "For how long the delivery that waits longest has been due");
    describe_gauge!("dealix_endpoints", "Endpoints that this worker knows of, by their state");
    describe_gauge!("dealix_attempts_in_flight", "Attempts that this worker has started and not yet recorded");
    describe_counter!("dealix_database_errors_total", "Calls of this worker to the database that failed");
    describe_counter!("dealix_leases_lost_total", "Attempts that another worker had recorded already");
}
