//! Whether a certificate fits the key and may be signed with now.

use x509_parser::prelude::{FromDer, X509Certificate};

use super::Moment;
use super::ids::{KeyId, sha256};

/// Why a certificate cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateRefusal {
    /// Not PEM, or no certificate in it.
    #[error("the file holds no certificate in PEM")]
    NoCertificate,
    /// More certificates than a chain needs.
    #[error("the file holds more than {MOST_CERTIFICATES} certificates")]
    TooMany,
    /// Not DER, or not X.509 version 3.
    #[error("a certificate in it cannot be read")]
    Unreadable,
    /// Certifies somebody else's key.
    #[error("the first certificate is for another key")]
    AnotherKey,
    /// Certifies another person.
    #[error("the first certificate is for another person")]
    AnotherPerson,
    /// RFC 5280 §4.2.1.3: neither digitalSignature nor nonRepudiation.
    #[error("its key usage does not allow signing documents")]
    KeyUsage,
    /// A certification authority's certificate is not for documents.
    #[error("it is a certification authority's certificate")]
    Authority,
    /// A certificate in the chain did not sign the one before it.
    #[error("the certificates do not follow from each other (leaf first, then its issuer)")]
    BrokenChain,
    /// Not valid yet.
    #[error("it is not valid yet")]
    NotYetValid,
    /// Not valid any more.
    #[error("it has expired")]
    Expired,
    /// Its authority took it back for good.
    #[error("its authority revoked it on {since}")]
    Revoked {
        /// From when on.
        since: Moment,
    },
    /// Its authority took it back for a while.
    #[error("its authority has put it on hold since {since}")]
    OnHold {
        /// From when on.
        since: Moment,
    },
    /// An authority above it was revoked.
    #[error("an authority above it was revoked")]
    AuthorityRevoked,
    /// Nothing current says whether it, or an authority above it, was revoked.
    #[error("no current list or response says whether it was revoked; see `evidence`")]
    NoNews,
    /// No authority that the service believes stands above it.
    #[error("it leads to no authority that is believed; see `trust`")]
    NotTrusted,
}

impl CertificateRefusal {
    /// Stable code, for records.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoCertificate => "no_certificate",
            Self::TooMany => "too_many",
            Self::Unreadable => "unreadable",
            Self::AnotherKey => "another_key",
            Self::AnotherPerson => "another_person",
            Self::KeyUsage => "key_usage",
            Self::Authority => "authority",
            Self::BrokenChain => "broken_chain",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::Revoked { .. } => "revoked",
            Self::OnHold { .. } => "on_hold",
            Self::AuthorityRevoked => "authority_revoked",
            Self::NoNews => "no_news",
            Self::NotTrusted => "not_trusted",
        }
    }
}

/// An official's certificates in DER: the official's own first, then its issuers. Checked to fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    certificates: Vec<Vec<u8>>,
    not_before: Moment,
    not_after: Moment,
}

impl Chain {
    /// Reads `pem` and checks it for `key` and the person whose subject serial number is given, in the order of
    /// RFC 5280 §6.1.3 where it applies. Time is checked when signing ([`Chain::valid_at`]).
    ///
    /// # Errors
    /// The first reason for which it will not do.
    pub fn read(pem: &[u8], key: &KeyId, subject_serial_number: &str) -> Result<Self, CertificateRefusal> {
        let mut certificates = Vec::new();
        for block in x509_parser::pem::Pem::iter_from_buffer(pem) {
            let block = block.map_err(|_| CertificateRefusal::NoCertificate)?;
            if block.label == "CERTIFICATE" {
                certificates.push(block.contents);
            }
            if certificates.len() > MOST_CERTIFICATES {
                return Err(CertificateRefusal::TooMany);
            }
        }
        let chain = Self::from_der(certificates)?;
        let leaf = chain.leaf()?;
        for_key(&leaf, key)?;
        for_person(&leaf, subject_serial_number)?;
        for_signing(&leaf)?;
        chain.each_issued_the_one_before()?;
        Ok(chain)
    }

