//! Only endpoints at public addresses are called, however the URL is written and whatever its host name resolves to.

use crate::support::resolver::Resolver;
use dealix_webhooks::sender::{
    DeliveryError, DeliveryRequest, DeliveryResult, EndpointError, EndpointPolicy, HttpOptions, HttpTransport,
    Transport, should_retry,
};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Addresses that no endpoint may have: those in IANA's special-purpose registries, and those that embed one.
const FORBIDDEN: &[&str] = &[
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.0.0",
    "169.254.169.254",
    "169.254.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.0",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.0.255",
    "192.0.2.1",
    "192.88.99.1",
    "192.88.99.2",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.0",
    "255.255.255.254",
    "255.255.255.255",
    // Loopback, unspecified, IPv4-compatible, and IPv4-mapped.
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:0.0.0.0",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:192.168.0.1",
    "::ffff:0:127.0.0.1",
    // NAT64: the well-known prefix is judged by the embedded address, the local prefix is always refused.
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::",
    "64:ff9b:1::8.8.8.8",
    "64:ff9b::1:0:0",
    // 6to4 is judged by the embedded address.
    "2002::",
    "2002:7f00:1::",
    "2002:a00::",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:1::",
    "2002:e000:1::",
    // Discard, dummy, Teredo, benchmarking, ORCHID, other protocol assignments, documentation, segment routing.
    "100::",
    "100::1",
    "100:0:0:1::",
    "2001::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:1::1",
    "2001:2::",
    "2001:10::",
    "2001:20::",
    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::1",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff::",
    "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
    "5f00::1",
    // Unique local, link-local, site-local, multicast and unassigned.
    "fc00::1",
    "fd00:ec2::254",
    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "1fff:ffff::1",
    "4000::1",
    "e000::1",
];

/// Public addresses next to them, and special ones that IANA lists as globally reachable.
const PUBLIC: &[&str] = &[
    "1.0.0.0",
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "192.175.48.1",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2000::1",
    "2001:200::1",
    "2001:db7:ffff::1",
    "2001:db9::1",
    "2001:4860:4860::8888",
    "2002:808:808::1",
    "2003::1",
    "2606:4700::1111",
    "2620:4f:8000::1",
    "3ffe:ffff::1",
    "3fff:1000::1",
    "3fff:ffff::1",
];

