//! Reads and changes subscriptions.

use super::super::dialect::{self, Connection, Row};
use super::rows::subscription_from_row;
use super::store::SqlStore;
use crate::sender::queue::{QueueError, SecretsAtRest, SecretsKeys, StoredSubscription, key_id_of};
use crate::sender::secret::Secret;
use crate::sender::store::change::SubscriptionChange;
use crate::sender::store::database::Subscriptions;
use crate::sender::store::sql::secrets::stored_secrets;
use crate::sender::store::sql::values::to_json;
use async_trait::async_trait;
use sqlx::{Executor as _, Row as _, query};

#[async_trait]
impl Subscriptions for SqlStore {
    async fn change_subscription(&self, wanted: SubscriptionChange) -> Result<u64, QueueError> {
        self.transact_and_tell(async |connection| change(connection, &self.keys, &wanted).await).await
    }

    async fn subscriptions(&self) -> Result<Vec<StoredSubscription>, QueueError> {
        let all = query("SELECT * FROM dealix_subscriptions ORDER BY created_at, id");
        let rows = self.read(async |connection| Ok(all.fetch_all(connection).await?)).await?;
        rows.iter().map(|row| subscription_from_row(row, &self.keys)).collect()
    }

    async fn subscription(&self, id: &str) -> Result<Option<StoredSubscription>, QueueError> {
        let one = query("SELECT * FROM dealix_subscriptions WHERE id = $1").bind(id);
        let row = self.read(async |connection| Ok(one.fetch_optional(connection).await?)).await?;
        row.as_ref().map(|row| subscription_from_row(row, &self.keys)).transpose()
    }

    async fn rotate_secret(&self, id: &str, secret: Secret, now: i64) -> Result<StoredSubscription, QueueError> {
        self.transact_and_tell(async |connection| {
            let row = row_for_update(connection, id).await?;
            let mut stored = subscription_from_row(&row, &self.keys)?;
            if let SecretsAtRest::Locked { key_id } = stored.secrets_at_rest {
                return Err(QueueError::SecretsLocked { subscription_id: stored.id, key_id });
            }
            stored.subscription.rotate_secret(secret, now)?;
            store_secrets(connection, id, &stored_secrets(&self.keys, id, &stored.subscription.secrets)).await?;
            Ok(stored)
        })
        .await
    }

    async fn reseal(&self, id: &str) -> Result<bool, QueueError> {
        self.transact(async |connection| {
            let row = row_for_update(connection, id).await?;
            let text: &str = row.try_get("secrets")?;
            if key_id_of(text).as_deref() == self.keys.current_id() {
                return Ok(false);
            }
            let opened = self.keys.open(id, text)?.unwrap_or_else(|| text.to_owned().into());
            connection.execute(dialect::OVERWRITE).await?;
            store_secrets(connection, id, &self.keys.seal(id, opened)).await?;
            Ok(true)
        })
        .await
    }

    async fn scrub(&self) -> Result<bool, QueueError> {
        self.lines.operators.call(dialect::scrub).await
    }
}

/// The subscription's row, which nobody else may change before this transaction ends.
async fn row_for_update(connection: &mut Connection, id: &str) -> Result<Row, QueueError> {
    let one = query(concat!("SELECT * FROM dealix_subscriptions WHERE id = $1", for_update!())).bind(id);
    one.fetch_optional(connection).await?.ok_or_else(|| QueueError::NoSubscription(id.to_owned()))
}

async fn store_secrets(connection: &mut Connection, id: &str, text: &str) -> Result<(), QueueError> {
    let update = query("UPDATE dealix_subscriptions SET secrets = $2 WHERE id = $1").bind(id).bind(text);
    Ok(update.execute(connection).await.map(drop)?)
}

async fn change(
    connection: &mut Connection,
    keys: &SecretsKeys,
    change: &SubscriptionChange,
) -> Result<u64, QueueError> {
    let done = match change {
        SubscriptionChange::Add(stored) => {
            let subscription = &stored.subscription;
            let events: Vec<_> = subscription.events.iter().map(|event| event.as_str()).collect();
            let secrets = stored_secrets(keys, &stored.id, &subscription.secrets);
            let statement = query(
                "INSERT INTO dealix_subscriptions (id, customer_id, endpoint_url, secrets, events, enabled, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            );
            let statement = statement.bind(&stored.id).bind(&subscription.customer_id).bind(&subscription.endpoint_url);
            let statement =
                statement.bind(secrets.as_str()).bind(to_json(&events)).bind(i64::from(subscription.enabled));
            statement.bind(subscription.created_at).execute(connection).await?
        }
        SubscriptionChange::Enable { id } => {
            let statement = query(
                "UPDATE dealix_subscriptions SET enabled = 1, disabled_reason = NULL, failing_since = NULL, \
                 held_until_ms = 0 WHERE id = $1",
            );
            statement.bind(id).execute(connection).await?
        }
        SubscriptionChange::Disable { id, reason } => {
            let statement = query(
                "UPDATE dealix_subscriptions SET enabled = 0, disabled_reason = $2 WHERE id = $1 AND enabled = 1",
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
