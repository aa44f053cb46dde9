//! Writes events and the outcomes of attempts.

use super::super::dialect::{self, Connection};
use super::group::{enqueue, tell_due};
use super::line::{begin, commit, within};
use super::store::SqlStore;
use crate::sender::queue::QueueError;
use crate::sender::store::change::Change;
use crate::sender::store::connection::QueueConnection;
use crate::sender::store::database::Writes;
use crate::sender::store::new_event::NewEvent;
use crate::sender::store::sql::limits::PATIENCE;
use crate::sender::store::writer::{Written, groups};
use async_trait::async_trait;

#[async_trait]
impl Writes for SqlStore {
    async fn write(&self, change: Change) -> Result<Written, QueueError> {
        self.writer.write(change).await
    }

    async fn enqueue_all(&self, events: &[NewEvent]) -> Result<Vec<Written>, QueueError> {
        let mut due = Vec::new();
        // Each step has its own time limit, because there may be any number of events.
        let write = async |connection: &mut Connection| {
            within(PATIENCE, begin(connection)).await?;
            let mut written = Vec::with_capacity(events.len());
            for group in groups(events, NewEvent::bytes) {
                written.extend(within(PATIENCE, enqueue(connection, group, &mut due)).await?);
            }
            within(PATIENCE, commit(connection)).await?;
            Ok(written)
        };
        let written = self.lines.operators.call_in_steps(write).await?;
        tell_due(&self.news, due);
        Ok(written)
    }

    async fn enqueue_in(&self, connection: QueueConnection<'_>, event: &NewEvent) -> Result<Written, QueueError> {
        let written = enqueue(dialect::own(connection)?, &[event], &mut Vec::new()).await?;
        Ok(written.into_iter().next().flatten())
    }
}
