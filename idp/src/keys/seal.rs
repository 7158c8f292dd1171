//! Sealing: what must be read again but never from a dump (AES-256-GCM, the key's id in the envelope).

use ring::{aead, hkdf};
use zeroize::Zeroizing;

use crate::{
    error::Fault,
    rules::secret::{Digest, Secret},
    world::{Chance, bytes},
};

/// The service's one key from outside: 32 bytes.
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// Reads the base64 text of a key file.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn from_base64(text: &str) -> Result<Self, &'static str> {
        let bytes = data_encoding::BASE64
            .decode(text.trim().as_bytes())
            .map(Zeroizing::new);
        let bytes = bytes.map_err(|_| "it is not base64")?;
        <[u8; 32]>::try_from(bytes.as_slice())
            .map(|bytes| Self(Zeroizing::new(bytes)))
            .map_err(|_| "it does not hold exactly 32 bytes")
    }

    /// `N` bytes for one purpose, by HKDF-SHA256 (RFC 5869); different purposes are unrelated.
    pub(super) fn derive<const N: usize>(&self, purpose: &str) -> Result<Zeroizing<[u8; N]>, Fault> {
        let mut out = Zeroizing::new([0; N]);
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"aval idp").extract(self.0.as_slice());
        prk.expand(&[purpose.as_bytes()], Length(N))
            .and_then(|okm| okm.fill(out.as_mut_slice()))
            .map_err(|_| Fault::plain("deriving a key"))?;
        Ok(out)
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// Seals and opens under one key.
pub struct Seal {
    key: aead::LessSafeKey,
    id: [u8; 4],
}

impl Seal {
    /// The seal under `key`.
    ///
    /// # Errors
    /// None in practice; a fault if the cipher refuses its key.
    pub fn new(key: &SealingKey) -> Result<Self, Fault> {
        let bytes = key.derive::<32>("seal")?;
        let unbound = aead::UnboundKey::new(&aead::AES_256_GCM, bytes.as_slice())
            .map_err(|_| Fault::plain("preparing the sealing key"))?;
        let mut id = [0; 4];
        id.copy_from_slice(
            Digest::of(key.derive::<32>("seal id")?.as_slice())
                .bytes()
                .split_at(4)
                .0,
        );
        Ok(Self {
            key: aead::LessSafeKey::new(unbound),
            id,
        })
    }

    /// Seals `plain` for one place: `context` names the table, the column and the row, and must be the same to open.
    ///
    /// Envelope: version (1) ‖ key id (4) ‖ nonce (12) ‖ ciphertext ‖ tag (16). Nonces are chance: SP 800-38D §8.3
    /// allows 2³² of them under one key.
    ///
    /// # Errors
    /// A fault if the cipher fails.
    pub fn seal(&self, chance: &dyn Chance, context: &str, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        let nonce = bytes::<12>(chance);
        let mut sealed = plain.to_vec();
        self.key
            .seal_in_place_append_tag(
                aead::Nonce::assume_unique_for_key(nonce),
                aead::Aad::from(context.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| Fault::plain("sealing"))?;
        Ok([[VERSION].as_slice(), &self.id, &nonce, &sealed].concat())
    }

    /// Opens an envelope that was sealed for the same place.
    ///
    /// # Errors
    /// A fault when it was sealed under another key, for another place, or was changed.
    pub fn open(&self, context: &str, envelope: &[u8]) -> Result<Secret<Vec<u8>>, Fault> {
        let rest = envelope
            .strip_prefix(&[VERSION])
            .ok_or(Fault::plain("opening: unknown envelope"))?;
        let rest = rest
            .strip_prefix(&self.id)
            .ok_or(Fault::plain("opening: sealed under another key"))?;
        let (nonce, sealed) = rest
            .split_first_chunk::<12>()
            .ok_or(Fault::plain("opening: truncated envelope"))?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let nonce = aead::Nonce::assume_unique_for_key(*nonce);
        let plain = self
            .key
            .open_in_place(nonce, aead::Aad::from(context.as_bytes()), &mut sealed)
            .map_err(|_| Fault::plain("opening: changed, or sealed for another place"))?;
        Ok(Secret::new(plain.to_vec()))
    }
}

const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::SystemChance;

    fn seal(byte: &str) -> Seal {
        let text = data_encoding::BASE64.encode(byte.repeat(32).as_bytes());
        Seal::new(&SealingKey::from_base64(&text).unwrap()).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_for_the_same_place() {
        let sealed = seal("a")
            .seal(&SystemChance::default(), "t:c:1", b"plain")
            .unwrap();
        assert_eq!(
            seal("a").open("t:c:1", &sealed).unwrap().expose().as_slice(),
            b"plain"
        );
    }

    #[test]
    fn another_place_does_not_open_it() {
        let sealed = seal("a")
            .seal(&SystemChance::default(), "t:c:1", b"plain")
            .unwrap();
        assert!(seal("a").open("t:c:2", &sealed).is_err());
    }

    #[test]
    fn another_key_does_not_open_it() {
        let sealed = seal("a")
            .seal(&SystemChance::default(), "t:c:1", b"plain")
            .unwrap();
        assert!(seal("b").open("t:c:1", &sealed).is_err());
    }

    #[test]
    fn one_changed_bit_does_not_open() {
        let sealed = seal("a")
            .seal(&SystemChance::default(), "t:c:1", b"plain")
            .unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(seal("a").open("t:c:1", &changed).is_err());
        }
    }

    #[test]
    fn a_truncated_envelope_does_not_open() {
        let sealed = seal("a")
            .seal(&SystemChance::default(), "t:c:1", b"plain")
            .unwrap();
        for length in 0..sealed.len() {
            assert!(seal("a").open("t:c:1", &sealed[..length]).is_err());
        }
    }
}
