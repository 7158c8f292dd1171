//! Saved recovery codes (SP 800-63B-4 §4.2.1.1): what a citizen keeps on paper for the day that the phone is gone.
//!
//! They open no login. One is spent in a recovery, beside another proof, and the one that takes its place is told there.

use std::fmt;

use zeroize::Zeroizing;

use super::{crockford, ids::RecoverySetId, time::Timestamp};

/// One code: shown once, stored as its keyed tag, never printed to a log.
#[derive(Clone)]
pub struct RecoveryCode(Zeroizing<[u8; BYTES]>);

/// The codes of a citizen as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Which set.
    pub set: RecoverySetId,
    /// When it was made.
    pub made_at: Timestamp,
    /// How many of it are not spent.
    pub left: i64,
}

impl RecoveryCode {
    /// A code from chance.
    #[must_use]
    pub fn new(chance: [u8; BYTES]) -> Self {
        Self(Zeroizing::new(chance))
    }

    /// A code as somebody typed it; `None` when it cannot be one.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        crockford::read(typed).map(Self)
    }

    /// What is shown once: six groups of four.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        crockford::write(self.0.as_slice())
    }

    /// The bytes, for the tag.
    #[must_use]
    pub fn expose(&self) -> &[u8; BYTES] {
        &self.0
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

/// 120 bits. SP 800-63B-4 §4.2.1.1 asks for 64; from 112 on (§3.1.2.2) a code is stored under a plain one-way function,
/// which costs nobody 19 MiB for each guess.
pub const BYTES: usize = 15;
/// How many make a set: enough for a life of lost phones, few enough for half a page.
pub const IN_A_SET: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_61_a_code_has_more_than_sixty_four_bits_and_survives_being_typed() {
        let code = RecoveryCode::new([0xa5; BYTES]);
        let text = code.text();
        assert_eq!(text.len(), 29);
        let typed = text.to_lowercase().replace('-', " ");
        assert_eq!(RecoveryCode::parse(&typed).unwrap().expose(), code.expose());
    }

    #[test]
    fn a_code_does_not_print() {
        assert_eq!(format!("{:?}", RecoveryCode::new([1; BYTES])), "RecoveryCode(…)");
    }
}
