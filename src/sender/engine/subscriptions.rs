//! Registers and changes subscriptions.

use super::queue::Queue;
use crate::clock::unix_now;
use crate::sender::headers::check_extra_headers;
use crate::sender::queue::{
    DamagedSubscription, QueueError, Resealed, SecretsAtRest, StoredSubscription, SubscriptionActivity,
    SubscriptionList, SubscriptionUpdate,
};
use crate::sender::secret::Secret;
use crate::sender::store::change::SubscriptionChange;
use crate::sender::subscription::WebhookSubscription;
use crate::sender::system::random;
use crate::signature::secret;
use crate::{ConfigurationError, event};

impl Queue {
    /// Stores a subscription and returns its id. Its secrets and headers are sealed if there is a key for that
    /// ([`QueueOptions::secrets_keys`](crate::sender::QueueOptions::secrets_keys)); otherwise whoever reads the database can sign too, and they also pass through the
    /// buffers of the database driver, which are not wiped.
    ///
    /// # Errors
    /// [`QueueError::Signature`] if no secret is active, or if one is empty or easy to guess; [`QueueError::Header`].
    pub async fn add_subscription(&self, subscription: WebhookSubscription) -> Result<String, QueueError> {
        if subscription.active_secrets(unix_now()).next().is_none() {
            return Err(ConfigurationError::EmptySecret.into());
        }
        subscription.active_secrets(unix_now()).try_for_each(secret::check)?;
        check_extra_headers(&subscription.headers).map_err(QueueError::Header)?;
        let id = event::new_id("sub_", random());
        let stored = StoredSubscription {
            id: id.clone(),
            subscription,
            paused: false,
            disabled_reason: None,
            failing_since: None,
            failed_at: None,
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
    /// # use dealix_webhooks::sender::{Queue, QueueError, SubscriptionList};
    /// # async fn example(queue: Queue) -> Result<(), QueueError> {
    /// let SubscriptionList { readable, damaged, .. } = queue.subscriptions().await?;
    /// for stored in readable.iter().filter(|stored| stored.paused) {
    ///     println!("{} is paused", stored.id);
    /// }
    /// for one in damaged {
    ///     println!("{} cannot be read: {}", one.id, one.reason);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn subscriptions(&self) -> Result<SubscriptionList, QueueError> {
        self.store.subscriptions(None).await
    }

    /// One customer's subscriptions, the oldest first.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn subscriptions_of(&self, customer_id: &str) -> Result<SubscriptionList, QueueError> {
        self.store.subscriptions(Some(customer_id)).await
    }

    /// One subscription.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`].
    pub async fn subscription(&self, id: &str) -> Result<StoredSubscription, QueueError> {
        self.store.subscription(id).await?.ok_or_else(|| QueueError::NoSubscription(id.to_owned()))
    }

    /// Changes a subscription, and returns it as it is then. Workers follow from their next lease on; an attempt that is in
    /// flight still goes to the earlier endpoint.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{Queue, QueueError, SubscriptionUpdate};
    /// # async fn example(queue: Queue) -> Result<(), QueueError> {
    /// let endpoint_url = Some("https://example.com/new".to_owned());
    /// queue.update_subscription("sub_1", SubscriptionUpdate { endpoint_url, ..Default::default() }).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`], [`QueueError::Header`]; [`QueueError::SecretsLocked`] if the headers change.
    pub async fn update_subscription(
        &self,
        id: &str,
        update: SubscriptionUpdate,
    ) -> Result<StoredSubscription, QueueError> {
        check_extra_headers(update.headers.as_deref().unwrap_or_default()).map_err(QueueError::Header)?;
        self.store.update_subscription(id, update).await
    }

    /// Removes a subscription for good. Its deliveries can still be read; workers turn those that are pending into dead
    /// letters, whenever they are due. Returns how many are pending.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`].
    pub async fn remove_subscription(&self, id: &str) -> Result<u64, QueueError> {
        self.store.remove_subscription(id).await
    }

