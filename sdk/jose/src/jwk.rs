//! Public keys as JSON (RFC 7517, RFC 8037) and what each can check.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use ring::digest;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;

use crate::Algorithm;
use crate::json::{self, Object};
use crate::jws::Refusal;

/// A public key. Which algorithms it can check is decided here and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// A point on P-256, uncompressed (SEC 1 §2.3.3).
    P256([u8; 65]),
    /// A point on P-384, uncompressed.
    P384([u8; 97]),
    /// An Ed25519 key.
    Ed25519([u8; 32]),
    /// An RSA key: modulus of 2048 to 8192 bits and exponent, big-endian without leading zeros.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
}

/// A public key with what its owner says about it.
#[derive(Clone, PartialEq, Eq)]
pub struct Jwk {
    key: PublicKey,
    kid: Option<String>,
    alg: Option<Algorithm>,
    usable_for_signatures: bool,
}

/// An issuer's published keys (RFC 7517 §5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

/// Why a key or a set of keys is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwkRefusal {
    /// Longer than [`MAX_JWKS_BYTES`] or more than [`MAX_JWKS_KEYS`] keys.
    #[error("the key set is too large")]
    TooLarge,
    /// Not the JSON that a key or a set is.
    #[error("not a JWK: {0}")]
    Malformed(String),
    /// A private or symmetric key, which has no business here; its owner should replace it.
    #[error("the key shows its private part")]
    Private,
    /// A kind of key, a curve or a size that we do not use.
    #[error("the key is of a kind that we do not use")]
    Unsupported,
}

impl PublicKey {
    /// An elliptic-curve or Ed25519 key from the bytes that certificates and `ring` hold: the
    /// uncompressed point or the 32 bytes of Ed25519.
    ///
    /// # Errors
    /// [`JwkRefusal::Unsupported`] when the length fits none.
    pub fn from_point(bytes: &[u8]) -> Result<Self, JwkRefusal> {
        match (bytes.first(), bytes.len()) {
            (Some(4), 65) => fixed(bytes).map(Self::P256),
            (Some(4), 97) => fixed(bytes).map(Self::P384),
            (_, 32) => fixed(bytes).map(Self::Ed25519),
            _ => Err(JwkRefusal::Unsupported),
        }
    }

    /// An RSA key from its modulus and exponent, big-endian.
    ///
    /// # Errors
    /// [`JwkRefusal::Unsupported`] outside 2048 to 8192 bits, or for an exponent below 65537.
    pub fn from_rsa(n: &[u8], e: &[u8]) -> Result<Self, JwkRefusal> {
        let (n, e) = (without_zeros(n), without_zeros(e));
        let bits = n.len().saturating_mul(8).saturating_sub(leading_zero_bits(n));
        let exponent = e
            .iter()
            .fold(0_u64, |sum, byte| sum.wrapping_shl(8) | u64::from(*byte));
        if !RSA_BITS.contains(&bits) || e.len() > 4 || exponent < MIN_RSA_EXPONENT || exponent % 2 == 0 {
            return Err(JwkRefusal::Unsupported);
        }
        Ok(Self::Rsa {
            n: n.to_vec(),
            e: e.to_vec(),
        })
    }

    /// The algorithms that this key can check, the preferred one first.
    #[must_use]
    pub fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::P256(_) => &[Algorithm::ES256],
            Self::P384(_) => &[Algorithm::ES384],
            Self::Ed25519(_) => &[Algorithm::EdDSA],
            Self::Rsa { .. } => &[Algorithm::PS256, Algorithm::RS256],
        }
    }

    /// Checks a signature over `message`.
    ///
    /// # Errors
    /// [`Refusal::Algorithm`] when this key cannot have made such a signature, [`Refusal::Signature`]
    /// when it did not.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let checked = match (self, algorithm) {
            (Self::P256(point), Algorithm::ES256) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Self::P384(point), Algorithm::ES384) => {
                UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point).verify(message, signature)
            }
            (Self::Ed25519(key), Algorithm::EdDSA) => {
                UnparsedPublicKey::new(&signature::ED25519, key).verify(message, signature)
            }
            (Self::Rsa { n, e }, Algorithm::PS256) => RsaPublicKeyComponents { n, e }.verify(
                &signature::RSA_PSS_2048_8192_SHA256,
                message,
                signature,
            ),
            (Self::Rsa { n, e }, Algorithm::RS256) => RsaPublicKeyComponents { n, e }.verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
            _ => return Err(Refusal::Algorithm),
        };
        checked.map_err(|_| Refusal::Signature)
    }

    /// The thumbprint with SHA-256 (RFC 7638), as base64url: a good `kid`.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // RFC 7638 §3.1: lexicographic order, no spaces. `required_members` names them in that order, so
        // it holds whether or not serde_json keeps insertion order.
        let canonical = serde_json::Value::Object(self.required_members()).to_string();
        BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref())
    }

    /// RFC 7638 §3.2: what makes the key this key.
    fn required_members(&self) -> Object {
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let curve = |name: &str, point: &[u8]| {
            let (_, coordinates) = point.split_at(1);
            let (x, y) = coordinates.split_at(coordinates.len() / 2);
            json!({ "crv": name, "kty": "EC", "x": encode(x), "y": encode(y) })
        };
        let members = match self {
            Self::P256(point) => curve("P-256", point),
            Self::P384(point) => curve("P-384", point),
            Self::Ed25519(key) => json!({ "crv": "Ed25519", "kty": "OKP", "x": encode(key) }),
            Self::Rsa { n, e } => json!({ "e": encode(e), "kty": "RSA", "n": encode(n) }),
        };
        members.as_object().cloned().unwrap_or_default()
    }
}

