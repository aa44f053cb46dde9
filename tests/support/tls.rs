//! Servers that speak TLS.

use crate::support::server::Server;
use rcgen::{CertificateParams, CertifiedIssuer, Issuer, KeyPair};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ALL_VERSIONS, ServerConfig, SupportedProtocolVersion};
use tokio_rustls::server::TlsStream;

/// A certificate authority for these tests.
pub fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("names");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate")
}

pub fn params(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).expect("a name")
}

/// A server with this certificate, signed by the authority, that offers these protocols.
pub fn acceptor(params: &CertificateParams, authority: &Issuer<'_, KeyPair>, protocols: &[&str]) -> TlsAcceptor {
    acceptor_of(params, authority, protocols, ALL_VERSIONS)
}

pub fn acceptor_of(
    params: &CertificateParams,
    authority: &Issuer<'_, KeyPair>,
    protocols: &[&str],
    versions: &[&'static SupportedProtocolVersion],
) -> TlsAcceptor {
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, authority).expect("a certificate");
    let mut config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_protocol_versions(versions)
        .expect("TLS versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("a certificate and its key");
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// Serves each encrypted connection in its own task. Each client must speak TLS.
pub async fn start_encrypted<F, Serving>(acceptor: TlsAcceptor, serve: F) -> Server
where
    F: Fn(TlsStream<TcpStream>) -> Serving + Clone + Send + Sync + 'static,
    Serving: Future<Output = ()> + Send + 'static,
{
    Server::start(move |stream| {
        let (acceptor, serve) = (acceptor.clone(), serve.clone());
        async move { serve(acceptor.accept(stream).await.expect("a TLS client")).await }
    })
    .await
}
