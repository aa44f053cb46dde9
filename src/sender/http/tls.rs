//! TLS with the endpoints.

use super::setup_error::HttpSetupError;
use http::Uri;
use rustls_platform_verifier::Verifier;
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, InvalidDnsNameError, ServerName};

/// Trusts the system's certificates and these, in PEM.
pub(super) fn tls(root_certificates: &[Vec<u8>]) -> Result<TlsConnector, HttpSetupError> {
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let roots = certificates(root_certificates)?;
    let verifier = Verifier::new_with_extra_roots(roots, provider.clone()).map_err(HttpSetupError::client)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(HttpSetupError::client)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config).into())
}

fn certificates(pem_texts: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>, HttpSetupError> {
    let mut certificates = Vec::new();
    for pem in pem_texts {
        let bundle: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let bundle = bundle.map_err(HttpSetupError::client)?;
        if bundle.is_empty() {
            return Err(HttpSetupError::NoCertificate);
        }
        certificates.extend(bundle);
    }
    Ok(certificates)
}

/// What the endpoint's certificate must be for.
pub(super) fn server_name(endpoint: &Uri) -> Result<ServerName<'static>, InvalidDnsNameError> {
    let host = endpoint.host().unwrap_or_default();
    ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
}