fn address(text: &str) -> IpAddr {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn literal(text: &str) -> String {
    if address(text).is_ipv6() { format!("https://[{text}]/hook") } else { format!("https://{text}/hook") }
}

fn refused(error: EndpointError) -> Option<DeliveryError> {
    Some(DeliveryError::Endpoint(error))
}

async fn send(transport: &HttpTransport, url: &str) -> DeliveryResult {
    let request = DeliveryRequest { url: url.to_owned(), headers: Vec::new(), body: "{}".into() };
    transport.send(request).await
}

fn transport(endpoints: EndpointPolicy, resolver: Arc<Resolver>) -> HttpTransport {
    let timeout = Duration::from_secs(5);
    let options = HttpOptions { endpoints, timeout, resolver: Some(resolver), ..Default::default() };
    HttpTransport::new(options).expect("a transport")
}

fn http_to(networks: &[&str]) -> EndpointPolicy {
    let allow_networks = networks.iter().map(|network| network.parse().expect("a network")).collect();
    EndpointPolicy { allow_http: true, allow_networks }
}

#[test]
fn special_addresses_are_refused_and_their_public_neighbours_are_not() {
    let policy = EndpointPolicy::default();
    for text in FORBIDDEN {
        assert!(!policy.allows(address(text)), "{text} is allowed");
        assert_eq!(policy.check_url(&literal(text)), Err(EndpointError::NotPublic), "{text}");
    }
    for text in PUBLIC {
        assert!(policy.allows(address(text)), "{text} is refused");
        assert!(policy.check_url(&literal(text)).is_ok(), "{text}");
    }
}

#[tokio::test]
async fn a_name_with_a_special_address_is_refused_without_showing_it() {
    for text in FORBIDDEN {
        let resolver = Resolver::fixed(&[text]);
        let result =
            send(&transport(EndpointPolicy::default(), resolver.clone()), "https://receiver.example/hook").await;
        assert_eq!(result.error, refused(EndpointError::NotPublic), "{text}");
        assert_eq!(resolver.names(), ["receiver.example"], "{text}");
        assert!(!should_retry(result.status_code, result.error.as_ref()), "{text}");
        let said = format!("{result:?} {}", result.error.as_ref().expect("an error"));
        assert!(!said.contains(text) || text.len() < 4, "{text} is in {said}");
    }
}

#[tokio::test]
async fn every_spelling_of_a_loopback_address_is_refused() {
    let listener = Listener::start("127.0.0.1:0").await;
    let port = listener.address.port();
    let hosts = [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "127.0.0.1%2e",
        "2130706433",
        "0177.0.0.1",
        "0177.0.0.01",
        "00000177.1",
        "017700000001",
        "0x7f.1",
        "0X7F.0x0.0.1",
        "0x7f000001",
        "0x7F000001.",
        "%31%32%37.0.0.1",
        "①②⑦.⓪.⓪.①",
        "１２７.０.０.１",
        "127。0。0。1",
        "127.0.0.1\u{ad}",
        "0",
        "0.0.0.0",
        "0x0",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::FFFF:7F00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:FF9B::127.0.0.1]",
        "[2002:7f00:1::]",
    ];
    // These are addresses, so the resolver is never called.
    let resolver = Resolver::new(vec![Err("looked up".to_owned())]);
    let http = EndpointPolicy { allow_http: true, ..Default::default() };
    let transport = transport(http, resolver.clone());
    for host in hosts {
        let result = send(&transport, &format!("http://{host}:{port}/hook")).await;
        assert_eq!(result.error, refused(EndpointError::NotPublic), "{host}");
    }
    for url in
        [format!("http:127.0.0.1:{port}"), format!(r"http:\\127.0.0.1:{port}\"), format!("\thttp://127.0.\n0.1:{port}")]
    {
        let result = send(&transport, &url).await;
        assert_eq!(result.error, refused(EndpointError::NotPublic), "{url}");
    }
    assert_eq!(resolver.names(), Vec::<String>::new());
    assert_eq!(listener.connections(), 0);
}

#[tokio::test]
async fn localhost_is_refused_without_a_lookup_unless_loopback_is_allowed() {
    let resolver = Resolver::new(vec![Err("looked up".to_owned())]);
    let guarded = transport(EndpointPolicy::default(), resolver.clone());
    for host in ["localhost", "LOCALHOST", "localhost.", "a.localhost", "a.b.localhost.", "%6cocalhost", "ｌocalhost"]
    {
        let result = send(&guarded, &format!("https://{host}/hook")).await;
        assert_eq!(result.error, refused(EndpointError::NotPublic), "{host}");
    }
    assert_eq!(resolver.names(), Vec::<String>::new());

    for network in ["127.0.0.0/8", "::1/128"] {
        assert!(http_to(&[network]).check_url("http://localhost/").is_ok(), "{network}");
    }
    let policy = EndpointPolicy::default();
    for public in ["https://localhost.example/", "https://notlocalhost/", "https://local.host/"] {
        assert!(policy.check_url(public).is_ok(), "{public}");
    }
}

#[test]
fn http_needs_permission_and_other_schemes_are_refused() {
    let http = EndpointPolicy { allow_http: true, ..Default::default() };
    let default = EndpointPolicy::default();
    assert_eq!(default.check_url("http://receiver.example/"), Err(EndpointError::NotHttps));
    assert!(http.check_url("http://receiver.example/").is_ok());
    for policy in [default, http] {
        assert!(policy.check_url("HTTPS://receiver.example/").is_ok());
        for url in ["ftp://receiver.example/", "file:///etc/passwd", "ws://receiver.example/", "gopher://a/", "data:,a"]
        {
            assert_eq!(policy.check_url(url), Err(EndpointError::NotHttps), "{url}");
        }
    }
}

#[test]
fn anything_that_is_not_a_url_with_a_host_is_refused() {
    let policy = EndpointPolicy::default();
    let urls = [
        "",
        " ",
        "receiver.example",
        "//receiver.example/",
        "https://a\"b.example/",
        "https://a{b}.example/",
        "https://",
        "https:///",
        "https://:443/",
        "https://256.0.0.1/",
        "https://1.2.3.4.5/",
        "https://0x100000000/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://a b/",
        "https://receiver.example:65536/",
        "https://%00/",
        "https://a<b/",
    ];
    for url in urls {
        assert_eq!(policy.check_url(url), Err(EndpointError::InvalidUrl), "{url:?}");
    }
}

#[test]
fn credentials_in_the_url_are_refused() {
    let policy = EndpointPolicy::default();
    for user in ["user", "user:password", ":password", "127.0.0.1:443", "%40"] {
        let url = format!("https://{user}@receiver.example/");
        assert_eq!(policy.check_url(&url), Err(EndpointError::Credentials), "{url}");
    }
    assert!(policy.check_url("https://receiver.example/@user:password").is_ok());
}

#[tokio::test]
async fn an_allowed_network_is_called_and_its_neighbours_are_not() {
    let listener = Listener::start("127.0.0.2:0").await;
    let resolver = Resolver::fixed(&["127.0.0.2"]);
    let allowed = transport(http_to(&["127.0.0.2/32"]), resolver.clone());
    for host in ["127.0.0.2", "receiver.example"] {
        let result = send(&allowed, &format!("http://{host}:{}/", listener.address.port())).await;
        assert_eq!(result.status_code, Some(204), "{host}: {result:?}");
    }
    let neighbour = transport(http_to(&["127.0.0.3/32"]), resolver);
    for host in ["127.0.0.2", "receiver.example"] {
        let result = send(&neighbour, &format!("http://{host}:{}/", listener.address.port())).await;
        assert_eq!(result.error, refused(EndpointError::NotPublic), "{host}");
    }
    assert_eq!(listener.connections(), 2);
}

// From here on, 127.0.0.2 plays the public address, and 127.0.0.1 the one that must not be reached.

#[tokio::test]
async fn only_the_public_addresses_of_a_name_are_tried() {
    let (public, private) = Listener::pair().await;
    let url = format!("http://receiver.example:{}/", public.address.port());
    for addresses in [["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"], ["::1", "127.0.0.2"]] {
        let transport = transport(http_to(&["127.0.0.2/32"]), Resolver::fixed(&addresses));
        let result = send(&transport, &url).await;
        assert_eq!(result.status_code, Some(204), "{addresses:?}: {result:?}");
    }
    drop(public);
    // Not even if the public address does not answer.
    let transport = transport(http_to(&["127.0.0.2/32"]), Resolver::fixed(&["127.0.0.2", "127.0.0.1"]));
    let result = send(&transport, &url).await;
    assert!(matches!(result.error, Some(DeliveryError::Transport(_))), "{result:?}");
    assert_eq!(private.connections(), 0);
}

#[tokio::test]
async fn the_address_connected_to_is_the_one_that_was_checked() {
    let (public, private) = Listener::pair().await;
    let url = format!("http://receiver.example:{}/", public.address.port());
    let resolver = Resolver::new(vec![Ok(vec![address("127.0.0.2")]), Ok(vec![address("127.0.0.1")])]);
    let transport = transport(http_to(&["127.0.0.2/32"]), resolver.clone());

    let result = send(&transport, &url).await;
    assert_eq!(result.status_code, Some(204), "{result:?}");
    assert_eq!(resolver.names().len(), 1, "a second lookup could give an address that was not checked");

    // The listener closes its connections, so the name is looked up again, and now has another address.
    let result = send(&transport, &url).await;
    assert_eq!(result.error, refused(EndpointError::NotPublic));
    assert_eq!(resolver.names().len(), 2);
    assert_eq!((public.connections(), private.connections()), (1, 0));
}

#[tokio::test]
async fn a_name_is_looked_up_in_its_ascii_form() {
    for (host, name) in [
        ("Receiver.EXAMPLE", "receiver.example"),
        ("receiver.example.", "receiver.example."),
        ("bücher.example", "xn--bcher-kva.example"),
        ("%72eceiver.example", "receiver.example"),
    ] {
        let resolver = Resolver::fixed(&["10.0.0.1"]);
        let result = send(&transport(EndpointPolicy::default(), resolver.clone()), &format!("https://{host}/")).await;
        assert_eq!(result.error, refused(EndpointError::NotPublic), "{host}");
        assert_eq!(resolver.names(), [name], "{host}");
    }
}

#[tokio::test]
async fn a_name_without_an_address_is_retried() {
    let result = send(&transport(EndpointPolicy::default(), Resolver::fixed(&[])), "https://receiver.example/").await;
    assert!(should_retry(result.status_code, result.error.as_ref()), "{result:?}");
}

/// Answers the first request on each connection with 204, and counts the connections.
struct Listener {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    server: tokio::task::JoinHandle<()>,
}

impl Listener {
    async fn start(address: &str) -> Self {
        Self::serve(TcpListener::bind(address).await.expect("a free port"))
    }

    /// Two listeners, on 127.0.0.2 and 127.0.0.1, with the same port.
    async fn pair() -> (Self, Self) {
        loop {
            let public = TcpListener::bind("127.0.0.2:0").await.expect("a free port");
            let port = public.local_addr().expect("an address").port();
            if let Ok(private) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
                return (Self::serve(public), Self::serve(private));
            }
        }
    }

    fn serve(listener: TcpListener) -> Self {
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        let server = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, SeqCst);
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await;
            }
        });
        Self { address, connections, server }
    }

    fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.server.abort();
    }
}
