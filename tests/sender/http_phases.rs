//! How the time of an attempt was spent.

use crate::support::resolver::{Resolver, Silent};
use crate::support::server::{Server, read_request};
use crate::support::tls::{acceptor, authority, params};
use dealix_webhooks::WebhookEvent;
use dealix_webhooks::sender::{
    AttemptPhases, DeliveryOptions, DeliveryRequest, DeliveryResult, EndpointPolicy, HttpOptions, HttpTransport,
    Resolve, Resolving, Transport, WebhookSubscription, deliver_once,
};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

const DNS: Duration = Duration::from_millis(20);
const TLS: Duration = Duration::from_millis(30);
const FIRST_BYTE: Duration = Duration::from_millis(40);
/// Long, because a busy client notices the head late.
const BODY: Duration = Duration::from_millis(500);

/// Takes its time.
struct Slow;

impl Resolve for Slow {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        Box::pin(async {
            sleep(DNS).await;
            Ok(vec![Ipv4Addr::LOCALHOST.into()])
        })
    }
}

fn options() -> HttpOptions {
    let endpoints =
        EndpointPolicy { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
    HttpOptions { endpoints, resolver: Some(Arc::new(Slow)), ..Default::default() }
}

fn hasty(resolver: Arc<dyn Resolve>) -> HttpTransport {
    let options = HttpOptions { resolver: Some(resolver), timeout: Duration::from_secs(1), ..options() };
    HttpTransport::new(options).expect("a transport")
}

async fn send(transport: &HttpTransport, url: &str) -> DeliveryResult {
    transport.send(DeliveryRequest { url: url.to_owned(), headers: Vec::new(), body: "{}".into() }).await
}

fn assert_took(phase: Option<u64>, at_least: Duration) {
    assert!(phase >= Some(at_least.as_millis() as u64), "{phase:?} is not {at_least:?}");
}

fn sum(phases: AttemptPhases) -> u64 {
    let AttemptPhases { dns_ms, connect_ms, tls_ms, first_byte_ms } = phases;
    [dns_ms, connect_ms, tls_ms, first_byte_ms].into_iter().flatten().sum()
}

#[tokio::test]
async fn a_new_connection_has_every_phase_and_a_reused_one_the_last() {
    let authority = authority();
    let acceptor = acceptor(&params("receiver.example"), &authority, &["http/1.1"]);
    let server = Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            sleep(TLS).await;
            let mut stream = acceptor.accept(stream).await.expect("a TLS client");
            while !read_request(&mut stream).await.is_empty() {
                sleep(FIRST_BYTE).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").await;
                sleep(BODY).await;
                let _ = stream.write_all(b"ok").await;
            }
        }
    })
    .await;
    let options = HttpOptions { root_certificates: vec![authority.pem().into_bytes()], ..options() };
    let transport = HttpTransport::new(options).expect("a transport");
    let url = format!("https://receiver.example:{}/", server.address.port());

    let first = send(&transport, &url).await;
    assert_eq!(first.status_code, Some(200), "{first:?}");
    assert_took(first.phases.dns_ms, DNS);
    assert!(first.phases.connect_ms.is_some());
    assert_took(first.phases.tls_ms, TLS);
    assert_took(first.phases.first_byte_ms, FIRST_BYTE);
    assert!(sum(first.phases) + BODY.as_millis() as u64 / 2 <= first.duration_ms, "{first:?}");
    // The client returns the connection to its pool a moment after the response.
    sleep(Duration::from_millis(20)).await;

    let second = send(&transport, &url).await;
    let AttemptPhases { first_byte_ms, .. } = second.phases;
    assert_took(first_byte_ms, FIRST_BYTE);
    assert_eq!(second.phases, AttemptPhases { first_byte_ms, ..Default::default() });
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn an_address_needs_no_look_up_and_http_no_handshake() {
    let server = Server::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let phases = send(&HttpTransport::new(options()).expect("a transport"), &server.url()).await.phases;
    assert_eq!((phases.dns_ms, phases.tls_ms), (None, None));
    assert!(phases.connect_ms.is_some() && phases.first_byte_ms.is_some(), "{phases:?}");
}

#[tokio::test]
async fn a_phase_that_was_not_completed_is_absent() {
    let done = |phases: AttemptPhases| {
        [phases.dns_ms, phases.connect_ms, phases.tls_ms, phases.first_byte_ms].map(|phase| phase.is_some())
    };
    let silent = Server::start(|stream| async move {
        let _open = stream;
        std::future::pending().await
    })
    .await;
    let port = silent.address.port();
    let fixed = || hasty(Resolver::fixed(&["127.0.0.1"]));

    let looking_up = send(&hasty(Arc::new(Silent)), "https://receiver.example/").await;
    assert_eq!(done(looking_up.phases), [false, false, false, false], "{looking_up:?}");
    let refused = send(&fixed(), "http://receiver.example:1/").await;
    assert_eq!(done(refused.phases), [true, false, false, false], "{refused:?}");
    let shaking_hands = send(&fixed(), &format!("https://receiver.example:{port}/")).await;
    assert_eq!(done(shaking_hands.phases), [true, true, false, false], "{shaking_hands:?}");
    let waiting = send(&fixed(), &format!("http://receiver.example:{port}/")).await;
    assert_eq!(done(waiting.phases), [true, true, false, false], "{waiting:?}");
    let forbidden = send(&fixed(), "https://10.0.0.1/").await;
    assert_eq!(forbidden.phases, AttemptPhases::default());
}

/// As with a server that closes idle connections, just as the next request is sent.
#[tokio::test]
async fn a_connection_that_replaces_a_closed_one_has_its_phases() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let transport = HttpTransport::new(options()).expect("a transport");
    for _ in 0..2 {
        let result = send(&transport, &server.url()).await;
        assert!(result.phases.connect_ms.is_some(), "{result:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_record_of_an_attempt_has_its_phases_and_the_excerpt() {
    let server = Server::answering("HTTP/1.1 500 Oops\r\nContent-Length: 5\r\n\r\nsorry").await;
    let json = r#"{"event_id":"evt_1","event_type":"deal.won","customer_id":"cus_1","payload":{},"timestamp":5}"#;
    let event = WebhookEvent::from_json(json).expect("a record");
    let subscription = WebhookSubscription::new("cus_1", server.url(), "whsec_1", 0);
    let transport = HttpTransport::new(options()).expect("a transport");
    let delivery = deliver_once(&subscription, &event, &transport, &DeliveryOptions::default()).await;
    assert!(delivery.phases.first_byte_ms.is_some(), "{delivery:?}");
    assert_eq!(delivery.excerpt.as_ref().expect("a body").body, "sorry");
    let shown = format!("{delivery:?}");
    assert!(shown.contains("first_byte_ms") && shown.contains("[5 bytes]") && !shown.contains("sorry"), "{shown}");
}
