//! The HTTP client, set up for deliveries.

use super::causes::innermost;
use super::options::connect_timeout;
use super::response::MAX_RESPONSE_BYTES;
use reqwest::{Certificate, Client, ClientBuilder, redirect};
use std::time::Duration;
use thiserror::Error;

/// An option that no HTTP client can be made with, such as a certificate that is none.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HttpSetupError {
    /// One of [`HttpOptions::root_certificates`](super::HttpOptions::root_certificates) is no PEM text that holds a certificate.
    #[error("the HTTP client cannot be set up: a root certificate is not in PEM")]
    NoCertificate,
    /// The client's own reason.
    #[error("the HTTP client cannot be set up: {}", innermost(.0))]
    Client(#[from] reqwest::Error),
}

const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn client(timeout: Duration) -> ClientBuilder {
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

pub(super) fn certificates(pem_texts: &[Vec<u8>]) -> Result<Vec<Certificate>, HttpSetupError> {
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
