//! A compact JWE (RFC 7516 §7.1) by ephemeral-static Diffie-Hellman (RFC 7518 §4.6) and AES-GCM (§5.3).
//!
//! Whoever encrypts makes a key pair for this one message ([`encrypt_compact`]); whoever decrypts has a lasting
//! [`DecryptionKey`]. A token that is signed and then encrypted (RFC 7519 §11.2) holds the JWS as its content and says
//! so with `cty: JWT`; [`Encrypted::decrypt`] gives back the content, and the JWS is verified as any other.
//!
//! What is left out, on purpose:
//!
//! * RSA (`RSA1_5`, `RSA-OAEP`): decrypting with RSA in constant time is hard (RUSTSEC-2023-0071), and `ring` does not.
//! * `dir`, `A128KW` and password-based encryption: they need a secret shared beforehand.
//! * AES-CBC with HMAC: one construction is enough, and GCM needs no order of checks to be right.
//! * Compression (`zip`): its length tells about the content (RFC 8725 §3.6), and it can grow without bound.

mod decrypt;
mod derive;
mod encrypt;

use std::fmt;
use std::str::FromStr;

use ring::aead;

pub use decrypt::{Decrypted, DecryptionKey, Encrypted, Refusal, is_jwe};
pub use encrypt::{Content, EncryptError, encrypt_compact};

/// How the content's key comes about: a header's `alg` (RFC 7518 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyManagement {
    /// The agreed key is the content's key.
    EcdhEs,
    /// The agreed key wraps the content's key, AES with 128 bits.
    EcdhEsA128Kw,
    /// The agreed key wraps the content's key, AES with 256 bits.
    EcdhEsA256Kw,
}

/// How the content is encrypted: a header's `enc` (RFC 7518 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContentEncryption {
    /// AES-GCM with 128 bits.
    A128Gcm,
    /// AES-GCM with 256 bits.
    A256Gcm,
}

/// The name is none that we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an encryption algorithm that we use")]
pub struct UnknownEncryption;

impl KeyManagement {
    /// Every one, the preferred first.
    pub const ALL: [Self; 3] = [Self::EcdhEs, Self::EcdhEsA128Kw, Self::EcdhEsA256Kw];

    /// The name in a header's `alg`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }
}

impl ContentEncryption {
    /// Every one, the quicker first.
    pub const ALL: [Self; 2] = [Self::A128Gcm, Self::A256Gcm];

    /// The name in a header's `enc`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    fn key_bytes(self) -> usize {
        self.cipher().key_len()
    }

    fn cipher(self) -> &'static aead::Algorithm {
        match self {
            Self::A128Gcm => &aead::AES_128_GCM,
            Self::A256Gcm => &aead::AES_256_GCM,
        }
    }
}

macro_rules! named {
    ($type:ty) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownEncryption;

            fn from_str(name: &str) -> Result<Self, UnknownEncryption> {
                Self::ALL
                    .into_iter()
                    .find(|known| known.as_str() == name)
                    .ok_or(UnknownEncryption)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let name = String::deserialize(from)?;
                name.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

named!(KeyManagement);
named!(ContentEncryption);

/// RFC 7518 §5.3: the initialization vector of AES-GCM has 96 bits.
const NONCE_BYTES: usize = aead::NONCE_LEN;

/// RFC 7518 §5.3: its tag has 128 bits.
const TAG_BYTES: usize = 16;

/// Ours: a JWS of [`crate::MAX_TOKEN_BYTES`] as base64url, a header beside it, and room.
pub const MAX_JWE_BYTES: usize = 32 * 1024;
