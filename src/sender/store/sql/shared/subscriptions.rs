//! Reads and changes subscriptions.

use super::super::dialect::Connection;
use super::rows::subscription_from_row;
use super::store::SqlStore;
use crate::sender::queue::QueueError;
use crate::sender::queue::StoredSubscription;
use crate::sender::store::change::SubscriptionChange;
use crate::sender::store::database::Subscriptions;
use crate::sender::store::sql::secrets::secrets_to_json;
use crate::sender::store::sql::values::to_json;
use async_trait::async_trait;
use sqlx::query;

#[async_trait]
impl Subscriptions for SqlStore {
    async fn change_subscription(&self, wanted: SubscriptionChange) -> Result<u64, QueueError> {
        self.transact_and_tell(async |connection| change(connection, &wanted).await).await
    }

    async fn subscriptions(&self) -> Result<Vec<StoredSubscription>, QueueError> {
        let all = query("SELECT * FROM dealix_subscriptions ORDER BY created_at, id");
        let rows = self.read(async |connection| Ok(all.fetch_all(connection).await?)).await?;
        rows.iter().map(subscription_from_row).collect()
    }

    async fn subscription(&self, id: &str) -> Result<Option<StoredSubscription>, QueueError> {
        let one = query("SELECT * FROM dealix_subscriptions WHERE id = $1").bind(id);
        let row = self.read(async |connection| Ok(one.fetch_optional(connection).await?)).await?;
        row.as_ref().map(subscription_from_row).transpose()
    }
}

async fn change(connection: &mut Connection, change: &SubscriptionChange) -> Result<u64, QueueError> {
    let done = match change {
        SubscriptionChange::Add(stored) => {
            let subscription = &stored.subscription;
            let events: Vec<_> = subscription.events.iter().map(|event| event.as_str()).collect();
            let secrets = secrets_to_json(&subscription.secrets);
            let statement = query(
                "INSERT INTO dealix_subscriptions (id, customer_id, endpoint_url, secrets, events, enabled, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            );
            let statement = statement.bind(&stored.id).bind(&subscription.customer_id).bind(&subscription.endpoint_url);
            let statement =
                statement.bind(secrets.as_str()).bind(to_json(&events)).bind(i64::from(subscription.enabled));
            statement.bind(subscription.created_at).execute(connection).await?
        }
        SubscriptionChange::SetSecrets { id, expected, secrets } => {
            let statement = query("UPDATE dealix_subscriptions SET secrets = $3 WHERE id = $1 AND secrets = $2");
            let (expected, secrets) = (secrets_to_json(expected), secrets_to_json(secrets));
            statement.bind(id).bind(expected.as_str()).bind(secrets.as_str()).execute(connection).await?
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
