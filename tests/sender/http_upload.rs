//! Deliveries to endpoints that do not take the whole request.

use crate::support::resolver::Resolver;
use crate::support::server::Server;
use crate::support::tls::{acceptor, authority, params, start_encrypted};
use bytes::Bytes;
use dealix_webhooks::sender::{
    DeliveryError, DeliveryRequest, DeliveryResult, EndpointPolicy, HttpOptions, HttpTransport, Transport,
};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

const NAME: &str = "receiver.example";
/// More than the sockets' buffers hold.
const BODY_BYTES: usize = 16 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_millis(500);

fn options(timeout: Duration) -> HttpOptions {
    let endpoints =
        EndpointPolicy { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
    HttpOptions { endpoints, timeout, resolver: Some(Resolver::fixed(&["127.0.0.1"])), ..Default::default() }
}

/// Who holds the other reference still holds the body.
struct Body(Vec<u8>, #[expect(dead_code, reason = "it is counted")] Arc<()>);

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

async fn send(transport: &HttpTransport, url: String, holders: &Arc<()>) -> DeliveryResult {
    let body = Bytes::from_owner(Body(vec![b'.'; BODY_BYTES], holders.clone()));
    transport.send(DeliveryRequest { url, headers: Vec::new(), body }).await
}

async fn assert_let_go(holders: &Arc<()>) {
    let started = Instant::now();
    while Arc::strong_count(holders) > 1 {
        assert!(started.elapsed() < Duration::from_secs(5), "{} bodies are held", Arc::strong_count(holders) - 1);
        sleep(Duration::from_millis(20)).await;
    }
}

fn timed_out() -> Option<DeliveryError> {
    Some(DeliveryError::TimedOut("timed out after 0.5 s".to_owned()))
}

#[tokio::test]
async fn an_endpoint_that_does_not_read_holds_no_body_and_no_socket() {
    let (may_read, hung_up) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (told, tells) = (may_read.clone(), hung_up.clone());
    let server = Server::start(move |mut stream| {
        let (told, tells) = (told.clone(), tells.clone());
        async move {
            told.notified().await;
            let mut buffer = vec![0; 1024 * 1024];
            while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
            tells.notify_one();
        }
    })
    .await;
    let transport = HttpTransport::new(options(TIMEOUT)).expect("a transport");
    let holders = Arc::new(());
    let result = send(&transport, server.url(), &holders).await;
    assert_eq!((result.status_code, result.error), (None, timed_out()));
    assert_let_go(&holders).await;
    may_read.notify_one();
    timeout(Duration::from_secs(5), hung_up.notified()).await.expect("the connection is still open");
}

#[tokio::test]
async fn an_early_answer_over_http_2_holds_no_body() {
    let authority = authority();
    let acceptor = acceptor(&params(NAME), &authority, &["h2"]);
    let server = start_encrypted(acceptor, move |stream| async move {
        let mut connection = h2::server::handshake(stream).await.expect("an HTTP/2 client");
        let mut unread = Vec::new();
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            let response = axum::http::Response::builder().status(204).body(()).expect("a response");
            respond.send_response(response, true).expect("an open stream");
            unread.push(request);
        }
    })
    .await;
    let root_certificates = vec![authority.pem().into_bytes()];
    let transport = HttpTransport::new(HttpOptions { root_certificates, ..options(TIMEOUT) }).expect("a transport");
    let holders = Arc::new(());
    let result = send(&transport, format!("https://{NAME}:{}/", server.address.port()), &holders).await;
    assert_eq!((result.status_code, result.error), (Some(204), timed_out()), "the status counts");
    assert_let_go(&holders).await;
}

#[tokio::test]
async fn an_endpoint_may_respond_before_it_has_read_the_request() {
    let received = Arc::new(Mutex::new(0));
    let count = received.clone();
    let server = Server::start(move |mut stream| {
        let count = count.clone();
        async move {
            let mut buffer = vec![0; 1024 * 1024];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").await;
            sleep(Duration::from_millis(200)).await;
            while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                *count.lock().expect("no panic while it is locked") += read;
            }
        }
    })
    .await;
    let transport = HttpTransport::new(options(Duration::from_secs(10))).expect("a transport");
    let holders = Arc::new(());
    let result = send(&transport, server.url(), &holders).await;
    assert_eq!((result.status_code, result.error), (Some(202), None));
    assert!(result.duration_ms < 8000, "{} ms", result.duration_ms);
    sleep(Duration::from_millis(500)).await;
    assert!(*received.lock().expect("no panic while it is locked") > BODY_BYTES - 1024 * 1024 - 1);
    assert_let_go(&holders).await;
}
