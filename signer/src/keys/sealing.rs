//! Sealing for the database: AES-256-GCM under keys derived (HKDF, RFC 5869) from one sealing key, with the place
//! of the value as associated data, so that a sealed value opens only where it was put.

use std::fmt;
use std::sync::Arc;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf;
use ring::hmac;

use super::Secret;
use crate::clock::Chance;
use crate::error::Fault;

/// A sealed value: `v1.<id of the sealing key>.<base64url of nonce, ciphertext and tag>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(String);

impl Sealed {
    /// From the database.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// For the database.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// Seals and opens; also keeps the keys of our own keyed hashes.
#[derive(Clone)]
pub struct Sealing(Arc<Keys>);

struct Keys {
    id: String,
    seal: LessSafeKey,
    index: hmac::Key,
    form: hmac::Key,
}

impl Sealing {
    /// Derives every key from the one in the operator's file.
    #[must_use]
    pub fn new(sealing_key: &Secret<[u8; 32]>) -> Self {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"aval signer v1").extract(sealing_key.expose());
        let id = derive(&root, b"key id");
        let unbound = derived_unbound(&root, b"seal");
        Self(Arc::new(Keys {
            id: HEXLOWER.encode(id.expose().get(..4).unwrap_or_default()),
            seal: LessSafeKey::new(unbound),
            index: hmac::Key::new(hmac::HMAC_SHA256, derive(&root, b"person index").expose()),
            form: hmac::Key::new(hmac::HMAC_SHA256, derive(&root, b"form token").expose()),
        }))
    }

    /// Seals `plain` for `place` (table, column and row).
    ///
    /// # Errors
    /// A fault when randomness fails.
    pub fn seal(&self, place: &str, plain: &[u8], chance: &Chance) -> Result<Sealed, Fault> {
        let nonce = chance.bytes::<NONCE_LEN>()?;
        let mut body = plain.to_vec();
        self.0
            .seal
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut body,
            )
            .map_err(|_| Fault::new("sealing"))?;
        let mut envelope = nonce.to_vec();
        envelope.append(&mut body);
        Ok(Sealed(format!(
            "v1.{}.{}",
            self.0.id,
            BASE64URL_NOPAD.encode(&envelope)
        )))
    }

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// A fault when it was sealed by another key, for another place, or changed.
    pub fn open(&self, place: &str, sealed: &Sealed) -> Result<Secret<Vec<u8>>, Fault> {
        let unreadable = || Fault::new("opening a sealed value: not an envelope");
        let (version, rest) = sealed.0.split_once('.').ok_or_else(unreadable)?;
        let (key, body) = rest.split_once('.').ok_or_else(unreadable)?;
        if version != "v1" {
            return Err(unreadable());
        }
        if key != self.0.id {
            return Err(Fault::new(
                "opening a sealed value: sealed with another sealing key",
            ));
        }
        let mut bytes = BASE64URL_NOPAD
            .decode(body.as_bytes())
            .map_err(|_| unreadable())?;
        if bytes.len() < NONCE_LEN {
            return Err(unreadable());
        }
        let mut sealed = bytes.split_off(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&bytes).map_err(|_| unreadable())?;
        let plain = self
            .0
            .seal
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut sealed)
            .map_err(|_| Fault::new("opening a sealed value: changed, or out of its place"))?;
        Ok(Secret::new(plain.to_vec()))
    }

    /// A keyed hash by which a national id is found without being readable.
    #[must_use]
    pub fn person_index(&self, national_id: &str) -> String {
        HEXLOWER.encode(hmac::sign(&self.0.index, national_id.as_bytes()).as_ref())
    }

    /// The token that our forms carry for a login.
    #[must_use]
    pub fn form_token(&self, login: &str) -> String {
        BASE64URL_NOPAD.encode(hmac::sign(&self.0.form, login.as_bytes()).as_ref())
    }

    /// Whether `token` is the one for this login; constant time.
    #[must_use]
    pub fn form_token_matches(&self, login: &str, token: &str) -> bool {
        BASE64URL_NOPAD
            .decode(token.as_bytes())
            .is_ok_and(|given| hmac::verify(&self.0.form, login.as_bytes(), &given).is_ok())
    }
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealing({})", self.0.id)
    }
}

fn derive(root: &hkdf::Prk, purpose: &[u8]) -> Secret<[u8; 32]> {
    let mut out = [0; 32];
    let info = [purpose];
    #[expect(
        clippy::expect_used,
        reason = "HKDF-SHA256 gives up to 8160 bytes; 32 are asked"
    )]
    root.expand(&info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut out))
        .expect("32 bytes of HKDF output");
    Secret::new(out)
}

fn derived_unbound(root: &hkdf::Prk, purpose: &[u8]) -> UnboundKey {
    #[expect(
        clippy::expect_used,
        reason = "AES-256 takes the 32 bytes that derive returns"
    )]
    UnboundKey::new(&AES_256_GCM, derive(root, purpose).expose()).expect("32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealing(byte: u8) -> Sealing {
        Sealing::new(&Secret::new([byte; 32]))
    }

    #[test]
    fn what_is_sealed_opens_in_its_place() {
        let sealed = sealing(1).seal("a:1", b"plain", &Chance::system()).unwrap();
        assert_eq!(sealing(1).open("a:1", &sealed).unwrap().expose(), b"plain");
    }

    #[test]
    fn it_does_not_open_in_another_place() {
        let sealed = sealing(1).seal("a:1", b"plain", &Chance::system()).unwrap();
        assert!(sealing(1).open("a:2", &sealed).is_err());
    }

    #[test]
    fn it_does_not_open_with_another_key() {
        let sealed = sealing(1).seal("a:1", b"plain", &Chance::system()).unwrap();
        assert!(
            sealing(2)
                .open("a:1", &sealed)
                .unwrap_err()
                .to_string()
                .contains("another sealing key")
        );
    }

    #[test]
    fn a_changed_envelope_does_not_open() {
        let sealed = sealing(1).seal("a:1", b"plain", &Chance::system()).unwrap();
        let changed = Sealed::from_stored(sealed.as_str().replace("v1.", "v2."));
        assert!(sealing(1).open("a:1", &changed).is_err());
    }

    #[test]
    fn the_plain_text_is_not_in_the_envelope() {
        let sealed = sealing(1).seal("a:1", b"11111111-1", &Chance::system()).unwrap();
        assert!(!sealed.as_str().contains("11111111"));
    }

    #[test]
    fn a_form_token_is_for_one_login() {
        let token = sealing(1).form_token("a");
        assert!(sealing(1).form_token_matches("a", &token));
        assert!(!sealing(1).form_token_matches("b", &token));
    }
}
