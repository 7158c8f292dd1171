//! https: the server's certificate, and clients' certificates where they are asked for (RFC 8705).

use std::{io, path::Path, pin::Pin, sync::Arc};

use axum::{Extension, middleware::AddExtension};
use axum_server::{
    accept::Accept,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error as TlsError, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject as _},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tower::Layer as _;

use super::arrival::Peer;
use crate::{config::Tls, error::Fault, service::Idp};

/// Whether clients are asked for a certificate. A browser that has any then asks its user which one to show, so the
/// pages are better served where nobody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificates {
    /// Nobody is asked.
    NotAsked,
    /// Everybody is asked; nobody must show one.
    Asked,
}

/// Accepts TLS connections and tells each request who is at the other end.
#[derive(Clone)]
pub struct Introducing {
    inner: RustlsAcceptor,
    idp: Arc<Idp>,
}

impl Introducing {
    /// With the server's certificate and key.
    ///
    /// # Errors
    /// A fault when the files do not work.
    pub fn new(idp: Arc<Idp>, tls: &Tls, certificates: Certificates) -> Result<Self, Fault> {
        let failed = |source: TlsError| Fault::of("reading the TLS certificate and key", source);
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(failed)?;
        let builder = match certificates {
            Certificates::NotAsked => builder.with_no_client_auth(),
            Certificates::Asked => builder.with_client_cert_verifier(Arc::new(AnyCertificate(provider))),
        };
        let (chain, key) = (chain(&tls.certificate)?, key(&tls.key)?);
        let mut config = builder.with_single_cert(chain, key).map_err(failed)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let config = RustlsConfig::from_config(Arc::new(config));
        Ok(Self {
            inner: RustlsAcceptor::new(config),
            idp,
        })
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for Introducing {
    type Stream = TlsStream<TcpStream>;
    type Service = AddExtension<S, Peer>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let accepting = self.inner.accept(stream, service);
        let idp = Arc::clone(&self.idp);
        Box::pin(async move {
            let (stream, service) = accepting.await?;
            let (_, connection) = stream.get_ref();
            let peer = Peer {
                certificate: connection
                    .peer_certificates()
                    .and_then(|chain| idp.authorities.certificate(chain, idp.now())),
            };
            Ok((stream, Extension(peer).layer(service)))
        })
    }
}

fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|source| Fault::of("reading the TLS certificate", source))
}

fn key(file: &Path) -> Result<PrivateKeyDer<'static>, Fault> {
    PrivateKeyDer::from_pem_file(file).map_err(|source| Fault::of("reading the TLS key", source))
}

/// Takes any certificate whose key the client proves to hold, and believes nothing else of it: which certificate is
/// good for which client is decided where the client is known.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// No hints: self-signed certificates are of nobody.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
