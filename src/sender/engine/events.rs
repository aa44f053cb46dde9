//! Enqueues events.

use super::queue::Queue;
use crate::WebhookEvent;
use crate::sender::queue::{Enqueued, QueueError, TracedEvent};
use crate::sender::store::change::Change;
use crate::sender::store::connection::QueueConnection;
use crate::sender::store::new_event::NewEvent;
use crate::sender::traces;
use tracing::{Instrument, Span, info_span};

impl Queue {
    /// Queues an event for every subscription that wants it: for all of them or none, and durably. An event whose id is known
    /// already is not queued again, so a caller that is not sure whether it succeeded can simply retry.
    ///
    /// A [`TracedEvent`] also has the position in a trace, which each attempt passes on to the receiver:
    ///
    /// ```no_run
    /// # use dealix_webhooks::{WebhookEvent, sender::{Queue, TraceParent, TracedEvent}};
    /// # async fn example(queue: Queue, event: WebhookEvent) -> Result<(), Box<dyn std::error::Error>> {
    /// let traceparent: TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?;
    /// queue.enqueue(TracedEvent { event: &event, traceparent: Some(traceparent) }).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`QueueError::Event`] if the event could never be sent, [`QueueError::Envelope`] if it has no canonical envelope,
    /// [`QueueError::TooLarge`], [`QueueError::Unreachable`] and [`QueueError::Database`].
    pub async fn enqueue<'e>(&self, event: impl Into<TracedEvent<'e>>) -> Result<Enqueued, QueueError> {
        let (event, span) = self.new_event(event)?;
        self.store.write(Change::Enqueue(event)).instrument(span).await.map(enqueued)
    }

    /// [`Queue::enqueue`] for many events in one transaction: all of them are queued, or none. The results are in the order of
    /// the events.
    ///
    /// # Errors
    /// As [`Queue::enqueue`]; nothing was queued then.
    pub async fn enqueue_all<'e>(
        &self,
        events: impl IntoIterator<Item = impl Into<TracedEvent<'e>>>,
    ) -> Result<Vec<Enqueued>, QueueError> {
        let new_events = events.into_iter().map(|event| self.new_event(event));
        let (new_events, _spans): (Vec<_>, Vec<_>) = new_events.collect::<Result<_, _>>()?;
        Ok(self.store.enqueue_all(&new_events).await?.into_iter().map(enqueued).collect())
    }

    /// [`Queue::enqueue`] in your own transaction, together with whatever else you write in it: the event is queued when you
    /// commit, and never if you roll back. The queue must be in the same database.
    ///
    /// ```no_run
    /// # use dealix_webhooks::{WebhookEvent, sender::Queue};
    /// # async fn example(pool: sqlx::PgPool, queue: Queue, event: WebhookEvent) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut transaction = pool.begin().await?;
    /// sqlx::query("UPDATE deals SET state = 'won' WHERE id = 7").execute(&mut *transaction).await?;
    /// queue.enqueue_in(&mut transaction, &event).await?;
    /// transaction.commit().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Queue::enqueue`], and [`QueueError::OtherDatabase`].
    pub async fn enqueue_in<'c, 'e>(
        &self,
        transaction: impl Into<QueueConnection<'c>>,
        event: impl Into<TracedEvent<'e>>,
    ) -> Result<Enqueued, QueueError> {
        let (event, span) = self.new_event(event)?;
        self.store.enqueue_in(transaction.into(), &event).instrument(span).await.map(enqueued)
    }

    /// Checks whether [`Queue::enqueue`] would accept an event, without calling the database.
    ///
    /// # Errors
    /// [`QueueError::Event`], [`QueueError::Envelope`], [`QueueError::TooLarge`].
    pub fn check(&self, event: &WebhookEvent) -> Result<(), QueueError> {
        NewEvent::of(event.into(), self.options.max_envelope_bytes).map(drop)
    }

    /// The event, and the span in which it is enqueued. With the feature `otlp`, the attempts become children of that span.
    fn new_event<'e>(&self, event: impl Into<TracedEvent<'e>>) -> Result<(NewEvent, Span), QueueError> {
        let TracedEvent { event, traceparent } = event.into();
        let span = info_span!("enqueue", event_id = event.event_id);
        traces::join(&span, traceparent.as_ref());
        let traced = TracedEvent { event, traceparent: traces::position(&span).or(traceparent) };
        Ok((NewEvent::of(traced, self.options.max_envelope_bytes)?, span))
    }
}

fn enqueued(written: Option<u64>) -> Enqueued {
    let deliveries = written.unwrap_or_default().try_into().unwrap_or(usize::MAX);
    Enqueued { deliveries, duplicate: written.is_none() }
}
