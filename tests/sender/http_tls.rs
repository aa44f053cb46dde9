//! Deliveries over TLS: which certificates are trusted, and HTTP/2 with receivers that misbehave.

use crate::support::resolver::Resolver;
use crate::support::server::{Server, read_request};
use crate::support::tls::{acceptor, acceptor_of, authority, params, start_encrypted};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Version;
use dealix_webhooks::sender::{
    DeliveryError, DeliveryRequest, DeliveryResult, EndpointPolicy, HttpOptions, HttpTransport, Transport,
};
use futures_util::stream;
use rcgen::{CertifiedIssuer, Issuer, KeyPair, date_time_ymd};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ALL_VERSIONS;
use tokio_rustls::server::TlsStream;

const NAME: &str = "receiver.example";
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// A server that speaks HTTP/1.1 and answers every delivery with 204.
async fn answering(acceptor: TlsAcceptor) -> Server {
    Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            read_request(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

fn transport(authority: &CertifiedIssuer<'_, KeyPair>) -> HttpTransport {
    transport_with(authority, Duration::from_secs(10))
}

/// A transport that trusts the authority and resolves every name to this machine.
fn transport_with(authority: &CertifiedIssuer<'_, KeyPair>, timeout: Duration) -> HttpTransport {
    let options = HttpOptions {
        endpoints: EndpointPolicy {
            allow_networks: vec!["127.0.0.0/8".parse().expect("a network")],
            allow_http: false,
        },
        timeout,
        root_certificates: vec![authority.pem().into_bytes()],
        resolver: Some(Resolver::fixed(&["127.0.0.1"])),
        ..Default::default()
    };
    HttpTransport::new(options).expect("a transport")
}

async fn send(transport: &HttpTransport, port: u16) -> DeliveryResult {
    let url = format!("https://{NAME}:{port}/path-of-the-url?query=of-the-url");
    let result = transport.send(DeliveryRequest { url, headers: Vec::new(), body: "{}".into() }).await;
    if let Some(error) = &result.error {
        let error = error.to_string();
        assert!(!error.is_empty() && error.chars().count() <= 200, "{error}");
        for hidden in ["of-the-url", "127.0.0.1", "https://"] {
            assert!(!error.contains(hidden), "{hidden} is in {error}");
        }
    }
    result
}

fn assert_failed(result: &DeliveryResult, says: &str) {
    assert_eq!(result.status_code, None, "{result:?}");
    match &result.error {
        Some(DeliveryError::Transport(text)) => assert!(text.contains(says), "{text}"),
        other => panic!("not a transport error: {other:?}"),
    }
}

#[tokio::test]
async fn a_trusted_certificate_is_accepted_over_tls_1_2_and_1_3() {
    let authority = authority();
    for version in ALL_VERSIONS {
        let server = answering(acceptor_of(&params(NAME), &authority, &["http/1.1"], &[version])).await;
        let result = send(&transport(&authority), server.address.port()).await;
        assert_eq!((result.status_code, result.error), (Some(204), None), "{version:?}");
    }
    assert_eq!(ALL_VERSIONS.len(), 2, "TLS 1.2 and 1.3");
}

#[tokio::test]
async fn a_certificate_for_another_name_or_time_is_a_failure() {
    let authority = authority();
    let mut expired = params(NAME);
    expired.not_after = date_time_ymd(2020, 1, 1);
    let mut early = params(NAME);
    early.not_before = date_time_ymd(2999, 1, 1);
    for (params, says) in
        [(params("other.example"), "not valid for name"), (expired, "expired"), (early, "not valid yet")]
    {
        let server = answering(acceptor(&params, &authority, &["http/1.1"])).await;
        assert_failed(&send(&transport(&authority), server.address.port()).await, says);
    }
}

#[tokio::test]
async fn a_certificate_from_an_unknown_authority_is_a_failure() {
    let server = answering(acceptor(&params(NAME), &authority(), &["http/1.1"])).await;
    assert_failed(&send(&transport(&authority()), server.address.port()).await, "invalid peer certificate");
}

#[tokio::test]
async fn a_server_that_breaks_tls_is_a_failure() {
    let authority = authority();
    let answers: [&[u8]; 4] = [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"\x16\x03\x03\xff\xff\x02garbage in a handshake's record",
        // A fatal alert.
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"",
    ];
    for answer in answers {
        let server = Server::start(move |mut stream| async move {
            let mut hello = [0; 64];
            let _ = stream.read(&mut hello).await;
            let _ = stream.write_all(answer).await;
        })
        .await;
        assert_failed(&send(&transport(&authority), server.address.port()).await, "");
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_off_is_told_in_plain_words() {
    let authority = authority();
    for protocol in ["h2", "http/1.1"] {
        let acceptor = acceptor(&params(NAME), &authority, &[protocol]);
        let server = start_encrypted(acceptor, move |mut stream| async move {
            let _ = stream.read(&mut [0; 1024]).await;
        })
        .await;
        let result = send(&transport(&authority), server.address.port()).await;
        assert_failed(&result, "the connection was closed before the whole response had arrived");
    }
}

/// A receiver that does not get it may take the connection for one that was cut off.
#[tokio::test]
async fn a_connection_that_is_closed_ends_with_tlss_own_notice() {
    let authority = authority();
    let (tells, mut ended) = mpsc::unbounded_channel();
    let server = start_encrypted(acceptor(&params(NAME), &authority, &["http/1.1"]), move |mut stream| {
        let tells = tells.clone();
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await;
            let _ = tells.send(stream.read(&mut [0; 64]).await.map_err(|error| error.kind()));
        }
    })
    .await;
    let result = send(&transport(&authority), server.address.port()).await;
    assert_eq!((result.status_code, result.error), (Some(204), None));
    assert_eq!(ended.recv().await, Some(Ok(0)));
}

#[test]
fn an_invalid_root_certificate_is_refused_at_set_up() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["", "no certificate", broken] {
        let options = HttpOptions { root_certificates: vec![pem.into()], ..Default::default() };
        assert!(HttpTransport::new(options).is_err(), "{pem}");
    }
}

/// Accepts TLS connections for axum.
struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    connections: Arc<AtomicUsize>,
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.listener.accept().await.expect("a connection");
            if let Ok(stream) = self.acceptor.accept(stream).await {
                self.connections.fetch_add(1, SeqCst);
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// Serves HTTP/2. Returns the port and a counter of connections.
async fn serve_http2(authority: &Issuer<'_, KeyPair>, router: Router) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let connections = Arc::new(AtomicUsize::new(0));
    let acceptor = acceptor(&params(NAME), authority, &["h2"]);
    let listener = TlsListener { listener, acceptor, connections: connections.clone() };
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, connections)
}

#[tokio::test]
async fn deliveries_share_an_http_2_connection() {
    let authority = authority();
    let router = Router::new().fallback(|version: Version| async move {
        if version == Version::HTTP_2 {
            axum::http::StatusCode::NO_CONTENT
        } else {
            axum::http::StatusCode::IM_A_TEAPOT
        }
    });
    let (port, connections) = serve_http2(&authority, router).await;
    let transport = transport(&authority);
    for number in 0..3 {
        let result = send(&transport, port).await;
        assert_eq!((result.status_code, result.error), (Some(204), None));
        assert_eq!(result.phases.tls_ms.is_some(), number == 0, "{:?}", result.phases);
    }
    assert_eq!(connections.load(SeqCst), 1);
}

/// It then resets the stream without an error (RFC 9113 §8.1).
#[tokio::test]
async fn an_http_2_server_may_answer_without_reading_the_request() {
    let authority = authority();
    let (port, connections) = serve_http2(&authority, Router::new().fallback(async || "no")).await;
    let transport = transport(&authority);
    for _ in 0..3 {
        let (url, body) = (format!("https://{NAME}:{port}/"), Bytes::from(vec![b'.'; 4 << 20]));
        let result = transport.send(DeliveryRequest { url, headers: Vec::new(), body }).await;
        assert_eq!((result.status_code, result.error), (Some(200), None));
        assert!(result.duration_ms < 5000, "{} ms", result.duration_ms);
    }
    assert_eq!(connections.load(SeqCst), 1);
}

#[tokio::test]
async fn an_endless_body_over_http_2_is_cancelled_at_the_limit() {
    let authority = authority();
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let router = Router::new().fallback(async move || {
        let chunks = stream::repeat_with(move || {
            count.fetch_add(1024, SeqCst);
            Ok::<_, io::Error>(Bytes::from_static(&[b'.'; 1024]))
        });
        Body::from_stream(chunks)
    });
    let (port, connections) = serve_http2(&authority, router).await;
    let transport = transport(&authority);
    let result = send(&transport, port).await;
    assert_eq!((result.status_code, result.error), (Some(200), None));
    assert!(sent.load(SeqCst) >= MAX_RESPONSE_BYTES);
    assert!(sent.load(SeqCst) <= 4 * MAX_RESPONSE_BYTES, "{}", sent.load(SeqCst));
    // The connection is still usable.
    assert_eq!(send(&transport, port).await.status_code, Some(200));
    assert_eq!(connections.load(SeqCst), 1);
}

/// Over HTTP/1.1, a connection is closed once it has timed out. An HTTP/2 connection is shared: if it were kept, every
/// delivery on it would fail until the system notices, which takes a quarter of an hour.
#[tokio::test]
async fn a_dead_http_2_connection_is_not_reused() {
    let authority = authority();
    let acceptor = acceptor(&params(NAME), &authority, &["h2"]);
    let server = start_encrypted(acceptor, move |stream| async move {
        let _open = stream;
        std::future::pending().await
    })
    .await;
    let transport = transport_with(&authority, Duration::from_millis(500));
    for connections in 1..=2 {
        let result = send(&transport, server.address.port()).await;
        assert_eq!(result.error, Some(DeliveryError::TimedOut("timed out after 0.5 s".to_owned())));
        assert_eq!(server.connections(), connections);
    }
}

/// As when a server closes a connection after so many requests.
#[tokio::test]
async fn a_request_that_an_http_2_server_did_not_process_is_sent_again() {
    let authority = authority();
    for refusals in [1, 2, 3] {
        let acceptor = acceptor(&params(NAME), &authority, &["h2"]);
        let server = start_encrypted(acceptor, move |stream| async move {
            let mut connection = h2::server::handshake(stream).await.expect("an HTTP/2 client");
            let mut refused = 0;
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                if refused < refusals {
                    refused += 1;
                    respond.send_reset(h2::Reason::REFUSED_STREAM);
                } else {
                    let response = axum::http::Response::builder().status(204).body(()).expect("a response");
                    respond.send_response(response, true).expect("an open stream");
                }
            }
        })
        .await;
        let result = send(&transport(&authority), server.address.port()).await;
        assert_eq!(result.status_code, (refusals < 3).then_some(204), "{refusals}: {result:?}");
        assert_eq!(server.connections(), 1);
    }
}

/// It may have processed the request: that is for the retry schedule.
#[tokio::test]
async fn a_request_that_an_http_2_server_gave_up_is_not_sent_again() {
    let authority = authority();
    let requests = Arc::new(AtomicUsize::new(0));
    let count = requests.clone();
    let server = start_encrypted(acceptor(&params(NAME), &authority, &["h2"]), move |stream| {
        let count = count.clone();
        async move {
            let mut connection = h2::server::handshake(stream).await.expect("an HTTP/2 client");
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                count.fetch_add(1, SeqCst);
                respond.send_reset(h2::Reason::INTERNAL_ERROR);
            }
        }
    })
    .await;
    let result = send(&transport(&authority), server.address.port()).await;
    assert!(result.error.is_some(), "{result:?}");
    assert_eq!((result.status_code, requests.load(SeqCst)), (None, 1));
}

#[tokio::test]
async fn only_a_graceful_end_of_an_http_2_connection_is_followed_by_another() {
    let authority = authority();
    for (reason, expected) in [(h2::Reason::NO_ERROR, 3), (h2::Reason::INTERNAL_ERROR, 1)] {
        let server = start_encrypted(acceptor(&params(NAME), &authority, &["h2"]), move |stream| async move {
            let mut connection = h2::server::handshake(stream).await.expect("an HTTP/2 client");
            // The request has arrived by then, but was not accepted.
            tokio::time::sleep(Duration::from_millis(100)).await;
            connection.abrupt_shutdown(reason);
            while let Some(Ok(_)) = connection.accept().await {}
        })
        .await;
        let result = send(&transport(&authority), server.address.port()).await;
        assert!(result.error.is_some(), "{result:?}");
        assert_eq!(server.connections(), expected, "{reason:?}");
    }
}
