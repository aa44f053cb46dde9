//! The HTTP client, set up for attempts.

use super::response::MAX_RESPONSE_BYTES;
use super::setup_error::HttpSetupError;
use super::timeouts::connect_timeout;
use reqwest::{Certificate, Client, ClientBuilder, redirect};
use std::time::Duration;

const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn client(timeout: Duration) -> ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .timeout(timeout)
        .connect_timeout(connect_timeout(timeout))
        // Long enough for a busy endpoint; idle connections to thousands of others would use up the process's sockets.
        .pool_idle_timeout(IDLE_TIMEOUT)
        // Spelled as in the contract, for receivers that compare names exactly although HTTP does not.
        .http1_title_case_headers()
        // The peer may not send more than will be read.
        .http2_initial_stream_window_size(MAX_RESPONSE_BYTES as u32)
        // Detects a dead connection before it fails one attempt after another.
        .http2_keep_alive_interval(timeout / 4)
        .http2_keep_alive_timeout(timeout / 2)
}

pub(super) fn certificates(pem_texts: &[Vec<u8>]) -> Result<Vec<Certificate>, HttpSetupError> {
    let mut certificates = Vec::new();
    for pem in pem_texts {
        let bundle = Certificate::from_pem_bundle(pem).map_err(HttpSetupError::client)?;
        if bundle.is_empty() {
            return Err(HttpSetupError::NoCertificate);
        }
        certificates.extend(bundle);
    }
    Ok(certificates)
}
