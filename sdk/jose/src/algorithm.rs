//! The signature algorithms that a key pair can have.

use std::fmt;
use std::str::FromStr;

/// An asymmetric JWS algorithm (RFC 7518 §3.1, RFC 8037 §3.1).
///
/// `none` is not among them and `HS256` is not either: a public key can never be taken for a shared
/// secret. See [`crate::mac`] for the latter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// ECDSA with P-256 and SHA-256; the signature is r‖s, 64 bytes.
    ES256,
    /// ECDSA with P-384 and SHA-384; the signature is r‖s, 96 bytes.
    ES384,
    /// Ed25519.
    EdDSA,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    PS256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
}

impl Algorithm {
    /// Every algorithm, in the order in which we prefer them.
    pub const ALL: [Self; 5] = [Self::ES256, Self::EdDSA, Self::ES384, Self::PS256, Self::RS256];

    /// The name in a header's `alg`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
            Self::PS256 => "PS256",
            Self::RS256 => "RS256",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    /// RFC 9864 §2.2 names the curve (`Ed25519`) and deprecates `EdDSA`, which here never meant another curve: who
    /// writes the newer name means the same. We go on writing the name that every library reads.
    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        if name == "Ed25519" {
            return Ok(Self::EdDSA);
        }
        Self::ALL
            .into_iter()
            .find(|known| known.as_str() == name)
            .ok_or(UnknownAlgorithm)
    }
}

impl serde::Serialize for Algorithm {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Algorithm {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

/// The name is none of [`Algorithm::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signature algorithm that we use")]
pub struct UnknownAlgorithm;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_name_of_eddsa_is_read() {
        assert_eq!("Ed25519".parse(), Ok(Algorithm::EdDSA));
        assert_eq!("Ed448".parse::<Algorithm>(), Err(UnknownAlgorithm));
        assert_eq!(Algorithm::EdDSA.to_string(), "EdDSA");
    }
}
