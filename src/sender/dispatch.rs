//! One event to everyone who wants it, at once and without a memory: the queue is what remembers.

use super::delivery::{DeliveryOptions, WebhookDelivery, deliver_sealed};
use super::sealed::SealedEvent;
use super::subscription::{WebhookSubscription, matching_subscriptions};
use super::transport::Transport;
use crate::{EventType, WebhookEvent};
use futures_util::{StreamExt, stream};

/// How many of one event's deliveries are in flight at once.
const CONCURRENT_DELIVERIES: usize = 16;

/// What [`dispatch`] did.
#[derive(Clone, Debug)]
pub struct DispatchSummary {
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: EventType,
    /// Whose event it is.
    pub customer_id: String,
    /// How many subscriptions want the event.
    pub matched: usize,
    /// How many deliveries were answered with a 2xx.
    pub delivered: usize,
    /// How many were not.
    pub failed: usize,
    /// One record for each matching subscription, in the subscriptions' order.
    pub deliveries: Vec<WebhookDelivery>,
}

/// Delivers one event, once, to every subscription that wants it; started in their order, several at a time. The
/// failure of one, a panic in the transport included, touches no other.
pub async fn dispatch(
    subscriptions: &[WebhookSubscription],
    event: &WebhookEvent,
    transport: &impl Transport,
    options: &DeliveryOptions,
) -> DispatchSummary {
    let matched = matching_subscriptions(subscriptions, event.event_type.as_str(), &event.customer_id);
    let sealed = SealedEvent::from(event);
    let sending = matched.iter().enumerate().map(async |(position, subscription)| {
        (position, deliver_sealed(subscription, &sealed, transport, options).await)
    });
    // Collected, since a closure that lives across an await is not `Send` for every lifetime.
    let sending: Vec<_> = sending.collect();
    // In the order in which they end: a slow receiver takes up one place, not those of all who come after it.
    let mut ended: Vec<_> = stream::iter(sending).buffer_unordered(CONCURRENT_DELIVERIES).collect().await;
    ended.sort_unstable_by_key(|(position, _)| *position);
    let deliveries: Vec<_> = ended.into_iter().map(|(_, delivery)| delivery).collect();
    let delivered = deliveries.iter().filter(|delivery| delivery.success).count();
    DispatchSummary {
        event_id: event.event_id.clone(),
        event_type: event.event_type.clone(),
        customer_id: event.customer_id.clone(),
        matched: matched.len(),
        delivered,
        failed: matched.len() - delivered,
        deliveries,
    }
}
