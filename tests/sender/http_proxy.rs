//! Deliveries through a proxy, which may not weaken the address guard.

use crate::support::connect_proxy::{ConnectProxy, DELAY};
use crate::support::resolver::{Answer, Resolver, Silent};
use crate::support::server::{Server, read_request};
use crate::support::tls::{acceptor, authority, params, start_encrypted};
use dealix_webhooks::sender::{
    DeliveryError, DeliveryRequest, DeliveryResult, EndpointError, EndpointPolicy, HttpOptions, HttpTransport,
    ProxyUrl, ProxyUrlError, Resolve, Transport, should_retry,
};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use zeroize::{Zeroize, Zeroizing};

const NAME: &str = "receiver.example";
const NO_CONTENT: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";
const LOCAL: &str = "127.0.0.0/8";
/// Long enough even on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(10);

fn options(proxy: &str, resolver: Arc<dyn Resolve>, network: &str) -> HttpOptions {
    let endpoints = EndpointPolicy { allow_http: true, allow_networks: vec![network.parse().expect("a network")] };
    let proxy = Some(proxy.parse().expect("a proxy"));
    HttpOptions { endpoints, proxy, resolver: Some(resolver), ..Default::default() }
}

fn url_of(server: &Server) -> String {
    format!("http://{}", server.address)
}

fn addresses(addresses: &[&str]) -> Answer {
    Ok(addresses.iter().map(|address| address.parse().expect("an address")).collect())
}

async fn send(options: HttpOptions, url: &str) -> DeliveryResult {
    deliver(&HttpTransport::new(options).expect("a transport"), url).await
}

async fn deliver(transport: &HttpTransport, url: &str) -> DeliveryResult {
    transport.send(DeliveryRequest { url: url.to_owned(), headers: Vec::new(), body: "{}".into() }).await
}

