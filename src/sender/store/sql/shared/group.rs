//! Writes a group of changes.

use super::super::dialect::{self, Connection, HEARS_ITSELF, IS_ONE_STATEMENT_A_KIND};
use super::line::{Line, in_transaction};
use crate::sender::queue::QueueError;
use crate::sender::store::change::{Change, Deferral};
use crate::sender::store::new_event::NewEvent;
use crate::sender::store::news::{News, NewsWriter};
use crate::sender::store::outcome::Outcome;
use crate::sender::store::sql::recording::Recording;
use crate::sender::store::sql::values::to_json;
use crate::sender::store::writer::{Commit, Written};
use serde::Serialize;
use sqlx::query_scalar;
use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub(super) struct SqlCommit {
    pub line: Arc<Line>,
    pub news: NewsWriter,
}

impl Commit for SqlCommit {
    async fn commit(&mut self, changes: &[&Change]) -> Result<Vec<Written>, QueueError> {
        let mut due = Vec::new();
        let commit = async |connection: &mut Connection| {
            let group = Group::of(changes);
            if IS_ONE_STATEMENT_A_KIND && group.is_of_one_kind() {
                return group.write(connection, changes, &mut due).await;
            }
            in_transaction(connection, async |connection| group.write(connection, changes, &mut due).await).await
        };
        let written = self.line.call(commit).await?;
        tell_due(&self.news, due);
        Ok(written)
    }
}

/// Tells the news after the commit, if the database itself does not notify the session that committed.
pub(super) fn tell_due(news: &NewsWriter, subscription_ids: Vec<String>) {
    if !HEARS_ITSELF {
        subscription_ids.into_iter().for_each(|subscription_id| news.tell(News::Due(subscription_id)));
    }
}

/// Changes by kind; each kind is written by one or a few statements.
struct Group<'c> {
    events: Vec<&'c NewEvent>,
    outcomes: Vec<&'c Outcome>,
    deferrals: Vec<&'c Deferral>,
}

impl<'c> Group<'c> {
    fn of(changes: &[&'c Change]) -> Self {
        let mut group = Self { events: Vec::new(), outcomes: Vec::new(), deferrals: Vec::new() };
        for change in changes {
            match change {
                Change::Enqueue(event) => group.events.push(event),
                Change::Record(outcome) => group.outcomes.push(outcome),
                Change::Defer(deferral) => group.deferrals.push(deferral),
            }
        }
        group
    }

    fn is_of_one_kind(&self) -> bool {
        let kinds = [self.events.is_empty(), self.outcomes.is_empty(), self.deferrals.is_empty()];
        kinds.into_iter().filter(|is_empty| !is_empty).count() == 1
    }

    /// Returns results in the order of the changes, and adds the subscriptions that have new deliveries to `due`.
    async fn write(
        &self,
        connection: &mut Connection,
        changes: &[&Change],
        due: &mut Vec<String>,
    ) -> Result<Vec<Written>, QueueError> {
        let mut events = enqueue(connection, &self.events, due).await?.into_iter();
        let mut outcomes = record(connection, &self.outcomes).await?.into_iter();
        let mut deferrals = defer(connection, &self.deferrals).await?.into_iter();
        let result_of = |change: &&Change| match change {
            Change::Enqueue(_) => events.next().flatten(),
            Change::Record(_) => outcomes.next().flatten(),
            Change::Defer(_) => deferrals.next().flatten(),
        };
        Ok(changes.iter().map(result_of).collect())
    }
}

pub(super) async fn enqueue(
    connection: &mut Connection,
    events: &[impl Borrow<NewEvent> + Serialize],
    due: &mut Vec<String>,
) -> Result<Vec<Written>, QueueError> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let mut deliveries: HashMap<String, u64> = HashMap::new();
    let mut subscriptions = HashSet::new();
    for (event_id, subscription_id) in dialect::enqueue(connection, &to_json(events)).await? {
        *deliveries.entry(event_id).or_default() += u64::from(subscription_id.is_some());
        subscriptions.extend(subscription_id);
    }
    due.extend(subscriptions);
    // If an event occurs twice in the group, only the first is new.
    Ok(events.iter().map(|event| deliveries.remove(&event.borrow().id)).collect())
}

async fn record(connection: &mut Connection, outcomes: &[&Outcome]) -> Result<Vec<Written>, QueueError> {
    if outcomes.is_empty() {
        return Ok(Vec::new());
    }
    let (new, waiting) = dialect::record(connection, Recording::of(outcomes)).await?;
    // If the attempt was in the log already, it was written before and only the database's response was lost.
    let is_recorded = |outcome: &&Outcome| waiting.contains(&outcome.delivery_id) || !new.contains(&outcome.attempt_id);
    Ok(outcomes.iter().map(|outcome| is_recorded(outcome).then_some(1)).collect())
}

async fn defer(connection: &mut Connection, deferrals: &[&Deferral]) -> Result<Vec<Written>, QueueError> {
    const DEFER: &str = concat!(
        "UPDATE dealix_deliveries SET leased_by = NULL, error = coalesce(r.error, dealix_deliveries.error), \
         leased_until_ms = CASE WHEN r.error IS NULL THEN ",
        now_ms!(),
        " + r.delay_ms ELSE 0 END, \
         due_ms = CASE WHEN r.error IS NULL THEN due_ms ELSE ",
        now_ms!(),
        " + r.delay_ms END FROM ",
        rows!("$1", delivery_id text, worker text, delay_ms bigint, error text),
        " WHERE dealix_deliveries.id = r.delivery_id AND ",
        is_pending!(),
        " AND leased_by = r.worker \
         RETURNING dealix_deliveries.id"
    );
    if deferrals.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = query_scalar(DEFER).bind(to_json(deferrals)).fetch_all(connection).await?;
    let ids: HashSet<_> = ids.into_iter().collect();
    Ok(deferrals.iter().map(|deferral| ids.contains(&deferral.delivery_id).then_some(1)).collect())
}
