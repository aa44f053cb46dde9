//! Reads and changes subscriptions.

use super::super::dialect::{self, Connection, Row};
use super::line::within;
use super::rows::{subscription_from_row, subscriptions_from_rows};
use super::settings::{apply, insert, store_settings};
use super::store::SqlStore;
use crate::sender::queue::{
    QueueError, SecretsAtRest, SecretsKeys, StoredSubscription, SubscriptionList, SubscriptionUpdate, key_id_of,
};
use crate::sender::secret::Secret;
use crate::sender::store::change::SubscriptionChange;
use crate::sender::store::database::Subscriptions;
use crate::sender::store::sql::secrets::{NO_HEADERS, read_secrets, stored_headers, stored_secrets};
use async_trait::async_trait;
use sqlx::{Executor as _, Row as _, query, query_scalar};

#[async_trait]
impl Subscriptions for SqlStore {
    async fn change_subscription(&self, wanted: SubscriptionChange) -> Result<u64, QueueError> {
        self.transact_and_tell(async |connection| change(connection, &self.keys, &wanted).await).await
    }

    async fn subscriptions(&self, customer_id: Option<&str>) -> Result<SubscriptionList, QueueError> {
        let listed = match customer_id {
            None => query("SELECT * FROM dealix_subscriptions ORDER BY created_at, id"),
            Some(customer_id) => {
                query("SELECT * FROM dealix_subscriptions WHERE customer_id = $1 ORDER BY created_at, id")
                    .bind(customer_id)
            }
        };
        let rows = self.read(async |connection| Ok(listed.fetch_all(connection).await?)).await?;
        subscriptions_from_rows(&rows, &self.keys)
    }

    async fn subscription(&self, id: &str) -> Result<Option<StoredSubscription>, QueueError> {
        let one = query("SELECT * FROM dealix_subscriptions WHERE id = $1").bind(id);
        let row = self.read(async |connection| Ok(one.fetch_optional(connection).await?)).await?;
        row.as_ref().map(|row| subscription_from_row(row, &self.keys)).transpose()
    }

    async fn update_subscription(
        &self,
        id: &str,
        update: SubscriptionUpdate,
    ) -> Result<StoredSubscription, QueueError> {
        self.transact_and_tell(async |connection| {
            let mut stored = subscription_from_row(&row_for_update(connection, id).await?, &self.keys)?;
            let headers_change = update.headers.is_some();
            if headers_change {
                check_unlocked(&stored)?;
            }
            apply(update, &mut stored.subscription);
            store_settings(connection, id, &stored.subscription).await?;
            if headers_change {
                self.store_secrets(connection, &stored).await?;
            }
            // As it is stored.
            subscription_from_row(&row_for_update(connection, id).await?, &self.keys)
        })
        .await
    }

    async fn remove_subscription(&self, id: &str) -> Result<u64, QueueError> {
        const PENDING: &str = concat!("SELECT count(*) FROM ", pending_by_subscription!(), " AND subscription_id = $1");
        self.transact_and_tell(async |connection| {
            row_for_update(connection, id).await?;
            let pending: i64 = query_scalar(PENDING).bind(id).fetch_one(&mut *connection).await?;
            connection.execute(dialect::OVERWRITE).await?;
            query("DELETE FROM dealix_subscriptions WHERE id = $1").bind(id).execute(connection).await?;
            Ok(pending.unsigned_abs())
        })
        .await
    }

    async fn rotate_secret(&self, id: &str, secret: Secret, now: i64) -> Result<StoredSubscription, QueueError> {
        self.transact_and_tell(async |connection| {
            let row = row_for_update(connection, id).await?;
            let mut stored = subscription_from_row(&row, &self.keys)?;
            check_unlocked(&stored)?;
            stored.subscription.rotate_secret(secret, now)?;
            self.store_secrets(connection, &stored).await?;
            Ok(stored)
        })
        .await
    }

