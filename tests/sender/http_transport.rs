//! Deliveries over HTTP, to servers that behave and to servers that misbehave.

use crate::support::resolver::Resolver;
use crate::support::server::{PATH, Server, read_request};
use crate::support::vectors::read;
use dealix_webhooks::WebhookEvent;
use dealix_webhooks::sender::{
    DeliveryError, DeliveryOptions, DeliveryRequest, DeliveryResult, EndpointPolicy, HttpOptions, HttpTransport,
    Transport, WebhookSubscription, deliver_once, should_retry,
};
use futures_util::future::join_all;
use serde::Deserialize;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Barrier;
use tokio::time::sleep;

const TIMEOUT: Duration = Duration::from_millis(300);
const BODY: &str = r#"{"body":"of-the-delivery"}"#;
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// A transport whose timeout is long enough even on a busy machine.
fn transport() -> HttpTransport {
    HttpTransport::new(HttpOptions { timeout: Duration::from_secs(10), ..options() }).expect("a transport")
}

fn hasty_transport() -> HttpTransport {
    HttpTransport::new(options()).expect("a transport")
}

fn options() -> HttpOptions {
    let endpoints =
        EndpointPolicy { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
    HttpOptions { endpoints, timeout: TIMEOUT, ..Default::default() }
}

async fn send(transport: &HttpTransport, url: &str) -> DeliveryResult {
    let headers = vec![("Dealix-Signature".to_owned(), "signature-of-the-delivery".to_owned())];
    let result = transport.send(DeliveryRequest { url: url.to_owned(), headers, body: BODY.into() }).await;
    if let Some(error) = &result.error {
        assert_tells_nothing(&error.to_string());
    }
    result
}

fn assert_tells_nothing(error: &str) {
    assert!(!error.is_empty() && error.chars().count() <= 200, "{error}");
    for hidden in ["of-the-url", "of-the-delivery", "127.0.0.1", "http://"] {
        assert!(!error.contains(hidden), "{hidden} is in {error}");
    }
}

fn transport_error(result: &DeliveryResult) -> &str {
    match &result.error {
        Some(DeliveryError::Transport(text)) => text,
        other => panic!("not a transport error: {other:?}"),
    }
}

/// Checks that it failed without a status and will be retried.
fn assert_failed(result: &DeliveryResult) {
    transport_error(result);
    assert_worth_another_attempt(result);
}

fn assert_worth_another_attempt(result: &DeliveryResult) {
    assert_eq!(result.status_code, None, "{result:?}");
    assert!(should_retry(result.status_code, result.error.as_ref()));
}

fn assert_timed_out(result: &DeliveryResult, started: Instant) {
    assert_eq!(result.error, Some(DeliveryError::TimedOut("timed out after 0.3 s".to_owned())));
    assert!((TIMEOUT..TIMEOUT * 10).contains(&started.elapsed()), "{:?}", started.elapsed());
    assert!((300..3000).contains(&result.duration_ms), "{result:?}");
}

async fn drip(stream: &mut TcpStream, text: &str) {
    for byte in text.bytes() {
        if stream.write_u8(byte).await.is_err() {
            return;
        }
        sleep(TIMEOUT / 10).await;
    }
}

// Requests.

#[tokio::test]
async fn the_request_on_the_wire_matches_the_contract() {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = requests.clone();
    let server = Server::start(move |mut stream| {
        let seen = seen.clone();
        async move {
            let request = read_request(&mut stream).await;
            seen.lock().expect("no panic while it is locked").push(request);
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        }
    })
    .await;
    let json = r#"{"event_id":"evt_1","event_type":"deal.won","customer_id":"cus_1","payload":{},"timestamp":5}"#;
    let event = WebhookEvent::from_json(json).expect("a record");
    let subscription = WebhookSubscription::new("cus_1", server.url(), "whsec_1", 0);
    let options = DeliveryOptions {
        attempt: 2,
        extra_headers: vec![("X-Trace".to_owned(), "abc".to_owned())],
        now: Some(1_700_000_000),
    };
    let delivery = deliver_once(&subscription, &event, &transport(), &options).await;
    assert!(delivery.success, "{delivery:?}");

    let body = r#"{"api_version":"v1","customer_id":"cus_1","data":{},"id":"evt_1","timestamp":5,"type":"deal.won"}"#;
    let expected = [
        &format!("POST {PATH} HTTP/1.1"),
        "Content-Type: application/json",
        "User-Agent: Dealix-Webhooks/1.0",
        "Dealix-Event-Id: evt_1",
        "Dealix-Event-Type: deal.won",
        &format!("Dealix-Signature: {}", delivery.request_signature),
        "Dealix-Delivery-Attempt: 2",
        "X-Trace: abc",
        "Accept: */*",
        &format!("Host: {}", server.address),
        &format!("Content-Length: {}", body.len()),
        "",
        body,
    ];
    assert_eq!(*requests.lock().expect("no panic"), [expected.join("\r\n")]);
}

#[tokio::test]
async fn a_proxy_in_the_environment_is_not_used() {
    const PROXY: &str = "TEST_PROXY_IS_SET";
    if std::env::var_os(PROXY).is_none() {
        // The environment must not change while other threads run, so the test runs itself again in another process.
        let this_test = concat!(module_path!(), "::a_proxy_in_the_environment_is_not_used");
        let (_binary, name) = this_test.split_once("::").expect("a module's path");
        let proxy = "http://127.0.0.1:1";
        let variables = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", PROXY];
        let output = std::process::Command::new(std::env::current_exe().expect("this test's path"))
            .args(["--exact", name])
            .envs(variables.map(|variable| (variable, proxy)))
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .output()
            .expect("this test runs");
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && report.contains("1 passed"), "{report}");
        return;
    }
    let server = Server::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(send(&transport(), &server.url()).await.status_code, Some(204));
}

