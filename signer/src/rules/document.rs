//! A document on the desk.

use serde::{Deserialize, Serialize};

use super::Moment;
use super::filename::FileName;
use super::ids::{Digest, DocumentId, OfficialId};
use super::intake::Unfit;

/// A file that an official sent.
#[derive(Clone, Debug)]
pub struct Document {
    /// Our identifier.
    pub id: DocumentId,
    /// Whose it is. Nobody else sees it.
    pub official: OfficialId,
    /// When it arrived.
    pub received_at: Moment,
    /// Its name, made safe.
    pub name: FileName,
    /// Length in bytes.
    pub size: u64,
    /// Digest of all its bytes.
    pub digest: Digest,
    /// What became of it.
    pub state: DocumentState,
}

/// What became of a file that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentState {
    /// Can be signed.
    Ready(Facts),
    /// Approved, waiting for its signature.
    Approved(Facts),
    /// Cannot be signed; the file itself was not kept.
    Refused(Unfit),
    /// Was signed; the source and the signed copy are kept.
    Signed(Facts),
}

impl DocumentState {
    /// What was read from the file, where it could be read.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        match self {
            Self::Ready(facts) | Self::Approved(facts) | Self::Signed(facts) => Some(facts),
            Self::Refused(_) => None,
        }
    }
}

/// What the service read from a document when it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Number of pages.
    pub pages: u32,
    /// Earlier signatures, oldest first.
    pub signatures: Vec<EarlierSignature>,
    /// Some page has fields or annotations.
    #[serde(default)]
    pub annotated: bool,
    /// What is worth knowing before signing.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

/// Something worth knowing before signing: hidden, acting by itself, prepared to be shown later. It never stands in the
/// way; the official decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Warning {
    /// A stable code of [`sdk_document::Warning`].
    pub code: String,
    /// The first page it is on, from 1; none when it belongs to the whole document.
    pub page: Option<usize>,
}

/// A signature that a document already had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierSignature {
    /// The signer's name in the certificate; empty when it could not be read.
    pub name: String,
    /// Whether its bytes are intact and nothing followed that it does not permit. Trust is another question.
    pub sound: bool,
}
