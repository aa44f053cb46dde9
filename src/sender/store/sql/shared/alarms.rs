//! Raises alarms: compares what is with what operators have been told. The difference is recorded in the same transaction as
//! the events that tell it, so each change is told exactly once, whichever worker looks first and whatever fails in between.

use super::super::dialect::{Connection, Row};
use super::group::{enqueue, tell_due};
use super::rows::small;
use super::store::SqlStore;
use crate::sender::queue::{Alarm, AlarmOptions, AlarmedEndpoint, DeadLettersOf, OPERATOR, OverdueOf, QueueError};
use crate::sender::store::database::{Alarms, Leases as _};
use crate::sender::store::lease::Surveyed;
use crate::sender::store::new_event::NewEvent;
use crate::sender::store::parked::{Parked, ParkedOf};
use crate::sender::store::sql::values::{integer, to_json};
use crate::sender::system::make_event;
use async_trait::async_trait;
use serde_json::value::to_raw_value;
use sqlx::{Row as _, query, query_as, query_scalar};
use std::collections::HashMap;
use std::time::Duration;

/// How many endpoints an alarm names.
const MOST_NAMED: usize = 20;
/// How many endpoints are told of at once, so that an outage of all does not keep the database from everything else.
const PORTION: i64 = 1000;
/// How often dead letters are told, in seconds.
const DEAD_LETTERS_INTERVAL: i64 = 60;
/// How often an endpoint's parked deliveries are told, in seconds.
const PARKED_INTERVAL: i64 = 24 * 3600;
/// Deliveries that were overdue have caught up when none is overdue by more than this. It is much less than what raises the
/// alarm, so that a queue near that limit, or workers with different limits, do not tell the same again and again.
const CAUGHT_UP: Duration = Duration::from_mins(1);
/// A transaction that began before this many seconds has ended, so no dead letter from before then is still to come. The
/// longest statement may take 20 s.
const SETTLED_AFTER: i64 = 30;

#[async_trait]
impl Alarms for SqlStore {
    async fn raise_alarms(&self, options: AlarmOptions, parked: &ParkedOf) -> Result<Vec<Alarm>, QueueError> {
        let surveyed = self.survey().await?;
        let mut due = Vec::new();
        let raise = async |connection: &mut Connection| {
            let now =
                query_scalar::<_, i64>(concat!("SELECT ", now_ms!(), " / 1000")).fetch_one(&mut *connection).await?;
            let mut alarms = begun(connection, now, options).await?;
            alarms.extend(ended(connection).await?);
            alarms.extend(parked_anew(connection, now, parked).await?);
            alarms.extend(dead_letters(connection, now - SETTLED_AFTER).await?);
            alarms.extend(overdue(connection, now, options, &surveyed).await?);
            let events: Vec<_> = alarms.iter().map(event_of).collect::<Result<_, _>>()?;
            enqueue(connection, &events, &mut due).await?;
            Ok(alarms)
        };
        let alarms = self.transact_on(&self.lines.tasks, raise).await?;
        tell_due(&self.news, due);
        Ok(alarms)
    }
}

fn event_of(alarm: &Alarm) -> Result<NewEvent, QueueError> {
    let data = to_raw_value(alarm).map_err(|error| QueueError::damaged(error.to_string()))?;
    NewEvent::of((&make_event(alarm.event_type(), OPERATOR, data)).into(), usize::MAX)
}

/// Endpoints that were disabled, and those that fail. One failure, after which nothing was tried, is not enough for that.
async fn begun(connection: &mut Connection, now: i64, options: AlarmOptions) -> Result<Vec<Alarm>, QueueError> {
    const RAISE: &str = "INSERT INTO dealix_alarms (kind, subject, since) SELECT kind, id, since FROM \
         (SELECT CASE enabled WHEN 0 THEN 'disabled' ELSE 'failing' END AS kind, id, \
            CASE enabled WHEN 0 THEN $1 ELSE failing_since END AS since \
          FROM dealix_subscriptions WHERE customer_id <> $3 AND (enabled = 0 \
            OR (failing_since <= $1 - $2 AND failed_at >= failing_since + $2 / 2))) AS lasting \
         WHERE NOT EXISTS (SELECT 1 FROM dealix_alarms AS told WHERE told.kind = lasting.kind AND told.subject = lasting.id) \
         ORDER BY id LIMIT $4 ON CONFLICT (kind, subject) DO NOTHING RETURNING kind, subject, since";
    let failing_for = integer(options.failing_for.as_secs());
    let raised: Vec<(String, String, i64)> =
        query_as(RAISE).bind(now).bind(failing_for).bind(OPERATOR).bind(PORTION).fetch_all(&mut *connection).await?;
    let mut endpoints = endpoints(connection, raised.iter().map(|(_, subject, _)| subject)).await?;
    let alarm = |(kind, subject, since): (String, String, i64)| {
        let (endpoint, reason) = endpoints.remove(&subject)?;
        Some(match kind.as_str() {
            "disabled" => Alarm::Disabled { endpoint, reason },
            _ => Alarm::Failing { endpoint, failing_since: since },
        })
    };
    Ok(raised.into_iter().filter_map(alarm).collect())
}

