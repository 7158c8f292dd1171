//! Whose client certificates count (RFC 8705 §2.1): the authorities that the operator named.

use std::{path::Path, sync::Arc};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, UnixTime, pem::PemObject as _},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};

use crate::{
    error::Fault,
    rules::{certificate::Certificate, time::Timestamp},
};

/// Judges certificates that clients show. It never refuses a connection: what a certificate is worth depends on the
/// client, and many are self-signed on purpose.
#[derive(Debug, Clone, Default)]
pub struct Authorities(Option<Arc<dyn ClientCertVerifier>>);

impl Authorities {
    /// The authorities of a PEM file; without one, none.
    ///
    /// # Errors
    /// A fault when the file cannot be read or holds no certificate.
    pub fn read(file: Option<&Path>) -> Result<Self, Fault> {
        let Some(file) = file else {
            return Ok(Self::default());
        };
        let mut roots = RootCertStore::empty();
        let all = CertificateDer::pem_file_iter(file)
            .map_err(|source| Fault::of("reading mtls.authorities", source))?;
        for one in all {
            let one = one.map_err(|source| Fault::of("reading mtls.authorities", source))?;
            roots
                .add(one)
                .map_err(|source| Fault::of("reading mtls.authorities", source))?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|source| Fault::of("reading mtls.authorities", source))?;
        Ok(Self(Some(verifier)))
    }

    /// The certificate that `chain` begins with; none when it is not one that we can read.
    #[must_use]
    pub fn certificate(&self, chain: &[CertificateDer<'_>], now: Timestamp) -> Option<Arc<Certificate>> {
        let (leaf, rest) = chain.split_first()?;
        let trusted = self.trusts(leaf, rest, now);
        Certificate::parse(leaf, trusted)
            .inspect_err(|problem| tracing::info!(problem, "a client certificate is not readable"))
            .ok()
            .map(Arc::new)
    }

    fn trusts(&self, leaf: &CertificateDer<'_>, rest: &[CertificateDer<'_>], now: Timestamp) -> bool {
        let Some(verifier) = &self.0 else { return false };
        let now = UnixTime::since_unix_epoch(crate::rules::time::Seconds(now.0).duration());
        verifier
            .verify_client_cert(leaf, rest, now)
            .inspect_err(|problem| tracing::debug!(%problem, "a client certificate is of no known authority"))
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_260_000);

    struct Authority(Issuer<'static, KeyPair>, String);

    fn authority() -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Authority(Issuer::new(params, key), pem)
    }

    impl Authority {
        fn issue(&self, change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
            let mut params = CertificateParams::new(vec!["agency.example".to_owned()]).unwrap();
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            change(&mut params);
            let key = KeyPair::generate().unwrap();
            params.signed_by(&key, &self.0).unwrap().der().clone()
        }

        fn believed(&self) -> Authorities {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &self.1).unwrap();
            Authorities::read(Some(file.path())).unwrap()
        }
    }

    fn trusted(authorities: &Authorities, certificate: CertificateDer<'_>) -> bool {
        authorities.certificate(&[certificate], NOW).unwrap().is_trusted()
    }

    #[test]
    fn a_certificate_of_a_named_authority_is_trusted() {
        let authority = authority();
        assert!(trusted(&authority.believed(), authority.issue(|_| {})));
    }

    #[test]
    fn a_certificate_of_anybody_else_is_read_and_not_trusted() {
        let (ours, other) = (authority(), authority());
        assert!(!trusted(&ours.believed(), other.issue(|_| {})));
        assert!(!trusted(&Authorities::default(), ours.issue(|_| {})));
    }

    #[test]
    fn an_expired_certificate_and_one_for_servers_are_not_trusted() {
        let authority = authority();
        let expired = authority.issue(|params| params.not_after = rcgen::date_time_ymd(2020, 1, 1));
        assert!(!trusted(&authority.believed(), expired));
        let server =
            authority.issue(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]);
        assert!(!trusted(&authority.believed(), server));
    }

    #[test]
    fn a_file_without_certificates_is_a_fault() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(Authorities::read(Some(file.path())).is_err());
        assert!(Authorities::read(Some(Path::new("/nowhere"))).is_err());
    }
}
