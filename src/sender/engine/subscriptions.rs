//! Registers and changes subscriptions.

use super::queue::Queue;
use crate::clock::unix_now;
use crate::sender::queue::{QueueError, Resealed, SecretsAtRest, StoredSubscription};
use crate::sender::secret::Secret;
use crate::sender::store::change::SubscriptionChange;
use crate::sender::subscription::WebhookSubscription;
use crate::sender::system::random;
use crate::signature::secret;
use crate::{ConfigurationError, event};

impl Queue {
    /// Stores a subscription and returns its id. Its secrets are sealed if there is a key for that
    /// ([`QueueOptions::secrets_keys`](crate::sender::QueueOptions::secrets_keys)); otherwise whoever reads the database can sign too, and they also pass through the
    /// buffers of the database driver, which are not wiped.
    ///
    /// # Errors
    /// [`QueueError::Signature`] if no secret is active, or if one is empty or easy to guess.
    pub async fn add_subscription(&self, subscription: WebhookSubscription) -> Result<String, QueueError> {
        if subscription.active_secrets(unix_now()).next().is_none() {
            return Err(ConfigurationError::EmptySecret.into());
        }
        subscription.active_secrets(unix_now()).try_for_each(secret::check)?;
        let id = event::new_id("sub_", random());
        let stored = StoredSubscription {
            id: id.clone(),
            subscription,
            paused: false,
            disabled_reason: None,
            failing_since: None,
            held_until: None,
            // The store decides.
            secrets_at_rest: SecretsAtRest::Clear,
        };
        self.store.change_subscription(SubscriptionChange::Add(Box::new(stored))).await?;
        Ok(id)
    }

    /// All subscriptions, the oldest first.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{Queue, QueueError, StoredSubscription};
    /// # async fn example(queue: Queue) -> Result<(), QueueError> {
    /// let subscriptions: Vec<StoredSubscription> = queue.subscriptions().await?;
    /// for stored in subscriptions.iter().filter(|stored| stored.paused) {
    ///     println!("{} is paused", stored.id);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn subscriptions(&self) -> Result<Vec<StoredSubscription>, QueueError> {
        self.store.subscriptions().await
    }

    /// One subscription.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`].
    pub async fn subscription(&self, id: &str) -> Result<StoredSubscription, QueueError> {
        self.store.subscription(id).await?.ok_or_else(|| QueueError::NoSubscription(id.to_owned()))
    }

    /// Enables or disables a subscription. While it is disabled, its pending deliveries become dead letters when they are due,
    /// and no events are queued for it; [`Queue::recover`] makes up for both.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`].
    pub async fn enable_subscription(&self, id: &str, enabled: bool) -> Result<(), QueueError> {
        self.subscription(id).await?;
        let id = id.to_owned();
        let change = match enabled {
            true => SubscriptionChange::Enable { id },
            false => SubscriptionChange::Disable { id, reason: "disabled by an operator".to_owned() },
        };
        self.store.change_subscription(change).await.map(drop)
    }

    /// Pauses or resumes a subscription. While it is paused, events are still queued for it, nothing is sent, and nothing
    /// becomes a dead letter.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`].
    pub async fn pause_subscription(&self, id: &str, paused: bool) -> Result<(), QueueError> {
        match self.store.change_subscription(SubscriptionChange::Pause { id: id.to_owned(), paused }).await? {
            0 => Err(QueueError::NoSubscription(id.to_owned())),
            _ => Ok(()),
        }
    }

    /// [`WebhookSubscription::rotate_secret`] for a stored subscription. Returns the subscription with its new secret.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`], [`QueueError::TooManySecrets`]; [`QueueError::Signature`] if the secret is empty or
    /// easy to guess; [`QueueError::SecretsLocked`].
    pub async fn rotate_secret(&self, id: &str, secret: impl Into<Secret>) -> Result<StoredSubscription, QueueError> {
        let secret = secret.into();
        secret::check(secret.expose())?;
        self.store.rotate_secret(id, secret, unix_now()).await
    }

    /// Seals the secrets of every subscription with the current key of [`QueueOptions::secrets_keys`](crate::sender::QueueOptions::secrets_keys): those in clear, and those
    /// that are sealed with another of the keys. It may be interrupted and repeated, and workers need not stop: each
    /// subscription is changed in its own transaction.
    ///
    /// What was in clear may still be in backups, and PostgreSQL's in its write-ahead log; only a new secret makes it worthless.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{Queue, QueueError, QueueOptions, Resealed, SecretsKeys};
    /// # async fn example(secrets_keys: SecretsKeys) -> Result<(), QueueError> {
    /// let options = QueueOptions { secrets_keys, ..Default::default() };
    /// let resealed: Resealed = Queue::open_with("sqlite://queue.db", options).await?.reseal_secrets().await?;
    /// assert_eq!(resealed.locked, 0, "another key is needed too");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`QueueError::NoSecretsKey`]; [`QueueError::Unreachable`], [`QueueError::Database`], [`QueueError::Damaged`].
    pub async fn reseal_secrets(&self) -> Result<Resealed, QueueError> {
        if self.options.secrets_keys.is_empty() {
            return Err(QueueError::NoSecretsKey);
        }
        let mut done = Resealed::default();
        for StoredSubscription { id, .. } in self.subscriptions().await? {
            match self.store.reseal(&id).await {
                Ok(true) => done.resealed += 1,
                Ok(false) => done.unchanged += 1,
                Err(QueueError::SecretsLocked { .. }) => done.locked += 1,
                // Removed in the meantime.
                Err(QueueError::NoSubscription(_)) => {}
                Err(error) => return Err(error),
            }
        }
        done.scrubbed = self.store.scrub().await?;
        Ok(done)
    }

    pub(super) async fn check_enabled(&self, subscription_id: &str) -> Result<(), QueueError> {
        match self.subscription(subscription_id).await?.subscription.enabled {
            true => Ok(()),
            false => Err(QueueError::Disabled(subscription_id.to_owned())),
        }
    }
}
