//! The ciphers of §7.6.3: RC4 and AES-CBC. RC4 only to read what old programs wrote.

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};

/// RC4 with its key scheduled, which takes as long as hundreds of bytes do.
pub(super) struct Rc4([u8; 256]);

impl Rc4 {
    pub fn new(key: &[u8]) -> Self {
        let mut state = [0; 256];
        for (place, byte) in state.iter_mut().zip(0..=255_u8) {
            *place = byte;
        }
        let mut j = 0_u8;
        for (i, k) in (0..=255_u8).zip(key.iter().cycle()) {
            j = j.wrapping_add(at(&state, i)).wrapping_add(*k);
            state.swap(usize::from(i), usize::from(j));
        }
        Self(state)
    }

    /// The same both ways, each time from the start.
    pub fn apply(&self, data: &mut [u8]) {
        let mut state = self.0;
        let (mut i, mut j) = (0_u8, 0_u8);
        for byte in data {
            i = i.wrapping_add(1);
            j = j.wrapping_add(at(&state, i));
            state.swap(usize::from(i), usize::from(j));
            *byte ^= at(&state, at(&state, i).wrapping_add(at(&state, j)));
        }
    }
}

/// Once.
pub(super) fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    Rc4::new(key).apply(&mut data);
    data
}

fn at(state: &[u8; 256], place: u8) -> u8 {
    state.get(usize::from(place)).copied().unwrap_or(0)
}

/// §7.6.3.1: the first block is the initialisation vector; the padding of RFC 8018 §6.1.1 ends the last one.
pub(super) fn cbc(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    if data.is_empty() {
        // Some write nothing at all for an empty string.
        return Some(Vec::new());
    }
    let (vector, rest) = data.split_first_chunk::<16>()?;
    let mut plain = cbc_bare(key, *vector, rest)?;
    let padding = usize::from(*plain.last()?);
    if !(1..=16).contains(&padding) {
        return None;
    }
    plain.truncate(plain.len().checked_sub(padding)?);
    Some(plain)
}

/// Without padding; none when the key or the data has another length.
pub(super) fn cbc_bare(key: &[u8], vector: [u8; 16], data: &[u8]) -> Option<Vec<u8>> {
    match key.len() {
        16 => unchain(&Aes128::new_from_slice(key).ok()?, vector, data),
        32 => unchain(&Aes256::new_from_slice(key).ok()?, vector, data),
        _ => None,
    }
}

fn unchain<C>(cipher: &C, vector: [u8; 16], data: &[u8]) -> Option<Vec<u8>>
where
    C: BlockCipherDecrypt<BlockSize = aes::cipher::consts::U16>,
{
    let (blocks, odd) = data.as_chunks::<16>();
    if !odd.is_empty() {
        return None;
    }
    let (mut plain, mut before) = (Vec::with_capacity(data.len()), vector);
    for block in blocks {
        let mut one = Array::from(*block);
        cipher.decrypt_block(&mut one);
        plain.extend(one.iter().zip(before).map(|(byte, mask)| byte ^ mask));
        before = *block;
    }
    Some(plain)
}

/// Encrypts without padding, for algorithm 2.B alone.
pub(super) fn cbc_encrypt(key: [u8; 16], vector: [u8; 16], data: &[u8]) -> Vec<u8> {
    let cipher = Aes128::new(&Array::from(key));
    let (mut out, mut before) = (Vec::with_capacity(data.len()), vector);
    for block in data.as_chunks::<16>().0 {
        let mut one = Array::from(*block);
        for (byte, mask) in one.iter_mut().zip(before) {
            *byte ^= mask;
        }
        cipher.encrypt_block(&mut one);
        before = one.into();
        out.extend(before);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rc4_is_that_of_rfc_6229() {
        let stream = rc4(&[1, 2, 3, 4, 5], &[0; 16]);
        assert_eq!(
            data_encoding::HEXLOWER.encode(&stream),
            "b2396305f03dc027ccc3524a0a1118a8"
        );
    }

    #[test]
    fn cbc_is_that_of_nist_sp_800_38a() {
        let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
        let (key, vector) = (
            "2b7e151628aed2a6abf7158809cf4f3c",
            "000102030405060708090a0b0c0d0e0f",
        );
        let (key, vector) = (hex(key).try_into().unwrap(), hex(vector).try_into().unwrap());
        let plain = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        let secret = cbc_encrypt(key, vector, &plain);
        let expected = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2";
        assert_eq!(data_encoding::HEXLOWER.encode(&secret), expected);
        assert_eq!(cbc_bare(&key, vector, &secret), Some(plain));
        assert_eq!(cbc_bare(&key, vector, &secret[1..]), None);
    }
}
