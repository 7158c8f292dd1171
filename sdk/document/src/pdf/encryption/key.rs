//! A password → the file's key (§7.6.4).

use md5::{Digest as _, Md5};
use sdk_pki::DigestAlgorithm;

use super::Standard;
use super::cipher::{cbc_bare, cbc_encrypt, rc4};

/// The file's key, if this is the user's or the owner's password.
pub(super) fn file_key(about: &Standard, password: &str) -> Option<Vec<u8>> {
    if about.revision >= 5 {
        // §7.6.4.3.3: UTF-8, at most 127 bytes.
        let password = password.as_bytes();
        let password = password.get(..LONGEST).unwrap_or(password);
        return modern(about, password, &about.user, &about.user_key, &[])
            .or_else(|| modern(about, password, &about.owner, &about.owner_key, &about.user));
    }
    // §7.6.4.3.2: PDFDocEncoding, of which Latin-1 is what people type.
    let password: Vec<u8> = password
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect();
    user(about, &password).or_else(|| user(about, &from_owner(about, &password)?))
}

/// Algorithms 2, 4, 5 and 6: the key, if it opens `/U`.
fn user(about: &Standard, password: &[u8]) -> Option<Vec<u8>> {
    let mut hash = Md5::new();
    hash.update(padded(password));
    hash.update(about.owner.get(..32)?);
    hash.update(about.permissions.to_le_bytes());
    hash.update(&about.id);
    if about.revision >= 4 && !about.metadata {
        hash.update([0xff; 4]);
    }
    let mut key = hash.finalize().to_vec();
    if about.revision >= 3 {
        for _ in 0..50 {
            key = Md5::digest(key.get(..about.octets)?).to_vec();
        }
    }
    key.truncate(about.octets);
    let expected = if about.revision == 2 {
        rc4(&key, &PADDING)
    } else {
        let mut hash = Md5::new();
        hash.update(PADDING);
        hash.update(&about.id);
        (0..20_u8).fold(hash.finalize().to_vec(), |value, turn| {
            rc4(&masked(&key, turn), &value)
        })
    };
    about.user.starts_with(&expected).then_some(key)
}

/// Algorithm 7: the user's password, out of `/O`.
fn from_owner(about: &Standard, password: &[u8]) -> Option<Vec<u8>> {
    let mut key = Md5::digest(padded(password)).to_vec();
    let turns = if about.revision >= 3 {
        for _ in 0..50 {
            key = Md5::digest(key.get(..about.octets)?).to_vec();
        }
        20_u8
    } else {
        1
    };
    key.truncate(about.octets);
    let sealed = about.owner.get(..32)?.to_vec();
    Some(
        (0..turns)
            .rev()
            .fold(sealed, |value, turn| rc4(&masked(&key, turn), &value)),
    )
}

fn masked(key: &[u8], turn: u8) -> Vec<u8> {
    key.iter().map(|byte| byte ^ turn).collect()
}

fn padded(password: &[u8]) -> Vec<u8> {
    password.iter().chain(&PADDING).take(32).copied().collect()
}

/// Algorithm 2.A: 32 bytes of hash, 8 of salt to check it, 8 of salt for the key.
fn modern(about: &Standard, password: &[u8], stored: &[u8], sealed: &[u8], bound: &[u8]) -> Option<Vec<u8>> {
    let (hash, salts) = stored.split_first_chunk::<32>()?;
    let (check, rest) = salts.split_first_chunk::<8>()?;
    let (salt, _) = rest.split_first_chunk::<8>()?;
    let bound = if bound.is_empty() { bound } else { bound.get(..48)? };
    let digest = |salt: &[u8; 8]| match about.revision {
        5 => Some(sha(DigestAlgorithm::Sha256, &[password, salt, bound].concat())),
        _ => hardened(password, salt, bound),
    };
    if *digest(check)? != *hash {
        return None;
    }
    cbc_bare(digest(salt)?.get(..32)?, [0; 16], sealed.get(..32)?)
}

/// Algorithm 2.B.
fn hardened(password: &[u8], salt: &[u8; 8], bound: &[u8]) -> Option<Vec<u8>> {
    let mut key = sha(DigestAlgorithm::Sha256, &[password, salt, bound].concat());
    for turn in 0..MOST_TURNS {
        let once = [password, &key, bound].concat();
        let (cipher_key, rest) = key.split_first_chunk::<16>()?;
        let (vector, _) = rest.split_first_chunk::<16>()?;
        let sealed = cbc_encrypt(*cipher_key, *vector, &once.repeat(64));
        // The first sixteen bytes as one number, by three: 256 leaves one, so it is the sum of the bytes.
        let sum: u32 = sealed.iter().take(16).map(|byte| u32::from(*byte)).sum();
        let algorithm = match sum.checked_rem(3)? {
            0 => DigestAlgorithm::Sha256,
            1 => DigestAlgorithm::Sha384,
            _ => DigestAlgorithm::Sha512,
        };
        key = sha(algorithm, &sealed);
        let last = u32::from(*sealed.last()?);
        if turn >= 63 && last <= turn.saturating_sub(31) {
            break;
        }
    }
    key.truncate(32);
    Some(key)
}

fn sha(algorithm: DigestAlgorithm, bytes: &[u8]) -> Vec<u8> {
    algorithm.of(bytes).bytes().to_vec()
}

/// The last byte is below 256, so algorithm 2.B ends here at the latest.
const MOST_TURNS: u32 = 300;

/// §7.6.4.3.3.
const LONGEST: usize = 127;

/// Algorithm 2, step a.
const PADDING: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E,
    0x2E, 0x00, 0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];
