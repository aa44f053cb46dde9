//! What `dealix-sender work --listen` serves: metrics, and whether the worker can deliver.

use crate::bed::{Bed, until};
use crate::faults::worker::{Worker, run};
use crate::support::receiver::{Receiver, SECRET};
use crate::support::servers::{Database, Kind};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).expect("a free port")
}

/// Sends a request as it is given, and returns the whole response; nothing if nobody listens yet.
fn exchange(address: SocketAddr, request: &str) -> String {
    let Ok(mut stream) = TcpStream::connect(address) else { return String::new() };
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
    // The server may close the connection before it has read everything.
    let _ = stream.write_all(request.as_bytes());
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response);
    String::from_utf8(response).expect("text")
}

fn get(address: SocketAddr, path: &str) -> String {
    exchange(address, &format!("GET {path} HTTP/1.1\r\nhost: worker\r\n\r\n"))
}

fn status(response: &str) -> &str {
    response.split(' ').nth(1).unwrap_or_default()
}

fn json(response: &str) -> Value {
    let body = response.split_once("\r\n\r\n").map(|(_, body)| body);
    serde_json::from_str(body.unwrap_or_default()).unwrap_or_else(|error| panic!("{error}: {response}"))
}

/// The value of a metric, with its labels.
fn value(metrics: &str, name: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

/// Waits until a metric has this value, and returns all metrics.
async fn metrics_when(address: SocketAddr, name: &str, wanted: f64) -> String {
    until(name, async || value(&get(address, "/metrics"), name) == Some(wanted)).await;
    get(address, "/metrics")
}

fn start(database: &str, address: SocketAddr, arguments: &[&str]) -> Worker {
    Worker::start(database, &[&["--listen", &address.to_string()], arguments].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_say_what_the_worker_did_and_what_waits() {
    let bed = Bed::start(Kind::Postgres).await;
    let receiver = Receiver::start(|received| if received.path == "/up" { 204 } else { 503 }).await;
    let up = bed.subscribe(&receiver.url("/up")).await;
    bed.subscribe(&receiver.url("/down")).await;
    let event = bed.enqueue().await;
    let address = free_address();
    let _worker = start(&bed.url, address, &["--concurrency", "7"]);
    metrics_when(address, "dealix_attempts_total{outcome=\"delivered\"}", 1.0).await;
    metrics_when(address, "dealix_endpoints{state=\"proven\"}", 1.0).await;
    let metrics = metrics_when(address, "dealix_queue_due", 0.0).await;

    for (name, wanted) in [
        ("dealix_attempts_total{outcome=\"answered_5xx\"}", 1.0),
        ("dealix_attempts_total{outcome=\"timed_out\"}", 0.0),
        ("dealix_attempt_seconds_count", 2.0),
        ("dealix_attempt_seconds_bucket{le=\"10\"}", 2.0),
        ("dealix_receipt_seconds_count", 1.0),
        ("dealix_receipt_seconds_bucket{le=\"60\"}", 1.0),
        ("dealix_deliveries_finished_total{state=\"delivered\"}", 1.0),
        ("dealix_deliveries_finished_total{state=\"dead_letter\"}", 0.0),
        ("dealix_attempts_in_flight", 0.0),
        ("dealix_queue_pending", 1.0),
        ("dealix_queue_dead_letters", 0.0),
        ("dealix_queue_refused", 0.0),
        ("dealix_queue_oldest_due_seconds", 0.0),
        ("dealix_endpoints{state=\"proven\"}", 1.0),
        ("dealix_endpoints{state=\"resting\"}", 0.0),
        ("dealix_database_errors_total{call=\"renew\"}", 0.0),
        ("dealix_leases_lost_total", 0.0),
        ("dealix_attempts_parked_total", 0.0),
        (concat!("dealix_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"}"), 1.0),
    ] {
        assert_eq!(value(&metrics, name), Some(wanted), "{name}: {metrics}");
    }
    let oldest = value(&metrics, "dealix_queue_oldest_pending_seconds").expect("the age of the oldest");
    assert!((0.0..60.0).contains(&oldest), "{metrics}");
    let undescribed: Vec<_> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .filter(|name| !metrics.contains(&format!("# HELP {name} ")))
        .collect();
    assert!(undescribed.is_empty(), "{undescribed:?}");
    for text in [SECRET, &up, &event.event_id, &event.customer_id, "127.0.0.1"] {
        assert!(!metrics.contains(text), "{text}: {metrics}");
    }
    let documented = include_str!("../../docs/sender.md");
    let names = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    names.for_each(|name| assert!(documented.contains(&format!("`{name}")), "docs/sender.md does not explain {name}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_that_the_sender_cannot_make_are_counted() {
    let bed = Bed::start(Kind::Sqlite).await;
    let id = bed.subscribe("https://example.com/hook").await;
    bed.enqueue().await;
    bed.damage_secrets(&id).await;
    let address = free_address();
    let _worker = start(&bed.url, address, &[]);
    metrics_when(address, "dealix_attempts_parked_total", 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_when_asked_are_metrics_labelled_by_subscription() {
    let bed = Bed::start(Kind::Sqlite).await;
    let receiver = Receiver::start(|_| 400).await;
    let id = bed.subscribe(&receiver.url("/down")).await;
    bed.enqueue().await;
    let address = free_address();
    let _worker = start(&bed.url, address, &["--metrics-by-subscription"]);
    let attempts = format!("dealix_attempts_total{{outcome=\"answered_4xx\",subscription=\"{id}\"}}");
    metrics_when(address, &attempts, 1.0).await;
    let finished = format!("dealix_deliveries_finished_total{{state=\"dead_letter\",subscription=\"{id}\"}}");
    metrics_when(address, &finished, 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_is_ready_only_while_its_database_responds() {
    let mut database = Database::start(Kind::Postgres);
    let address = free_address();
    let _worker = start(&database.url(), address, &[]);
    until("ready", async || status(&get(address, "/health/ready")) == "200").await;
    assert_eq!(json(&get(address, "/health/ready"))["status"], "ready");

    database.kill();
    until("not ready", async || status(&get(address, "/health/ready")) == "503").await;
    let problems = json(&get(address, "/health/ready"))["problems"].to_string();
    assert!(problems.contains("the database has not been read for 1"), "{problems}");
    assert_eq!(status(&get(address, "/health/live")), "200", "it would not help to restart the worker");
    assert!(value(&get(address, "/metrics"), "dealix_database_errors_total{call=\"survey\"}") > Some(0.0));

    database.resume();
    until("ready again", async || status(&get(address, "/health/ready")) == "200").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_cannot_lease_is_not_ready() {
    let bed = Bed::start(Kind::Sqlite).await;
    bed.subscribe("http://127.0.0.1:9/").await;
    let address = free_address();
    let _worker = start(&bed.url, address, &[]);
    until("ready", async || status(&get(address, "/health/ready")) == "200").await;
    // The tables can be read, but not written to.
    bed.enqueue().await;
    let blocks = "CREATE TRIGGER blocks BEFORE UPDATE ON dealix_deliveries BEGIN SELECT RAISE(ABORT, 'blocked'); END";
    bed.sql(blocks).await;
    bed.enqueue().await;
    until("not ready", async || status(&get(address, "/health/ready")) == "503").await;
    let problems = json(&get(address, "/health/ready"))["problems"].to_string();
    assert!(problems.contains("no delivery could be leased for 1"), "{problems}");
    bed.sql("DROP TRIGGER blocks").await;
    until("ready again", async || status(&get(address, "/health/ready")) == "200").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_can_only_read_is_not_ready_even_if_nothing_is_due() {
    let bed = Bed::start(Kind::Postgres).await;
    let name = bed.url.rsplit('/').next().expect("a name");
    bed.sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    let address = free_address();
    let _worker = start(&bed.url, address, &[]);
    until("ready at first", async || status(&get(address, "/health/ready")) == "200").await;
    until("not ready", async || status(&get(address, "/health/ready")) == "503").await;
    let problems = json(&get(address, "/health/ready"))["problems"].to_string();
    assert!(problems.starts_with("[\"nothing could be written to the database for 1"), "{problems}");
    bed.sql(&format!("BEGIN READ WRITE; ALTER DATABASE {name} RESET default_transaction_read_only; COMMIT")).await;
    until("ready again", async || status(&get(address, "/health/ready")) == "200").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_is_no_longer_ready() {
    let bed = Bed::start(Kind::Sqlite).await;
    let receiver = Receiver::slow(|_| Duration::from_secs(5)).await;
    bed.subscribe(&receiver.url("/slow")).await;
    bed.enqueue().await;
    let address = free_address();
    let worker = start(&bed.url, address, &[]);
    until("an attempt", async || receiver.count() == 1).await;
    let metrics = get(address, "/metrics");
    assert_eq!(value(&metrics, "dealix_attempts_in_flight"), Some(1.0), "{metrics}");
    worker.signal("TERM");
    until("not ready", async || get(address, "/health/ready").contains("the worker is stopping")).await;
    worker.finish().await;
    assert_eq!(get(address, "/health/live"), "", "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_small_prompt_gets_and_heads_are_answered() {
    let bed = Bed::start(Kind::Sqlite).await;
    let address = free_address();
    let _worker = start(&bed.url, address, &[]);
    until("live", async || status(&get(address, "/health/live")) == "200").await;

    let metrics = exchange(address, "HEAD /metrics HTTP/1.1\r\nhost: worker\r\n\r\n");
    assert!(metrics.contains("content-type: text/plain; version=0.0.4") && metrics.ends_with("\r\n\r\n"), "{metrics}");
    assert_eq!(status(&get(address, "/metrics?name=x")), "200");
    assert_eq!(status(&get(address, "/")), "404");
    let post = exchange(address, "POST /metrics HTTP/1.1\r\nhost: worker\r\ncontent-length: 5\r\n\r\nhello");
    assert!(status(&post) == "405" && post.contains("allow: GET, HEAD\r\n"), "{post}");
    let long = exchange(address, &format!("GET /metrics HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(100_000)));
    assert!(!long.contains("dealix_"), "{long}");
    assert!(!exchange(address, "nonsense\r\n\r\n").contains("dealix_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_clients_do_not_keep_a_probe_waiting() {
    let bed = Bed::start(Kind::Sqlite).await;
    let address = free_address();
    let worker = start(&bed.url, address, &[]);
    until("live", async || status(&get(address, "/health/live")) == "200").await;
    let silent: Vec<_> = (0..500).map(|_| TcpStream::connect(address).expect("a connection")).collect();
    let started = Instant::now();
    assert_eq!(status(&get(address, "/health/live")), "200");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert!(worker.descriptors() < 200, "{} files and sockets are open", worker.descriptors());
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_an_error_before_any_attempt() {
    let bed = Bed::start(Kind::Sqlite).await;
    let receiver = Receiver::start(|_| 204).await;
    bed.subscribe(&receiver.url("/up")).await;
    bed.enqueue().await;
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = run(&bed.url, &["work", "--local", "--until-idle", "--listen", &address]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{message}");
    assert!(message.contains(&format!("--listen {address}: cannot listen there; choose another")), "{message}");
    assert_eq!(receiver.count(), 0);
    let output = run(&bed.url, &["work", "--metrics-by-subscription"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("no effect without --listen"), "{output:?}");
    for wrong in ["9464", "localhost:9464", ":9464"] {
        let output = run(&bed.url, &["work", "--listen", wrong]);
        assert!(String::from_utf8_lossy(&output.stderr).contains("such as 127.0.0.1:9464"), "{output:?}");
    }
}
