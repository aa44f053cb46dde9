//! Sends attempts over HTTP.

use super::client::client;
use super::connector::{Connector, Settings};
use super::excerpt::Beginning;
use super::failure::{describe, late};
use super::options::HttpOptions;
use super::phases;
use super::policy::EndpointPolicy;
use super::request::{http_request, send};
use super::resolve::SystemResolver;
use super::resolver::GuardedResolver;
use super::response::{drain, retry_after};
use super::setup_error::HttpSetupError;
use super::timeouts::{MAX_TIMEOUT, look_up_timeout};
use super::tls::tls;
use super::upload::Upload;
use crate::sender::error::DeliveryError;
use crate::sender::transport::{DeliveryRequest, DeliveryResult, Transport};
use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use tokio::time;

/// Sends requests over HTTP/1.1 or HTTP/2. It follows no redirects, uses no proxy but [`HttpOptions::proxy`], and connects to
/// exactly the address that was checked, so that a name cannot resolve to one address when it is checked and to another when
/// it is called.
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
    client: Client<Connector, Full<Bytes>>,
    endpoints: Arc<EndpointPolicy>,
    timeout: Duration,
    keep_excerpt: bool,
}

impl HttpTransport {
    /// Sets up the client. Connections are kept and shared by all requests.
    ///
    /// # Errors
    /// [`HttpSetupError`] if a certificate cannot be read or TLS cannot be set up.
    pub fn new(options: HttpOptions) -> Result<Self, HttpSetupError> {
        let timeout = options.timeout.min(MAX_TIMEOUT);
        let endpoints = Arc::new(options.endpoints);
        let resolver = options.resolver.unwrap_or_else(|| Arc::new(SystemResolver));
        let connector = Connector::new(Settings {
            resolver: GuardedResolver::new(endpoints.clone(), resolver, look_up_timeout(timeout)),
            tls: tls(&options.root_certificates)?,
            proxy: options.proxy,
            proxy_lets_in: AtomicBool::new(false),
            timeout,
        });
        Ok(Self { client: client(connector, timeout), endpoints, timeout, keep_excerpt: options.keep_excerpt })
    }

    async fn post(&self, request: DeliveryRequest) -> DeliveryResult {
        let mut result = DeliveryResult::default();
        let (mut upload, request) = match self.prepare(request) {
            Ok(prepared) => prepared,
            Err(error) => return DeliveryResult { error: Some(error), ..result },
        };
        let mut beginning = Beginning::default();
        let exchange = self.exchange(request, &mut upload, &mut result, &mut beginning);
        result.error = match time::timeout(self.timeout, exchange).await {
            Ok(exchanged) => exchanged.err(),
            Err(_) => Some(late(self.timeout)),
        };
        upload.end();
        if self.keep_excerpt {
            result.excerpt = beginning.excerpt();
        }
        result
    }

    fn prepare(&self, request: DeliveryRequest) -> Result<(Upload, Request<Full<Bytes>>), DeliveryError> {
        let head = http_request(&self.endpoints.check_url(&request.url)?, &request.headers)?;
        Ok(Upload::new(head, request.body))
    }

    /// Records each part of the response as it arrives. It is over when the request has been sent too.
    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        upload: &mut Upload,
        result: &mut DeliveryResult,
        beginning: &mut Beginning,
    ) -> Result<(), DeliveryError> {
        let response = send(&self.client, request).await.map_err(|error| describe(&error, self.timeout))?;
        phases::end(|phases| &mut phases.first_byte_ms);
        let (head, mut body) = response.into_parts();
        result.status_code = Some(head.status.as_u16());
        result.retry_after = retry_after(&head.headers);
        beginning.content_type = head.headers.get(CONTENT_TYPE).cloned();
        drain(&mut body, beginning).await.map_err(|error| describe(&error, self.timeout))?;
        drop(body);
        upload.ended().await;
        Ok(())
    }
}

impl Transport for HttpTransport {
    async fn send(&self, request: DeliveryRequest) -> DeliveryResult {
        let started = Instant::now();
        let (mut result, phases) = phases::measured(self.post(request)).await;
        result.phases = phases;
        result.duration_ms = phases::whole_ms(started.elapsed());
        result
    }
}
