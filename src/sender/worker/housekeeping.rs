//! What a worker does besides its attempts: it finds out what is due, empties the outbox, renews leases and prunes.

use super::metering::Call;
use super::shared::Shared;
use crate::sender::queue::{Alarm, QueueError};
use crate::sender::store::lease::Surveyed;
use crate::sender::store::news::News;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, sleep, timeout};
use tracing::{Level, info, warn};

/// How often to look for changes that no news has told of.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// A survey, or a measurement, is followed by a rest of 20 times as long: it takes up at most a twentieth of the time.
const REST: u32 = 20;
/// The longest of these rests. It may have taken long because the database was away, and what matters then is to look again soon.
/// A measurement counts rows, which takes seconds if there are millions.
const MOST_SURVEY_REST: Duration = Duration::from_secs(10);
const MOST_MEASURE_REST: Duration = Duration::from_mins(1);
const MEASURE_INTERVAL: Duration = Duration::from_secs(10);
const ALARM_INTERVAL: Duration = Duration::from_secs(10);
/// How long to rest after pruning, unless what is finished is kept for less.
const PRUNE_INTERVAL: Duration = Duration::from_secs(3600);
const MIN_PRUNE_INTERVAL: Duration = Duration::from_secs(1);

pub(super) struct Housekeeping {
    shared: Arc<Shared>,
    max_envelope_bytes: usize,
    /// Notified when it is time for a survey.
    look: Notify,
    /// Notified when it is time to look into the outbox.
    look_into_outbox: Notify,
}

impl Housekeeping {
    pub(super) fn new(shared: Arc<Shared>, max_envelope_bytes: usize) -> Self {
        Self { shared, max_envelope_bytes, look: Notify::new(), look_into_outbox: Notify::new() }
    }

    pub(super) async fn run(&self) -> Infallible {
        tokio::select! {
            never = self.hear_news() => never,
            never = self.survey() => never,
            never = self.relay() => never,
            never = self.renew_leases() => never,
            never = self.measure() => never,
            never = self.prune() => never,
            never = self.raise_alarms() => never,
        }
    }

    async fn hear_news(&self) -> Infallible {
        let mut news = self.shared.store.news();
        loop {
            match news.next().await {
                News::Due(subscription_id) => self.shared.endpoints.note_due(&subscription_id, Instant::now()),
                #[cfg(feature = "postgres")]
                News::Outbox => self.look_into_outbox.notify_one(),
                News::Anything => {
                    self.look.notify_one();
                    self.look_into_outbox.notify_one();
                }
            }
        }
    }

    async fn survey(&self) -> Infallible {
        loop {
            let started = Instant::now();
            let surveyed = self.shared.store.survey().await;
            // After a failure, the next survey follows soon.
            let rest = if surveyed.is_ok() { rest_after(started, MOST_SURVEY_REST) } else { Duration::ZERO };
            match surveyed {
                Ok(pending) => {
                    self.note_all(pending).await;
                    self.shared.health.surveyed(rest.max(LOOK_INTERVAL));
                }
                Err(error) => {
                    self.shared.metering.database_error(Call::Survey);
                    warn!(%error, "the pending deliveries cannot be read");
                }
            }
            sleep(rest).await;
            let _ = timeout(LOOK_INTERVAL.saturating_sub(rest), self.look.notified()).await;
        }
    }

    async fn note_all(&self, pending: Vec<Surveyed>) {
        let enabled = pending.iter().filter(|surveyed| surveyed.disabled.is_none());
        let first_due_in_ms = enabled.map(|surveyed| surveyed.due_in_ms).min().unwrap_or(0);
        self.shared.metering.overdue(Duration::from_millis(first_due_in_ms.min(0).unsigned_abs()));
        for Surveyed { subscription_id, due_in_ms, disabled } in pending {
            match disabled {
                None => {
                    self.shared.note_due(&subscription_id, Duration::from_millis(due_in_ms.try_into().unwrap_or(0)))
                }
                Some(reason) if due_in_ms <= 0 => self.abandon(&subscription_id, &reason).await,
                Some(_) => {}
            }
        }
    }

    /// Abandons a portion of what is due for a disabled subscription. The next survey, which follows soon, finds the rest; in
    /// the meantime the other subscriptions get their turn.
    async fn abandon(&self, subscription_id: &str, reason: &str) {
        match self.shared.store.abandon(subscription_id, reason).await {
            Ok(0) => {}
            Ok(abandoned) => {
                info!(abandoned, subscription_id, reason, "abandoned: the deliveries are dead letters");
                self.shared.counters.dead_letters.fetch_add(abandoned, Relaxed);
                self.shared.metering.abandoned(abandoned, subscription_id);
                self.look.notify_one();
            }
            Err(error) => {
                self.shared.metering.database_error(Call::Abandon);
                warn!(%error, subscription_id, "its due deliveries cannot be abandoned");
            }
        }
    }