/// An endpoint that responds to every request on a connection with 204.
async fn endpoint() -> Server {
    Server::start(|mut stream| async move {
        while !read_request(&mut stream).await.is_empty() {
            let _ = stream.write_all(NO_CONTENT).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_proxy_is_given_the_checked_address_and_never_the_name() {
    let authority = authority();
    let acceptor = acceptor(&params(NAME), &authority, &["http/1.1"]);
    let encrypted = start_encrypted(acceptor, move |mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(NO_CONTENT).await;
    })
    .await;
    let plain = endpoint().await;
    for (scheme, server) in [("https", &encrypted), ("http", &plain)] {
        let proxy = ConnectProxy::start().await;
        // A second look-up would return an address that is not allowed.
        let resolver = Resolver::new(vec![addresses(&["127.0.0.1"]), addresses(&["10.0.0.1"])]);
        let options = HttpOptions {
            root_certificates: vec![authority.pem().into_bytes()],
            ..options(&url_of(&proxy.server), resolver.clone(), LOCAL)
        };
        // The certificate is for the name.
        let result = send(options, &format!("{scheme}://{NAME}:{}/hook", server.address.port())).await;
        assert_eq!((result.status_code, result.error), (Some(204), None), "{scheme}");
        let address = server.address;
        assert_eq!(proxy.requests(), [format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\r\n")]);
        assert_eq!(resolver.names(), [NAME]);
        assert!(result.phases.connect_ms >= Some(DELAY.as_millis() as u64), "{:?}", result.phases);
        assert_eq!(result.phases.tls_ms.is_some(), scheme == "https");
    }
}

#[tokio::test]
async fn without_a_port_the_proxy_is_given_the_schemes() {
    for (scheme, port) in [("https", 443), ("http", 80)] {
        let proxy = ConnectProxy::start().await;
        let options = options(&url_of(&proxy.server), Resolver::fixed(&["127.0.0.9"]), LOCAL);
        send(options, &format!("{scheme}://{NAME}/")).await;
        let seen = proxy.requests();
        assert!(seen[0].starts_with(&format!("CONNECT 127.0.0.9:{port} ")), "{seen:?}");
    }
}

#[tokio::test]
async fn a_forbidden_address_is_refused_before_the_proxy_is_called() {
    let proxy = ConnectProxy::start().await;
    for address in ["10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"] {
        let options = options(&url_of(&proxy.server), Resolver::fixed(&[address]), "127.0.0.2/32");
        for host in [NAME.to_owned(), if address.contains(':') { format!("[{address}]") } else { address.to_owned() }] {
            let result = send(options.clone(), &format!("http://{host}/")).await;
            assert_eq!(result.error, Some(DeliveryError::Endpoint(EndpointError::NotPublic)), "{host}");
        }
    }
    assert_eq!(proxy.server.connections(), 0);
}

#[tokio::test]
async fn the_proxy_itself_may_have_any_address() {
    let proxy = ConnectProxy::start().await;
    let port = proxy.server.address.port();
    for name in ["127.0.0.1", "proxy.example"] {
        let resolver = Resolver::new(vec![addresses(&["127.0.0.2"]), addresses(&["127.0.0.1"])]);
        let result =
            send(options(&format!("http://{name}:{port}"), resolver, "127.0.0.2/32"), "http://a.example:1/").await;
        assert_eq!(result.error, Some(transport_error("it responded with 502")), "{name}");
    }
    assert_eq!(proxy.server.connections(), 2);
}

#[tokio::test]
async fn a_tunnel_is_reused() {
    let (endpoint, proxy) = (endpoint().await, ConnectProxy::start().await);
    let options = options(&url_of(&proxy.server), Resolver::fixed(&["127.0.0.1"]), LOCAL);
    let transport = HttpTransport::new(options).expect("a transport");
    for _ in 0..3 {
        assert_eq!(deliver(&transport, &endpoint.url()).await.status_code, Some(204));
        // The client returns the connection to its pool a moment after the response.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((proxy.server.connections(), endpoint.connections()), (1, 1));
}

#[tokio::test]
async fn the_next_address_is_tried_if_the_proxy_does_not_reach_one() {
    let (endpoint, proxy) = (endpoint().await, ConnectProxy::start().await);
    let port = endpoint.address.port();
    let resolver = Resolver::fixed(&["127.0.0.2", "127.0.0.3", "127.0.0.1"]);
    let result = send(options(&url_of(&proxy.server), resolver, LOCAL), &format!("http://{NAME}:{port}/")).await;
    assert_eq!(result.status_code, Some(204), "{result:?}");
    assert_eq!(proxy.requests().len(), 3);

    let many: Vec<_> = (2..50).map(|last| format!("127.0.0.{last}")).collect();
    let resolver = Resolver::fixed(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let result = send(options(&url_of(&proxy.server), resolver, LOCAL), &format!("http://{NAME}:{port}/")).await;
    assert_eq!(result.error, Some(transport_error("it responded with 502")));
    assert_eq!(proxy.requests().len(), 3 + 4);
}

#[tokio::test]
async fn an_address_that_the_proxy_does_not_reach_leaves_time_for_the_next() {
    let proxy = Server::start(|mut stream| async move {
        if read_request(&mut stream).await.contains("127.0.0.2:") {
            return std::future::pending().await;
        }
        let _ = stream.write_all(b"HTTP/1.1 200 Yes\r\n\r\n").await;
        read_request(&mut stream).await;
        let _ = stream.write_all(NO_CONTENT).await;
    })
    .await;
    let resolver = Resolver::fixed(&["127.0.0.2", "127.0.0.1"]);
    let options = HttpOptions { timeout: Duration::from_secs(2), ..options(&url_of(&proxy), resolver, LOCAL) };
    let result = send(options, &format!("http://{NAME}/")).await;
    assert_eq!((result.status_code, result.error), (Some(204), None));
    assert!(result.phases.connect_ms >= Some(500), "{:?}", result.phases);
}

// Credentials.

#[tokio::test]
async fn the_proxys_credentials_are_sent_to_it_alone() {
    let (endpoint, proxy) = (endpoint().await, ConnectProxy::start().await);
    for (credentials, basic) in
        [("user:p%40ss%3Aword", "dXNlcjpwQHNzOndvcmQ="), ("user", "dXNlcjo="), (":word", "OndvcmQ=")]
    {
        let proxy_url = format!("http://{credentials}@{}/", proxy.server.address);
        let result = send(options(&proxy_url, Resolver::fixed(&[]), LOCAL), &endpoint.url()).await;
        assert_eq!(result.status_code, Some(204), "{credentials}");
        let seen = proxy.requests().pop().expect("a request");
        assert!(seen.contains(&format!("\r\nProxy-Authorization: Basic {basic}\r\n")), "{seen}");
    }
}

#[test]
fn a_proxys_url_shows_no_credentials() {
    let proxy: ProxyUrl = "http://hidden:p%40ss@proxy.example:3128".parse().expect("a proxy");
    let shown = format!("{proxy:?}");
    assert!(shown.contains("proxy.example:3128"), "{shown}");
    // The last is the base64 of the two before.
    for hidden in ["hidden", "p%40ss", "p@ss", "aGlkZGVuOnBAc3M="] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    let transport = HttpTransport::new(HttpOptions { proxy: Some(proxy), ..Default::default() }).expect("a transport");
    assert!(!format!("{transport:?}").contains("hidden"));
}

/// Whether this process's memory holds these bytes, of which only the complement is known here.
#[cfg(target_os = "linux")]
fn is_in_memory(complement: &[u8]) -> bool {
    use std::os::unix::fs::FileExt;
    let maps = std::fs::read_to_string("/proc/self/maps").expect("the maps");
    let memory = std::fs::File::open("/proc/self/mem").expect("the memory");
    let writable = maps.lines().filter(|line| line.contains(" rw"));
    let ranges = writable.filter_map(|line| line.split(' ').next()?.split_once('-'));
    ranges.into_iter().any(|(start, end)| {
        let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).expect("an address"));
        // It is no copy to be found next time.
        let mut part = Zeroizing::new(vec![0; (end - start) as usize]);
        // Some of the system's own parts cannot be read.
        memory.read_exact_at(&mut part, start).is_ok()
            && part.windows(complement.len()).any(|bytes| bytes.iter().zip(complement).all(|(a, b)| *a == !b))
    })
}

#[cfg(target_os = "linux")]
#[test]
fn a_proxys_credentials_are_wiped_from_memory() {
    const ALONE: &str = "DEALIX_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        // The other tests' memory is large, and changes while it is searched.
        let mut alone = std::process::Command::new(std::env::current_exe().expect("this program"));
        alone.args(["--exact", "http_proxy::a_proxys_credentials_are_wiped_from_memory"]).env(ALONE, "1");
        let output = alone.output().expect("it runs");
        assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
        return;
    }
    let complement = |text: &str| text.bytes().map(|byte| !byte).collect::<Vec<_>>();
    // Neither is part of the program.
    let mut password: String = (0..24).map(|index| char::from(b'a' + index * 7 % 26)).collect();
    let mut encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("ann:{password}"));
    // Freeing memory overwrites its beginning, whether or not it was wiped.
    let hidden = [complement(&password[12..]), complement(&encoded[24..])];
    let mut url = Zeroizing::new(String::with_capacity(100));
    url.push_str("http://ann:");
    url.push_str(&password);
    url.push_str("@proxy.example:3128");
    let proxy: ProxyUrl = url.parse().expect("a proxy");
    password.zeroize();
    encoded.zeroize();
    drop(url);
    let copy = proxy.clone();
    drop(proxy);
    assert!(is_in_memory(&hidden[1]), "a clone holds them");
    drop(copy);
    assert_eq!(hidden.map(|text| is_in_memory(&text)), [false, false]);
}

#[test]
fn a_proxy_that_is_not_an_http_url_is_refused() {
    let refused = |url: &str| url.parse::<ProxyUrl>().expect_err(url);
    for url in [
        "",
        "proxy.example",
        "http://",
        "http://:3128",
        "http://hidden:p@ss@/",
        "http://hidden:p@ss@/proxy.example",
        "http:hidden:p@ss@proxy.example",
        "http://proxy.example:70000",
    ] {
        assert_eq!(refused(url), ProxyUrlError::InvalidUrl, "{url}");
    }
    for url in ["http://proxy.example/path", "http://proxy.example/?query", "http://proxy.example/#fragment"] {
        assert_eq!(refused(url), ProxyUrlError::InvalidUrl, "{url}");
    }
    for url in ["https://hidden@proxy.example", "socks5://proxy.example:1080", "proxy.example:3128", "localhost:3128"] {
        assert_eq!(refused(url), ProxyUrlError::NotHttp, "{url}");
    }
    for url in ["http://proxy.example", "http://proxy.example:3128/", "HTTP://[::1]:3128", "http://10.0.0.1:80"] {
        assert!(url.parse::<ProxyUrl>().is_ok(), "{url}");
    }
}

// Proxies that refuse or fail.

fn transport_error(reason: &str) -> DeliveryError {
    DeliveryError::Transport(format!("the proxy did not connect to the endpoint: {reason}"))
}

async fn error_of(proxy: &str, resolver: Arc<dyn Resolve>) -> DeliveryError {
    error_within(TIMEOUT, proxy, resolver).await
}

async fn error_within(timeout: Duration, proxy: &str, resolver: Arc<dyn Resolve>) -> DeliveryError {
    let options = HttpOptions { timeout, ..options(&format!("http://hidden:p%40ss@{proxy}"), resolver, LOCAL) };
    let result = send(options, "http://receiver.example:1/path-of-the-url").await;
    assert_eq!(result.status_code, None, "{result:?}");
    assert!(should_retry(None, result.error.as_ref()), "{result:?}");
    let shown = format!("{result:?} {}", result.error.as_ref().expect("an error"));
    for hidden in ["hidden", "p@ss", "p%40ss", "aGlkZGVuOnBAc3M=", "127.0.0.1", "of-the-url", NAME] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    result.error.expect("an error")
}

async fn error_after(answer: impl Into<Vec<u8>>) -> DeliveryError {
    let proxy = Server::answering(answer).await;
    error_of(&proxy.address.to_string(), Resolver::fixed(&["127.0.0.1"])).await
}

#[tokio::test]
async fn a_proxy_that_refuses_is_told_from_one_that_is_broken() {
    for status in [300, 302, 400, 403, 404, 502, 503, 504] {
        let error = error_after(format!("HTTP/1.1 {status} No\r\nContent-Length: 5\r\n\r\nsorry")).await;
        assert_eq!(error, transport_error(&format!("it responded with {status}")));
    }
    let broken: [&[u8]; 5] = [b"", b"HTTP/1.1 2", b"SSH-2.0-OpenSSH_9.6\r\n", b"\0\0\0\0", b"HTTP/1.1 099 No\r\n\r\n"];
    for answer in broken {
        assert_eq!(error_after(answer).await, transport_error("it did not respond as an HTTP proxy"));
    }
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "a".repeat(1024 * 1024));
    assert_eq!(error_after(endless).await, transport_error("it did not respond as an HTTP proxy"));
}

/// No endpoint is to blame, so the attempt must not count.
#[tokio::test]
async fn a_proxy_that_wants_other_credentials_is_this_machines_failure() {
    let error = error_after("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n").await;
    assert!(matches!(&error, DeliveryError::Local(text) if text.contains("wants a user and a password")), "{error:?}");
}

#[tokio::test]
async fn a_proxy_that_lets_in_all_but_one_endpoint_is_no_local_failure() {
    let proxy = Server::start(|mut stream| async move {
        let refuses = read_request(&mut stream).await.contains(":7 ");
        let status = if refuses { "407 No" } else { "200 Yes" };
        let _ = stream.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).await;
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await;
    })
    .await;
    let options = options(&url_of(&proxy), Resolver::fixed(&["127.0.0.1"]), LOCAL);
    let transport = HttpTransport::new(options).expect("a transport");
    let error_at = async |port: u16| deliver(&transport, &format!("http://{NAME}:{port}/")).await.error;
    let is_local = |error: Option<DeliveryError>| matches!(error, Some(DeliveryError::Local(_)));
    assert!(is_local(error_at(7).await), "the proxy has let nothing through yet");
    for _ in 0..2 {
        assert_eq!(error_at(8).await, None);
        assert_eq!(error_at(7).await, Some(transport_error("it responded with 407")));
        assert!(is_local(error_at(7).await), "the credentials may have been changed");
    }
}

#[tokio::test]
async fn a_proxy_that_cannot_be_reached_is_this_machines_failure() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let error = error_of(&closed.to_string(), Resolver::fixed(&["127.0.0.1"])).await;
    assert!(
        matches!(&error, DeliveryError::Local(text) if text.starts_with("the proxy cannot be reached: Conn")),
        "{error:?}"
    );

    let resolver = Resolver::new(vec![addresses(&["127.0.0.1"]), Err("no such name".to_owned())]);
    let error = error_of("proxy.invalid:3128", resolver).await;
    assert_eq!(error, DeliveryError::Local("the proxy cannot be reached: no such name".to_owned()));

    let resolver = Resolver::new(vec![addresses(&["127.0.0.1"]), Err("é".repeat(1000))]);
    let error = error_of("proxy.invalid:3128", resolver).await;
    assert_eq!(error.to_string().chars().count(), 200, "{error}");
}

