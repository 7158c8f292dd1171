//! Published sets of keys (RFC 7517 §5).

use serde::{Deserialize, Serialize};

use crate::json::{self, Object};
use crate::jwe::KeyManagement;
use crate::{Algorithm, Jwk, JwkRefusal};

/// An issuer's published keys (RFC 7517 §5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

impl JwkSet {
    /// These keys.
    #[must_use]
    pub fn new(keys: Vec<Jwk>) -> Self {
        Self { keys }
    }

    /// Reads a published set. Keys of kinds that we do not use are left out (RFC 7517 §5).
    ///
    /// # Errors
    /// [`JwkRefusal`] when it is too large, malformed, or shows a private key.
    pub fn parse(bytes: &[u8]) -> Result<Self, JwkRefusal> {
        #[derive(Deserialize)]
        struct Published {
            keys: Vec<Object>,
        }
        if bytes.len() > MAX_JWKS_BYTES {
            return Err(JwkRefusal::TooLarge);
        }
        let published: Published = json::parse(bytes).map_err(|e| JwkRefusal::Malformed(e.to_string()))?;
        if published.keys.len() > MAX_JWKS_KEYS {
            return Err(JwkRefusal::TooLarge);
        }
        let mut keys = Vec::with_capacity(published.keys.len());
        for members in &published.keys {
            match Jwk::from_members(members) {
                Ok(key) => keys.push(key),
                Err(JwkRefusal::Unsupported | JwkRefusal::Malformed(_)) => {}
                Err(refusal @ (JwkRefusal::Private | JwkRefusal::TooLarge)) => return Err(refusal),
            }
        }
        Ok(Self { keys })
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The key to encrypt to with `alg`: one whose owner says that it is for this, otherwise one whose owner says
    /// nothing (OpenID Connect Core §10.2).
    #[must_use]
    pub fn for_encryption(&self, alg: KeyManagement) -> Option<&Jwk> {
        let mut fitting = self.keys.iter().filter(|key| key.takes(alg));
        fitting
            .clone()
            .find(|key| key.says_encryption())
            .or_else(|| fitting.next())
    }

    /// The keys with which a token with this header may be checked. A token without `kid` is checked
    /// with a key only if no other fits (OpenID Connect Core §10.1).
    pub(crate) fn for_verification(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &Jwk> {
        let fits = move |key: &&Jwk| key.checks(algorithm) && (kid.is_none() || key.kid() == kid);
        let ambiguous = kid.is_none() && self.keys.iter().filter(fits).count() > 1;
        self.keys.iter().filter(fits).filter(move |_| !ambiguous)
    }
}

/// Ours: a set of 32 RSA keys of 8192 bits with certificates beside fits.
pub const MAX_JWKS_BYTES: usize = 128 * 1024;

/// Ours: an issuer with five algorithms that keeps three generations of each has fifteen.
pub const MAX_JWKS_KEYS: usize = 32;
