//! Traces over OTLP: one trace from enqueuing an event to the receiver of its attempts.

use crate::bed::{Bed, until};
use crate::faults::worker::SENDER;
use crate::support::receiver::{Receiver, SECRET};
use crate::support::servers::Kind;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// What a collector keeps of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    trace_id: String,
    span_id: String,
    parent_id: String,
    name: String,
}

/// A collector for OTLP over HTTP, in protobuf.
struct Collector {
    endpoint: String,
    requests: Arc<Mutex<Vec<Bytes>>>,
}

impl Collector {
    async fn start() -> Self {
        let requests: Arc<Mutex<Vec<Bytes>>> = Arc::default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let collect = async |State(requests): State<Arc<Mutex<Vec<Bytes>>>>, body: Bytes| {
            requests.lock().expect("no panic").push(body);
        };
        let router = Router::new().route("/v1/traces", axum::routing::post(collect)).with_state(requests.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.expect("the collector serves") });
        Self { endpoint, requests }
    }

    /// ExportTraceServiceRequest { resource_spans: 1 { scope_spans: 2 { spans: 2 } } }
    fn spans(&self) -> Vec<Span> {
        let requests = self.requests.lock().expect("no panic");
        let resources = requests.iter().flat_map(|request| fields(request, 1));
        let spans = resources.flat_map(|resource| fields(resource, 2)).flat_map(|scope| fields(scope, 2));
        let first = |span, number| fields(span, number).first().copied().unwrap_or_default();
        let read = |span| Span {
            trace_id: hex::encode(first(span, 1)),
            span_id: hex::encode(first(span, 2)),
            parent_id: hex::encode(first(span, 4)),
            name: String::from_utf8(first(span, 5).to_vec()).expect("text"),
        };
        spans.map(read).collect()
    }

    fn span(&self, name: &str) -> Span {
        let spans = self.spans();
        spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:#?}")).clone()
    }
}

/// The values of a protobuf message's field that have a length.
fn fields(mut message: &[u8], number: u64) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let tag = varint(&mut message);
        let length = match tag & 7 {
            0 => {
                varint(&mut message);
                continue;
            }
            1 => 8,
            2 => varint(&mut message) as usize,
            5 => 4,
            kind => panic!("protobuf has no wire type {kind}"),
        };
        let (value, rest) = message.split_at(length);
        if tag == number << 3 | 2 {
            found.push(value);
        }
        message = rest;
    }
    found
}

fn varint(message: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let (byte, rest) = message.split_first().expect("the rest of a number");
        *message = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}

fn run(bed: &Bed, endpoint: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(SENDER);
    command.args(arguments).env("DEALIX_DATABASE", &bed.url).env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    let output = command.output().expect("dealix-sender runs");
    assert!(output.status.success(), "{output:?}");
    output
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_leads_from_enqueuing_to_the_receiver() {
    let bed = Bed::start(Kind::Sqlite).await;
    let (collector, receiver) = (Collector::start().await, Receiver::start(|_| 204).await);
    bed.subscribe(&receiver.url("/")).await;
    let enqueue =
        ["enqueue", "--type", "t", "--customer", "cus_1", "--data", r#"{"text":"only-in-the-body"}"#, "--traceparent"];
    run(&bed, &collector.endpoint, &[&enqueue[..], &[GIVEN]].concat());
    run(&bed, &collector.endpoint, &["work", "--local", "--until-idle"]);

    let (enqueued, attempt) = (collector.span("enqueue"), collector.span("attempt"));
    assert_eq!(GIVEN, format!("00-{}-{}-01", enqueued.trace_id, enqueued.parent_id));
    assert_eq!((&attempt.trace_id, &attempt.parent_id), (&enqueued.trace_id, &enqueued.span_id));
    let sent = receiver.received()[0].headers["traceparent"].clone();
    assert_eq!(sent, format!("00-{}-{}-01", attempt.trace_id, attempt.span_id));
    for request in collector.requests.lock().expect("no panic").iter() {
        let text = String::from_utf8_lossy(request);
        assert!(!text.contains(SECRET) && !text.contains("only-in-the-body"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_without_a_traceparent_begin_a_trace_each() {
    let bed = Bed::start(Kind::Sqlite).await;
    let (collector, receiver) = (Collector::start().await, Receiver::start(|_| 204).await);
    bed.subscribe(&receiver.url("/")).await;
    for _ in 0..2 {
        run(&bed, &collector.endpoint, &["enqueue", "--type", "t", "--customer", "cus_1"]);
    }
    run(&bed, &collector.endpoint, &["work", "--local", "--until-idle"]);
    let spans = collector.spans();
    let of = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    let (enqueued, attempts) = (of("enqueue"), of("attempt"));
    assert_eq!((enqueued.len(), attempts.len()), (2, 2), "{spans:#?}");
    assert_ne!(enqueued[0].trace_id, enqueued[1].trace_id);
    for attempt in attempts {
        assert!(enqueued.iter().any(|span| (&span.trace_id, &span.span_id) == (&attempt.trace_id, &attempt.parent_id)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_gone_delays_no_delivery() {
    let bed = Bed::start(Kind::Sqlite).await;
    let receiver = Receiver::start(|_| 204).await;
    bed.subscribe(&receiver.url("/")).await;
    let nobody = "http://127.0.0.1:9";
    run(&bed, nobody, &["enqueue", "--type", "t", "--customer", "cus_1", "--traceparent", GIVEN]);
    run(&bed, nobody, &["work", "--local", "--until-idle"]);
    until("delivered", async || receiver.count() == 1).await;
    let sent = receiver.received()[0].headers["traceparent"].clone();
    assert!(sent.to_str().expect("text").starts_with(&GIVEN[..36]), "{sent:?}");
}
