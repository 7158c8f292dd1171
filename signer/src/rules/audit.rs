//! The audit chain: each record carries the hash of the one before it, so none can be changed or dropped unseen.

use serde::Serialize;

use super::Moment;
use super::ids::{BatchId, Digest, DocumentId, KeyId, OfficialId, sha256};

/// What is written down. Identifiers and digests only: no names, no national ids.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// An official was registered and their key made.
    OfficialRegistered {
        /// Who.
        official: String,
        /// Their key.
        key: String,
    },
    /// An official's key was certified.
    OfficialCertified {
        /// Who.
        official: String,
        /// SHA-256 of the certificate.
        certificate: String,
    },
    /// A file arrived.
    DocumentReceived {
        /// From whom.
        official: String,
        /// Which.
        document: String,
        /// Digest of its bytes.
        sha256: String,
        /// Why it was not taken, if it was not.
        #[serde(skip_serializing_if = "Option::is_none")]
        refused: Option<&'static str>,
    },
    /// A document was taken off the desk.
    DocumentRemoved {
        /// By whom.
        official: String,
        /// Which.
        document: String,
    },
    /// Documents were put before the official for approval.
    ApprovalProposed {
        /// To whom.
        official: String,
        /// Which batch.
        batch: String,
        /// What presence is to be proven for.
        binding: String,
    },
    /// The intent: these documents are to be signed with this key.
    SigningAuthorised {
        /// By whom.
        official: String,
        /// Which batch.
        batch: String,
        /// With which key.
        key: String,
        /// Digests of exactly these documents.
        sha256: Vec<String>,
        /// Until when.
        until: String,
    },
    /// Documents were not put before the official, or not approved: the certificate is not in force.
    SigningRefused {
        /// Whose.
        official: String,
        /// SHA-256 of the certificate.
        certificate: String,
        /// Stable code.
        reason: &'static str,
    },
    /// The intent for one signature, before the key is used.
    SignatureIntended {
        /// Which batch.
        batch: String,
        /// Which document.
        document: String,
        /// SHA-256 of the signed attributes.
        to_be_signed: String,
    },
    /// The outcome: released.
    SignatureReleased {
        /// Which batch.
        batch: String,
        /// Which document.
        document: String,
        /// Digest of the signed file.
        sha256: String,
    },
    /// The outcome: not signed.
    SignatureFailed {
        /// Which batch.
        batch: String,
        /// Which document.
        document: String,
        /// Stable code.
        reason: &'static str,
    },
    /// After a restart, the work on an intended signature was taken up again, for the same value.
    SignatureResumed {
        /// Which batch.
        batch: String,
        /// Which document.
        document: String,
        /// SHA-256 of the signed attributes.
        to_be_signed: String,
    },
}

impl Event {
    /// [`Event::SignatureReleased`], from typed parts.
    #[must_use]
    pub fn released(batch: BatchId, document: DocumentId, digest: Digest) -> Self {
        Self::SignatureReleased {
            batch: batch.to_string(),
            document: document.to_string(),
            sha256: digest.to_string(),
        }
    }

    /// [`Event::SignatureIntended`], from typed parts.
    #[must_use]
    pub fn intended(batch: BatchId, document: DocumentId, to_be_signed: Digest) -> Self {
        Self::SignatureIntended {
            batch: batch.to_string(),
            document: document.to_string(),
            to_be_signed: to_be_signed.to_string(),
        }
    }

    /// [`Event::OfficialRegistered`], from typed parts.
    #[must_use]
    pub fn registered(official: OfficialId, key: KeyId) -> Self {
        Self::OfficialRegistered {
            official: official.to_string(),
            key: key.to_string(),
        }
    }
}

/// The end of the chain so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of the last record; 0 before the first.
    pub seq: i64,
    /// Its hash; 64 zeros before the first.
    pub hash: String,
}

/// A record, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number: one more than the last.
    pub seq: i64,
    /// When.
    pub at: Moment,
    /// The event as JSON.
    pub body: String,
    /// Hash of the record before.
    pub previous: String,
    /// Hash of this record: SHA-256 over previous hash, number, time and body, separated by line feeds.
    pub hash: String,
}

impl Record {
    /// The record that follows `head`.
    #[must_use]
    pub fn following(head: &Head, at: Moment, body: String) -> Self {
        let seq = head.seq.saturating_add(1);
        let hash = hash(&head.hash, seq, at, &body);
        Self {
            seq,
            at,
            body,
            previous: head.hash.clone(),
            hash,
        }
    }

    /// Whether this record follows `head` and its hash is right.
    #[must_use]
    pub fn follows(&self, head: &Head) -> bool {
        head.seq.checked_add(1) == Some(self.seq)
            && self.previous == head.hash
            && self.hash == hash(&self.previous, self.seq, self.at, &self.body)
    }

    /// The chain's end after this record.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            seq: self.seq,
            hash: self.hash.clone(),
        }
    }
}

fn hash(previous: &str, seq: i64, at: Moment, body: &str) -> String {
    let text = format!("{previous}\n{seq}\n{}\n{body}", at.0);
    Digest(sha256(&[text.as_bytes()])).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Head {
        Head {
            seq: 0,
            hash: "0".repeat(64),
        }
    }

    #[test]
    fn records_follow_each_other() {
        let one = Record::following(&start(), Moment(1), "{}".into());
        let two = Record::following(&one.head(), Moment(2), "{}".into());
        assert!(one.follows(&start()) && two.follows(&one.head()));
    }

    #[test]
    fn a_changed_body_is_noticed() {
        let mut record = Record::following(&start(), Moment(1), "{}".into());
        record.body = "{\"x\":1}".into();
        assert!(!record.follows(&start()));
    }

    #[test]
    fn a_changed_time_is_noticed() {
        let mut record = Record::following(&start(), Moment(1), "{}".into());
        record.at = Moment(2);
        assert!(!record.follows(&start()));
    }

    #[test]
    fn a_dropped_record_is_noticed() {
        let one = Record::following(&start(), Moment(1), "{}".into());
        let two = Record::following(&one.head(), Moment(2), "{}".into());
        assert!(!two.follows(&start()));
    }
}
