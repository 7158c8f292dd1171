//! Which algorithms and keys may be believed, and until when.

use std::fmt;

use time::macros::datetime;

use crate::Time;
use crate::algorithm::SignatureAlgorithm;
use crate::digest::DigestAlgorithm;
use crate::key::{KeyKind, PublicKey};

/// Until when each algorithm and key size is believed, in the manner of ETSI TS 119 312: a
/// signature is judged at the time from which it is known to exist, so an old file with an old
/// timestamp keeps its value.
///
/// | what | until | source |
/// |---|---|---|
/// | SHA-1 in signatures | end of 2013 | NIST SP 800-131A r2, table 8 |
/// | RSA below 2048 bits | end of 2013 | NIST SP 800-131A r2, table 2 |
/// | DSA | end of 2013 | NIST SP 800-131A r2, table 2; FIPS 186-5 §1 withdraws it |
/// | RSA and DSA below 1024 bits, MD5, SHA-224 | never | not computed here |
/// | RSA below 3000 bits | end of 2030 | NIST SP 800-57-1 r5, table 4 (112 bits of strength) |
/// | SHA-256 and longer, RSA from 3000 bits, P-256, P-384, P-521, Ed25519 | no end set | TS 119 312 |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlgorithmPolicy {
    /// SHA-1, inside a signature or as the digest of what is signed.
    pub sha1_until: Time,
    /// RSA keys of 1024 to 2047 bits.
    pub rsa_below_2048_until: Time,
    /// DSA keys from 1024 bits on.
    pub dsa_until: Time,
    /// RSA keys of 2048 to 2999 bits.
    pub rsa_below_3000_until: Time,
}

impl Default for AlgorithmPolicy {
    fn default() -> Self {
        Self {
            sha1_until: datetime!(2013-12-31 23:59:59 UTC),
            rsa_below_2048_until: datetime!(2013-12-31 23:59:59 UTC),
            dsa_until: datetime!(2013-12-31 23:59:59 UTC),
            rsa_below_3000_until: datetime!(2030-12-31 23:59:59 UTC),
        }
    }
}

/// Something too weak at the time asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weakness {
    /// What: an algorithm or a key.
    pub what: String,
    /// The last moment it was believed; `None` when it never was.
    pub until: Option<Time>,
}

impl Weakness {
    /// No proof of earlier existence could help.
    pub fn is_final(&self) -> bool {
        self.until.is_none()
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until {
            Some(until) => write!(f, "{} is trusted only until {}", self.what, until.date()),
            None => write!(f, "{} is not trusted", self.what),
        }
    }
}

impl AlgorithmPolicy {
    /// May this digest be believed at this time?
    pub fn digest(&self, digest: DigestAlgorithm, at: Time) -> Result<(), Weakness> {
        match digest {
            DigestAlgorithm::Sha1 => believed(|| digest.to_string(), self.sha1_until, at),
            DigestAlgorithm::Sha256 | DigestAlgorithm::Sha384 | DigestAlgorithm::Sha512 => Ok(()),
        }
    }

    /// May signatures by this key be believed at this time?
    pub fn key(&self, key: &PublicKey, at: Time) -> Result<(), Weakness> {
        match key.kind() {
            KeyKind::Rsa { bits: ..1024 } => Err(Weakness {
                what: key.to_string(),
                until: None,
            }),
            KeyKind::Rsa { bits: 1024..2048 } => believed(|| key.to_string(), self.rsa_below_2048_until, at),
            KeyKind::Rsa { bits: 2048..3000 } => believed(|| key.to_string(), self.rsa_below_3000_until, at),
            KeyKind::Rsa { .. } | KeyKind::Ec(_) | KeyKind::Ed25519 => Ok(()),
            KeyKind::Dsa { .. } => believed(|| key.to_string(), self.dsa_until, at),
            KeyKind::Other(_) => Err(Weakness {
                what: key.to_string(),
                until: None,
            }),
        }
    }

    /// May a signature by this algorithm and key be believed at this time?
    pub fn signature(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        at: Time,
    ) -> Result<(), Weakness> {
        self.key(key, at)?;
        match algorithm.digest() {
            Some(digest) => self.digest(digest, at),
            None => Ok(()),
        }
    }
}

fn believed(what: impl Fn() -> String, until: Time, at: Time) -> Result<(), Weakness> {
    if at <= until {
        Ok(())
    } else {
        Err(Weakness {
            what: what(),
            until: Some(until),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha1_is_believed_in_2010_and_not_today() {
        let policy = AlgorithmPolicy::default();
        assert_eq!(
            policy.digest(DigestAlgorithm::Sha1, datetime!(2010-01-01 0:00 UTC)),
            Ok(())
        );
        let weakness = policy
            .digest(DigestAlgorithm::Sha1, datetime!(2026-11-21 0:00 UTC))
            .unwrap_err();
        assert_eq!(weakness.to_string(), "SHA-1 is trusted only until 2013-12-31");
        assert!(!weakness.is_final());
    }
}
