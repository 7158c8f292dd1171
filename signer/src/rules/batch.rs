//! Documents approved together: from proposal to outcome.

use std::fmt;
use std::str::FromStr;

use super::Moment;
use super::certificate::CertificateRefusal;
use super::filename::FileName;
use super::ids::{BatchId, Binding, Digest, DocumentId, KeyId, NotAnId, OfficialId, sha256};
use super::stamp::Stamp;

/// What the approval page shows and the official proves presence for.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Identifies the proposal and, later, the batch.
    pub batch: BatchId,
    /// Who is to approve.
    pub official: OfficialId,
    /// With which key.
    pub key: KeyId,
    /// Exactly these documents, in this order.
    pub documents: Vec<(DocumentId, Digest)>,
    /// With this stamp.
    pub stamp: Stamp,
    /// Makes each proposal's binding its own, even over the same documents.
    pub nonce: [u8; 16],
    /// When it was made.
    pub proposed_at: Moment,
}

impl Proposal {
    /// The digest that ties a proof of presence to this proposal: over the key, each document's digest in order,
    /// the stamp and the nonce. Every part has a fixed length or its length before it, so no two proposals share
    /// an encoding.
    #[must_use]
    pub fn binding(&self) -> Binding {
        let stamp = self.stamp.to_string();
        let count = u64::try_from(self.documents.len())
            .unwrap_or(u64::MAX)
            .to_be_bytes();
        let stamp_length = u64::try_from(stamp.len()).unwrap_or(u64::MAX).to_be_bytes();
        let mut parts: Vec<&[u8]> = vec![DOMAIN, &self.key.0, &count];
        parts.extend(self.documents.iter().map(|(_, digest)| digest.0.as_slice()));
        parts.extend([stamp_length.as_slice(), stamp.as_bytes(), &self.nonce]);
        Binding(sha256(&parts))
    }
}

/// One document of an approved batch.
#[derive(Clone, Debug)]
pub struct Item {
    /// Which document.
    pub document: DocumentId,
    /// Its name.
    pub name: FileName,
    /// What the official approved.
    pub digest: Digest,
    /// How far it is.
    pub state: ItemState,
}

/// How far one document of a batch is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// Approved, waiting for its turn.
    Queued,
    /// The intent is written; the outcome is not.
    Signing,
    /// Released.
    Signed(SignedCopy),
    /// Not signed, for this reason; the document is back on the desk.
    Failed(Failure),
}

/// The signed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedCopy {
    /// Digest of all its bytes.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// Why an approved document was not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The stored bytes are not those that were approved.
    SourceChanged,
    /// The approval's time was over before its turn came.
    ApprovalExpired,
    /// The official's certificate stopped being valid.
    CertificateUnusable,
    /// It, or an authority above it, was revoked.
    CertificateRevoked,
    /// It is on hold.
    CertificateOnHold,
    /// Nothing current says whether it was revoked.
    RevocationUnknown,
    /// No authority that the service believes stands above it.
    CertificateNotTrusted,
    /// The file cannot be extended by the letter of ISO 32000.
    CannotExtend,
    /// The finished file did not pass our own check from nothing; it was not released.
    NotReadBack,
    /// Signing would break a signature that was there before: a certification may forbid even a visible stamp.
    BreaksEarlier,
    /// The service stopped at the wrong moment and could not take up its work where it was.
    Interrupted,
    /// Something of ours failed; the log knows.
    Fault,
}

const FAILURES: [(Failure, &str); 12] = [
    (Failure::SourceChanged, "source_changed"),
    (Failure::ApprovalExpired, "approval_expired"),
    (Failure::CertificateUnusable, "certificate_unusable"),
    (Failure::CertificateRevoked, "certificate_revoked"),
    (Failure::CertificateOnHold, "certificate_on_hold"),
    (Failure::RevocationUnknown, "revocation_unknown"),
    (Failure::CertificateNotTrusted, "certificate_not_trusted"),
    (Failure::CannotExtend, "cannot_extend"),
    (Failure::NotReadBack, "not_read_back"),
    (Failure::BreaksEarlier, "breaks_earlier"),
    (Failure::Interrupted, "interrupted"),
    (Failure::Fault, "fault"),
];

