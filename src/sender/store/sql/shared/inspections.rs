//! Whether all is well with the database.

use super::super::dialect::{self, Connection};
use super::rows::small;
use super::store::SqlStore;
use crate::sender::queue::{DatabaseStatus, QueueActivity, QueueError, QueuePrivileges};
use crate::sender::store::database::Inspections;
use crate::sender::store::parked::PARKED;
use crate::sender::store::sql::values::integer;
use async_trait::async_trait;
use sqlx::{Row as _, query, query_scalar};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[async_trait]
impl Inspections for SqlStore {
    async fn status(&self) -> Result<DatabaseStatus, QueueError> {
        self.read(async |connection| {
            // The first time, the statement is prepared, which is a round trip of its own.
            measure_clock(connection).await?;
            let (round_trip, ahead_ms) = measure_clock(connection).await?;
            let version = query_scalar("SELECT max(version) FROM dealix_schema");
            let schema_version = version.fetch_one(&mut *connection).await?;
            let journal_mode = query_scalar(dialect::JOURNAL_MODE).fetch_one(connection).await?;
            Ok(DatabaseStatus { round_trip, ahead_ms, schema_version, journal_mode })
        })
        .await
    }

    /// In a transaction for writing, which a file that cannot be written to refuses.
    async fn privileges(&self) -> Result<QueuePrivileges, QueueError> {
        self.transact(async |connection| {
            let missing = query_scalar(dialect::MISSING_PRIVILEGES).fetch_all(&mut *connection).await?;
            let may_enqueue_in_sql = query_scalar(dialect::MAY_ENQUEUE_IN_SQL).fetch_one(connection).await?;
            Ok(QueuePrivileges { missing, may_enqueue_in_sql })
        })
        .await
    }

    async fn activity(&self) -> Result<QueueActivity, QueueError> {
        #[rustfmt::skip]
        const ACTIVITY: &str = concat!(
            "SELECT count(*) FILTER (WHERE leased_until_ms > ", now_ms!(), "), count(*) FILTER (WHERE error LIKE $1), ",
            now_ms!(), " - min(due_ms) FILTER (WHERE leased_until_ms <= ", now_ms!(), " AND due_ms <= ", now_ms!(),
            " AND subscription_id IN (SELECT s.id FROM dealix_subscriptions s WHERE s.enabled = 1 AND s.paused = 0 \
               AND s.held_until_ms <= ", now_ms!(), ")), ",
            now_ms!(), " - 1000 * (SELECT created_at FROM dealix_outbox WHERE error IS NULL ORDER BY seq LIMIT 1), ",
            now_ms!(), " - 1000 * (SELECT max(at) FROM (SELECT max(failed_at) AS at FROM dealix_subscriptions UNION ALL \
               SELECT max(finished_at) FROM (SELECT finished_at FROM dealix_deliveries WHERE state = 'delivered' \
               ORDER BY id DESC LIMIT 500) AS newest) AS recorded) FROM ",
            pending_by_subscription!()
        );
        let activity = async |connection: &mut Connection| {
            Ok(query(ACTIVITY).bind(format!("{PARKED}%")).fetch_one(connection).await?)
        };
        let row = self.read(activity).await?;
        let age = |ms: Option<i64>| ms.map(|ms| Duration::from_millis(ms.try_into().unwrap_or(0)));
        Ok(QueueActivity {
            leased: small(row.try_get(0)?)?,
            parked: small(row.try_get(1)?)?,
            oldest_due: age(row.try_get(2)?),
            oldest_in_outbox: age(row.try_get(3)?),
            last_attempt: age(row.try_get(4)?),
        })
    }
}

/// How long a statement takes, and how far the database's clock was ahead in the middle of that.
async fn measure_clock(connection: &mut Connection) -> Result<(Duration, i64), QueueError> {
    let (began_at, began) = (SystemTime::now(), Instant::now());
    let now_ms: i64 = query_scalar(concat!("SELECT ", now_ms!())).fetch_one(connection).await?;
    let round_trip = began.elapsed();
    let middle = began_at.duration_since(UNIX_EPOCH).unwrap_or_default() + round_trip / 2;
    Ok((round_trip, now_ms - integer(middle.as_millis())))
}
