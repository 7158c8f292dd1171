//! The one secret a browser holds in a cookie, and all that follows from it.
//!
//! The store sees a hash of it and what is sealed under it, so whoever reads the store learns neither
//! who is logged in nor how to become them.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::SecureRandom;
use ring::{digest, hmac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::error::Fault;
use super::store::HashedId;

/// 256 random bits, which only this browser has.
pub(crate) struct BrowserSecret(Zeroizing<[u8; 32]>);

/// What a record is for. Keeps one record from being taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Pending,
    Session,
    Presence,
}

impl BrowserSecret {
    pub(crate) fn fresh(chance: &dyn SecureRandom) -> Result<Self, Fault> {
        let mut bytes = Zeroizing::new([0; 32]);
        chance.fill(&mut *bytes).map_err(|_| Fault::Chance)?;
        Ok(Self(bytes))
    }

    pub(crate) fn from_cookie(value: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(value.as_bytes()).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    pub(crate) fn to_cookie(&self) -> String {
        BASE64URL_NOPAD.encode(&*self.0)
    }

    /// The name under which the store keeps the record.
    pub(crate) fn hashed_id(&self, kind: Kind) -> HashedId {
        self.hashed_id_for(kind, &[])
    }

    /// The same for one of several records of a kind.
    pub(crate) fn hashed_id_for(&self, kind: Kind, which: &[u8]) -> HashedId {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(kind.label().as_bytes());
        context.update(&*self.0);
        context.update(which);
        HashedId::from_digest(context.finish())
    }

    /// 32 bytes that look random to whoever lacks the secret.
    pub(crate) fn derive(&self, label: &str) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &*self.0);
        let tag = hmac::sign(&key, label.as_bytes());
        let mut derived = [0; 32];
        for (to, from) in derived.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        derived
    }

    pub(crate) fn seal(
        &self,
        kind: Kind,
        record: &impl Serialize,
        chance: &dyn SecureRandom,
    ) -> Result<Vec<u8>, Fault> {
        let mut nonce = [0; NONCE_LEN];
        chance.fill(&mut nonce).map_err(|_| Fault::Chance)?;
        let mut sealed = serde_json::to_vec(record).map_err(|_| Fault::Record)?;
        self.key(kind)
            .and_then(|key| {
                let aad = Aad::from(kind.label().as_bytes());
                key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
                    .ok()
            })
            .ok_or(Fault::Record)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// The record, if it was sealed under this secret for this purpose.
    pub(crate) fn open<T: DeserializeOwned>(&self, kind: Kind, sealed: &[u8]) -> Option<T> {
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LEN)?;
        let mut plain = Zeroizing::new(ciphertext.to_vec());
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self
            .key(kind)?
            .open_in_place(nonce, Aad::from(kind.label().as_bytes()), &mut plain)
            .ok()?;
        serde_json::from_slice(plain).ok()
    }

    fn key(&self, kind: Kind) -> Option<LessSafeKey> {
        let bytes = Zeroizing::new(self.derive(&format!("seal {}", kind.label())));
        UnboundKey::new(&AES_256_GCM, &*bytes).ok().map(LessSafeKey::new)
    }
}

impl fmt::Debug for BrowserSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserSecret(..)")
    }
}

impl Kind {
    const fn label(self) -> &'static str {
        match self {
            Self::Pending => "aval pending login",
            Self::Session => "aval session",
            Self::Presence => "aval presence",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;

    #[test]
    fn a_record_opens_under_its_secret_and_purpose_only() {
        let chance = SystemRandom::new();
        let (mine, other) = (
            BrowserSecret::fresh(&chance).unwrap(),
            BrowserSecret::fresh(&chance).unwrap(),
        );
        let sealed = mine.seal(Kind::Session, &"who", &chance).unwrap();
        assert_eq!(
            mine.open::<String>(Kind::Session, &sealed).as_deref(),
            Some("who")
        );
        assert_eq!(mine.open::<String>(Kind::Pending, &sealed), None);
        assert_eq!(other.open::<String>(Kind::Session, &sealed), None);
        assert_eq!(mine.open::<String>(Kind::Session, &sealed[..5]), None);
    }

    #[test]
    fn a_changed_record_does_not_open() {
        let chance = SystemRandom::new();
        let secret = BrowserSecret::fresh(&chance).unwrap();
        let mut sealed = secret.seal(Kind::Session, &"who", &chance).unwrap();
        sealed[NONCE_LEN] ^= 1;
        assert_eq!(secret.open::<String>(Kind::Session, &sealed), None);
    }

    #[test]
    fn the_store_does_not_see_the_secret() {
        let secret = BrowserSecret::fresh(&SystemRandom::new()).unwrap();
        assert!(
            !secret
                .hashed_id(Kind::Session)
                .to_hex()
                .contains(&secret.to_cookie())
        );
        assert_ne!(secret.hashed_id(Kind::Session), secret.hashed_id(Kind::Pending));
        assert_eq!(format!("{secret:?}"), "BrowserSecret(..)");
    }

    #[test]
    fn a_cookie_of_another_length_is_no_secret() {
        assert!(BrowserSecret::from_cookie("AAAA").is_none());
        assert!(BrowserSecret::from_cookie("").is_none());
    }
}
