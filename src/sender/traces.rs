//! The spans of OpenTelemetry that an event and its attempts have, with the feature `otlp`. Without it, or without a layer of
//! `tracing-opentelemetry`, the caller's `traceparent` is passed on unchanged.

use crate::sender::trace_parent::TraceParent;
use tracing::Span;

/// Makes the span a part of this trace.
#[cfg(feature = "otlp")]
pub(in crate::sender) fn join(span: &Span, parent: Option<&TraceParent>) {
    use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
    use tracing_opentelemetry::OpenTelemetrySpanExt;
    let Some(parent) = parent else { return };
    let digits = parent.as_str();
    let (Ok(trace_id), Ok(parent_id), Ok(flags)) =
        (TraceId::from_hex(&digits[3..35]), SpanId::from_hex(&digits[36..52]), u8::from_str_radix(&digits[53..], 16))
    else {
        return;
    };
    let context = SpanContext::new(trace_id, parent_id, TraceFlags::new(flags), true, TraceState::default());
    // It fails if there is no layer, or the span is disabled.
    let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(context));
}

/// The span's own position in its trace, if it has one.
#[cfg(feature = "otlp")]
pub(in crate::sender) fn position(span: &Span) -> Option<TraceParent> {
    use opentelemetry::trace::TraceContextExt;
    use tracing_opentelemetry::OpenTelemetrySpanExt;
    let context = span.context();
    let position = context.span().span_context().clone();
    let text = format!("00-{}-{}-{:02x}", position.trace_id(), position.span_id(), position.trace_flags().to_u8());
    // One of zeros, which stands for none, is not valid.
    text.parse().ok()
}

#[cfg(not(feature = "otlp"))]
pub(in crate::sender) fn join(_: &Span, _: Option<&TraceParent>) {}

#[cfg(not(feature = "otlp"))]
pub(in crate::sender) fn position(_: &Span) -> Option<TraceParent> {
    None
}
