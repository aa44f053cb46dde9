//! Leases what is due for endpoints that have free slots, and starts the attempts.

use super::attempt::Attempt;
use super::backoff::Backoff;
use super::endpoints::Vacancy;
use super::metering::Call;
use super::shared::Shared;
use crate::sender::queue::QueueError;
use crate::sender::store::lease::{LeaseRequest, Leased, Wanted};
use futures_util::future::join_all;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::time::{Duration, Instant, sleep, sleep_until};
use tracing::warn;

/// How soon to try again if the bodies in flight may be what keeps others waiting.
const SCARCE_INTERVAL: Duration = Duration::from_millis(50);

pub(super) struct Leasing {
    pub attempts: Arc<dyn Attempt>,
    pub shared: Arc<Shared>,
}

impl Leasing {
    /// Returns when the worker is told to stop.
    pub(super) async fn run(&self) {
        let mut backoff = Backoff::default();
        while !self.shared.is_stopping.load(Relaxed) {
            let wanted = match self.shared.endpoints.vacancies() {
                Ok(vacancies) => self.wanted(vacancies),
                Err(next) => {
                    tokio::select! {
                        () = self.shared.endpoints.changed() => {}
                        () = sleep_until(next) => {}
                        () = self.shared.stop.notified() => {}
                    }
                    continue;
                }
            };
            match self.lease(&wanted).await {
                Ok(leased) => {
                    backoff = Backoff::default();
                    self.shared.health.leased();
                    self.start(&wanted, leased).await;
                }
                Err(error) => {
                    let delay = backoff.next();
                    self.shared.health.cannot_lease();
                    self.shared.metering.database_error(Call::Lease);
                    warn!(%error, ?delay, "the database fails; asking again for what is due");
                    // The next request also returns what was leased in a response that was lost.
                    self.note_due(&wanted, Instant::now() + delay);
                    sleep(delay).await;
                }
            }
        }
    }

    /// As with slots, a quarter of the bytes is reserved for endpoints that have been seen to work.
    fn wanted(&self, vacancies: Vec<Vacancy>) -> Vec<Wanted> {
        let limit = self.shared.options.max_bytes_in_flight;
        let left = limit.saturating_sub(self.shared.bytes_in_flight());
        let left_unproven = (limit - limit / 4).saturating_sub(self.shared.bytes_in_flight_unproven()).min(left);
        let wanted = vacancies.into_iter().map(|Vacancy { subscription_id, slots, is_proven }| Wanted {
            in_flight: self.shared.in_flight.deliveries_to(&subscription_id),
            subscription_id: subscription_id.to_string(),
            slots,
            bytes: if is_proven { left } else { left_unproven },
        });
        wanted.collect()
    }

    async fn lease(&self, wanted: &[Wanted]) -> Result<Vec<Leased>, QueueError> {
        let options = &self.shared.options;
        let is_first = self.shared.bytes_in_flight() <= options.max_bytes_in_flight / 2;
        self.shared
            .store
            .lease(LeaseRequest { worker: &self.shared.name, wanted, is_first, lease: options.lease })
            .await
    }

    async fn start(&self, wanted: &[Wanted], leased: Vec<Leased>) {
        if self.shared.is_stopping.load(Relaxed) {
            return self.release(leased.into_iter().map(|leased| leased.delivery_id)).await;
        }
        let mut started: HashMap<String, usize> = HashMap::new();
        for leased in leased {
            *started.entry(leased.subscription_id.clone()).or_default() += 1;
            // In its own task, it runs on any core, and finishes even if the worker is dropped.
            tokio::spawn(self.attempts.clone().attempt(leased));
        }
        let now = Instant::now();
        // Then an endpoint's own bodies may be what keeps the rest of its deliveries waiting.
        let are_bytes_scarce = self.shared.bytes_in_flight() > self.shared.options.max_bytes_in_flight / 2;
        for Wanted { subscription_id, slots, .. } in wanted {
            let started = started.get(subscription_id).copied().unwrap_or_default();
            // Of an endpoint with a rate, the database leases fewer than there are slots.
            if started == *slots || (started > 0 && self.shared.endpoints.has_pace(subscription_id)) {
                self.shared.endpoints.note_due(subscription_id, now);
            } else if are_bytes_scarce {
                self.shared.endpoints.note_due(subscription_id, now + SCARCE_INTERVAL);
            }
        }
    }

    fn note_due(&self, wanted: &[Wanted], at: Instant) {
        wanted.iter().for_each(|wanted| self.shared.endpoints.note_due(&wanted.subscription_id, at));
    }

    /// Ends the leases of these deliveries, so that other workers need not wait for that.
    pub(super) async fn release(&self, delivery_ids: impl IntoIterator<Item = String>) {
        let releasing = delivery_ids.into_iter().map(|delivery_id| {
            let change = self.shared.deferral(&delivery_id, Duration::ZERO, None);
            async move {
                if let Err(error) = self.shared.store.write(change).await {
                    warn!(%error, delivery_id, "other workers must wait until its lease ends");
                }
            }
        });
        join_all(releasing).await;
    }
}
