//! Opens the connections of the HTTP client: directly or through a proxy, to checked addresses alone.

use super::causes::innermost;
use super::connection::Connection;
use super::phases;
use super::proxy_url::ProxyUrl;
use super::resolver::GuardedResolver;
use super::tcp::{self, Stream};
use super::timeouts::{connect_timeout, proxy_timeout};
use super::tls::server_name;
use super::tunnel::{open_tunnel, refusal};
use crate::sender::error::DeliveryError;
use futures_util::future::BoxFuture;
use http::uri::Scheme;
use http::{StatusCode, Uri};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time;
use tokio_rustls::TlsConnector;
use tower_service::Service;

/// How many addresses of a name are tried through a proxy.
const MAX_TUNNELS: usize = 4;

type Opened<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Clone)]
pub(super) struct Connector(Arc<Settings>);

pub(super) struct Settings {
    pub resolver: GuardedResolver,
    pub tls: TlsConnector,
    pub proxy: Option<ProxyUrl>,
    /// Whether the proxy has let a delivery through since it last asked for credentials.
    pub proxy_lets_in: AtomicBool,
    /// Of a whole attempt.
    pub timeout: Duration,
}

impl Connector {
    pub fn new(settings: Settings) -> Self {
        Self(settings.into())
    }
}

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<'static, Opened<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Opened<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, endpoint: Uri) -> Self::Future {
        let settings = self.0.clone();
        Box::pin(async move { time::timeout(connect_timeout(settings.timeout), settings.open(endpoint)).await? })
    }
}

impl Settings {
    async fn open(&self, endpoint: Uri) -> Opened<Connection> {
        let addresses = self.look_up(&endpoint).await?;
        let stream = match &self.proxy {
            Some(proxy) => self.connect_through(proxy, &endpoint, &addresses).await?,
            None => tcp::connect(endpoint.clone(), addresses.into(), connect_timeout(self.timeout)).await?,
        };
        phases::end(|phases| &mut phases.connect_ms);
        if endpoint.scheme() != Some(&Scheme::HTTPS) {
            return Ok(Connection::new(stream));
        }
        let stream = self.tls.connect(server_name(&endpoint)?, TokioIo::new(stream)).await?;
        phases::end(|phases| &mut phases.tls_ms);
        Ok(Connection::new(stream))
    }

    async fn look_up(&self, endpoint: &Uri) -> Opened<Vec<IpAddr>> {
        if let Some(address) = literal(endpoint) {
            // It was checked with the URL.
            return Ok(vec![address]);
        }
        let addresses = self.resolver.endpoint(endpoint.host().unwrap_or_default()).await?;
        phases::end(|phases| &mut phases.dns_ms);
        if addresses.is_empty() {
            return Err("the name has no address".into());
        }
        Ok(addresses)
    }

    /// The proxy learns the checked address, but not the name, which it would look up again.
    async fn connect_through(&self, proxy: &ProxyUrl, endpoint: &Uri, addresses: &[IpAddr]) -> Opened<Stream> {
        let default_port = if endpoint.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
        let port = endpoint.port_u16().unwrap_or(default_port);
        let tried = addresses.len().min(MAX_TUNNELS);
        let time_for_each = connect_timeout(self.timeout) / tried as u32;
        let mut first_error = None;
        for address in &addresses[..tried] {
            let stream = self.connect_to(proxy).await?;
            let tunnel = open_tunnel(stream, SocketAddr::new(*address, port), proxy.authorization());
            match time::timeout(time_for_each, tunnel).await {
                Ok(Ok(stream)) => {
                    self.proxy_lets_in.store(true, Relaxed);
                    return Ok(stream);
                }
                // Since it let others through, it is this endpoint that it refuses.
                Ok(Err(DeliveryError::Local(_))) if self.proxy_lets_in.swap(false, Relaxed) => {
                    return Err(refusal(StatusCode::PROXY_AUTHENTICATION_REQUIRED).into());
                }
                Ok(Err(error @ DeliveryError::Local(_))) => return Err(error.into()),
                Ok(Err(error)) => first_error.get_or_insert(error.into()),
                Err(late) => first_error.get_or_insert(late.into()),
            };
        }
        Err(first_error.expect("a name has an address"))
    }

    async fn connect_to(&self, proxy: &ProxyUrl) -> Opened<Stream> {
        let not_reached = |error: &(dyn Error + 'static)| {
            DeliveryError::Local(format!("the proxy cannot be reached: {}", innermost(error)))
        };
        let url = proxy.uri();
        let addresses = match literal(url) {
            Some(address) => [address].into(),
            None => {
                let looked_up = self.resolver.look_up(url.host().unwrap_or_default()).await;
                looked_up.map_err(|error| not_reached(&error))?
            }
        };
        let connecting = tcp::connect(url.clone(), addresses, proxy_timeout(self.timeout));
        Ok(connecting.await.map_err(|error| not_reached(&error))?)
    }
}

/// The host of the URL, if it is an address.
fn literal(url: &Uri) -> Option<IpAddr> {
    url.host()?.trim_matches(['[', ']']).parse().ok()
}