    /// Takes certificates that were checked when they were stored.
    ///
    /// # Errors
    /// When there is none or the first cannot be read.
    pub fn from_der(certificates: Vec<Vec<u8>>) -> Result<Self, CertificateRefusal> {
        let first = certificates.first().ok_or(CertificateRefusal::NoCertificate)?;
        let leaf = parse(first)?;
        let (not_before, not_after) = (
            Moment(leaf.validity().not_before.timestamp()),
            Moment(leaf.validity().not_after.timestamp()),
        );
        Ok(Self {
            certificates,
            not_before,
            not_after,
        })
    }

    /// Whether the official's certificate is within its validity.
    ///
    /// # Errors
    /// [`CertificateRefusal::NotYetValid`] or [`CertificateRefusal::Expired`].
    pub fn valid_at(&self, now: Moment) -> Result<(), CertificateRefusal> {
        if now < self.not_before {
            Err(CertificateRefusal::NotYetValid)
        } else if now > self.not_after {
            Err(CertificateRefusal::Expired)
        } else {
            Ok(())
        }
    }

    /// The last moment at which the official's certificate is valid.
    #[must_use]
    pub fn not_after(&self) -> Moment {
        self.not_after
    }

    /// Each certificate's DER, the official's first.
    #[must_use]
    pub fn der(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// Each certificate, read for validation, the official's first.
    ///
    /// # Errors
    /// [`CertificateRefusal::Unreadable`].
    pub fn certificates(&self) -> Result<Vec<sdk_pki::Certificate>, CertificateRefusal> {
        let read = self
            .certificates
            .iter()
            .map(|der| sdk_pki::Certificate::from_der(der));
        read.collect::<Result<_, _>>()
            .map_err(|_| CertificateRefusal::Unreadable)
    }

    /// Whether the official's certificate is for this key.
    #[must_use]
    pub fn is_for(&self, key: &KeyId) -> bool {
        self.leaf().is_ok_and(|leaf| for_key(&leaf, key).is_ok())
    }

    fn leaf(&self) -> Result<X509Certificate<'_>, CertificateRefusal> {
        parse(
            self.certificates
                .first()
                .ok_or(CertificateRefusal::NoCertificate)?,
        )
    }

    fn each_issued_the_one_before(&self) -> Result<(), CertificateRefusal> {
        for pair in self.certificates.windows(2) {
            let [subject, issuer] = pair else {
                return Err(CertificateRefusal::BrokenChain);
            };
            let (subject, issuer) = (parse(subject)?, parse(issuer)?);
            if subject.issuer().as_raw() != issuer.subject().as_raw()
                || subject.verify_signature(Some(issuer.public_key())).is_err()
            {
                return Err(CertificateRefusal::BrokenChain);
            }
        }
        Ok(())
    }
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>, CertificateRefusal> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(CertificateRefusal::Unreadable),
    }
}

fn for_key(leaf: &X509Certificate<'_>, key: &KeyId) -> Result<(), CertificateRefusal> {
    if KeyId(sha256(&[leaf.public_key().raw])) == *key {
        Ok(())
    } else {
        Err(CertificateRefusal::AnotherKey)
    }
}

fn for_person(leaf: &X509Certificate<'_>, serial_number: &str) -> Result<(), CertificateRefusal> {
    let oid = x509_parser::oid_registry::OID_X509_SERIALNUMBER;
    let mut found = leaf.subject().iter_by_oid(&oid).filter_map(|a| a.as_str().ok());
    if found.any(|value| value == serial_number) {
        Ok(())
    } else {
        Err(CertificateRefusal::AnotherPerson)
    }
}

/// RFC 5280 §4.2.1.3 and §4.2.1.9; EN 319 412-2 §4.3.2 asks natural persons' certificates for nonRepudiation or
/// digitalSignature.
fn for_signing(leaf: &X509Certificate<'_>) -> Result<(), CertificateRefusal> {
    if leaf.is_ca() {
        return Err(CertificateRefusal::Authority);
    }
    match leaf.key_usage() {
        Ok(Some(usage)) if usage.value.digital_signature() || usage.value.non_repudiation() => Ok(()),
        Ok(_) => Err(CertificateRefusal::KeyUsage),
        Err(_) => Err(CertificateRefusal::Unreadable),
    }
}

/// Leaf, issuing authority, and room for two levels above it.
const MOST_CERTIFICATES: usize = 4;
