//! A compact JWS (RFC 7515 §7.1): first unverified, then verified, never half of both.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::json::{self, Object};
use crate::{Algorithm, Jwk, JwkSet};

/// A token that has the shape of one, and nothing more. Its claims cannot be read.
pub struct Unverified {
    pub(crate) compact: Compact,
    pub(crate) algorithm: Algorithm,
}

/// What a token must be to be looked at.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The algorithms that this issuer is known to use.
    pub algorithms: &'a [Algorithm],
    /// The kind of token.
    pub typ: Typ<'a>,
}

/// What the header's `typ` must say, so that one kind of token is not taken for another (RFC 8725 §3.11).
/// Compared without regard to case and to the prefix `application/` (RFC 7515 §4.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typ<'a> {
    /// Exactly this.
    Required(&'a str),
    /// `JWT` or nothing: an ID token, whose specification is older than the rule.
    JwtOrAbsent,
}

/// A token whose signature has been checked with a key of the expected issuer.
#[derive(Debug)]
pub struct Verified {
    pub(crate) algorithm: Algorithm,
    pub(crate) claims: Object,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of base64url.
    #[error("the token is not a compact JWS")]
    Shape,
    /// The header is not a JSON object with the members it needs, or repeats one.
    #[error("the token's header is malformed")]
    Header,
    /// The header asks for an extension (RFC 7515 §4.1.11).
    #[error("the token's header has crit, and we know no extension")]
    Critical,
    /// The algorithm is not one that the issuer uses, or no algorithm at all.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// Another kind of token.
    #[error("the token's typ is not the one expected")]
    Typ,
    /// The issuer's set has no such key. It may be newer than the set at hand.
    #[error("no key of the issuer fits the token")]
    UnknownKey,
    /// The signature is not one by that key.
    #[error("the token's signature is wrong")]
    Signature,
    /// Signed, but the claims are not the expected JSON object.
    #[error("the token's claims are malformed")]
    Claims,
}

impl Unverified {
    /// Looks at the shape of a token.
    ///
    /// # Errors
    /// [`Refusal`] when it is too long, not a compact JWS, has `crit`, or names an algorithm that is
    /// not an [`Algorithm`] (`none` and `HS256` among them).
    pub fn parse(token: &str) -> Result<Self, Refusal> {
        let compact = Compact::split(token)?;
        let algorithm = compact.header.alg.parse().map_err(|_| Refusal::Algorithm)?;
        Ok(Self { compact, algorithm })
    }

    /// The id of the key that is said to have signed.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.compact.header.kid.as_deref()
    }

    /// The algorithm that is said to have been used.
    #[must_use]
    pub fn alg(&self) -> Algorithm {
        self.algorithm
    }

    /// The kind of token that it says it is.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.compact.header.typ.as_deref()
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`Refusal`]; [`Refusal::UnknownKey`] is worth one look at the issuer's current set.
    pub fn verify(self, keys: &JwkSet, expected: &Expected<'_>) -> Result<Verified, Refusal> {
        if !expected.algorithms.contains(&self.algorithm) {
            return Err(Refusal::Algorithm);
        }
        if !expected.typ.allows(self.typ()) {
            return Err(Refusal::Typ);
        }
        let mut candidates = keys.for_verification(self.kid(), self.algorithm).peekable();
        if candidates.peek().is_none() {
            return Err(Refusal::UnknownKey);
        }
        if !candidates.any(|key| self.is_signed_by(key)) {
            return Err(Refusal::Signature);
        }
        let claims = json::parse(&self.compact.payload).map_err(|_| Refusal::Claims)?;
        Ok(Verified {
            algorithm: self.algorithm,
            claims,
        })
    }

    fn is_signed_by(&self, key: &Jwk) -> bool {
        key.key()
            .verify(
                self.algorithm,
                self.compact.signing_input.as_bytes(),
                &self.compact.signature,
            )
            .is_ok()
    }
}

impl std::fmt::Debug for Unverified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unverified")
            .field("alg", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl Verified {
    /// The claims, shaped as `T`.
    ///
    /// # Errors
    /// [`Refusal::Claims`] when they are not.
    pub fn claims<T: DeserializeOwned>(self) -> Result<T, Refusal> {
        serde_json::from_value(self.claims.into()).map_err(|_| Refusal::Claims)
    }

    /// The algorithm with which it was signed.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl Typ<'_> {
    pub(crate) fn allows(self, found: Option<&str>) -> bool {
        let found = found.map(without_prefix);
        match self {
            Self::Required(typ) => found.is_some_and(|found| found.eq_ignore_ascii_case(without_prefix(typ))),
            Self::JwtOrAbsent => found.is_none_or(|found| found.eq_ignore_ascii_case("JWT")),
        }
    }
}

fn without_prefix(typ: &str) -> &str {
    match typ.split_once('/') {
        Some((kind, rest)) if kind.eq_ignore_ascii_case("application") => rest,
        _ => typ,
    }
}

/// The three parts, decoded.
pub(crate) struct Compact {
    pub(crate) header: Header,
    pub(crate) payload: Vec<u8>,
    pub(crate) signing_input: String,
    pub(crate) signature: Vec<u8>,
}

impl Compact {
    pub(crate) fn split(token: &str) -> Result<Self, Refusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Refusal::TooLong);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(Refusal::Shape)?;
        let (header, payload) = signing_input.split_once('.').ok_or(Refusal::Shape)?;
        let decode = |part: &str| {
            BASE64URL_NOPAD
                .decode(part.as_bytes())
                .map_err(|_| Refusal::Shape)
        };
        let compact = Self {
            header: Header::parse(&decode(header)?)?,
            payload: decode(payload)?,
            signing_input: signing_input.to_owned(),
            signature: decode(signature)?,
        };
        Ok(compact)
    }
}

/// The members of a header that we read. Of those that carry or point to keys only `jwk` is among them, and only
/// a proof of possession ([`Unverified::verify_with_own_key`]) is looked at with it.
#[derive(Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) kid: Option<String>,
    pub(crate) typ: Option<String>,
    pub(crate) jwk: Option<Object>,
}

impl Header {
    fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let members: Object = json::parse(bytes).map_err(|_| Refusal::Header)?;
        if members.contains_key("crit") {
            return Err(Refusal::Critical);
        }
        serde_json::from_value(members.into()).map_err(|_| Refusal::Header)
    }
}

/// Ours: the 8 kB in which servers commonly accept a header line, doubled.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
