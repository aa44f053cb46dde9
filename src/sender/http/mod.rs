//! The transport that deliveries go out by: reqwest, behind the address guard.

mod address;

pub use address::EndpointPolicy;

use super::error::{DeliveryError, EndpointError, MAX_ERROR_CHARS};
use super::transport::{DeliveryRequest, DeliveryResult, Transport};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, ClientBuilder, Response, redirect};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use thiserror::Error;

/// How much of an answer is read, so that the connection can be used again; what is beyond is never asked for.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// How an [`HttpTransport`] behaves.
#[derive(Clone)]
pub struct HttpOptions {
    /// Which endpoints may be called; https and public addresses unless told otherwise.
    pub endpoints: EndpointPolicy,
    /// For the whole exchange, from the look-up to the last byte of the answer: 10 s.
    ///
    /// Half of it at most is for connecting, look-up and TLS included, and each address of a name has its share of that:
    /// one that does not answer leaves time for the next.
    pub timeout: Duration,
    /// Certificates, in PEM, that are trusted beside the system's.
    pub root_certificates: Vec<Vec<u8>>,
    /// Who resolves names; `None` for the system's resolver. The address guard filters its answers all the same.
    pub resolver: Option<Arc<dyn Resolve>>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            endpoints: EndpointPolicy::default(),
            timeout: Duration::from_secs(10),
            root_certificates: Vec::new(),
            resolver: None,
        }
    }
}

/// An option that no HTTP client can be made with, such as a certificate that is none.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HttpSetupError {
    /// One of [`HttpOptions::root_certificates`] is no PEM text that holds a certificate.
    #[error("the HTTP client cannot be set up: a root certificate is not in PEM")]
    NoCertificate,
    /// The client's own reason.
    #[error("the HTTP client cannot be set up: {}", innermost(.0))]
    Client(#[from] reqwest::Error),
}

/// Sends deliveries over HTTP/1.1 or HTTP/2. It follows no redirect, uses no proxy, and connects to the very address
/// that was checked, so that a name cannot stand for one address when checked and for another when called.
///
/// ```no_run
/// use dealix_webhooks::sender::{EndpointPolicy, HttpOptions, HttpTransport};
///
/// let transport = HttpTransport::new(HttpOptions::default())?;
///
/// // For local development: this machine, and without TLS.
/// let endpoints = EndpointPolicy { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse()?] };
/// let local = HttpTransport::new(HttpOptions { endpoints, ..Default::default() })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: Client,
    endpoints: Arc<EndpointPolicy>,
    timeout: Duration,
}

impl HttpTransport {
    /// Sets up the client: connections are kept and shared by all deliveries.
    ///
    /// # Errors
    /// [`HttpSetupError`] where a certificate cannot be read, or TLS cannot be set up.
    pub fn new(options: HttpOptions) -> Result<Self, HttpSetupError> {
        let endpoints = Arc::new(options.endpoints);
        let resolver = options.resolver.unwrap_or_else(|| Arc::new(SystemResolver));
        let client = client(options.timeout)
            .tls_certs_merge(certificates(&options.root_certificates)?)
            .dns_resolver(GuardedResolver { endpoints: endpoints.clone(), resolver })
            .build()?;
        Ok(Self { client, endpoints, timeout: options.timeout })
    }

    async fn post(&self, request: DeliveryRequest) -> Result<DeliveryResult, DeliveryError> {
        let url = self.endpoints.check_url(&request.url)?;
        let mut response = self
            .client
            .post(url)
            .headers(header_map(&request.headers)?)
            .body(request.body)
            .send()
            .await
            .map_err(|error| self.describe(error))?;
        Ok(DeliveryResult {
            status_code: Some(response.status().as_u16()),
            retry_after: retry_after(response.headers()),
            error: drain(&mut response).await.err().map(|error| self.describe(error)),
            duration_ms: 0,
        })
    }