#[tokio::test]
async fn a_connection_is_reused_if_its_response_was_read_to_the_end() {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = requests.clone();
    let server = Server::start(move |mut stream| {
        let seen = seen.clone();
        async move {
            for length in [0, 10, MAX_RESPONSE_BYTES - 1, MAX_RESPONSE_BYTES + 1] {
                let request = read_request(&mut stream).await;
                if request.is_empty() {
                    return;
                }
                seen.lock().expect("no panic while it is locked").push(request);
                let head = format!("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: {length}\r\n\r\n");
                let _ = stream.write_all(&[head.as_bytes(), &vec![b'.'; length]].concat()).await;
            }
        }
    })
    .await;
    let transport = transport();
    for number in 1..=4 {
        assert_eq!(send(&transport, &server.url()).await.status_code, Some(200));
        assert_eq!(server.connections(), 1, "request {number}");
        // The client returns the connection to its pool a moment after the response.
        sleep(Duration::from_millis(20)).await;
    }
    // The fourth response was not read to the end.
    assert_eq!(send(&transport, &server.url()).await.status_code, Some(200));
    assert_eq!(server.connections(), 2);
    let requests = requests.lock().expect("no panic");
    assert!(requests.iter().all(|request| !request.to_ascii_lowercase().contains("cookie")), "{requests:?}");
}