impl Jwk {
    /// A key for signatures as an issuer publishes it.
    #[must_use]
    pub fn new(key: PublicKey, kid: impl Into<String>, alg: Algorithm) -> Self {
        Self {
            key,
            kid: Some(kid.into()),
            alg: Some(alg),
            usable_for_signatures: true,
        }
    }

    /// Reads one key from JSON.
    ///
    /// # Errors
    /// [`JwkRefusal`].
    pub fn parse(bytes: &[u8]) -> Result<Self, JwkRefusal> {
        if bytes.len() > MAX_JWKS_BYTES {
            return Err(JwkRefusal::TooLarge);
        }
        Self::from_members(&json::parse(bytes).map_err(|e| JwkRefusal::Malformed(e.to_string()))?)
    }

    /// The key itself.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Its id.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The one algorithm it is meant for, if its owner says so.
    #[must_use]
    pub fn alg(&self) -> Option<Algorithm> {
        self.alg
    }

    /// The thumbprint with SHA-256 (RFC 7638), as base64url.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.key.thumbprint()
    }

    fn checks(&self, algorithm: Algorithm) -> bool {
        self.usable_for_signatures
            && self.alg.is_none_or(|alg| alg == algorithm)
            && self.key.algorithms().contains(&algorithm)
    }

    fn from_members(members: &Object) -> Result<Self, JwkRefusal> {
        if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
            return Err(JwkRefusal::Private);
        }
        let key = match (text(members, "kty")?, text_if_any(members, "crv")?) {
            ("EC", Some("P-256")) => PublicKey::from_point(&point(members, 32)?)?,
            ("EC", Some("P-384")) => PublicKey::from_point(&point(members, 48)?)?,
            ("OKP", Some("Ed25519")) => fixed(&bytes(members, "x")?).map(PublicKey::Ed25519)?,
            ("RSA", None) => PublicKey::from_rsa(&bytes(members, "n")?, &bytes(members, "e")?)?,
            _ => return Err(JwkRefusal::Unsupported),
        };
        let alg = match text_if_any(members, "alg")? {
            Some(name) => Some(name.parse().map_err(|_| JwkRefusal::Unsupported)?),
            None => None,
        };
        let ops = members.get("key_ops").and_then(|ops| ops.as_array());
        let usable_for_signatures = text_if_any(members, "use")?.is_none_or(|usage| usage == "sig")
            && ops.is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        Ok(Self {
            key,
            kid: text_if_any(members, "kid")?.map(str::to_owned),
            alg,
            usable_for_signatures,
        })
    }
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

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut members = self.key.required_members();
        if self.usable_for_signatures {
            members.insert("use".to_owned(), "sig".into());
        }
        if let Some(kid) = &self.kid {
            members.insert("kid".to_owned(), kid.as_str().into());
        }
        if let Some(alg) = self.alg {
            members.insert("alg".to_owned(), alg.as_str().into());
        }
        members.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::from_members(&Object::deserialize(from)?).map_err(D::Error::custom)
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kid", &self.kid)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.thumbprint())
    }
}

fn text_if_any<'a>(members: &'a Object, name: &str) -> Result<Option<&'a str>, JwkRefusal> {
    match members.get(name) {
        None => Ok(None),
        Some(value) => value
            .as_str()
            .map(Some)
            .ok_or_else(|| JwkRefusal::Malformed(name.to_owned())),
    }
}

fn text<'a>(members: &'a Object, name: &str) -> Result<&'a str, JwkRefusal> {
    text_if_any(members, name)?.ok_or_else(|| JwkRefusal::Malformed(name.to_owned()))
}

fn bytes(members: &Object, name: &str) -> Result<Vec<u8>, JwkRefusal> {
    let encoded = text(members, name)?;
    BASE64URL_NOPAD
        .decode(encoded.as_bytes())
        .map_err(|_| JwkRefusal::Malformed(name.to_owned()))
}

/// RFC 7518 §6.2.1.2: both coordinates have the full length of the field.
fn point(members: &Object, size: usize) -> Result<Vec<u8>, JwkRefusal> {
    let (x, y) = (bytes(members, "x")?, bytes(members, "y")?);
    if x.len() != size || y.len() != size {
        return Err(JwkRefusal::Malformed("x, y".to_owned()));
    }
    Ok([&[4], x.as_slice(), y.as_slice()].concat())
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], JwkRefusal> {
    bytes.try_into().map_err(|_| JwkRefusal::Unsupported)
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn leading_zero_bits(number: &[u8]) -> usize {
    number.first().map_or(0, |byte| {
        usize::try_from(byte.leading_zeros()).unwrap_or_default()
    })
}

/// RFC 7518 §6.2.2, §6.3.2, §6.4.1: the private parts of EC, OKP, RSA and the whole of a symmetric key.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// RFC 7518 §3.3: 2048 or larger; 8192 is the largest that `ring` checks.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// FIPS 186-5 §5.4: 2^16 < e.
const MIN_RSA_EXPONENT: u64 = 65537;

/// Ours: a set of 32 RSA keys of 8192 bits with certificates beside fits.
pub const MAX_JWKS_BYTES: usize = 128 * 1024;

/// Ours: an issuer with five algorithms that keeps three generations of each has fifteen.
pub const MAX_JWKS_KEYS: usize = 32;
