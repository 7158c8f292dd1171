//! How sure the idp is of who came.

use serde::{Deserialize, Serialize};

/// An authenticator assurance level (NIST SP 800-63B), as the `acr` claim tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Assurance {
    /// The claim is absent or tells something else. Below every level.
    Unknown,
    /// One factor: a password.
    Aal1,
    /// Two factors, or a passkey.
    Aal2,
    /// Two factors, one of them a hardware key.
    Aal3,
}

impl Assurance {
    /// Reads an `acr`.
    #[must_use]
    pub fn from_acr(acr: &str) -> Self {
        Self::LEVELS
            .into_iter()
            .find(|(_, name)| *name == acr)
            .map_or(Self::Unknown, |(level, _)| level)
    }

    /// The values of `acr` that reach this level, itself first.
    #[must_use]
    pub fn acr_values(self) -> Vec<&'static str> {
        Self::LEVELS
            .into_iter()
            .filter(|(level, _)| *level >= self && self > Self::Unknown)
            .map(|(_, name)| name)
            .collect()
    }

    const LEVELS: [(Self, &'static str); 3] = [
        (Self::Aal1, "urn:aval:aal1"),
        (Self::Aal2, "urn:aval:aal2"),
        (Self::Aal3, "urn:aval:aal3"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_reached_by_itself_and_by_higher_ones() {
        assert_eq!(Assurance::Aal2.acr_values(), ["urn:aval:aal2", "urn:aval:aal3"]);
        assert!(Assurance::Unknown.acr_values().is_empty());
    }

    #[test]
    fn another_acr_is_below_every_level() {
        assert!(Assurance::from_acr("phr") < Assurance::Aal1);
    }
}
