//! Sends one event to everyone who wants it, once. Nothing is stored: that is what the queue is for.

use super::delivery::{DeliveryOptions, WebhookDelivery, deliver_sealed, random_attempt_id};
use super::sealed::SealedEvent;
use super::subscription::{WebhookSubscription, matching_subscriptions};
use super::transport::Transport;
use crate::{EventType, WebhookEvent};
use futures_util::{StreamExt, stream};

/// How many attempts for one event are in flight at once.
const CONCURRENT_DELIVERIES: usize = 16;

/// What [`dispatch`] did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DispatchSummary {
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: EventType,
    /// The customer whose event it is.
    pub customer_id: String,
    /// How many subscriptions want the event.
    pub matched: usize,
    /// How many attempts got a 2xx response.
    pub delivered: usize,
    /// How many did not.
    pub failed: usize,
    /// One record per matching subscription, in the order of the subscriptions.
    pub deliveries: Vec<WebhookDelivery>,
}

/// Sends one event, once, to every subscription that wants it, several at a time and started in their order. If one fails,
/// even by a panic in the transport, the others are not affected. The module's documentation has an example.
pub async fn dispatch(
    subscriptions: &[WebhookSubscription],
    event: &WebhookEvent,
    transport: &impl Transport,
    options: &DeliveryOptions,
) -> DispatchSummary {
    let matched = matching_subscriptions(subscriptions, event.event_type.as_str(), &event.customer_id);
    let sealed = SealedEvent::from(event);
    let sending = matched.iter().enumerate().map(async |(position, subscription)| {
        (position, deliver_sealed(random_attempt_id(), subscription, &sealed, transport, options).await)
    });
    // Collected because a closure that lives across an await is not `Send` for every lifetime.
    let sending: Vec<_> = sending.collect();
    // Unordered, so that a slow receiver takes up one slot and does not hold up those after it.
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