    async fn reseal(&self, id: &str) -> Result<bool, QueueError> {
        self.transact(async |connection| {
            let row = row_for_update(connection, id).await?;
            let (secrets, headers): (&str, &str) = (row.try_get("secrets")?, row.try_get("headers")?);
            // Sealing what is damaged would leave nothing to mend.
            read_secrets(&self.keys, id, secrets, headers)?;
            let is_current = |text: &str| key_id_of(text).as_deref() == self.keys.current_id();
            if is_current(secrets) && (headers == NO_HEADERS || is_current(headers)) {
                return Ok(false);
            }
            let resealed = |text: &str| {
                let opened = self.keys.open(id, text)?.unwrap_or_else(|| text.to_owned().into());
                Ok::<_, QueueError>(self.keys.seal(id, opened))
            };
            let secrets = resealed(secrets)?;
            let headers = if headers == NO_HEADERS { headers.to_owned().into() } else { resealed(headers)? };
            connection.execute(dialect::OVERWRITE).await?;
            store_texts(connection, id, &secrets, &headers).await?;
            Ok(true)
        })
        .await
    }

    async fn scrub(&self) -> Result<bool, QueueError> {
        let scrub =
            async |connection: &mut Connection| within(dialect::SCRUB_TIMEOUT, dialect::scrub(connection)).await;
        self.lines.operators.call_in_steps(scrub).await
    }
}

impl SqlStore {
    /// Both texts, so that they are sealed with the same key.
    async fn store_secrets(&self, connection: &mut Connection, stored: &StoredSubscription) -> Result<(), QueueError> {
        let StoredSubscription { id, subscription, .. } = stored;
        let secrets = stored_secrets(&self.keys, id, &subscription.secrets);
        store_texts(connection, id, &secrets, &stored_headers(&self.keys, id, &subscription.headers)).await
    }
}

/// Fails if the secrets are not there to be written again.
fn check_unlocked(stored: &StoredSubscription) -> Result<(), QueueError> {
    match &stored.secrets_at_rest {
        SecretsAtRest::Locked { key_id } => {
            Err(QueueError::SecretsLocked { subscription_id: stored.id.clone(), key_id: key_id.clone() })
        }
        _ => Ok(()),
    }
}

/// The subscription's row, which nobody else may change before this transaction ends.
async fn row_for_update(connection: &mut Connection, id: &str) -> Result<Row, QueueError> {
    let one = query(concat!("SELECT * FROM dealix_subscriptions WHERE id = $1", for_update!())).bind(id);
    one.fetch_optional(connection).await?.ok_or_else(|| QueueError::NoSubscription(id.to_owned()))
}

async fn store_texts(connection: &mut Connection, id: &str, secrets: &str, headers: &str) -> Result<(), QueueError> {
    let update = query("UPDATE dealix_subscriptions SET secrets = $2, headers = $3 WHERE id = $1").bind(id);
    Ok(update.bind(secrets).bind(headers).execute(connection).await.map(drop)?)
}

async fn change(
    connection: &mut Connection,
    keys: &SecretsKeys,
    change: &SubscriptionChange,
) -> Result<u64, QueueError> {
    let done = match change {
        SubscriptionChange::Add(stored) => insert(connection, keys, stored).await?,
        SubscriptionChange::Enable { id } => {
            let statement = query(
                "UPDATE dealix_subscriptions SET enabled = 1, disabled_reason = NULL, failing_since = NULL, \
                 held_until_ms = 0 WHERE id = $1",
            );
            statement.bind(id).execute(connection).await?
        }
        SubscriptionChange::Disable { id, reason } => {
            let statement = query(
                "UPDATE dealix_subscriptions SET enabled = 0, \
                 disabled_reason = CASE enabled WHEN 0 THEN disabled_reason ELSE $2 END WHERE id = $1",
            );
            statement.bind(id).bind(reason).execute(connection).await?
        }
        SubscriptionChange::Pause { id, paused } => {
            let statement = query("UPDATE dealix_subscriptions SET paused = $2 WHERE id = $1");
            statement.bind(id).bind(i64::from(*paused)).execute(connection).await?
        }
    };
    Ok(done.rows_affected())
}