/// Endpoints that were disabled or failing, and are no more. What was removed, or was disabled after it had failed, did not
/// recover.
async fn ended(connection: &mut Connection) -> Result<Vec<Alarm>, QueueError> {
    const CLEAR: &str = "DELETE FROM dealix_alarms WHERE (kind, subject) IN \
         (SELECT kind, subject FROM dealix_alarms AS told WHERE kind IN ('disabled', 'failing') AND NOT EXISTS \
            (SELECT 1 FROM dealix_subscriptions AS s WHERE s.id = told.subject AND CASE told.kind \
               WHEN 'disabled' THEN s.enabled = 0 ELSE s.enabled = 1 AND s.failing_since IS NOT NULL END) \
          ORDER BY kind, subject LIMIT $1) \
         RETURNING kind, subject, since";
    let cleared: Vec<(String, String, i64)> = query_as(CLEAR).bind(PORTION).fetch_all(&mut *connection).await?;
    let endpoints = endpoints(connection, cleared.iter().map(|(_, subject, _)| subject)).await?;
    let alarm = |(kind, subject, since): (String, String, i64)| {
        let (endpoint, disabled) = endpoints.get(&subject)?.clone();
        match (kind.as_str(), disabled) {
            ("disabled", _) => Some(Alarm::Enabled { endpoint, disabled_since: since }),
            (_, None) => Some(Alarm::Recovered { endpoint, failing_since: since }),
            (_, Some(_)) => None,
        }
    };
    Ok(cleared.into_iter().filter_map(alarm).collect())
}

/// The endpoints whose deliveries were parked, if that was not told within a day.
async fn parked_anew(connection: &mut Connection, now: i64, parked: &ParkedOf) -> Result<Vec<Alarm>, QueueError> {
    const FORGET: &str = "DELETE FROM dealix_alarms WHERE kind = 'parked' AND since <= $1";
    #[rustfmt::skip]
    const TELL: &str = concat!(
        "INSERT INTO dealix_alarms (kind, subject, since) SELECT 'parked', id, $2 FROM dealix_subscriptions \
         WHERE customer_id <> $3 AND id IN (", texts!("$1"), ") ORDER BY id \
         ON CONFLICT (kind, subject) DO NOTHING RETURNING subject"
    );
    query(FORGET).bind(now - PARKED_INTERVAL).execute(&mut *connection).await?;
    if parked.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = parked.keys().collect();
    let tell = query_scalar(TELL).bind(to_json(&ids)).bind(now).bind(OPERATOR);
    let told: Vec<String> = tell.fetch_all(&mut *connection).await?;
    let mut endpoints = endpoints(connection, told.iter()).await?;
    let alarm = |id: &String| {
        let (endpoint, _) = endpoints.remove(id)?;
        let Parked { delivery_id, reason } = parked.get(id)?.clone();
        Some(Alarm::Parked { endpoint, delivery_id, reason })
    };
    Ok(told.iter().filter_map(alarm).collect())
}

/// The dead letters of the last minute, or since they were last told.
async fn dead_letters(connection: &mut Connection, until: i64) -> Result<Option<Alarm>, QueueError> {
    const TOLD: &str = "SELECT since FROM dealix_alarms WHERE kind = 'dead_letters'";
    const BEGIN: &str = "INSERT INTO dealix_alarms (kind, subject, since) VALUES ('dead_letters', '', $1) \
         ON CONFLICT (kind, subject) DO NOTHING";
    const TELL: &str = "UPDATE dealix_alarms SET since = $2 WHERE kind = 'dead_letters' AND since = $1";
    #[rustfmt::skip]
    const BY_ENDPOINT: &str = concat!(
        "SELECT subscription_id, max(customer_id) AS customer_id, max(endpoint_url) AS endpoint_url, \
           count(*) AS number, max(id) AS newest FROM ", dead_letters_by_time!(),
        " AND finished_at > $1 AND finished_at <= $2 AND customer_id <> $3 \
         GROUP BY subscription_id ORDER BY number DESC, subscription_id"
    );
    let Some(after) = query_scalar::<_, i64>(TOLD).fetch_optional(&mut *connection).await? else {
        query(BEGIN).bind(until).execute(connection).await?;
        return Ok(None);
    };
    if until - after < DEAD_LETTERS_INTERVAL {
        return Ok(None);
    }
    if query(TELL).bind(after).bind(until).execute(&mut *connection).await?.rows_affected() == 0 {
        // Another worker tells them.
        return Ok(None);
    }
    let rows = query(BY_ENDPOINT).bind(after).bind(until).bind(OPERATOR).fetch_all(connection).await?;
    let all: Vec<_> = rows.iter().map(dead_letters_of).collect::<Result<_, _>>()?;
    let count = all.iter().map(|of| of.count).sum();
    let endpoints: Vec<_> = all.into_iter().take(MOST_NAMED).collect();
    Ok((count > 0).then_some(Alarm::DeadLetters { count, after, until, endpoints }))
}

