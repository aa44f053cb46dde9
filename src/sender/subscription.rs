//! Who wants which events, where to send them, and which secrets sign them.

use super::error::TooManySecretsError;
use super::secret::{MAX_ACTIVE_SECRETS, SECRET_OVERLAP_SECONDS, Secret, SubscriptionSecret};
use crate::{EventType, WebhookEvent};
use std::num::NonZeroU32;

/// One endpoint of one customer.
///
/// ```
/// use dealix_webhooks::sender::{WebhookSubscription, matching_subscriptions};
///
/// let mut subscription = WebhookSubscription::new("cus_1", "https://example.com/hook", "whsec_old", 1_700_000_000);
/// subscription.events = vec!["deal.won".into()];
/// assert_eq!(matching_subscriptions(&[subscription.clone()], "deal.won", "cus_1").len(), 1);
///
/// // Both secrets sign for 24 hours, then only the new one.
/// subscription.rotate_secret("whsec_new", 1_700_000_500)?;
/// assert_eq!(subscription.active_secrets(1_700_000_500).count(), 2);
/// assert_eq!(subscription.active_secrets(1_700_000_500 + 86_400).count(), 1);
/// # Ok::<(), dealix_webhooks::sender::TooManySecretsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct WebhookSubscription {
    /// The customer whose events are sent; compared exactly.
    pub customer_id: String,
    /// Where they are sent.
    pub endpoint_url: String,
    /// The secrets, the current one first.
    pub secrets: Vec<SubscriptionSecret>,
    /// The event types to send, compared exactly, without wildcards; empty for all.
    pub events: Vec<EventType>,
    /// Whether anything is sent.
    pub enabled: bool,
    /// Headers to send in addition, such as the credentials that an endpoint asks for; `Debug` shows only their names. As with
    /// [`DeliveryOptions::extra_headers`](super::DeliveryOptions::extra_headers), the sender's own cannot be replaced.
    pub headers: Vec<(String, Secret)>,
    /// What an operator should know about it; never sent.
    pub note: Option<String>,
    /// How many attempts a second a worker of the queue makes at most. Several workers make that many each.
    pub max_per_second: Option<NonZeroU32>,
    /// When it was created, in seconds since 1970.
    pub created_at: i64,
}

impl WebhookSubscription {
    /// An enabled subscription to all events, with one secret. `created_at` is in seconds since 1970.
    pub fn new(
        customer_id: impl Into<String>,
        endpoint_url: impl Into<String>,
        secret: impl Into<Secret>,
        created_at: i64,
    ) -> Self {
        Self {
            customer_id: customer_id.into(),
            endpoint_url: endpoint_url.into(),
            secrets: vec![SubscriptionSecret { secret: secret.into(), expires_at: None }],
            events: Vec::new(),
            enabled: true,
            headers: Vec::new(),
            note: None,
            max_per_second: None,
            created_at,
        }
    }

    /// The secrets that sign at `now` (seconds since 1970), the current one first. A secret that anyone can guess stops
    /// signing as soon as it is replaced; while it is the current one, nothing can be signed and every attempt fails with
    /// [`DeliveryError::Signature`](super::DeliveryError::Signature).
    pub fn active_secrets(&self, now: i64) -> impl Iterator<Item = &str> {
        self.secrets.iter().filter(move |secret| secret.is_active(now)).map(|secret| secret.secret.expose())
    }

    /// Makes `secret` the current one. The earlier ones keep signing for [`SECRET_OVERLAP_SECONDS`], so that the receiver
    /// can switch at any time in between; expired ones are dropped.
    ///
    /// # Errors
    /// [`TooManySecretsError`]; nothing has changed then.
    pub fn rotate_secret(&mut self, secret: impl Into<Secret>, now: i64) -> Result<(), TooManySecretsError> {
        if self.active_secrets(now).count() >= MAX_ACTIVE_SECRETS {
            return Err(TooManySecretsError);
        }
        self.secrets.retain(|secret| secret.is_active(now));
        for secret in &mut self.secrets {
            secret.expires_at.get_or_insert(now.saturating_add(SECRET_OVERLAP_SECONDS));
        }
        self.secrets.insert(0, SubscriptionSecret { secret: secret.into(), expires_at: None });
        Ok(())
    }

    /// Whether this subscription wants this customer's events of this type.
    pub fn matches(&self, event_type: &str, customer_id: &str) -> bool {
        self.enabled
            && self.customer_id == customer_id
            && (self.events.is_empty() || self.events.iter().any(|wanted| wanted.as_str() == event_type))
    }

    /// Whether this subscription wants this event.
    pub fn wants(&self, event: &WebhookEvent) -> bool {
        self.matches(event.event_type.as_str(), &event.customer_id)
    }
}

/// The subscriptions that want this customer's events of this type, in their original order.
pub fn matching_subscriptions<'s>(
    subscriptions: impl IntoIterator<Item = &'s WebhookSubscription>,
    event_type: &str,
    customer_id: &str,
) -> Vec<&'s WebhookSubscription> {
    subscriptions.into_iter().filter(|subscription| subscription.matches(event_type, customer_id)).collect()
}
