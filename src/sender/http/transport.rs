//! Sends attempts over HTTP.

use super::client::{certificates, client};
use super::failure::describe;
use super::options::HttpOptions;
use super::policy::EndpointPolicy;
use super::resolver::{GuardedResolver, SystemResolver};
use super::response::{drain, retry_after};
use super::setup_error::HttpSetupError;
use super::timeouts::look_up_timeout;
use crate::sender::error::DeliveryError;
use crate::sender::transport::{DeliveryRequest, DeliveryResult, Transport};
use reqwest::Client;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Sends requests over HTTP/1.1 or HTTP/2. It follows no redirects, uses no proxy, and connects to exactly the address that
/// was checked, so that a name cannot resolve to one address when it is checked and to another when it is called.
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
    /// Sets up the client. Connections are kept and shared by all requests.
    ///
    /// # Errors
    /// [`HttpSetupError`] if a certificate cannot be read or TLS cannot be set up.
    pub fn new(options: HttpOptions) -> Result<Self, HttpSetupError> {
        let endpoints = Arc::new(options.endpoints);
        let resolver = options.resolver.unwrap_or_else(|| Arc::new(SystemResolver));
        let resolver = GuardedResolver::new(endpoints.clone(), resolver, look_up_timeout(options.timeout));
        let client = client(options.timeout)
            .tls_certs_merge(certificates(&options.root_certificates)?)
            .dns_resolver(resolver)
            .build()
            .map_err(HttpSetupError::client)?;
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
            .map_err(|error| describe(error, self.timeout))?;
        Ok(DeliveryResult {
            status_code: Some(response.status().as_u16()),
            retry_after: retry_after(response.headers()),
            error: drain(&mut response).await.err().map(|error| describe(error, self.timeout)),
            duration_ms: 0,
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

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, DeliveryError> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name_on_wire = HeaderName::from_bytes(name.as_bytes()).map_err(|_| DeliveryError::InvalidHeaderName)?;
        let value = HeaderValue::from_str(value).map_err(|_| DeliveryError::InvalidHeader(name.clone()))?;
        map.append(name_on_wire, value);
    }
    Ok(map)
}
