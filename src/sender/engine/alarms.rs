//! Tells operators what they should know.

use super::queue::Queue;
use crate::sender::queue::{Alarm, AlarmOptions, QueueError};

impl Queue {
    /// Raises the alarms that are due, and enqueues their events for the subscriptions of the customer
    /// [`OPERATOR`](crate::sender::OPERATOR). Workers do this every ten seconds; each alarm is raised once, whoever is first.
    /// [`Alarm::Parked`] is raised only by the worker that has parked the delivery.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{OPERATOR, Queue, QueueError, WebhookSubscription, unix_now};
    /// # async fn example(queue: Queue, secret: String) -> Result<(), QueueError> {
    /// let ours = WebhookSubscription::new(OPERATOR, "https://ops.example.com/alarms", secret, unix_now());
    /// queue.add_subscription(ours).await?;
    /// for alarm in queue.raise_alarms(Default::default()).await? {
    ///     println!("{}: {alarm:?}", alarm.event_type());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn raise_alarms(&self, options: AlarmOptions) -> Result<Vec<Alarm>, QueueError> {
        self.store.raise_alarms(options, &Default::default()).await
    }
}
