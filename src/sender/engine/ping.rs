use super::queue::Queue;
use crate::sender::delivery::{DeliveryOptions, WebhookDelivery, deliver_once};
use crate::sender::queue::{QueueError, SecretsAtRest};
use crate::sender::store::new_event::PING;
use crate::sender::system::make_event;
use crate::sender::transport::Transport;
use serde_json::json;
use serde_json::value::to_raw_value;

impl Queue {
    /// Makes one attempt to deliver an event of the type `dealix.ping` to a subscription, signed with its secrets and with its
    /// headers, even if the subscription is paused, disabled or wants other events. Nothing of it is queued or recorded. No
    /// event of that type can be enqueued, so a receiver may pass over it.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{HttpOptions, HttpTransport, Queue};
    /// # async fn example(queue: Queue) -> Result<(), Box<dyn std::error::Error>> {
    /// let delivery = queue.ping("sub_1", &HttpTransport::new(HttpOptions::default())?).await?;
    /// println!("{:?} after {} ms: {:?}", delivery.status_code, delivery.duration_ms, delivery.phases);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`], [`QueueError::SecretsLocked`]. What goes wrong with the attempt is in its record.
    pub async fn ping(&self, id: &str, transport: &impl Transport) -> Result<WebhookDelivery, QueueError> {
        let stored = self.subscription(id).await?;
        if let SecretsAtRest::Locked { key_id } = stored.secrets_at_rest {
            return Err(QueueError::SecretsLocked { subscription_id: stored.id, key_id });
        }
        let data = to_raw_value(&json!({ "subscription_id": id })).expect("text has a JSON form");
        let event = make_event(PING, stored.subscription.customer_id.as_str(), data);
        Ok(deliver_once(&stored.subscription, &event, transport, &DeliveryOptions::default()).await)
    }
}
