//! Encrypting to a published key.

use data_encoding::BASE64URL_NOPAD;
use ring::{aead, agreement, rand::SecureRandom};
use serde_json::json;
use zeroize::Zeroizing;

use super::derive::{Key, Parties, agreed_key, wrap};
use super::{ContentEncryption, KeyManagement, NONCE_BYTES, TAG_BYTES};
use crate::{Jwk, PublicKey};

/// What is encrypted.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// A signed token: the header says `cty: JWT` (RFC 7519 §5.2).
    Jwt(&'a str),
    /// A claims set: the header says `typ: JWT` (RFC 7519 §5.1).
    Claims(&'a [u8]),
}

/// Why nothing was encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncryptError {
    /// The receiver's key does not take this algorithm, or is no point of its curve: the receiver's doing.
    #[error("the receiver's key cannot be encrypted to")]
    Key,
    /// Chance or the cipher failed: our own fault.
    #[error("encrypting failed")]
    Cipher,
}

/// Encrypts `content` for the owner of `to` as a compact JWE.
///
/// # Errors
/// [`EncryptError`].
pub fn encrypt_compact(
    content: Content<'_>,
    to: &Jwk,
    (alg, enc): (KeyManagement, ContentEncryption),
    random: &dyn SecureRandom,
) -> Result<String, EncryptError> {
    if !to.takes(alg) {
        return Err(EncryptError::Key);
    }
    let (ephemeral, agreed) = agree(to.key(), random, |z| agreed_key(alg, enc, z, &Parties::default()))?;
    let (key, wrapped) = match alg {
        KeyManagement::EcdhEs => (agreed, Vec::new()),
        KeyManagement::EcdhEsA128Kw | KeyManagement::EcdhEsA256Kw => {
            let mut key: Key = Zeroizing::new(vec![0; enc.key_bytes()]);
            random.fill(&mut key).map_err(|_| EncryptError::Cipher)?;
            let wrapped = wrap(alg, &agreed, &key).ok_or(EncryptError::Cipher)?;
            (key, wrapped)
        }
    };
    let header = BASE64URL_NOPAD.encode(header(content, to, (alg, enc), &ephemeral).as_bytes());
    let mut nonce = [0; NONCE_BYTES];
    random.fill(&mut nonce).map_err(|_| EncryptError::Cipher)?;
    let mut sealed = match content {
        Content::Jwt(token) => token.as_bytes().to_vec(),
        Content::Claims(claims) => claims.to_vec(),
    };
    seal(enc, &key, nonce, header.as_bytes(), &mut sealed)?;
    let (ciphertext, tag) = sealed
        .split_last_chunk::<TAG_BYTES>()
        .ok_or(EncryptError::Cipher)?;
    let parts = [wrapped.as_slice(), &nonce, ciphertext, tag].map(|part| BASE64URL_NOPAD.encode(part));
    Ok(format!("{header}.{}", parts.join(".")))
}

/// A key pair for this message alone, and what it and the receiver's key agree on.
fn agree(
    to: &PublicKey,
    random: &dyn SecureRandom,
    derive: impl FnOnce(&[u8]) -> Key,
) -> Result<(PublicKey, Key), EncryptError> {
    let (curve, point) = match to {
        PublicKey::P256(point) => (&agreement::ECDH_P256, point.as_slice()),
        PublicKey::P384(point) => (&agreement::ECDH_P384, point.as_slice()),
        PublicKey::Ed25519(_) | PublicKey::Rsa { .. } => return Err(EncryptError::Key),
    };
    let private =
        agreement::EphemeralPrivateKey::generate(curve, random).map_err(|_| EncryptError::Cipher)?;
    let public = private.compute_public_key().map_err(|_| EncryptError::Cipher)?;
    let ephemeral = PublicKey::from_point(public.as_ref()).map_err(|_| EncryptError::Cipher)?;
    let peer = agreement::UnparsedPublicKey::new(curve, point);
    let key = agreement::agree_ephemeral(private, &peer, derive).map_err(|_| EncryptError::Key)?;
    Ok((ephemeral, key))
}

fn header(
    content: Content<'_>,
    to: &Jwk,
    (alg, enc): (KeyManagement, ContentEncryption),
    ephemeral: &PublicKey,
) -> String {
    let mut header = json!({ "alg": alg, "enc": enc, "epk": ephemeral.required_members() });
    if let Some(members) = header.as_object_mut() {
        let (name, value) = match content {
            Content::Jwt(_) => ("cty", "JWT"),
            Content::Claims(_) => ("typ", "JWT"),
        };
        members.insert(name.to_owned(), value.into());
        if let Some(kid) = to.kid() {
            members.insert("kid".to_owned(), kid.into());
        }
    }
    header.to_string()
}

/// Turns the plain text into cipher text and tag. The key is used once, so the nonce need not be counted.
fn seal(
    enc: ContentEncryption,
    key: &[u8],
    nonce: [u8; NONCE_BYTES],
    header: &[u8],
    content: &mut Vec<u8>,
) -> Result<(), EncryptError> {
    let key = aead::UnboundKey::new(enc.cipher(), key).map_err(|_| EncryptError::Cipher)?;
    aead::LessSafeKey::new(key)
        .seal_in_place_append_tag(
            aead::Nonce::assume_unique_for_key(nonce),
            aead::Aad::from(header),
            content,
        )
        .map_err(|_| EncryptError::Cipher)
}
