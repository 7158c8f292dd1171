//! What a published key is for.

use crate::Algorithm;
use crate::json::Object;
use crate::jwe::KeyManagement;
use crate::jwk::{JwkRefusal, text_if_any};

/// What its owner wants a key used for (RFC 7517 §4.2 to §4.4): `use`, `key_ops` and `alg` as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Signatures, perhaps of one algorithm only.
    Signature(Option<Algorithm>),
    /// Encryption, perhaps with one algorithm only.
    Encryption(Option<KeyManagement>),
    /// Its owner does not say.
    Unsaid,
    /// Something that we do not do, or a contradiction.
    Neither,
}

impl Purpose {
    /// What the members say.
    pub(crate) fn of(members: &Object) -> Result<Self, JwkRefusal> {
        let usage = text_if_any(members, "use")?;
        let ops = members.get("key_ops").and_then(|ops| ops.as_array());
        let allows = |names: &[&str]| {
            ops.is_none_or(|ops| {
                ops.iter()
                    .any(|op| op.as_str().is_some_and(|op| names.contains(&op)))
            })
        };
        let signs = usage.is_none_or(|usage| usage == "sig") && allows(&["verify"]);
        let encrypts = usage.is_none_or(|usage| usage == "enc") && allows(&["deriveKey", "deriveBits"]);
        let alg = text_if_any(members, "alg")?;
        if let Some(alg) = alg.and_then(|alg| alg.parse::<Algorithm>().ok()) {
            return Ok(if signs {
                Self::Signature(Some(alg))
            } else {
                Self::Neither
            });
        }
        if let Some(alg) = alg.and_then(|alg| alg.parse::<KeyManagement>().ok()) {
            return Ok(if encrypts {
                Self::Encryption(Some(alg))
            } else {
                Self::Neither
            });
        }
        match (alg, signs, encrypts) {
            (Some(_), ..) => Err(JwkRefusal::Unsupported),
            (None, true, true) => Ok(Self::Unsaid),
            (None, true, false) => Ok(Self::Signature(None)),
            (None, false, true) => Ok(Self::Encryption(None)),
            (None, false, false) => Ok(Self::Neither),
        }
    }

    /// The only signature algorithm, if there is one.
    pub(crate) fn signature_alg(self) -> Option<Algorithm> {
        match self {
            Self::Signature(alg) => alg,
            Self::Encryption(_) | Self::Unsaid | Self::Neither => None,
        }
    }

    /// Signatures by `algorithm` may be checked.
    pub(crate) fn signs(self, algorithm: Algorithm) -> bool {
        match self {
            Self::Signature(only) => only.is_none_or(|only| only == algorithm),
            Self::Unsaid => true,
            Self::Encryption(_) | Self::Neither => false,
        }
    }

    /// Others may encrypt with `alg`.
    pub(crate) fn encrypts(self, alg: KeyManagement) -> bool {
        match self {
            Self::Encryption(only) => only.is_none_or(|only| only == alg),
            Self::Unsaid => true,
            Self::Signature(_) | Self::Neither => false,
        }
    }

    /// `use` and `alg` as they are published.
    pub(crate) fn members(self) -> (Option<&'static str>, Option<&'static str>) {
        match self {
            Self::Signature(alg) => (Some("sig"), alg.map(Algorithm::as_str)),
            Self::Encryption(alg) => (Some("enc"), alg.map(KeyManagement::as_str)),
            // Written so that it is read back as neither: it must not become a key for both.
            Self::Neither => (Some("none"), None),
            Self::Unsaid => (None, None),
        }
    }
}