fn dead_letters_of(row: &Row) -> Result<DeadLettersOf, QueueError> {
    let endpoint = AlarmedEndpoint {
        subscription_id: row.try_get("subscription_id")?,
        customer_id: row.try_get("customer_id")?,
        endpoint_url: row.try_get("endpoint_url")?,
    };
    Ok(DeadLettersOf { endpoint, count: small(row.try_get("number")?)?, delivery_id: row.try_get("newest")? })
}

/// Whether deliveries have begun, or ceased, to be overdue.
async fn overdue(
    connection: &mut Connection,
    now: i64,
    options: AlarmOptions,
    surveyed: &[Surveyed],
) -> Result<Option<Alarm>, QueueError> {
    const RAISE: &str = "INSERT INTO dealix_alarms (kind, subject, since) VALUES ('overdue', '', $1) \
         ON CONFLICT (kind, subject) DO NOTHING";
    const CLEAR: &str = "DELETE FROM dealix_alarms WHERE kind = 'overdue' RETURNING since";
    let mut endpoints = late(connection, now, options.overdue_by, surveyed).await?;
    let Some(due_since) = endpoints.first().map(|oldest| oldest.due_since) else {
        if !late(connection, now, options.overdue_by.min(CAUGHT_UP), surveyed).await?.is_empty() {
            return Ok(None);
        }
        let cleared = query_scalar::<_, i64>(CLEAR).fetch_optional(connection).await?;
        return Ok(cleared.map(|due_since| Alarm::CaughtUp { due_since }));
    };
    endpoints.truncate(MOST_NAMED);
    let is_new = query(RAISE).bind(due_since).execute(connection).await?.rows_affected() == 1;
    Ok(is_new.then_some(Alarm::Overdue { due_since, endpoints }))
}

/// The endpoints, except operators', that have deliveries which are overdue by this much; the longest overdue first.
async fn late(
    connection: &mut Connection,
    now: i64,
    overdue_by: Duration,
    surveyed: &[Surveyed],
) -> Result<Vec<OverdueOf>, QueueError> {
    let limit = integer(overdue_by.as_millis());
    let late = surveyed.iter().filter(|pending| pending.disabled.is_none() && -pending.due_in_ms >= limit);
    let mut late: Vec<_> = late.map(|pending| (now + pending.due_in_ms / 1000, &pending.subscription_id)).collect();
    late.sort_unstable();
    let mut named = endpoints(connection, late.iter().map(|(_, id)| *id)).await?;
    let late = late.into_iter().filter_map(|(due_since, id)| {
        let (endpoint, _) = named.remove(id).filter(|(endpoint, _)| endpoint.customer_id != OPERATOR)?;
        Some(OverdueOf { endpoint, due_since })
    });
    Ok(late.collect())
}

/// The endpoints of these subscriptions, and why those that are disabled are.
async fn endpoints(
    connection: &mut Connection,
    ids: impl Iterator<Item = &String>,
) -> Result<HashMap<String, (AlarmedEndpoint, Option<String>)>, QueueError> {
    #[rustfmt::skip]
    const ENDPOINTS: &str = concat!(
        "SELECT id, customer_id, endpoint_url, CASE enabled WHEN 0 THEN coalesce(disabled_reason, 'no reason given') END \
         FROM dealix_subscriptions WHERE id IN (", texts!("$1"), ")"
    );
    let ids: Vec<_> = ids.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, String, String, Option<String>)> =
        query_as(ENDPOINTS).bind(to_json(&ids)).fetch_all(connection).await?;
    let named = rows.into_iter().map(|(subscription_id, customer_id, endpoint_url, reason)| {
        (subscription_id.clone(), (AlarmedEndpoint { subscription_id, customer_id, endpoint_url }, reason))
    });
    Ok(named.collect())
}