#[tokio::test]
async fn a_connection_closed_by_the_server_is_replaced() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    })
    .await;
    let transport = transport();
    for connections in 1..=3 {
        let result = send(&transport, &server.url()).await;
        assert_eq!((result.status_code, result.error), (Some(200), None));
        assert_eq!(server.connections(), connections);
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn all_connections_that_were_used_at_once_are_kept() {
    const AT_ONCE: usize = 32;
    // Responds only when all of them have arrived.
    let barrier = Arc::new(Barrier::new(AT_ONCE));
    let server = Server::start(move |mut stream| {
        let barrier = barrier.clone();
        async move {
            while !read_request(&mut stream).await.is_empty() {
                barrier.wait().await;
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
            }
        }
    })
    .await;
    let transport = transport();
    for _ in 0..2 {
        let url = server.url();
        let results = join_all((0..AT_ONCE).map(|_| send(&transport, &url))).await;
        assert!(results.iter().all(|result| result.status_code == Some(204)), "{results:?}");
        assert_eq!(server.connections(), AT_ONCE);
        sleep(Duration::from_millis(50)).await;
    }
}

// Responses.

#[tokio::test]
async fn any_response_status_is_recorded() {
    for status in [200, 201, 202, 203, 204, 205, 206, 299, 300, 304, 400, 404, 408, 410, 429, 500, 503, 599, 600, 999] {
        let server = Server::answering(format!("HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n")).await;
        let result = send(&transport(), &server.url()).await;
        assert_eq!((result.status_code, result.error), (Some(status), None), "{status}");
    }
}

#[tokio::test]
async fn a_response_that_is_not_http_is_a_failure() {
    let answers: [&[u8]; 12] = [
        b"HTTP/1.1 000 Nothing\r\n\r\n",
        b"HTTP/1.1 99 Few\r\n\r\n",
        b"HTTP/1.1 1000 Many\r\n\r\n",
        b"HTTP/1.1 -20 OK\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"<html>hello</html>\r\n\r\n",
        b"\0\0\0\0",
        b"HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    ];
    for answer in answers {
        let server = Server::answering(answer).await;
        assert_failed(&send(&transport(), &server.url()).await);
    }
}

#[tokio::test]
async fn a_redirect_is_recorded_and_not_followed() {
    let target = Server::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    for status in [300, 301, 302, 303, 305, 307, 308] {
        for location in [target.url(), "/".to_owned(), "http://169.254.169.254/latest/".to_owned(), "\u{7}".to_owned()]
        {
            let head = format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
            let server = Server::answering(head).await;
            let result = send(&transport(), &server.url()).await;
            if location == "\u{7}" {
                assert_failed(&result);
            } else {
                assert_eq!((result.status_code, result.error), (Some(status), None), "{location}");
            }
            assert_eq!(server.connections(), 1, "{status} {location}");
        }
    }
    assert_eq!(target.connections(), 0);
}

async fn retry_after(values: &[&str]) -> Option<Duration> {
    let headers: String = values.iter().map(|value| format!("Retry-After: {value}\r\n")).collect();
    let server = Server::answering(format!("HTTP/1.1 503 Later\r\n{headers}Content-Length: 0\r\n\r\n")).await;
    let result = send(&transport(), &server.url()).await;
    assert_eq!((result.status_code, result.error), (Some(503), None), "{values:?}");
    result.retry_after
}

#[tokio::test]
async fn retry_after_is_read_in_seconds_and_as_a_date() {
    for (text, seconds) in [("0", 0), ("120", 120), ("  7  ", 7), ("0007", 7), ("99999999999999999999999", u64::MAX)] {
        assert_eq!(retry_after(&[text]).await, Some(Duration::from_secs(seconds)), "{text}");
    }
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
    let asked = retry_after(&[&date]).await.expect("a date");
    assert!((3590..=3600).contains(&asked.as_secs()), "{asked:?}");
    assert_eq!(retry_after(&["Thu, 01 Jan 1970 00:00:00 GMT"]).await, Some(Duration::ZERO));
    assert!(retry_after(&["Fri, 31 Dec 9999 23:59:59 GMT"]).await > Some(Duration::from_hours(24)));
    assert_eq!(retry_after(&["5", "7"]).await, Some(Duration::from_secs(5)));
}

#[tokio::test]
async fn an_invalid_retry_after_is_ignored() {
    for text in ["", "-1", "+5", "1.5", "1e3", "5 s", "soon", "0x10", "٣", "Thu, 99 Foo 2026 00:00:00 GMT", "infinity"]
    {
        assert_eq!(retry_after(&[text]).await, None, "{text}");
    }
    assert_eq!(retry_after(&[]).await, None);
}

// Servers that misbehave.

async fn assert_given_up(server: &Server) {
    let started = Instant::now();
    let result = send(&hasty_transport(), &server.url()).await;
    assert_worth_another_attempt(&result);
    assert_timed_out(&result, started);
}

#[tokio::test]
async fn a_server_that_never_responds_times_out() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        std::future::pending().await
    })
    .await;
    assert_given_up(&server).await;
}

#[tokio::test]
async fn a_server_that_sends_its_head_byte_by_byte_times_out() {
    let server = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        drip(&mut stream, &format!("HTTP/1.1 200 OK\r\nX-Slow: {}", "a".repeat(1000))).await;
    })
    .await;
    assert_given_up(&server).await;
}

/// With the status, the receiver has said whether it took the delivery. Its body does not matter.
#[tokio::test]
async fn a_body_that_arrives_too_slowly_times_out_but_the_status_counts() {
    for status in [200, 503] {
        let server = Server::start(move |mut stream| async move {
            read_request(&mut stream).await;
            let head = format!("HTTP/1.1 {status} Slow\r\nContent-Length: 1000\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            drip(&mut stream, &".".repeat(1000)).await;
        })
        .await;
        let started = Instant::now();
        let result = send(&hasty_transport(), &server.url()).await;
        assert_eq!(result.status_code, Some(status));
        assert_timed_out(&result, started);
    }
}

#[tokio::test]
async fn a_2xx_is_a_success_even_if_its_body_is_cut_off() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf").await;
    let subscription = WebhookSubscription::new("cus_1", server.url(), "whsec_1", 0);
    let json = r#"{"event_id":"evt_1","event_type":"deal.won","customer_id":"cus_1","payload":{},"timestamp":5}"#;
    let event = WebhookEvent::from_json(json).expect("a record");
    let delivery = deliver_once(&subscription, &event, &transport(), &DeliveryOptions::default()).await;
    assert!(delivery.success && delivery.error.is_some(), "{delivery:?}");
}

