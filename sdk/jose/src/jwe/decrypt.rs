//! Decrypting with a lasting key: for whoever receives encrypted tokens.

use std::borrow::Borrow;
use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use p256::elliptic_curve::point::AffineCoordinates as _;
use ring::aead;
use zeroize::Zeroizing;

use super::derive::{Key, Parties, agreed_key, unwrap};
use super::{ContentEncryption, KeyManagement, MAX_JWE_BYTES, NONCE_BYTES, TAG_BYTES};
use crate::json::{self, Object};
use crate::jwk::{bytes, text, text_if_any};
use crate::{Jwk, JwkRefusal, PublicKey};

/// A token that has the shape of a JWE, and nothing more.
#[derive(Clone)]
pub struct Encrypted {
    header: Header,
    protected: String,
    wrapped: Vec<u8>,
    nonce: [u8; NONCE_BYTES],
    sealed: Vec<u8>,
}

/// What was inside: it was not changed on the way. Who wrote it, only a signature inside can tell.
pub struct Decrypted {
    content: Vec<u8>,
    nested: bool,
}

/// A private key that others encrypt to. It does not print, and is wiped when dropped.
pub struct DecryptionKey {
    key: Private,
    kid: Option<String>,
    alg: Option<KeyManagement>,
}

enum Private {
    P256(p256::SecretKey),
    P384(p384::SecretKey),
}

/// Why a token was not decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Longer than [`MAX_JWE_BYTES`].
    #[error("the token is too long")]
    TooLong,
    /// Not five parts of base64url, or one of the wrong length.
    #[error("the token is not a compact JWE")]
    Shape,
    /// The header is not a JSON object with the members it needs, or repeats one.
    #[error("the token's header is malformed")]
    Header,
    /// The header asks for an extension or for compression (RFC 7516 §4.1.13, §4.1.3).
    #[error("the token's header asks for what we do not do")]
    Critical,
    /// Another algorithm than we use, or than the key is for.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// It does not decrypt with this key. One answer for every cause (RFC 7516 §11.5).
    #[error("the token does not decrypt with this key")]
    Undecryptable,
    /// What is inside is not what was expected there.
    #[error("what is inside the token is not a token")]
    Content,
}

/// It has the five parts of a JWE, where a JWS has three (RFC 7516 §9).
#[must_use]
pub fn is_jwe(token: &str) -> bool {
    token.split('.').take(6).count() == 5
}

impl Encrypted {
    /// Looks at the shape of a token.
    ///
    /// # Errors
    /// [`Refusal`], except [`Refusal::Undecryptable`].
    pub fn parse(token: &str) -> Result<Self, Refusal> {
        if token.len() > MAX_JWE_BYTES {
            return Err(Refusal::TooLong);
        }
        let mut parts = token.split('.');
        let mut part = || parts.next().ok_or(Refusal::Shape);
        let [protected, wrapped, nonce, ciphertext, tag] = [part()?, part()?, part()?, part()?, part()?];
        if parts.next().is_some() {
            return Err(Refusal::Shape);
        }
        let decode = |part: &str| {
            BASE64URL_NOPAD
                .decode(part.as_bytes())
                .map_err(|_| Refusal::Shape)
        };
        let header = Header::parse(&decode(protected)?)?;
        let (wrapped, tag) = (decode(wrapped)?, decode(tag)?);
        // RFC 7516 §5.2 step 10: with direct agreement the encrypted key is empty.
        if tag.len() != TAG_BYTES || (header.alg == KeyManagement::EcdhEs) != wrapped.is_empty() {
            return Err(Refusal::Shape);
        }
        Ok(Self {
            header,
            protected: protected.to_owned(),
            wrapped,
            nonce: decode(nonce)?.try_into().map_err(|_| Refusal::Shape)?,
            sealed: [decode(ciphertext)?, tag].concat(),
        })
    }

    /// The id of the key that it is said to be encrypted to.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// How the content's key is said to come about.
    #[must_use]
    pub fn alg(&self) -> KeyManagement {
        self.header.alg
    }

    /// How the content is said to be encrypted.
    #[must_use]
    pub fn enc(&self) -> ContentEncryption {
        self.header.enc
    }

