//! A warrant: leave for one signature over one exact value. Keys take nothing else.

use super::ids::{Digest, DocumentId, KeyId, OfficialId};

/// Leave to sign one value with one key, once. It exists only after the write that consumed the authorisation for
/// this document and recorded the intent; [`crate::keys::Keyring::sign`] takes it. Not `Clone`.
///
/// ```compile_fail
/// # use signer::rules::warrant::Warrant;
/// fn twice(warrant: Warrant) -> (Warrant, Warrant) { (warrant.clone(), warrant) }
/// ```
/// ```
/// # use signer::rules::warrant::Warrant;
/// fn once(warrant: Warrant) -> Warrant { warrant }
/// ```
#[derive(Debug)]
pub struct Warrant {
    official: OfficialId,
    key: KeyId,
    document: DocumentId,
    to_be_signed: Digest,
}

impl Warrant {
    /// Called by the store when, and only when, its write moved the document from `queued` to `signing` (or found
    /// it there after a restart, for the same value).
    pub(crate) fn consumed(
        official: OfficialId,
        key: KeyId,
        document: DocumentId,
        to_be_signed: Digest,
    ) -> Self {
        Self {
            official,
            key,
            document,
            to_be_signed,
        }
    }

    /// Whose signature.
    #[must_use]
    pub fn official(&self) -> OfficialId {
        self.official
    }

    /// With which key.
    #[must_use]
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// For which document.
    #[must_use]
    pub fn document(&self) -> DocumentId {
        self.document
    }

    /// SHA-256 of the signed attributes: the only value that may be signed.
    #[must_use]
    pub fn to_be_signed(&self) -> Digest {
        self.to_be_signed
    }
}
