//! Lists and replays deliveries.

use super::queue::Queue;
use crate::sender::queue::{
    DeliveryFilter, DeliveryState, LoggedAttempt, QueueDepth, QueueError, QueuedDelivery, Recovered, ReplayOptions,
};

impl Queue {
    /// The newest deliveries that the filter selects, at most `limit`, the newest first.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{DeliveryFilter, DeliveryState, LoggedAttempt, Queue, QueueError, QueuedDelivery};
    /// # async fn example(queue: Queue) -> Result<(), QueueError> {
    /// let filter = DeliveryFilter { state: Some(DeliveryState::DeadLetter), ..Default::default() };
    /// let deliveries: Vec<QueuedDelivery> = queue.deliveries(&filter, 10).await?;
    /// for delivery in deliveries {
    ///     let log: Vec<LoggedAttempt> = queue.attempts(&delivery.delivery_id).await?;
    ///     println!("{} was abandoned after {} attempts", delivery.delivery_id, log.len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn deliveries(&self, filter: &DeliveryFilter, limit: u32) -> Result<Vec<QueuedDelivery>, QueueError> {
        self.store.deliveries(filter, limit).await
    }

    /// How many deliveries the filter selects.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn count(&self, filter: &DeliveryFilter) -> Result<u64, QueueError> {
        self.store.count(filter).await
    }

    /// One delivery.
    ///
    /// # Errors
    /// [`QueueError::NoDelivery`].
    pub async fn delivery(&self, id: &str) -> Result<QueuedDelivery, QueueError> {
        self.store.delivery(id).await?.ok_or_else(|| QueueError::NoDelivery(id.to_owned()))
    }

    /// The log of one delivery's attempts, in the order in which they were made.
    ///
    /// # Errors
    /// [`QueueError::NoDelivery`].
    pub async fn attempts(&self, delivery_id: &str) -> Result<Vec<LoggedAttempt>, QueueError> {
        self.delivery(delivery_id).await?;
        self.store.attempts(delivery_id).await
    }

    /// Delivers again what was delivered or abandoned, immediately and with a new retry schedule.
    ///
    /// # Errors
    /// [`QueueError::NoDelivery`], [`QueueError::StillPending`], [`QueueError::Disabled`], [`QueueError::Removed`].
    pub async fn replay(&self, delivery_id: &str) -> Result<(), QueueError> {
        let checked = self.check_enabled(&self.delivery(delivery_id).await?.subscription_id).await;
        checked.map_err(|error| match error {
            QueueError::NoSubscription(id) => QueueError::Removed(id),
            error => error,
        })?;
        match self.store.replay(delivery_id).await? {
            0 => Err(QueueError::StillPending(delivery_id.to_owned())),
            _ => Ok(()),
        }
    }

    /// [`Queue::replay`] for every delivery that the filter selects: the dead letters, unless it names a state. Pending ones are
    /// sent now instead of at their next attempt's time, and their retry schedule goes on. Skips disabled subscriptions. Returns
    /// how many deliveries are replayed.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`], [`QueueError::Disabled`] if the filter names a subscription;
    /// [`QueueError::Unreachable`], [`QueueError::Database`]: some may have been replayed by then.
    pub async fn replay_all(&self, filter: &DeliveryFilter, options: ReplayOptions) -> Result<u64, QueueError> {
        if let Some(subscription_id) = &filter.subscription_id {
            self.check_enabled(subscription_id).await?;
        }
        let state = filter.state.or(Some(DeliveryState::DeadLetter));
        self.store.replay_all(&DeliveryFilter { state, ..filter.clone() }, options).await
    }

    /// Makes up for the time in which a subscription was disabled: replays its dead letters since `since` (in seconds since
    /// 1970), and queues the events since that time that were not queued for it.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{Queue, QueueError, Recovered, ReplayOptions, unix_now};
    /// # async fn example(queue: Queue) -> Result<(), QueueError> {
    /// let two_days_ago = unix_now() - 2 * 24 * 60 * 60;
    /// let options = ReplayOptions { per_second: Some(50), ..Default::default() };
    /// let recovered: Recovered = queue.recover("sub_1", two_days_ago, options).await?;
    /// println!("{} dead letters and {} missed events", recovered.replayed, recovered.missed);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`], [`QueueError::Disabled`]; [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn recover(
        &self,
        subscription_id: &str,
        since: i64,
        options: ReplayOptions,
    ) -> Result<Recovered, QueueError> {
        let dead = DeliveryFilter { subscription_id: Some(subscription_id.to_owned()), since, ..Default::default() };
        let replayed = self.replay_all(&dead, options).await?;
        let missed = self.store.deliver_missed(subscription_id, since, replayed, options).await?;
        Ok(Recovered { replayed, missed })
    }

    /// How many deliveries are pending, are due, and are dead letters; and how many events in the outbox can never be sent.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{Queue, QueueDepth, QueueError};
    /// # async fn example(queue: Queue) -> Result<(), QueueError> {
    /// let depth: QueueDepth = queue.depth().await?;
    /// println!("{} pending, {} of them due", depth.pending, depth.due);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn depth(&self) -> Result<QueueDepth, QueueError> {
        self.store.depth().await
    }
}