impl Failure {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        FAILURES
            .iter()
            .find(|(failure, _)| *failure == self)
            .map_or("fault", |(_, code)| code)
    }
}

impl From<CertificateRefusal> for Failure {
    fn from(refusal: CertificateRefusal) -> Self {
        match refusal {
            CertificateRefusal::Revoked { .. } | CertificateRefusal::AuthorityRevoked => {
                Self::CertificateRevoked
            }
            CertificateRefusal::OnHold { .. } => Self::CertificateOnHold,
            CertificateRefusal::NoNews => Self::RevocationUnknown,
            CertificateRefusal::NotTrusted => Self::CertificateNotTrusted,
            CertificateRefusal::NoCertificate
            | CertificateRefusal::TooMany
            | CertificateRefusal::Unreadable
            | CertificateRefusal::AnotherKey
            | CertificateRefusal::AnotherPerson
            | CertificateRefusal::KeyUsage
            | CertificateRefusal::Authority
            | CertificateRefusal::BrokenChain
            | CertificateRefusal::NotYetValid
            | CertificateRefusal::Expired => Self::CertificateUnusable,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Failure {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        FAILURES
            .iter()
            .find(|(_, code)| *code == text)
            .map(|(failure, _)| *failure)
            .ok_or(NotAnId)
    }
}

/// Keeps this digest apart from every other use of SHA-256.
const DOMAIN: &[u8] = b"aval signer: presence for documents v1\0";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::stamp::{Place, StampPage};

    fn proposal() -> Proposal {
        Proposal {
            batch: BatchId::from_chance([1; 16]),
            official: OfficialId::from_chance([2; 16]),
            key: KeyId([3; 32]),
            documents: vec![
                (DocumentId::from_chance([4; 16]), Digest([5; 32])),
                (DocumentId::from_chance([6; 16]), Digest([7; 32])),
            ],
            stamp: Stamp::None,
            nonce: [8; 16],
            proposed_at: Moment(0),
        }
    }

    #[test]
    fn the_same_proposal_has_the_same_binding() {
        assert_eq!(proposal().binding(), proposal().binding());
    }

    #[test]
    fn another_key_changes_the_binding() {
        assert_ne!(
            Proposal {
                key: KeyId([9; 32]),
                ..proposal()
            }
            .binding(),
            proposal().binding()
        );
    }

    #[test]
    fn another_digest_changes_the_binding() {
        let mut other = proposal();
        other.documents[1].1 = Digest([9; 32]);
        assert_ne!(other.binding(), proposal().binding());
    }

    #[test]
    fn one_document_fewer_changes_the_binding() {
        let mut other = proposal();
        other.documents.pop();
        assert_ne!(other.binding(), proposal().binding());
    }

    #[test]
    fn another_order_changes_the_binding() {
        let mut other = proposal();
        other.documents.reverse();
        assert_ne!(other.binding(), proposal().binding());
    }

    #[test]
    fn another_stamp_changes_the_binding() {
        let stamp = Stamp::Visible {
            page: StampPage::First,
            place: Place::all()[8],
        };
        assert_ne!(Proposal { stamp, ..proposal() }.binding(), proposal().binding());
    }

    #[test]
    fn another_nonce_changes_the_binding() {
        assert_ne!(
            Proposal {
                nonce: [9; 16],
                ..proposal()
            }
            .binding(),
            proposal().binding()
        );
    }

    #[test]
    fn every_failure_is_read_back() {
        for (failure, code) in FAILURES {
            assert_eq!(code.parse(), Ok(failure));
        }
    }
}
