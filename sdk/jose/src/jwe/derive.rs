//! From the agreed secret to the content's key: Concat KDF (RFC 7518 §4.6.2) and AES key wrap (RFC 3394).

use aes_kw::{KeyInit as _, KwAes128, KwAes256};
use ring::digest;
use zeroize::Zeroizing;

use super::{ContentEncryption, KeyManagement};

/// Bytes of a key, wiped when dropped.
pub(super) type Key = Zeroizing<Vec<u8>>;

/// The parties' names in the derivation (RFC 7518 §4.6.1.2, §4.6.1.3), empty when the header has none.
#[derive(Debug, Clone, Default)]
pub(super) struct Parties {
    pub(super) apu: Vec<u8>,
    pub(super) apv: Vec<u8>,
}

/// What the agreed secret `z` becomes: the content's key itself, or the key that wraps it.
pub(super) fn agreed_key(alg: KeyManagement, enc: ContentEncryption, z: &[u8], parties: &Parties) -> Key {
    let (name, bytes) = match alg {
        KeyManagement::EcdhEs => (enc.as_str(), enc.key_bytes()),
        KeyManagement::EcdhEsA128Kw => (alg.as_str(), 16),
        KeyManagement::EcdhEsA256Kw => (alg.as_str(), 32),
    };
    // RFC 7518 §4.6.2: one round of SHA-256 gives 256 bits, and no key here is longer.
    let mut round = digest::Context::new(&digest::SHA256);
    round.update(&1_u32.to_be_bytes());
    round.update(z);
    for value in [name.as_bytes(), parties.apu.as_slice(), parties.apv.as_slice()] {
        round.update(&counted(value.len()));
        round.update(value);
    }
    round.update(&counted(bytes.saturating_mul(8)));
    let derived = round.finish();
    Zeroizing::new(derived.as_ref().get(..bytes).unwrap_or_default().to_vec())
}

/// The content's key under the wrapping key.
pub(super) fn wrap(alg: KeyManagement, wrapping: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; key.len().checked_add(aes_kw::IV_LEN)?];
    match alg {
        KeyManagement::EcdhEs => return None,
        KeyManagement::EcdhEsA128Kw => {
            let _written = KwAes128::new_from_slice(wrapping)
                .ok()?
                .wrap_key(key, &mut out)
                .ok()?;
        }
        KeyManagement::EcdhEsA256Kw => {
            let _written = KwAes256::new_from_slice(wrapping)
                .ok()?
                .wrap_key(key, &mut out)
                .ok()?;
        }
    }
    Some(out)
}

/// The content's key, of `bytes` bytes, from its wrapped form.
pub(super) fn unwrap(alg: KeyManagement, wrapping: &[u8], wrapped: &[u8], bytes: usize) -> Option<Key> {
    if wrapped.len() != bytes.checked_add(aes_kw::IV_LEN)? {
        return None;
    }
    let mut out = Zeroizing::new(vec![0; bytes]);
    match alg {
        KeyManagement::EcdhEs => return None,
        KeyManagement::EcdhEsA128Kw => {
            let _written = KwAes128::new_from_slice(wrapping)
                .ok()?
                .unwrap_key(wrapped, &mut out)
                .ok()?;
        }
        KeyManagement::EcdhEsA256Kw => {
            let _written = KwAes256::new_from_slice(wrapping)
                .ok()?
                .unwrap_key(wrapped, &mut out)
                .ok()?;
        }
    }
    Some(out)
}

fn counted(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7518, appendix C: Z and the derived key.
    #[test]
    fn the_derivation_of_the_rfc() {
        let z = [
            158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163,
            218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
        ];
        let parties = Parties {
            apu: b"Alice".to_vec(),
            apv: b"Bob".to_vec(),
        };
        let key = agreed_key(KeyManagement::EcdhEs, ContentEncryption::A128Gcm, &z, &parties);
        assert_eq!(
            data_encoding::BASE64URL_NOPAD.encode(&key),
            "VqqN6vgjbSBcIijNcacQGg"
        );
    }

    #[test]
    fn a_wrapped_key_comes_back_and_one_changed_bit_does_not() {
        for (alg, wrapping) in [
            (KeyManagement::EcdhEsA128Kw, vec![7; 16]),
            (KeyManagement::EcdhEsA256Kw, vec![7; 32]),
        ] {
            let wrapped = wrap(alg, &wrapping, &[9; 32]).unwrap();
            assert_eq!(unwrap(alg, &wrapping, &wrapped, 32).unwrap().as_slice(), [9; 32]);
            for at in 0..wrapped.len() {
                let mut changed = wrapped.clone();
                changed[at] ^= 1;
                assert!(unwrap(alg, &wrapping, &changed, 32).is_none());
            }
        }
    }
}