    async fn relay(&self) -> Infallible {
        loop {
            while let Err(error) = self.relay_all().await {
                self.shared.metering.database_error(Call::Outbox);
                warn!(%error, "the outbox cannot be read");
                sleep(LOOK_INTERVAL).await;
            }
            let _ = timeout(LOOK_INTERVAL, self.look_into_outbox.notified()).await;
        }
    }

    async fn relay_all(&self) -> Result<(), QueueError> {
        while self.shared.store.has_outbox().await? {
            if self.shared.store.relay(self.max_envelope_bytes).await? == 0 {
                // Another worker is taking them.
                return Ok(());
            }
        }
        Ok(())
    }

    async fn renew_leases(&self) -> Infallible {
        let lease = self.shared.options.lease;
        loop {
            sleep(lease / 3).await;
            let in_flight = self.shared.in_flight.deliveries();
            if in_flight.is_empty() {
                continue;
            }
            if let Err(error) = self.shared.store.renew(&self.shared.name, &in_flight, lease).await {
                self.shared.metering.database_error(Call::Renew);
                warn!(%error, "the leases of the attempts in flight cannot be renewed");
            }
        }
    }

    async fn measure(&self) -> Infallible {
        loop {
            let started = Instant::now();
            self.shared.endpoints.tidy();
            self.shared.metering.endpoints(&self.shared.endpoints.standings());
            if tracing::enabled!(Level::INFO) || self.shared.metering.is_on() {
                self.report_depth().await;
            }
            sleep(MEASURE_INTERVAL.max(rest_after(started, MOST_MEASURE_REST))).await;
        }
    }

    async fn report_depth(&self) {
        match self.shared.store.depth().await {
            Ok(depth) => {
                info!(
                    gauge.dealix_queue_pending = depth.pending,
                    gauge.dealix_queue_due = depth.due,
                    gauge.dealix_queue_dead_letters = depth.dead_letters,
                    gauge.dealix_queue_refused = depth.refused,
                    "queue depth"
                );
                self.shared.metering.depth(depth);
            }
            Err(error) => self.cannot_measure(&error),
        }
        if self.shared.metering.is_on() {
            match self.shared.store.age().await {
                Ok(age) => self.shared.metering.oldest(age),
                Err(error) => self.cannot_measure(&error),
            }
        }
    }

    async fn raise_alarms(&self) -> Infallible {
        loop {
            let is_done = self.raise_alarms_once().await;
            sleep(if is_done { ALARM_INTERVAL } else { LOOK_INTERVAL }).await;
        }
    }

    /// This writes whatever there is to tell, and so notices a database that can be read but not written to.
    async fn raise_alarms_once(&self) -> bool {
        let parked = self.shared.take_parked();
        let raised = self.shared.store.raise_alarms(self.shared.options.alarms, &parked).await;
        match &raised {
            Ok(alarms) => {
                self.shared.health.wrote();
                alarms.iter().for_each(log_alarm);
            }
            Err(error) => {
                // One that is gone cannot be read either.
                if matches!(error, QueueError::Database(_)) {
                    self.shared.health.cannot_write();
                }
                warn!(%error, "alarms cannot be raised");
                self.shared.keep_parked(parked);
            }
        }
        raised.is_ok()
    }

    fn cannot_measure(&self, error: &QueueError) {
        self.shared.metering.database_error(Call::Depth);
        warn!(%error, "the queue's depth cannot be read");
    }

    async fn prune(&self) -> Infallible {
        loop {
            self.prune_once().await;
            sleep(self.shared.options.keep_finished.clamp(MIN_PRUNE_INTERVAL, PRUNE_INTERVAL)).await;
        }
    }

    async fn prune_once(&self) {
        if let Err(error) = self.shared.store.prune(self.shared.options.keep_finished).await {
            self.shared.metering.database_error(Call::Prune);
            warn!(%error, "finished deliveries cannot be pruned");
        }
    }

    /// What a worker that ends by itself must not leave to the next one, which may be started a day later.
    pub(super) async fn finish(&self) {
        self.prune_once().await;
        self.raise_alarms_once().await;
    }
}

fn rest_after(started: Instant, most: Duration) -> Duration {
    (started.elapsed() * REST).min(most)
}

fn log_alarm(alarm: &Alarm) {
    let data = serde_json::to_string(alarm).unwrap_or_default();
    match alarm.is_over() {
        true => info!(event_type = alarm.event_type(), data, "an alarm is over"),
        false => warn!(event_type = alarm.event_type(), data, "alarm"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn counting_millions_of_rows_takes_a_twentieth_of_the_time() {
        let started = Instant::now();
        advance(Duration::from_secs(2)).await;
        assert_eq!(rest_after(started, MOST_MEASURE_REST), Duration::from_secs(40));
        advance(Duration::from_secs(20)).await;
        assert_eq!(rest_after(started, MOST_MEASURE_REST), Duration::from_mins(1));
        assert_eq!(rest_after(started, MOST_SURVEY_REST), Duration::from_secs(10));
    }
}
