//! For what a certificate may be used.

use crate::certificate::Certificate;
use crate::failure::Reason;
use crate::oid;

/// What the key at the end of the path has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// A document, by a person or a seal.
    #[default]
    DocumentSigning,
    /// A timestamp token (RFC 3161 §2.3).
    TimeStamping,
    /// A delegated OCSP response (RFC 6960 §4.2.2.2).
    OcspSigning,
    /// A revocation list (RFC 5280 §6.3.3 f).
    CrlSigning,
    /// Path validation alone (RFC 5280 §6), for whoever judges the use themselves.
    Any,
}

impl Purpose {
    pub(crate) fn check(self, certificate: &Certificate) -> Result<(), Reason> {
        match self {
            Self::DocumentSigning => document_signing(certificate),
            Self::TimeStamping => time_stamping(certificate),
            Self::OcspSigning => ocsp_signing(certificate),
            Self::CrlSigning => crl_signing(certificate),
            Self::Any => Ok(()),
        }
    }
}

/// RFC 5280 §4.2.1.3 and ETSI EN 319 412-2 §4.3.2: a key to sign or to commit with. When extended
/// usages are named, one of them has to be about documents or about a person's own acts.
fn document_signing(certificate: &Certificate) -> Result<(), Reason> {
    may_sign(certificate)?;
    let accepted = [
        oid::ANY_EXTENDED_KEY_USAGE,
        oid::KP_DOCUMENT_SIGNING,
        oid::MS_DOCUMENT_SIGNING,
        oid::ADOBE_AUTHENTIC_DOCUMENTS,
        oid::KP_EMAIL_PROTECTION,
        oid::KP_CLIENT_AUTH,
    ];
    match &certificate.extensions().extended_key_usage {
        Some(usage) if !accepted.iter().any(|purpose| usage.has(purpose)) => Err(Reason::Purpose(
            "its extended key usage does not include signing documents",
        )),
        _ => Ok(()),
    }
}

/// RFC 3161 §2.3: exactly one extended usage, and critical.
fn time_stamping(certificate: &Certificate) -> Result<(), Reason> {
    may_sign(certificate)?;
    match &certificate.extensions().extended_key_usage {
        Some(usage) if usage.critical && usage.purposes.len() == 1 && usage.has(oid::KP_TIME_STAMPING) => {
            Ok(())
        }
        _ => Err(Reason::Purpose(
            "its extended key usage is not timestamping alone, marked critical",
        )),
    }
}

/// RFC 6960 §4.2.2.2.
fn ocsp_signing(certificate: &Certificate) -> Result<(), Reason> {
    may_sign(certificate)?;
    match &certificate.extensions().extended_key_usage {
        Some(usage) if usage.has(oid::KP_OCSP_SIGNING) => Ok(()),
        _ => Err(Reason::Purpose(
            "its extended key usage does not include OCSP responses",
        )),
    }
}

fn crl_signing(certificate: &Certificate) -> Result<(), Reason> {
    match certificate.extensions().key_usage {
        Some(usage) if !usage.crl_sign() => {
            Err(Reason::Purpose("its key usage does not allow revocation lists"))
        }
        _ => Ok(()),
    }
}

fn may_sign(certificate: &Certificate) -> Result<(), Reason> {
    match certificate.extensions().key_usage {
        Some(usage) if !usage.digital_signature() && !usage.content_commitment() => {
            Err(Reason::Purpose("its key usage does not allow signatures"))
        }
        _ => Ok(()),
    }
}