#[tokio::test]
async fn a_proxys_machine_that_is_down_is_told_from_an_endpoint_that_is() {
    // A full backlog: the system drops new connection attempts, as if the machine were dead.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let listener = socket.listen(1).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let knocking: Vec<_> = (0..8).map(|_| tokio::spawn(TcpStream::connect(address))).collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let started = Instant::now();
    let error = error_of(&address.to_string(), Resolver::fixed(&["127.0.0.1"])).await;
    assert!(started.elapsed() >= TIMEOUT / 4, "it was given up after {:?}", started.elapsed());
    assert!(
        matches!(&error, DeliveryError::Local(text) if text.starts_with("the proxy cannot be reached")),
        "{error:?}"
    );
    knocking.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_proxy_that_hangs_takes_only_the_time_for_connecting() {
    const TIMEOUT: Duration = Duration::from_secs(2);
    let late = DeliveryError::TimedOut("connecting timed out after 1 s".to_owned());
    // It neither responds nor ends its response.
    for answer in ["", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 100 Continue\r\n\r\n"] {
        let proxy = Server::start(move |mut stream| async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            std::future::pending().await
        })
        .await;
        let proxy = proxy.address.to_string();
        assert_eq!(error_within(TIMEOUT, &proxy, Resolver::fixed(&["127.0.0.1"])).await, late, "{answer}");
    }
    let looked_up = DeliveryError::TimedOut("looking up the name timed out after 0.8 s".to_owned());
    assert_eq!(error_within(TIMEOUT, "127.0.0.1:1", Arc::new(Silent)).await, looked_up);
}

#[tokio::test]
async fn a_refusal_with_an_endless_body_is_not_waited_for() {
    let proxy = Server::start(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 502 No\r\n\r\n").await;
        while stream.write_all(&[b'.'; 1024]).await.is_ok() {}
    })
    .await;
    let error = error_of(&proxy.address.to_string(), Resolver::fixed(&["127.0.0.1"])).await;
    assert_eq!(error, transport_error("it responded with 502"));
}