#[tokio::test]
async fn a_response_cut_off_in_its_head_is_a_failure() {
    for head in ["", "H", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"] {
        let server = Server::answering(head).await;
        assert_failed(&send(&transport(), &server.url()).await);
    }
    let hangs_up = Server::start(|stream| async { drop(stream) }).await;
    assert_failed(&send(&transport(), &hangs_up.url()).await);
}

#[tokio::test]
async fn a_response_cut_off_in_its_body_keeps_its_status() {
    let bodies = [
        "Content-Length: 1000\r\n\r\nhalf",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nha",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ];
    for body in bodies {
        let server = Server::answering(format!("HTTP/1.1 500 Broken\r\n{body}")).await;
        let result = send(&transport(), &server.url()).await;
        assert_eq!(result.status_code, Some(500), "{body}");
        transport_error(&result);
    }
}

/// A server that sends this many bytes of an endless body, then stalls.
async fn server_that_stalls_after(body_bytes: usize) -> Server {
    Server::start(move |mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await;
        let _ = stream.write_all(&vec![b'.'; body_bytes]).await;
        std::future::pending().await
    })
    .await
}

#[tokio::test]
async fn at_most_64_kib_of_a_body_are_read() {
    let enough = server_that_stalls_after(MAX_RESPONSE_BYTES).await;
    let result = send(&hasty_transport(), &enough.url()).await;
    assert_eq!((result.status_code, result.error), (Some(200), None));

    let one_less = server_that_stalls_after(MAX_RESPONSE_BYTES - 1).await;
    let started = Instant::now();
    let result = send(&hasty_transport(), &one_less.url()).await;
    assert_eq!(result.status_code, Some(200));
    assert_timed_out(&result, started);
}

