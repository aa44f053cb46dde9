use crate::WebhookEvent;
use crate::sender::trace_parent::TraceParent;

/// An event to enqueue, and the trace that it is part of. A `&WebhookEvent` converts into one without a trace.
#[derive(Clone, Debug)]
pub struct TracedEvent<'e> {
    /// The event.
    pub event: &'e WebhookEvent,
    /// Stored with the event, and sent with each attempt as the header `traceparent`.
    pub traceparent: Option<TraceParent>,
}

impl<'e> From<&'e WebhookEvent> for TracedEvent<'e> {
    fn from(event: &'e WebhookEvent) -> Self {
        Self { event, traceparent: None }
    }
}
