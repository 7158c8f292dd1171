//! Was a certificate withdrawn? Evidence, and what follows from it for one certificate.
//!
//! Nothing is fetched: evidence is embedded in a document or supplied by the caller. Evidence that
//! cannot be used (of another issuer, unsigned, stale, out of scope) counts as absent.

mod lists;
mod load;
mod responses;
mod status;

use std::fmt;

use crate::Time;
use crate::crl::Crl;
use crate::der::{DerError, Tlv};
use crate::ocsp::OcspResponse;

pub use load::EvidenceError;
pub(crate) use status::{Revoked, status};

/// Revocation lists and OCSP responses that are at hand.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Lists, complete and delta.
    pub crls: Vec<Crl>,
    /// Responses.
    pub ocsp: Vec<OcspResponse>,
}

impl Evidence {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a list and keeps it.
    pub fn add_crl(&mut self, bytes: &[u8]) -> Result<(), DerError> {
        self.crls.push(Crl::from_der(bytes)?);
        Ok(())
    }

    /// Reads a response and keeps it.
    pub fn add_ocsp(&mut self, bytes: &[u8]) -> Result<(), DerError> {
        self.ocsp.push(OcspResponse::from_der(bytes)?);
        Ok(())
    }

    /// There is nothing.
    pub fn is_empty(&self) -> bool {
        self.crls.is_empty() && self.ocsp.is_empty()
    }
}

/// How much evidence a question asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Revocation {
    /// What is at hand is judged; when there is nothing, the status is unknown and says so.
    #[default]
    IfAvailable,
    /// Without usable evidence for every certificate, the path is not valid.
    Required,
}

/// Where a status comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationSource {
    /// A revocation list.
    Crl,
    /// An OCSP response.
    Ocsp,
}

/// What evidence says about one certificate of a valid path. Unknown is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationStatus {
    /// Not revoked at the time asked about.
    Good {
        /// Who says so.
        source: RevocationSource,
        /// Since when that is known to be so.
        this_update: Time,
        /// By when more is known.
        next_update: Option<Time>,
    },
    /// No usable evidence is at hand.
    Unknown,
}

impl fmt::Display for RevocationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good { .. } => "good",
            Self::Unknown => "unknown",
        })
    }
}

/// RFC 5280 §5.3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationReason {
    /// Not said.
    Unspecified,
    /// The holder's key is no longer secret.
    KeyCompromise,
    /// The authority's key is no longer secret.
    CaCompromise,
    /// The holder's name or position changed.
    AffiliationChanged,
    /// A newer certificate replaces it.
    Superseded,
    /// No longer needed.
    CessationOfOperation,
    /// Suspended.
    CertificateHold,
    /// In a delta: no longer revoked.
    RemoveFromCrl,
    /// A right it states was withdrawn.
    PrivilegeWithdrawn,
    /// The attribute authority's key is no longer secret.
    AaCompromise,
}

impl RevocationReason {
    pub(crate) fn parse(tlv: &Tlv<'_>) -> Result<Self, DerError> {
        Ok(match tlv.value() {
            [0] => Self::Unspecified,
            [1] => Self::KeyCompromise,
            [2] => Self::CaCompromise,
            [3] => Self::AffiliationChanged,
            [4] => Self::Superseded,
            [5] => Self::CessationOfOperation,
            [6] => Self::CertificateHold,
            [8] => Self::RemoveFromCrl,
            [9] => Self::PrivilegeWithdrawn,
            [10] => Self::AaCompromise,
            _ => return Err(DerError::Value("a reason for revocation is unknown")),
        })
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "no reason given",
            Self::KeyCompromise => "key compromise",
            Self::CaCompromise => "authority's key compromise",
            Self::AffiliationChanged => "affiliation changed",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation of operation",
            Self::CertificateHold => "on hold",
            Self::RemoveFromCrl => "removed from list",
            Self::PrivilegeWithdrawn => "privilege withdrawn",
            Self::AaCompromise => "attribute authority's key compromise",
        })
    }
}