#[tokio::test]
async fn an_endless_body_is_cut_off_and_its_status_counts() {
    let written = Arc::new(Mutex::new(None));
    let total = written.clone();
    let server = Server::start(move |mut stream| {
        let total = total.clone();
        async move {
            read_request(&mut stream).await;
            let mut bytes = 0;
            let _ = stream.write_all(b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n").await;
            let chunk = format!("400\r\n{}\r\n", ".".repeat(0x400));
            while stream.write_all(chunk.as_bytes()).await.is_ok() {
                bytes += chunk.len();
            }
            *total.lock().expect("no panic while it is locked") = Some(bytes);
        }
    })
    .await;
    let result = send(&transport(), &server.url()).await;
    assert_eq!((result.status_code, result.error), (Some(202), None));
    assert!(result.duration_ms < 5000, "{}", result.duration_ms);
    let bytes = eventually(|| *written.lock().expect("no panic while it is locked")).await;
    // Whatever the client did not read is in the buffers of the two sockets.
    assert!(bytes < 16 * 1024 * 1024, "{bytes}");
}

/// Waits until `probe` returns something.
async fn eventually<T>(probe: impl Fn() -> Option<T>) -> T {
    for _ in 0..500 {
        if let Some(value) = probe() {
            return value;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("nothing happened within five seconds");
}

#[tokio::test]
async fn interim_responses_are_skipped_but_not_endlessly() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let server = Server::answering(format!("{}HTTP/1.1 204 No Content\r\n\r\n", interim.repeat(20))).await;
    let result = send(&hasty_transport(), &server.url()).await;
    assert_eq!((result.status_code, result.error), (Some(204), None));

    for pause in [Duration::ZERO, Duration::from_millis(10)] {
        let hung_up = Arc::new(Mutex::new(None));
        let noticed = hung_up.clone();
        let server = Server::start(move |mut stream| {
            let noticed = noticed.clone();
            async move {
                read_request(&mut stream).await;
                while stream.write_all(interim.as_bytes()).await.is_ok() {
                    sleep(pause).await;
                }
                *noticed.lock().expect("no panic while it is locked") = Some(());
            }
        })
        .await;
        let started = Instant::now();
        let result = send(&hasty_transport(), &server.url()).await;
        assert_worth_another_attempt(&result);
        assert_timed_out(&result, started);
        eventually(|| *hung_up.lock().expect("no panic while it is locked")).await;
    }
}

#[tokio::test]
async fn a_101_is_recorded_as_a_status_like_any_other() {
    let head = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    let server = Server::answering(head).await;
    let result = send(&transport(), &server.url()).await;
    assert_eq!((result.status_code, result.error), (Some(101), None));
}

#[tokio::test]
async fn an_enormous_head_is_a_failure() {
    let many: String = (0..1000).map(|number| format!("X-{number}: a\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "a".repeat(200 * 1024));
    for headers in [many, long] {
        let server = Server::answering(format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 0\r\n\r\n")).await;
        assert_failed(&send(&transport(), &server.url()).await);
    }
}

#[tokio::test]
async fn no_time_limit_is_too_long() {
    let server = Server::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let transport = HttpTransport::new(HttpOptions { timeout: Duration::MAX, ..options() }).expect("a transport");
    assert_eq!(send(&transport, &server.url()).await.status_code, Some(204));
}

#[tokio::test]
async fn a_refused_connection_is_a_failure() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    let result = send(&transport(), &url).await;
    assert_failed(&result);
    assert!(transport_error(&result).contains("refused"), "{result:?}");
}

// Names and addresses.

#[tokio::test]
async fn connecting_may_take_half_of_the_timeout() {
    let server = Server::start(|stream| async move {
        let _open = stream;
        std::future::pending().await
    })
    .await;
    let result = send(&hasty_transport(), &server.url().replace("http:", "https:")).await;
    assert_worth_another_attempt(&result);
    assert_eq!(result.error, Some(DeliveryError::TimedOut("connecting timed out after 0.15 s".to_owned())));
}

#[tokio::test]
async fn an_unresponsive_address_leaves_time_for_the_next() {
    let server = Server::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let port = server.address.port();
    // A full backlog: the system drops new connection attempts, as if the machine were dead.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 2], port).into()).expect("a free port");
    let _listener = socket.listen(1).expect("a listener");
    let knocking: Vec<_> = (0..8).map(|_| tokio::spawn(TcpStream::connect(("127.0.0.2", port)))).collect();
    sleep(Duration::from_millis(50)).await;

    let resolver = Resolver::fixed(&["127.0.0.2", "127.0.0.1"]);
    let options = HttpOptions { resolver: Some(resolver), timeout: Duration::from_secs(1), ..options() };
    let transport = HttpTransport::new(options).expect("a transport");
    let result = send(&transport, &format!("http://receiver.example:{port}/")).await;
    assert_eq!(result.status_code, Some(204), "{result:?}");
    assert!(result.duration_ms >= 100, "the first address was not dead: {result:?}");
    knocking.iter().for_each(tokio::task::JoinHandle::abort);
}

// The reference's own transport (`tests/vectors/deliver.json`).

#[derive(Deserialize)]
struct DefaultTransport {
    id: String,
    exception_message: Option<String>,
    http_status: Option<u16>,
    expect: Expected,
}

#[derive(Deserialize)]
struct Expected {
    status_code: Option<u16>,
    error: Option<String>,
    client: Client,
}

#[derive(Deserialize)]
struct Client {
    timeout_seconds: f64,
    follow_redirects: bool,
}

/// The exception's text is passed in through a resolver: no other error's text can be chosen freely.
#[tokio::test]
async fn errors_and_statuses_match_the_reference() {
    let vectors = read::<serde_json::Value>("deliver.json").into_iter();
    let mut count = 0;
    for vector in vectors.filter(|vector| vector["kind"] == "default_transport") {
        let vector = DefaultTransport::deserialize(vector).expect("a default_transport vector");
        let result = match (&vector.exception_message, vector.http_status) {
            (Some(message), _) => {
                let resolver = Resolver::new(vec![Err(message.clone())]);
                let options = HttpOptions { resolver: Some(resolver), ..options() };
                let request =
                    DeliveryRequest { url: "https://receiver.example/".to_owned(), headers: vec![], body: BODY.into() };
                HttpTransport::new(options).expect("a transport").send(request).await
            }
            (None, Some(status)) => {
                let elsewhere = "Location: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                let server = Server::answering(format!("HTTP/1.1 {status} A\r\n{elsewhere}")).await;
                let result = send(&transport(), &server.url()).await;
                assert_eq!(server.connections(), 1, "{}: the redirect was followed", vector.id);
                result
            }
            (None, None) => panic!("{}: neither an exception nor a status", vector.id),
        };
        assert_eq!(result.status_code, vector.expect.status_code, "{}", vector.id);
        assert_eq!(result.error.map(|error| error.to_string()), vector.expect.error, "{}", vector.id);
        assert_eq!(HttpOptions::default().timeout.as_secs_f64(), vector.expect.client.timeout_seconds);
        assert!(!vector.expect.client.follow_redirects, "{}", vector.id);
        count += 1;
    }
    assert!(count > 0, "deliver.json holds no default_transport vectors");
}