    /// How a subscription's deliveries have fared lately. The answer comes quickly however many there are: only the newest
    /// 500 of its customer's that were delivered, the newest 500 dead letters and 500 pending ones are looked at.
    ///
    /// ```no_run
    /// # use dealix_webhooks::sender::{LastAttempt, Queue, QueueError, RecentAttempts, SubscriptionActivity};
    /// # async fn example(queue: Queue) -> Result<(), QueueError> {
    /// let activity: SubscriptionActivity = queue.subscription_activity("sub_1").await?;
    /// let last_failure: Option<LastAttempt> = activity.last_failure;
    /// let RecentAttempts { attempts, successes, .. } = activity.last_hour;
    /// println!("{} pending; {successes} of {attempts} attempts succeeded; {last_failure:?}", activity.pending);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`].
    pub async fn subscription_activity(&self, id: &str) -> Result<SubscriptionActivity, QueueError> {
        let stored = self.subscription(id).await?;
        self.store.subscription_activity(&stored.subscription.customer_id, id).await
    }

    /// Enables or disables a subscription. While it is disabled, its pending deliveries become dead letters when they are due,
    /// and no events are queued for it; [`Queue::recover`] makes up for both.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`].
    pub async fn enable_subscription(&self, id: &str, enabled: bool) -> Result<(), QueueError> {
        let change = match enabled {
            true => SubscriptionChange::Enable { id: id.to_owned() },
            false => SubscriptionChange::Disable { id: id.to_owned(), reason: "disabled by an operator".to_owned() },
        };
        self.change(id, change).await
    }

    /// Pauses or resumes a subscription. While it is paused, events are still queued for it, nothing is sent, and nothing
    /// becomes a dead letter.
    ///
    /// # Errors
    /// [`QueueError::NoSubscription`].
    pub async fn pause_subscription(&self, id: &str, paused: bool) -> Result<(), QueueError> {
        self.change(id, SubscriptionChange::Pause { id: id.to_owned(), paused }).await
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

    /// Seals the secrets and headers of every subscription with the current key of [`QueueOptions::secrets_keys`](crate::sender::QueueOptions::secrets_keys): those in clear, and those
    /// that are sealed with another of the keys. It may be interrupted and repeated, and workers need not stop: each
    /// subscription is changed in its own transaction. One that is damaged stays as it is.
    ///
    /// What was in clear may still be in backups, and PostgreSQL's in its write-ahead log; only a new secret makes it worthless.
    /// SQLite's file is rewritten, which needs as much free space again; nobody can write to it meanwhile.
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
    /// [`QueueError::NoSecretsKey`]; [`QueueError::Unreachable`], [`QueueError::Database`].
    pub async fn reseal_secrets(&self) -> Result<Resealed, QueueError> {
        if self.options.secrets_keys.is_empty() {
            return Err(QueueError::NoSecretsKey);
        }
        let SubscriptionList { readable, damaged } = self.subscriptions().await?;
        // The secrets may be all right, and something else damaged.
        let ids = readable.into_iter().map(|stored| stored.id).chain(damaged.into_iter().map(|damaged| damaged.id));
        let mut done = Resealed::default();
        for id in ids {
            match self.store.reseal(&id).await {
                Ok(true) => done.resealed += 1,
                Ok(false) => done.unchanged += 1,
                Err(QueueError::SecretsLocked { .. }) => done.locked += 1,
                Err(QueueError::Damaged(reason)) => {
                    done.damaged.push(DamagedSubscription { id, reason: reason.to_string() });
                }
                // Removed in the meantime.
                Err(QueueError::NoSubscription(_)) => {}
                Err(error) => return Err(error),
            }
        }
        done.scrubbed = self.store.scrub().await?;
        Ok(done)
    }

    async fn change(&self, id: &str, change: SubscriptionChange) -> Result<(), QueueError> {
        match self.store.change_subscription(change).await? {
            0 => Err(QueueError::NoSubscription(id.to_owned())),
            _ => Ok(()),
        }
    }

    pub(super) async fn check_enabled(&self, subscription_id: &str) -> Result<(), QueueError> {
        match self.subscription(subscription_id).await?.subscription.enabled {
            true => Ok(()),
            false => Err(QueueError::Disabled(subscription_id.to_owned())),
        }
    }
}
