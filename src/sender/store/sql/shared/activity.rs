//! How a subscription's deliveries have fared lately.

use super::super::dialect::{Connection, Row};
use super::rows::small;
use crate::sender::queue::{LastAttempt, QueueError, RecentAttempts, SubscriptionActivity};
use crate::sender::store::sql::values::to_json;
use sqlx::{Row as _, query};

/// How many deliveries in each state to look at: the answer must come at once, however many there are.
const MOST_LOOKED_AT: usize = 500;
const HOUR: i64 = 3600;

/// The newest `$3` of a customer's deliveries that ended in a state.
macro_rules! newest {
    ($state:literal) => {
        concat!(
            "SELECT * FROM (SELECT id, subscription_id, state, attempts FROM dealix_deliveries WHERE customer_id = $1 AND state = ",
            $state,
            " ORDER BY id DESC LIMIT $3) AS newest"
        )
    };
}

pub(super) async fn activity(
    connection: &mut Connection,
    customer_id: &str,
    subscription_id: &str,
) -> Result<SubscriptionActivity, QueueError> {
    let mut activity = backlog(connection, subscription_id).await?;
    // Those of the pending ones that were attempted wait for a retry, so they are due last.
    #[rustfmt::skip]
    const NEWEST: &str = concat!(
        newest!("'delivered'"), " UNION ALL ", newest!("'dead_letter'"),
        " UNION ALL SELECT * FROM (SELECT id, subscription_id, state, attempts FROM ", pending_by_subscription!(),
        " AND subscription_id = $2 ORDER BY due_ms DESC, id DESC LIMIT $3) AS waiting"
    );
    let newest = query(NEWEST).bind(customer_id).bind(subscription_id).bind(MOST_LOOKED_AT as i64);
    let rows = newest.fetch_all(&mut *connection).await?;
    let mut ids: Vec<&str> = Vec::new();
    let mut in_state = [0; 3];
    for row in &rows {
        in_state[match row.try_get("state")? {
            "delivered" => 0,
            "dead_letter" => 1,
            _ => 2,
        }] += 1;
        if row.try_get::<&str, _>("subscription_id")? == subscription_id && row.try_get::<i64, _>("attempts")? > 0 {
            ids.push(row.try_get("id")?);
        }
    }
    activity.is_partial = in_state.contains(&MOST_LOOKED_AT);
    look_at_attempts(connection, &ids, &mut activity).await?;
    Ok(activity)
}

async fn backlog(connection: &mut Connection, subscription_id: &str) -> Result<SubscriptionActivity, QueueError> {
    #[rustfmt::skip]
    const BACKLOG: &str = concat!(
        "SELECT pending, due, (SELECT created_at FROM dealix_deliveries WHERE id = oldest) AS oldest_at FROM \
         (SELECT count(*) AS pending, count(*) FILTER (WHERE due_ms <= ", now_ms!(), ") AS due, min(id) AS oldest FROM ",
        pending_by_subscription!(), " AND subscription_id = $1) AS backlog"
    );
    let row = query(BACKLOG).bind(subscription_id).fetch_one(connection).await?;
    Ok(SubscriptionActivity {
        pending: small(row.try_get("pending")?)?,
        due: small(row.try_get("due")?)?,
        oldest_pending_at: row.try_get("oldest_at")?,
        ..Default::default()
    })
}

async fn look_at_attempts(
    connection: &mut Connection,
    delivery_ids: &[&str],
    activity: &mut SubscriptionActivity,
) -> Result<(), QueueError> {
    #[rustfmt::skip]
    const ATTEMPTS: &str = concat!(
        "SELECT delivery_id, timestamp, status_code, success, error, duration_ms, ", now_ms!(), " / 1000 AS now \
         FROM dealix_attempts WHERE delivery_id IN (", texts!("$1"), ")"
    );
    let rows = query(ATTEMPTS).bind(to_json(delivery_ids)).fetch_all(connection).await?;
    let (mut durations, mut successes) = (Vec::new(), 0);
    for row in &rows {
        let attempt = attempt_from_row(row)?;
        let is_success = row.try_get::<i64, _>("success")? != 0;
        if attempt.timestamp >= row.try_get::<i64, _>("now")? - HOUR {
            durations.push(small(row.try_get("duration_ms")?)?);
            successes += u64::from(is_success);
        }
        let last = if is_success { &mut activity.last_success } else { &mut activity.last_failure };
        if last.as_ref().is_none_or(|last| last.timestamp < attempt.timestamp) {
            *last = Some(attempt);
        }
    }
    activity.last_hour = RecentAttempts::of(durations, successes);
    Ok(())
}

fn attempt_from_row(row: &Row) -> Result<LastAttempt, QueueError> {
    Ok(LastAttempt {
        delivery_id: row.try_get("delivery_id")?,
        timestamp: row.try_get("timestamp")?,
        status_code: row.try_get::<Option<i64>, _>("status_code")?.map(small).transpose()?,
        error: row.try_get("error")?,
    })
}
