//! Digests, always together with the algorithm that made them.

use std::fmt;

use ring::digest;

use crate::algorithm::AlgorithmIdentifier;
use crate::oid::{self, Oid};

/// A digest that can be computed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DigestAlgorithm {
    /// Read so that old files can be explained; the policy refuses it for new ones.
    Sha1,
    /// FIPS 180-4.
    Sha256,
    /// FIPS 180-4.
    Sha384,
    /// FIPS 180-4.
    Sha512,
}

impl DigestAlgorithm {
    /// The digest that an identifier names, if it can be computed here.
    pub fn from_identifier(identifier: &AlgorithmIdentifier) -> Option<Self> {
        if identifier.has_no_parameters() {
            Self::from_oid(identifier.oid())
        } else {
            None
        }
    }

    /// The digest with this object identifier, if it can be computed here.
    pub fn from_oid(oid: &Oid) -> Option<Self> {
        match oid.contents() {
            oid::SHA1 => Some(Self::Sha1),
            oid::SHA256 => Some(Self::Sha256),
            oid::SHA384 => Some(Self::Sha384),
            oid::SHA512 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Digests bytes that are at hand.
    pub fn of(self, bytes: &[u8]) -> Digest {
        Digest {
            algorithm: self,
            bytes: digest::digest(self.ring(), bytes).as_ref().into(),
        }
    }

    /// The length of its output.
    pub fn octets(self) -> usize {
        self.ring().output_len()
    }

    fn ring(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// A digest together with the algorithm that made it: neither means anything alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    bytes: Box<[u8]>,
}

impl Digest {
    /// A digest computed elsewhere; `None` when its length does not fit the algorithm.
    pub fn new(algorithm: DigestAlgorithm, bytes: &[u8]) -> Option<Self> {
        (bytes.len() == algorithm.octets()).then(|| Self {
            algorithm,
            bytes: bytes.into(),
        })
    }

    /// Which algorithm made it.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// The octets.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Digests bytes as they stream by.
#[derive(Clone)]
pub struct Hasher {
    algorithm: DigestAlgorithm,
    context: digest::Context,
}

impl Hasher {
    /// Starts with nothing.
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        Self {
            algorithm,
            context: digest::Context::new(algorithm.ring()),
        }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
    }

    /// The digest of everything taken.
    pub fn finish(self) -> Digest {
        Digest {
            algorithm: self.algorithm,
            bytes: self.context.finish().as_ref().into(),
        }
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_of_the_wrong_length_is_none() {
        assert_eq!(Digest::new(DigestAlgorithm::Sha256, &[0; 20]), None);
    }
}
