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
use crate::jwe::KeyManagement;
use crate::jwk_set::MAX_JWKS_BYTES;
use crate::jws::Refusal;
use crate::purpose::Purpose;

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
    purpose: Purpose,
}

/// Why a key or a set of keys is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwkRefusal {
    /// Longer than [`MAX_JWKS_BYTES`] or more than [`crate::MAX_JWKS_KEYS`] keys.
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

    /// The point that `crv`, `x` and `y` name (RFC 7518 §6.2.1), which is on its curve: agreeing with one that is not
    /// would tell about the other's key, a few bits each time (SP 800-56A §5.6.2.3.3).
    pub(crate) fn on_curve(members: &Object) -> Result<Self, JwkRefusal> {
        let (key, is_on_curve) = match text(members, "crv")? {
            "P-256" => {
                let point = point(members, 32)?;
                (
                    Self::from_point(&point)?,
                    p256::PublicKey::from_sec1_bytes(&point).is_ok(),
                )
            }
            "P-384" => {
                let point = point(members, 48)?;
                (
                    Self::from_point(&point)?,
                    p384::PublicKey::from_sec1_bytes(&point).is_ok(),
                )
            }
            _ => return Err(JwkRefusal::Unsupported),
        };
        is_on_curve
            .then_some(key)
            .ok_or_else(|| JwkRefusal::Malformed("x, y".to_owned()))
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
    pub(crate) fn required_members(&self) -> Object {
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
            purpose: Purpose::Signature(Some(alg)),
        }
    }

    /// A key that others may encrypt to, as its owner publishes it.
    #[must_use]
    pub fn for_encryption(key: PublicKey, kid: impl Into<String>, alg: Option<KeyManagement>) -> Self {
        Self {
            key,
            kid: Some(kid.into()),
            purpose: Purpose::Encryption(alg),
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

    /// The one signature algorithm it is meant for, if its owner says so.
    #[must_use]
    pub fn alg(&self) -> Option<Algorithm> {
        self.purpose.signature_alg()
    }

    /// Its owner says that it is for encryption.
    pub(crate) fn says_encryption(&self) -> bool {
        matches!(self.purpose, Purpose::Encryption(_))
    }

    /// The thumbprint with SHA-256 (RFC 7638), as base64url.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.key.thumbprint()
    }

    /// It may check signatures by `algorithm`.
    pub(crate) fn checks(&self, algorithm: Algorithm) -> bool {
        self.purpose.signs(algorithm) && self.key.algorithms().contains(&algorithm)
    }

    /// Others may encrypt to this key with `alg`.
    #[must_use]
    pub fn takes(&self, alg: KeyManagement) -> bool {
        self.purpose.encrypts(alg) && matches!(self.key, PublicKey::P256(_) | PublicKey::P384(_))
    }

    pub(crate) fn from_members(members: &Object) -> Result<Self, JwkRefusal> {
        if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
            return Err(JwkRefusal::Private);
        }
        let key = match (text(members, "kty")?, text_if_any(members, "crv")?) {
            ("EC", Some(_)) => PublicKey::on_curve(members)?,
            ("OKP", Some("Ed25519")) => fixed(&bytes(members, "x")?).map(PublicKey::Ed25519)?,
            ("RSA", None) => PublicKey::from_rsa(&bytes(members, "n")?, &bytes(members, "e")?)?,
            _ => return Err(JwkRefusal::Unsupported),
        };
        let purpose = Purpose::of(members)?;
        Ok(Self {
            key,
            kid: text_if_any(members, "kid")?.map(str::to_owned),
            purpose,
        })
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut members = self.key.required_members();
        let (usage, alg) = self.purpose.members();
        if let Some(usage) = usage {
            members.insert("use".to_owned(), usage.into());
        }
        if let Some(kid) = &self.kid {
            members.insert("kid".to_owned(), kid.as_str().into());
        }
        if let Some(alg) = alg {
            members.insert("alg".to_owned(), alg.into());
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

pub(crate) fn text_if_any<'a>(members: &'a Object, name: &str) -> Result<Option<&'a str>, JwkRefusal> {
    match members.get(name) {
        None => Ok(None),
        Some(value) => value
            .as_str()
            .map(Some)
            .ok_or_else(|| JwkRefusal::Malformed(name.to_owned())),
    }
}

pub(crate) fn text<'a>(members: &'a Object, name: &str) -> Result<&'a str, JwkRefusal> {
    text_if_any(members, name)?.ok_or_else(|| JwkRefusal::Malformed(name.to_owned()))
}

pub(crate) fn bytes(members: &Object, name: &str) -> Result<Vec<u8>, JwkRefusal> {
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
