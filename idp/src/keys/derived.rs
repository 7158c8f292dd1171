//! Keys that are never stored because they can be derived: pepper, index, pairwise salt, CSRF, DPoP nonces.

use ring::hmac;

use super::SealingKey;
use crate::{error::Fault, rules::tokens::SubjectKey};

/// The derived keys, one a purpose.
pub struct Derived {
    /// Keys the password before it is hashed: a dump alone cannot be guessed at.
    pub pepper: DerivedKey,
    /// Finds a citizen by national id, and an account's counters, without storing either readable.
    pub index: DerivedKey,
    /// Makes pairwise subjects (OpenID Connect Core §8.1).
    pub pairwise: DerivedKey,
    /// Binds forms to the browser that got them.
    pub csrf: DerivedKey,
    /// Makes DPoP nonces that every node knows again (RFC 9449 §8).
    pub dpop: DerivedKey,
    /// Makes the nonce and the verifier of each question to another provider.
    pub upstream: DerivedKey,
}

impl Derived {
    /// Derives them all.
    ///
    /// # Errors
    /// None in practice.
    pub fn new(key: &SealingKey) -> Result<Self, Fault> {
        Ok(Self {
            pepper: DerivedKey::new(key, "pepper")?,
            index: DerivedKey::new(key, "index")?,
            pairwise: DerivedKey::new(key, "pairwise")?,
            csrf: DerivedKey::new(key, "csrf")?,
            dpop: DerivedKey::new(key, "dpop nonce")?,
            upstream: DerivedKey::new(key, "upstream")?,
        })
    }
}

/// One derived key: it makes and checks HMAC-SHA256 tags.
#[derive(Clone)]
pub struct DerivedKey(hmac::Key);

impl DerivedKey {
    pub(super) fn new(key: &SealingKey, purpose: &str) -> Result<Self, Fault> {
        Ok(Self(hmac::Key::new(
            hmac::HMAC_SHA256,
            key.derive::<32>(purpose)?.as_slice(),
        )))
    }

    /// The tag of `parts`; each is preceded by its length, so that no two lists look alike.
    #[must_use]
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }

    /// The tag as 43 base64url characters, for columns and hidden fields.
    #[must_use]
    pub fn tag_text(&self, parts: &[&[u8]]) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&self.tag(parts))
    }
}

impl SubjectKey for DerivedKey {
    fn tag_text(&self, parts: &[&[u8]]) -> String {
        Self::tag_text(self, parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived() -> Derived {
        Derived::new(&SealingKey::from_base64(&data_encoding::BASE64.encode(&[1; 32])).unwrap()).unwrap()
    }

    #[test]
    fn purposes_are_unrelated() {
        assert_ne!(derived().pepper.tag(&[b"x"]), derived().index.tag(&[b"x"]));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(
            derived().index.tag(&[b"ab", b"c"]),
            derived().index.tag(&[b"a", b"bc"])
        );
    }

    #[test]
    fn a_tag_is_the_same_after_a_restart() {
        assert_eq!(derived().pairwise.tag(&[b"x"]), derived().pairwise.tag(&[b"x"]));
    }
}
