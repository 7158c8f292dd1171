//! Why a CMS object cannot be judged at all, and what is odd about one that can.

use sdk_pki::der::DerError;

/// Why bytes are not a CMS signature that can be judged. EN 319 102-1 calls all of them
/// FORMAT_FAILURE.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CmsError {
    /// Neither DER nor BER, or not the structure of a SignedData.
    #[error("the signature cannot be read: {0}")]
    Encoding(#[from] DerError),
    /// Another kind of CMS object.
    #[error("this is not a signature but another kind of CMS object")]
    NotSignedData,
    /// Bytes after the end that are not padding.
    #[error("bytes follow the end of the signature")]
    Trailing,
    /// Larger than [`SignedData::MAX_OCTETS`](super::SignedData::MAX_OCTETS).
    #[error("the signature is too large")]
    TooLarge,
    /// A SignedData without a signer only transports certificates.
    #[error("nobody signed")]
    NoSigner,
    /// Several signers: ISO 32000-2 §12.8.3.3 and EN 319 142-1 §4.1 allow one, and a verdict about
    /// one of them would be read as a verdict about all.
    #[error("{0} signers signed where one is allowed")]
    SeveralSigners(usize),
    /// RFC 5652 §5.3: no signed attribute may come twice.
    #[error("a signed attribute comes twice")]
    DuplicateAttribute,
    /// RFC 5652 §5.3: contentType and messageDigest are required, each with one value.
    #[error("the signed attribute {0} is missing or has not exactly one value")]
    Attribute(&'static str),
    /// More of something than any honest signature has.
    #[error("there are too many {0}")]
    TooMany(&'static str),
    /// A timestamp token whose content is not a TSTInfo.
    #[error("this is not a timestamp token")]
    NotToken,
}

impl CmsError {
    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Encoding(_) => "cms_malformed",
            Self::NotSignedData => "cms_not_signed_data",
            Self::Trailing => "cms_trailing_bytes",
            Self::TooLarge => "cms_too_large",
            Self::NoSigner => "cms_no_signer",
            Self::SeveralSigners(_) => "cms_several_signers",
            Self::DuplicateAttribute => "cms_duplicate_attribute",
            Self::Attribute(_) => "cms_attribute_missing",
            Self::TooMany(_) => "cms_too_many",
            Self::NotToken => "timestamp_not_a_token",
        }
    }
}

/// Something a strict producer would not do and that changes no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Irregularity {
    /// BER where EN 319 122-1 §4.7.1 and ISO 32000-2 §12.8.3.3 require DER.
    NotDer,
    /// The signed attributes are not in the order of DER.
    AttributeOrder,
    /// RFC 5652 §5.1: the signer's digest algorithm is not listed in front.
    DigestNotListed,
    /// A certificate among those that came along cannot be read.
    UnreadableCertificate,
    /// A revocation list or response among those that came along cannot be read.
    UnreadableEvidence,
    /// The claimed signing time cannot be read.
    SigningTime,
    /// RFC 5652 §11.4: somebody countersigned; by whom is not judged.
    Countersigned,
    /// A countersignature is about another signature, or cannot be read.
    Countersignature,
}

impl Irregularity {
    /// A stable name for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotDer => "cms_not_der",
            Self::AttributeOrder => "cms_attribute_order",
            Self::DigestNotListed => "cms_digest_not_listed",
            Self::UnreadableCertificate => "cms_unreadable_certificate",
            Self::UnreadableEvidence => "cms_unreadable_evidence",
            Self::SigningTime => "cms_signing_time",
            Self::Countersigned => "cms_countersigned",
            Self::Countersignature => "cms_countersignature",
        }
    }
}