    fn describe(&self, error: reqwest::Error) -> DeliveryError {
        if let Some(refused) = sources(&error).find_map(|source| source.downcast_ref::<EndpointError>()) {
            return (*refused).into();
        }
        if let Some(exhausted) =
            sources(&error).filter_map(|source| source.downcast_ref()).find(|error| is_exhaustion(error))
        {
            return DeliveryError::Local(exhausted.to_string());
        }
        DeliveryError::Transport(match error.is_timeout() {
            true if error.is_connect() => {
                format!("connecting timed out after {} s", connect_timeout(self.timeout).as_secs_f32())
            }
            true => format!("timed out after {} s", self.timeout.as_secs_f32()),
            false => innermost(&error.without_url()).chars().take(MAX_ERROR_CHARS).collect(),
        })
    }
}

impl Transport for HttpTransport {
    async fn send(&self, request: DeliveryRequest) -> DeliveryResult {
        let started = Instant::now();
        let result = self.post(request).await;
        let mut result = result.unwrap_or_else(|error| DeliveryResult { error: Some(error), ..Default::default() });
        result.duration_ms = started.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        result
    }
}

const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

fn client(timeout: Duration) -> ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .timeout(timeout)
        .connect_timeout(connect_timeout(timeout))
        // Long enough for an endpoint that is busy; thousands that are not would use up this process's sockets.
        .pool_idle_timeout(IDLE_TIMEOUT)
        // As the contract writes them, for receivers that compare names exactly although HTTP does not.
        .http1_title_case_headers()
        // No more than is read comes unasked.
        .http2_initial_stream_window_size(MAX_RESPONSE_BYTES as u32)
        // A connection that has gone dead is noticed, before it fails one delivery after the other.
        .http2_keep_alive_interval(timeout / 4)
        .http2_keep_alive_timeout(timeout / 2)
}

fn connect_timeout(timeout: Duration) -> Duration {
    timeout / 2
}

fn certificates(pem_texts: &[Vec<u8>]) -> Result<Vec<Certificate>, HttpSetupError> {
    let mut certificates = Vec::new();
    for pem in pem_texts {
        let bundle = Certificate::from_pem_bundle(pem)?;
        if bundle.is_empty() {
            return Err(HttpSetupError::NoCertificate);
        }
        certificates.extend(bundle);
    }
    Ok(certificates)
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, DeliveryError> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name_on_wire = HeaderName::from_bytes(name.as_bytes()).map_err(|_| DeliveryError::InvalidHeaderName)?;
        let value = HeaderValue::from_str(value).map_err(|_| DeliveryError::InvalidHeader(name.clone()))?;
        map.append(name_on_wire, value);
    }
    Ok(map)
}

async fn drain(response: &mut Response) -> Result<(), reqwest::Error> {
    let mut read = 0;
    while read < MAX_RESPONSE_BYTES {
        match response.chunk().await? {
            Some(chunk) => read += chunk.len(),
            None => break,
        }
    }
    Ok(())
}

/// RFC 9110 §10.2.3: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// This machine, or this process, has no file descriptor left (`ENFILE`, `EMFILE`).
fn is_exhaustion(error: &std::io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}

fn sources<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// The cause at the bottom, in whose words there is neither the URL nor the address.
fn innermost(error: &reqwest::Error) -> String {
    sources(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Lets only those addresses through that the policy allows; what it answers is what is connected to.
struct GuardedResolver {
    endpoints: Arc<EndpointPolicy>,
    resolver: Arc<dyn Resolve>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let endpoints = self.endpoints.clone();
        let resolving = self.resolver.resolve(name);
        Box::pin(async move {
            let (allowed, refused): (Vec<_>, Vec<_>) =
                resolving.await?.partition(|address| endpoints.allows(address.ip()));
            // A name without any address may have one later: the client fails, and the delivery is tried again.
            if allowed.is_empty() && !refused.is_empty() {
                return Err(EndpointError::NotPublic.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is the URL's: the client fills it in.
            let addresses: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
