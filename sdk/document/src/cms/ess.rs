//! Enhanced security services (RFC 2634 §5.4, RFC 5035): the signature names its certificate, so
//! that nobody can put another one with the same key in its place.

use sdk_pki::der::{self, DerError, Tlv};
use sdk_pki::{AlgorithmIdentifier, Certificate, DigestAlgorithm, GeneralName, oid};

use super::attributes::Attributes;

/// How the signature is bound to its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// signing-certificate-v2, with this digest. EN 319 142-1 §5.3 requires it of PAdES.
    V2(DigestAlgorithm),
    /// signing-certificate: SHA-1.
    V1,
    /// Not bound: only issuer and serial number, or key identifier, name the certificate.
    Absent,
}

/// One identifier of a certificate, by its digest.
struct EssCertId {
    digest: Option<DigestAlgorithm>,
    hash: Vec<u8>,
    issuer_serial: Option<(Vec<GeneralName>, Vec<u8>)>,
}

/// What the attributes say about which certificate is meant.
pub(super) struct Named {
    v2: Option<EssCertId>,
    v1: Option<EssCertId>,
}

impl Named {
    /// Reads both attributes; the first identifier of each is the signer's (RFC 5035 §3).
    pub(super) fn read(attributes: &Attributes) -> Result<Self, DerError> {
        let first = |oid, v2| -> Result<Option<EssCertId>, DerError> {
            let mut values = attributes.values(oid);
            let Some(value) = values.next() else {
                return Ok(None);
            };
            if values.next().is_some() {
                return Err(DerError::Value(
                    "a signing-certificate attribute has several values",
                ));
            }
            let mut outer = attributes.reader(value);
            let mut inside = outer.expect(der::SEQUENCE)?.reader()?;
            outer.finish()?;
            let certificates = inside.expect(der::SEQUENCE)?.sequences()?;
            inside.optional(der::SEQUENCE)?;
            inside.finish()?;
            let first = certificates
                .first()
                .ok_or(DerError::Value("a signing-certificate attribute is empty"))?;
            EssCertId::read(first, v2).map(Some)
        };
        Ok(Self {
            v2: first(oid::SIGNING_CERTIFICATE_V2, true)?,
            v1: first(oid::SIGNING_CERTIFICATE, false)?,
        })
    }

    /// Every attribute that is there names this certificate. `None` when a digest cannot be computed.
    pub(super) fn is(&self, certificate: &Certificate) -> Option<bool> {
        let mut all = true;
        for id in self.v2.iter().chain(&self.v1) {
            all &= id.is(certificate)?;
        }
        Some(all)
    }

    pub(super) fn binding(&self) -> Binding {
        match (&self.v2, &self.v1) {
            (
                Some(EssCertId {
                    digest: Some(digest), ..
                }),
                _,
            ) => Binding::V2(*digest),
            (None, Some(_)) => Binding::V1,
            _ => Binding::Absent,
        }
    }
}

impl EssCertId {
    fn read(tlv: &Tlv<'_>, v2: bool) -> Result<Self, DerError> {
        let mut reader = tlv.reader()?;
        let digest = match reader.optional(der::SEQUENCE)? {
            Some(algorithm) if v2 => {
                DigestAlgorithm::from_identifier(&AlgorithmIdentifier::parse(&algorithm)?)
            }
            Some(_) => return Err(DerError::Value("a certificate identifier is malformed")),
            // RFC 5035 §4: SHA-256 unless said otherwise; RFC 2634: always SHA-1.
            None if v2 => Some(DigestAlgorithm::Sha256),
            None => Some(DigestAlgorithm::Sha1),
        };
        let hash = reader.octets()?.into_owned();
        let issuer_serial = match reader.optional(der::SEQUENCE)? {
            Some(pair) => {
                let mut inside = pair.reader()?;
                let issuer = GeneralName::parse_all(&inside.expect(der::SEQUENCE)?)?;
                let serial = inside.expect(der::INTEGER)?.integer()?.to_vec();
                inside.finish()?;
                Some((issuer, serial))
            }
            None => None,
        };
        reader.finish()?;
        Ok(Self {
            digest,
            hash,
            issuer_serial,
        })
    }

    fn is(&self, certificate: &Certificate) -> Option<bool> {
        let same_hash = *certificate.fingerprint(self.digest?).bytes() == *self.hash;
        let same_name = self.issuer_serial.as_ref().is_none_or(|(issuer, serial)| {
            *serial == certificate.serial()
                && issuer.contains(&GeneralName::Directory(certificate.issuer().clone()))
        });
        Some(same_hash && same_name)
    }
}
