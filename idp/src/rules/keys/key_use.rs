//! What a key of ours is for (RFC 7517 §4.2 `use`).

use std::{fmt, str::FromStr};

use sdk_jose::{Algorithm, UnknownAlgorithm};

use crate::rules::client::SIGNING;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// It signs with this algorithm.
    Signing(Algorithm),
    /// Clients encrypt their request objects to it (RFC 9101 §6.1); it agrees on keys (RFC 7518 §4.6).
    Encryption,
}

impl KeyUse {
    /// Every use that this provider has a key for.
    pub fn every() -> impl Iterator<Item = Self> {
        SIGNING.into_iter().map(Self::Signing).chain([Self::Encryption])
    }

    /// Its name in the store and for operators: the algorithm's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Signing(algorithm) => algorithm.as_str(),
            Self::Encryption => ENCRYPTION,
        }
    }

    /// What it signs with, if it does.
    #[must_use]
    pub fn algorithm(self) -> Option<Algorithm> {
        match self {
            Self::Signing(algorithm) => Some(algorithm),
            Self::Encryption => None,
        }
    }
}

impl From<Algorithm> for KeyUse {
    fn from(algorithm: Algorithm) -> Self {
        Self::Signing(algorithm)
    }
}

impl FromStr for KeyUse {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        if name == ENCRYPTION {
            return Ok(Self::Encryption);
        }
        name.parse().map(Self::Signing)
    }
}

impl fmt::Display for KeyUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// RFC 7518 §4.6. The key serves the wrapping variants as well, so its JWK names no `alg`.
const ENCRYPTION: &str = "ECDH-ES";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_use_is_known_by_its_name() {
        for key_use in KeyUse::every() {
            assert_eq!(key_use.name().parse(), Ok(key_use));
        }
        assert_eq!("RSA-OAEP".parse::<KeyUse>(), Err(UnknownAlgorithm));
    }
}