    /// Decrypts with that one of `keys` whose id the header names, or with whichever fits when it names none.
    ///
    /// # Errors
    /// As [`Encrypted::decrypt`]; [`Refusal::Undecryptable`] when no key has the id.
    pub fn decrypt_with<K: Borrow<DecryptionKey>>(self, keys: &[K]) -> Result<Decrypted, Refusal> {
        let mut last = Refusal::Undecryptable;
        for key in keys.iter().map(Borrow::borrow) {
            if self
                .kid()
                .is_some_and(|named| key.kid().is_some_and(|kid| kid != named))
            {
                continue;
            }
            match self.clone().decrypt(key) {
                Ok(decrypted) => return Ok(decrypted),
                Err(refusal) => last = refusal,
            }
        }
        Err(last)
    }

    /// Decrypts with `key`.
    ///
    /// # Errors
    /// [`Refusal::Algorithm`] when the key is for another algorithm; [`Refusal::Undecryptable`].
    pub fn decrypt(mut self, key: &DecryptionKey) -> Result<Decrypted, Refusal> {
        let Header { alg, enc, .. } = self.header;
        if key.alg.is_some_and(|only| only != alg) {
            return Err(Refusal::Algorithm);
        }
        let z = key.key.agree(&self.header.epk).ok_or(Refusal::Undecryptable)?;
        let agreed = agreed_key(alg, enc, &z, &self.header.parties);
        let content_key = match alg {
            KeyManagement::EcdhEs => agreed,
            KeyManagement::EcdhEsA128Kw | KeyManagement::EcdhEsA256Kw => {
                unwrap(alg, &agreed, &self.wrapped, enc.key_bytes()).ok_or(Refusal::Undecryptable)?
            }
        };
        let opened = aead::UnboundKey::new(enc.cipher(), &content_key)
            .map(aead::LessSafeKey::new)
            .and_then(|cipher| {
                let nonce = aead::Nonce::assume_unique_for_key(self.nonce);
                let header = aead::Aad::from(self.protected.as_bytes());
                cipher
                    .open_in_place(nonce, header, &mut self.sealed)
                    .map(|content| content.to_vec())
            });
        Ok(Decrypted {
            content: opened.map_err(|_| Refusal::Undecryptable)?,
            nested: self.header.nested,
        })
    }
}

impl Decrypted {
    /// The signed token inside, when the header said `cty: JWT`; to be verified as any other.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        std::str::from_utf8(&self.content).ok().filter(|_| self.nested)
    }

    /// The content itself.
    #[must_use]
    pub fn into_content(self) -> Vec<u8> {
        self.content
    }

    /// The content itself.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

impl DecryptionKey {
    /// Reads a private JWK of a curve P-256 or P-384 (RFC 7518 §6.2.2).
    ///
    /// # Errors
    /// [`JwkRefusal`] when it is of another kind, or its public and private halves do not belong together.
    pub fn from_jwk(bytes_of_jwk: &[u8]) -> Result<Self, JwkRefusal> {
        if bytes_of_jwk.len() > crate::MAX_JWKS_BYTES {
            return Err(JwkRefusal::TooLarge);
        }
        let members: Object = json::parse(bytes_of_jwk).map_err(|e| JwkRefusal::Malformed(e.to_string()))?;
        let d = Zeroizing::new(bytes(&members, "d")?);
        let unfit = |_| JwkRefusal::Unsupported;
        let (key, public) = match PublicKey::on_curve(&members)? {
            public @ PublicKey::P256(_) => (
                Private::P256(p256::SecretKey::from_slice(&d).map_err(unfit)?),
                public,
            ),
            public @ PublicKey::P384(_) => (
                Private::P384(p384::SecretKey::from_slice(&d).map_err(unfit)?),
                public,
            ),
            PublicKey::Ed25519(_) | PublicKey::Rsa { .. } => return Err(JwkRefusal::Unsupported),
        };
        let alg = match text_if_any(&members, "alg")? {
            Some(name) => Some(name.parse().map_err(|_| JwkRefusal::Unsupported)?),
            None => None,
        };
        let read = Self {
            key,
            kid: text_if_any(&members, "kid")?.map(str::to_owned),
            alg,
        };
        if read.key.public()? != public {
            return Err(JwkRefusal::Malformed("d".to_owned()));
        }
        Ok(read)
    }

