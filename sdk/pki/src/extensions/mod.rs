//! The extensions of a certificate (RFC 5280 §4.2), read once and completely.
//!
//! An extension that decides over validity must be readable, or the certificate is refused. One
//! that only informs (where to ask, which qualified statements) is skipped when it is broken.

mod read;

use crate::general_name::GeneralName;
use crate::oid::Oid;

pub(crate) use read::{RawExtension, authority_key_id, distribution_point_name, raw_extensions};

/// What the extensions of a certificate say; `None` or empty when they are silent.
#[derive(Debug, Clone, Default)]
pub struct Extensions {
    /// §4.2.1.1.
    pub authority_key_id: Option<AuthorityKeyId>,
    /// §4.2.1.2.
    pub subject_key_id: Option<Vec<u8>>,
    /// §4.2.1.3.
    pub key_usage: Option<KeyUsage>,
    /// §4.2.1.4: policy identifiers.
    pub policies: Option<Vec<Oid>>,
    /// §4.2.1.5: pairs of issuer's and subject's policy.
    pub policy_mappings: Vec<(Oid, Oid)>,
    /// §4.2.1.6.
    pub subject_alt_names: Vec<GeneralName>,
    /// §4.2.1.9.
    pub basic_constraints: Option<BasicConstraints>,
    /// §4.2.1.10.
    pub name_constraints: Option<NameConstraints>,
    /// §4.2.1.11.
    pub policy_constraints: Option<PolicyConstraints>,
    /// §4.2.1.12.
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    /// §4.2.1.13.
    pub crl_distribution_points: Vec<DistributionPoint>,
    /// §4.2.1.15: where delta lists are.
    pub freshest_crl: Vec<DistributionPoint>,
    /// §4.2.1.14.
    pub inhibit_any_policy: Option<u32>,
    /// §4.2.2.1: addresses of OCSP responders.
    pub ocsp: Vec<String>,
    /// §4.2.2.1: addresses of the issuer's certificate.
    pub ca_issuers: Vec<String>,
    /// RFC 3739 §3.2.6: which qualified statements are made.
    pub qc_statements: Vec<Oid>,
    /// RFC 6960 §4.2.2.2.1: this responder's certificate needs no revocation check.
    pub ocsp_no_check: bool,
    /// Critical extensions that are not understood here.
    pub unknown_critical: Vec<Oid>,
}

/// §4.2.1.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityKeyId {
    /// keyIdentifier.
    pub key_id: Option<Vec<u8>>,
    /// authorityCertIssuer.
    pub issuer: Vec<GeneralName>,
    /// authorityCertSerialNumber, the contents of the INTEGER.
    pub serial: Option<Vec<u8>>,
}

/// §4.2.1.3, a set of named bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// To sign data.
    pub fn digital_signature(self) -> bool {
        self.has(0)
    }

    /// To commit to contents; once called nonRepudiation.
    pub fn content_commitment(self) -> bool {
        self.has(1)
    }

    /// To sign certificates.
    pub fn key_cert_sign(self) -> bool {
        self.has(5)
    }

    /// To sign revocation lists.
    pub fn crl_sign(self) -> bool {
        self.has(6)
    }

    fn has(self, bit: u32) -> bool {
        self.0.checked_shr(bit).is_some_and(|bits| bits & 1 == 1)
    }
}

/// §4.2.1.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// May this key sign certificates at all?
    pub ca: bool,
    /// How many intermediate certificates may follow.
    pub path_length: Option<u32>,
}

/// §4.2.1.10.
#[derive(Debug, Clone, Default)]
pub struct NameConstraints {
    /// Names must lie in one of these, kind by kind.
    pub permitted: Vec<GeneralSubtree>,
    /// Names must not lie in any of these.
    pub excluded: Vec<GeneralSubtree>,
}

/// §4.2.1.10; minimum is zero and maximum absent, as the RFC requires.
#[derive(Debug, Clone)]
pub struct GeneralSubtree(pub GeneralName);

/// §4.2.1.11.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PolicyConstraints {
    /// requireExplicitPolicy.
    pub require_explicit: Option<u32>,
    /// inhibitPolicyMapping.
    pub inhibit_mapping: Option<u32>,
}

/// §4.2.1.12.
#[derive(Debug, Clone)]
pub struct ExtendedKeyUsage {
    /// Was it marked critical? A timestamping unit's must be.
    pub critical: bool,
    /// For what.
    pub purposes: Vec<Oid>,
}

impl ExtendedKeyUsage {
    /// Is this purpose (a constant of [`oid`](crate::oid)) named?
    pub fn has(&self, purpose: &[u8]) -> bool {
        self.purposes.iter().any(|oid| oid.is(purpose))
    }
}

/// §4.2.1.13.
#[derive(Debug, Clone, Default)]
pub struct DistributionPoint {
    /// Where: full names, the relative form completed with the issuer's name.
    pub names: Vec<GeneralName>,
    /// For which reasons; `None` for all.
    pub reasons: Option<u16>,
    /// Who signs the list, when not the certificate's issuer.
    pub crl_issuer: Vec<GeneralName>,
}
