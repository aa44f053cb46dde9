//! What the worker reports to `tracing`: a span for each attempt, and counters, but never a secret or a body.

use crate::support::receiver::{Receiver, SECRET};
use crate::support::servers::{Database, Kind};
use dealix_webhooks::sender::{
    EndpointPolicy, HttpOptions, HttpTransport, Queue, WebhookSubscription, WorkOptions, make_event,
};
use serde_json::{json, value::to_raw_value};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing::Level;

const IN_THE_BODY: &str = "only-in-the-body";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no writer panicked").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

// A single thread, so that this thread's subscriber sees everything.
#[tokio::test]
async fn each_attempt_is_a_span_with_counters_and_no_secrets_are_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let database = Database::start(Kind::Sqlite);
    let receiver = Receiver::start(|received| if received.path == "/down" { 503 } else { 204 }).await;
    let queue = Queue::open(&database.url()).await.expect("a queue");
    for path in ["/up", "/down"] {
        let subscription = WebhookSubscription::new("cus_1", receiver.url(path), SECRET, 0);
        queue.add_subscription(subscription).await.expect("a subscription");
    }
    let event = make_event("deal.won", "cus_1", to_raw_value(&json!({ "text": IN_THE_BODY })).expect("JSON"));
    queue.enqueue(&event).await.expect("enqueued");
    let endpoints =
        EndpointPolicy { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
    let transport = HttpTransport::new(HttpOptions { endpoints, ..Default::default() }).expect("a transport");
    let options = WorkOptions { until_idle: true, ..Default::default() };
    queue.worker(transport, options).run(std::future::pending()).await;

    let log = String::from_utf8(log.0.lock().expect("no writer panicked").clone()).expect("text");
    let made: Vec<_> = log.lines().filter(|line| line.contains("attempt made")).collect();
    assert_eq!(made.len(), 2, "{made:#?}");
    for (status, successes) in [(204, 1), (503, 0)] {
        let line = made.iter().find(|line| line.contains(&format!("status_code={status}"))).expect("its line");
        assert!(line.contains("attempt{delivery_id=\"dlv_") && line.contains("attempt=1}"), "{line}");
        assert!(line.contains("monotonic_counter.dealix_attempts=1"), "{line}");
        assert!(line.contains(&format!("monotonic_counter.dealix_attempt_successes={successes}")), "{line}");
        assert!(line.contains("histogram.dealix_attempt_ms="), "{line}");
    }
    let depth = log.lines().find(|line| line.contains("queue depth")).expect("the queue's depth");
    // It may be read before the attempts, between them or after: the one that failed stays pending.
    let possible = [(2, 2), (2, 1), (2, 0), (1, 1), (1, 0)].map(|(pending, due)| {
        format!("gauge.dealix_queue_pending={pending} gauge.dealix_queue_due={due} gauge.dealix_queue_dead_letters=0")
    });
    assert!(possible.iter().any(|gauges| depth.contains(gauges)), "{depth}");
    assert!(!log.contains(SECRET), "a secret was logged");
    assert!(!log.contains(IN_THE_BODY), "a body was logged");
}