    /// A key of P-256 from its secret number, big-endian (SEC 1 §3.2.1); its id is its thumbprint.
    ///
    /// # Errors
    /// [`JwkRefusal::Unsupported`] when the number is zero or not below the order of the curve.
    pub fn p256(secret: &[u8; 32]) -> Result<Self, JwkRefusal> {
        let key = p256::SecretKey::from_slice(secret).map_err(|_| JwkRefusal::Unsupported)?;
        let key = Private::P256(key);
        let kid = key.public()?.thumbprint();
        Ok(Self {
            key,
            kid: Some(kid),
            alg: None,
        })
    }

    /// Its id, if it has one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The key to publish, for others to encrypt to.
    ///
    /// # Errors
    /// None in practice: the key was read before.
    pub fn public(&self) -> Result<Jwk, JwkRefusal> {
        let public = self.key.public()?;
        let kid = self.kid.clone().unwrap_or_else(|| public.thumbprint());
        Ok(Jwk::for_encryption(public, kid, self.alg))
    }
}

impl Private {
    fn public(&self) -> Result<PublicKey, JwkRefusal> {
        match self {
            Self::P256(key) => PublicKey::from_point(&key.public_key().to_sec1_bytes()),
            Self::P384(key) => PublicKey::from_point(&key.public_key().to_sec1_bytes()),
        }
    }

    /// The x coordinate of the common point (RFC 7518 §4.6.2, SP 800-56A §5.7.1.2). The other's point is checked to be
    /// on the curve, or it could be chosen to tell about our key.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "multiplying a point wraps nothing: it is the group's operation"
    )]
    fn agree(&self, other: &PublicKey) -> Option<Key> {
        match (self, other) {
            (Self::P256(key), PublicKey::P256(point)) => {
                let other = p256::PublicKey::from_sec1_bytes(point).ok()?;
                let common = p256::ProjectivePoint::from(*other.as_affine()) * *key.to_nonzero_scalar();
                Some(Zeroizing::new(common.to_affine().x().to_vec()))
            }
            (Self::P384(key), PublicKey::P384(point)) => {
                let other = p384::PublicKey::from_sec1_bytes(point).ok()?;
                let common = p384::ProjectivePoint::from(*other.as_affine()) * *key.to_nonzero_scalar();
                Some(Zeroizing::new(common.to_affine().x().to_vec()))
            }
            _ => None,
        }
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecryptionKey(..)")
    }
}

impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encrypted")
            .field("alg", &self.header.alg)
            .field("enc", &self.header.enc)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decrypted(..)")
    }
}

/// The members of a header that we read.
#[derive(Clone)]
struct Header {
    alg: KeyManagement,
    enc: ContentEncryption,
    epk: PublicKey,
    parties: Parties,
    kid: Option<String>,
    nested: bool,
}

impl Header {
    fn parse(encoded: &[u8]) -> Result<Self, Refusal> {
        let members: Object = json::parse(encoded).map_err(|_| Refusal::Header)?;
        if members.contains_key("crit") || members.contains_key("zip") {
            return Err(Refusal::Critical);
        }
        let malformed = |_| Refusal::Header;
        let alg = text(&members, "alg").map_err(malformed)?;
        let enc = text(&members, "enc").map_err(malformed)?;
        let (alg, enc) = (
            alg.parse().map_err(|_| Refusal::Algorithm)?,
            enc.parse().map_err(|_| Refusal::Algorithm)?,
        );
        let epk = members
            .get("epk")
            .and_then(|epk| epk.as_object())
            .ok_or(Refusal::Header)?;
        let party = |name: &str| match members.get(name) {
            None => Ok(Vec::new()),
            Some(_) => bytes(&members, name).map_err(malformed),
        };
        let cty = text_if_any(&members, "cty").map_err(malformed)?;
        Ok(Self {
            alg,
            enc,
            epk: PublicKey::on_curve(epk).map_err(malformed)?,
            parties: Parties {
                apu: party("apu")?,
                apv: party("apv")?,
            },
            kid: text_if_any(&members, "kid")
                .map_err(malformed)?
                .map(str::to_owned),
            nested: cty.is_some_and(|cty| cty.eq_ignore_ascii_case("JWT")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7518, appendix C: Bob's key, Alice's point, and Z.
    #[test]
    fn the_agreement_of_the_rfc() {
        let bob = DecryptionKey::from_jwk(
            br#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#,
        )
        .unwrap();
        let alice = Jwk::parse(
            br#"{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            "y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}"#,
        )
        .unwrap();
        let z = bob.key.agree(alice.key()).unwrap();
        assert_eq!(
            z.as_slice(),
            [
                158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163,
                218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196
            ]
        );
    }
}
