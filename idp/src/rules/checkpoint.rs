//! The end of the audit chain at a moment, signed and published: whoever cuts records off the end of the log afterwards
//! is found by anybody who kept it (identity row 93).

use serde::{Deserialize, Serialize};

use super::{audit::genesis, secret::Digest, time::Timestamp};

/// The claims of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Whose log.
    pub iss: String,
    /// When it was signed.
    pub iat: i64,
    /// The last record.
    pub seq: i64,
    /// Its hash.
    pub hash: Digest,
}

/// The end of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last record; 0 before there is one.
    pub seq: i64,
    /// Its hash.
    pub hash: Digest,
}

impl Head {
    /// Before the first record.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            seq: 0,
            hash: genesis(),
        }
    }

    /// What is signed about it.
    #[must_use]
    pub fn checkpoint(self, issuer: &str, now: Timestamp) -> Checkpoint {
        Checkpoint {
            iss: issuer.to_owned(),
            iat: now.0,
            seq: self.seq,
            hash: self.hash,
        }
    }
}

/// The chain is not what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// This record was changed, removed, added or moved; those before it are as they were.
    At(i64),
    /// The log ends before this record, which a checkpoint has seen.
    CutBefore(i64),
    /// A checkpoint has seen another record in this place: the chain was written anew.
    NotAsSeen(i64),
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::At(seq) => write!(f, "the chain breaks at record {seq}"),
            Self::CutBefore(seq) => write!(
                f,
                "the chain ends before record {seq}, which a checkpoint has seen"
            ),
            Self::NotAsSeen(seq) => write!(f, "record {seq} is not the one that a checkpoint has seen"),
        }
    }
}

/// The kind of token that a checkpoint is.
pub const TYP: &str = "audit-checkpoint+jwt";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_as_it_was_written() {
        let checkpoint = Head::empty().checkpoint("https://id.example", Timestamp(7));
        let text = serde_json::to_string(&checkpoint).unwrap();
        assert_eq!(serde_json::from_str::<Checkpoint>(&text).unwrap(), checkpoint);
    }
}
