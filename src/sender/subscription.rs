//! Who wants which events, where, and under which secrets.

use crate::signature::secret;
use crate::{EventType, WebhookEvent};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// For how long a secret that was rotated out still signs, in seconds: 24 hours.
pub const SECRET_OVERLAP_SECONDS: i64 = 24 * 60 * 60;

/// How many secrets may sign at once. More would be of no use to a receiver, and each costs an HMAC a delivery.
pub const MAX_ACTIVE_SECRETS: usize = 5;

/// A signing secret: wiped from memory when dropped, and never shown by `Debug`.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret's text, for signing and for storing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(Zeroizing::new(text.into()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// One of a subscription's secrets, and until when it signs.
#[derive(Clone, Debug)]
pub struct SubscriptionSecret {
    /// The secret.
    pub secret: Secret,
    /// From this second since 1970 on it signs no more; `None` for the current one.
    pub expires_at: Option<i64>,
}

impl SubscriptionSecret {
    fn is_active(&self, now: i64) -> bool {
        self.expires_at.is_none_or(|expires_at| expires_at > now && secret::check(self.secret.expose()).is_ok())
    }
}

/// One endpoint of one customer.
///
/// ```
/// use dealix_webhooks::sender::{WebhookSubscription, matching_subscriptions};
///
/// let mut subscription = WebhookSubscription::new("cus_1", "https://example.com/hook", "whsec_old", 1_700_000_000);
/// subscription.events = vec!["deal.won".into()];
/// assert_eq!(matching_subscriptions(&[subscription.clone()], "deal.won", "cus_1").len(), 1);
///
/// // Both secrets sign for 24 hours, then the new one alone.
/// subscription.rotate_secret("whsec_new", 1_700_000_500)?;
/// assert_eq!(subscription.active_secrets(1_700_000_500).count(), 2);
/// assert_eq!(subscription.active_secrets(1_700_000_500 + 86_400).count(), 1);
/// # Ok::<(), dealix_webhooks::sender::TooManySecrets>(())
/// ```
#[derive(Clone, Debug)]
pub struct WebhookSubscription {
    /// Whose events are sent; compared exactly.
    pub customer_id: String,
    /// Where they are sent.
    pub endpoint_url: String,
    /// The secrets that sign, the current one first.
    pub secrets: Vec<SubscriptionSecret>,
    /// The event types that are sent, compared exactly, without wildcards; empty for all.
    pub events: Vec<EventType>,
    /// Whether anything is sent.
    pub enabled: bool,
    /// In seconds since 1970.
    pub created_at: i64,
}

/// [`MAX_ACTIVE_SECRETS`] secrets sign already: [`WebhookSubscription::rotate_secret`].
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "{MAX_ACTIVE_SECRETS} secrets are active; rotate again when one has expired ({SECRET_OVERLAP_SECONDS} s after it was replaced)"
)]
pub struct TooManySecrets;

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
            created_at,
        }
    }

    /// The secrets that sign at `now` (seconds since 1970), the current one first. One that anyone can guess signs no more
    /// as soon as it is replaced; until then nothing can be signed, and each delivery's record says so.
    pub fn active_secrets(&self, now: i64) -> impl Iterator<Item = &str> {
        self.secrets.iter().filter(move |secret| secret.is_active(now)).map(|secret| secret.secret.expose())
    }

    /// Makes `secret` the current one. Those before it go on signing for [`SECRET_OVERLAP_SECONDS`], so that the
    /// receiver changes over whenever it likes; the expired ones are forgotten.
    ///
    /// # Errors
    /// [`TooManySecrets`], and nothing is changed.
    pub fn rotate_secret(&mut self, secret: impl Into<Secret>, now: i64) -> Result<(), TooManySecrets> {
        if self.active_secrets(now).count() >= MAX_ACTIVE_SECRETS {
            return Err(TooManySecrets);
        }
        self.secrets.retain(|secret| secret.is_active(now));
        for secret in &mut self.secrets {
            secret.expires_at.get_or_insert(now.saturating_add(SECRET_OVERLAP_SECONDS));
        }
        self.secrets.insert(0, SubscriptionSecret { secret: secret.into(), expires_at: None });
        Ok(())
    }

    /// Whether this subscription wants events of this type of this customer.
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

/// The subscriptions that want events of this type of this customer, in their order.
pub fn matching_subscriptions<'s>(
    subscriptions: impl IntoIterator<Item = &'s WebhookSubscription>,
    event_type: &str,
    customer_id: &str,
) -> Vec<&'s WebhookSubscription> {
    subscriptions.into_iter().filter(|subscription| subscription.matches(event_type, customer_id)).collect()
}
