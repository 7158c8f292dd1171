//! X.509 for documents: path validation, revocation evidence, timestamps, algorithm policy.
//!
//! Who signed a document, may they be believed, and on what date? This crate answers for one
//! certificate at a time; it reads no clock, and fetches nothing: [`gather`] asks what it is given for that. Everything it needs arrives as an
//! argument, so the same question always has the same answer. What it keeps, beside the trust anchors,
//! are signatures over certificates that it has computed before: faster, never different.
//!
//! ```no_run
//! use sdk_pki::{Certificate, Purpose, Question, TrustAnchors};
//! use time::macros::datetime;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let anchors = TrustAnchors::load("roots.pem")?;
//! let chain = Certificate::from_pem(&std::fs::read_to_string("chain.pem")?)?;
//! let (leaf, others) = chain.split_first().ok_or("an empty chain")?;
//!
//! let question = Question::new(&anchors, datetime!(2026-11-21 12:00 UTC))
//!     .purpose(Purpose::DocumentSigning)
//!     .intermediates(others);
//! match sdk_pki::validate(leaf, &question) {
//!     Ok(path) => println!("{} by {}, revocation {}", leaf.subject(), path.anchor.name(), path.revocation()),
//!     Err(failure) => println!("{failure} ({})", failure.sub_indication()),
//! }
//! # Ok(()) }
//! ```
//!
//! Sources: RFC 5280 (certificates, lists, validation), RFC 9618 (policies), RFC 6960 (OCSP),
//! RFC 3161 and RFC 5816 (timestamps), RFC 4518 (comparison of names), ETSI EN 319 102-1
//! (indications), ETSI TS 119 312 (algorithms), ETSI TS 119 612 (trusted lists), XML Signature 1.1,
//! Exclusive XML Canonicalization 1.0.

pub mod der;
pub mod oid;

/// Where we depart from a specification, where specifications are silent, what we defend against.
pub mod manual {
    #[doc = include_str!("manual/divergences.md")]
    pub mod divergences {}
    #[doc = include_str!("manual/choices.md")]
    pub mod choices {}
    #[doc = include_str!("manual/threats.md")]
    pub mod threats {}
}

mod algorithm;
mod anchors;
mod budget;
mod certificate;
mod constraints;
mod crl;
mod digest;
mod dsa;
mod effort;
mod extensions;
mod failure;
mod gather;
mod general_name;
mod key;
mod memory;
mod name;
mod ocsp;
mod path;
mod policies;
mod purpose;
mod question;
mod reading;
mod revocation;
mod rfc5280;
mod software;
mod strength;
mod timestamp;
mod trusted_list;
mod xml;

pub use algorithm::{AlgorithmIdentifier, SignatureAlgorithm, SignatureError};
pub use anchors::{AnchorError, Granted, TrustAnchor, TrustAnchors};
pub use budget::{Budget, Exhausted};
pub use certificate::{Certificate, CertificateError};
pub use crl::{Crl, CrlEntry};
pub use digest::{Digest, DigestAlgorithm, Hasher};
pub use effort::Effort;
pub use extensions::{
    AuthorityKeyId, BasicConstraints, DistributionPoint, ExtendedKeyUsage, Extensions, GeneralSubtree,
    KeyUsage, NameConstraints, PolicyConstraints,
};
pub use failure::{Indication, Reason, SubIndication, ValidationFailure};
pub use gather::{Fetch, Gathered, Unfetched, Wanted, gather};
pub use general_name::GeneralName;
pub use key::{Curve, KeyKind, PublicKey};
pub use name::{Attribute, Name};
pub use ocsp::{CertId, CertStatus, OcspResponse, ResponderId, SingleResponse};
pub use path::{MAX_PATH, MAX_SIGNATURES, ValidPath, validate};
pub use policies::PolicyInputs;
pub use purpose::Purpose;
pub use question::Question;
pub use revocation::{
    Evidence, EvidenceError, Revocation, RevocationReason, RevocationSource, RevocationStatus,
};
pub use strength::{AlgorithmPolicy, Weakness};
pub use timestamp::{Accuracy, TstInfo};
pub use trusted_list::{
    ListPointer, Service, ServiceKind, ServiceStatus, TrustedList, TrustedListError, UnverifiedList,
};

/// A moment. It always arrives as an argument: nothing here reads a clock.
pub type Time = time::OffsetDateTime;
