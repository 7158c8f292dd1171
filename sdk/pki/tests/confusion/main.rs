//! Rows 57 and 58: signatures whose parts do not belong together, and forgeries that careless readers take for
//! signatures. Each beside an honest one by the same key.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails loudly; offsets are those of fixed encodings"
)]

use data_encoding::HEXLOWER;
use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PublicKeyData as _, SigningKey as _};
use sdk_pki::der::{self, encode};
use sdk_pki::{DigestAlgorithm, PublicKey, SignatureAlgorithm, SignatureError, oid};

const MESSAGE: &[u8] = b"Ordenanza 42\n";
const PKCS1: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256);
const ECDSA: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);

fn pss(salt: usize) -> SignatureAlgorithm {
    SignatureAlgorithm::RsaPss {
        digest: DigestAlgorithm::Sha256,
        salt,
    }
}

/// From `rsa.txt` (made by `make.py`; the key has the exponent 3).
fn made(name: &str) -> Vec<u8> {
    let lines = include_str!("rsa.txt").lines();
    let mut named = lines
        .filter_map(|line| line.split_once(' '))
        .filter(|(n, _)| *n == name);
    HEXLOWER.decode(named.next().unwrap().1.as_bytes()).unwrap()
}

fn key(spki: &[u8]) -> PublicKey {
    PublicKey::parse(&der::whole(spki, der::SEQUENCE).unwrap()).unwrap()
}

/// Both ways of asking, over the message and over its digest, give one answer.
fn verify(algorithm: SignatureAlgorithm, key: &PublicKey, signature: &[u8]) -> Result<(), SignatureError> {
    let over_message = algorithm.verify(key, MESSAGE, signature);
    if let Some(digest) = algorithm.digest() {
        let over_digest = algorithm.verify_digest(key, &digest.of(MESSAGE), signature);
        assert_eq!(over_message, over_digest, "{algorithm}");
    }
    over_message
}

#[test]
fn row_58_honest_signatures_by_a_key_with_the_exponent_three_verify() {
    let key = key(&made("key"));
    assert_eq!(verify(PKCS1, &key, &made("pkcs1")), Ok(()));
    assert_eq!(verify(pss(32), &key, &made("pss-salt-32")), Ok(()));
    assert_eq!(verify(pss(20), &key, &made("pss-salt-20")), Ok(()));
}

#[test]
fn row_58_a_cube_root_is_no_signature() {
    let forged = made("pkcs1-bleichenbacher-06");
    assert_eq!(
        verify(PKCS1, &key(&made("key")), &forged),
        Err(SignatureError::Invalid)
    );
}

#[test]
fn row_58_padding_and_digest_fill_the_whole_modulus_or_nothing_is_signed() {
    for name in [
        "pkcs1-short-padding",
        "pkcs1-bytes-behind",
        "pkcs1-truncated-digest",
        "pkcs1-bare-digest",
        "pkcs1-sha1",
        "pkcs1-sha1-named-sha256",
    ] {
        let found = verify(PKCS1, &key(&made("key")), &made(name));
        assert_eq!(found, Err(SignatureError::Invalid), "{name}");
    }
}

#[test]
fn row_58_a_salt_of_another_length_than_named_is_no_signature() {
    let key = key(&made("key"));
    for (named, made_with) in [
        (32, "pss-salt-0"),
        (32, "pss-salt-20"),
        (20, "pss-salt-32"),
        (20, "pss-salt-0"),
    ] {
        let found = verify(pss(named), &key, &made(made_with));
        assert_eq!(found, Err(SignatureError::Invalid), "{named} {made_with}");
    }
}

#[test]
fn row_58_one_padding_is_not_the_other() {
    let key = key(&made("key"));
    assert_eq!(
        verify(pss(32), &key, &made("pkcs1")),
        Err(SignatureError::Invalid)
    );
    assert_eq!(
        verify(PKCS1, &key, &made("pss-salt-32")),
        Err(SignatureError::Invalid)
    );
}

#[test]
fn row_58_an_algorithm_of_another_kind_of_key_does_not_fit() {
    let pair = rcgen::KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let elliptic = key(&pair.subject_public_key_info());
    let honest = pair.sign(MESSAGE).unwrap();
    assert_eq!(verify(ECDSA, &elliptic, &honest), Ok(()));
    for algorithm in [
        PKCS1,
        pss(32),
        SignatureAlgorithm::Ed25519,
        SignatureAlgorithm::Dsa(DigestAlgorithm::Sha256),
    ] {
        assert_eq!(
            algorithm.verify(&elliptic, MESSAGE, &honest),
            Err(SignatureError::Mismatch),
            "{algorithm}"
        );
    }
    let rsa = key(&made("key"));
    for algorithm in [
        ECDSA,
        SignatureAlgorithm::Ed25519,
        SignatureAlgorithm::Dsa(DigestAlgorithm::Sha256),
    ] {
        let found = algorithm.verify(&rsa, MESSAGE, &made("pkcs1"));
        assert_eq!(found, Err(SignatureError::Mismatch), "{algorithm}");
    }
}

/// RFC 8032 §7.3: a signature of Ed25519ph, and the pure one of the same key over the same message.
#[test]
fn row_58_a_prehashed_edwards_signature_is_not_a_pure_one() {
    let hex = |text: &str| HEXLOWER.decode(text.as_bytes()).unwrap();
    let octets = hex("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf");
    let algorithm = encode(der::SEQUENCE, &encode(der::OID, oid::ED25519));
    let bits = encode(der::BIT_STRING, &[&[0], &octets[..]].concat());
    let key = key(&encode(der::SEQUENCE, &[algorithm, bits].concat()));
    let pure = "c9446c82f4235087613364b1e2c31aed0ae9f11a6982859914bdd8565e119d26\
                cd47423c26c2a49d5f60d847f75120f4bada1a01063aafef8fecb9a07e32e707";
    let prehashed = "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41\
                     31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406";
    assert_eq!(
        SignatureAlgorithm::Ed25519.verify(&key, b"abc", &hex(pure)),
        Ok(())
    );
    let digest = DigestAlgorithm::Sha512.of(b"abc");
    for message in [&b"abc"[..], digest.bytes()] {
        let found = SignatureAlgorithm::Ed25519.verify(&key, message, &hex(prehashed));
        assert_eq!(found, Err(SignatureError::Invalid));
    }
}

/// A key of `rsa.txt` that its owner marks for RSASSA-PSS (RFC 4055 §1.2), with these parameters.
fn marked(parameters: &[u8]) -> PublicKey {
    let plain = made("key");
    let mut reader = der::whole(&plain, der::SEQUENCE).unwrap().reader().unwrap();
    reader.expect(der::SEQUENCE).unwrap();
    let bits = reader.expect(der::BIT_STRING).unwrap().raw().to_vec();
    let algorithm = [&encode(der::OID, oid::RSASSA_PSS), parameters].concat();
    key(&encode(
        der::SEQUENCE,
        &[encode(der::SEQUENCE, &algorithm), bits].concat(),
    ))
}

fn parameters(hash: &[u8], salt: u8) -> Vec<u8> {
    let hash = encode(der::SEQUENCE, &encode(der::OID, hash));
    let mask = encode(
        der::SEQUENCE,
        &[encode(der::OID, oid::MGF1), hash.clone()].concat(),
    );
    let all = [
        encode(0xa0, &hash),
        encode(0xa1, &mask),
        encode(0xa2, &encode(der::INTEGER, &[salt])),
    ];
    encode(der::SEQUENCE, &all.concat())
}

#[test]
fn row_57_a_key_marked_for_pss_makes_no_other_signatures() {
    let unrestricted = marked(&[]);
    assert_eq!(verify(pss(20), &unrestricted, &made("pss-salt-20")), Ok(()));
    assert_eq!(
        verify(PKCS1, &unrestricted, &made("pkcs1")),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn row_57_parameters_of_a_pss_key_bind_its_signatures() {
    let honest = made("pss-salt-32");
    for (hash, salt, expected) in [
        (oid::SHA256, 32, Ok(())),
        (oid::SHA256, 20, Ok(())),
        (oid::SHA256, 48, Err(SignatureError::Mismatch)),
        (oid::SHA384, 32, Err(SignatureError::Mismatch)),
    ] {
        assert_eq!(
            verify(pss(32), &marked(&parameters(hash, salt)), &honest),
            expected,
            "{salt}"
        );
    }
    let unread = marked(&encode(der::SEQUENCE, &[0xa9, 0]));
    assert!(
        verify(pss(32), &unread, &honest).is_err(),
        "a restriction that is not understood"
    );
}

/// Two INTEGERs in a SEQUENCE, their contents as given.
fn ecdsa_value(r: &[u8], s: &[u8]) -> Vec<u8> {
    encode(
        der::SEQUENCE,
        &[encode(der::INTEGER, r), encode(der::INTEGER, s)].concat(),
    )
}

/// `n − s` on P-256: the other signature over the same message that anybody can make (SEC 1 §4.1.3 permits both).
fn other_half(s: &[u8]) -> Vec<u8> {
    let order = HEXLOWER
        .decode(b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
        .unwrap();
    let short = s.strip_prefix(&[0]).unwrap_or(s);
    let s = [&vec![0; 32 - short.len()], short].concat();
    let (mut out, mut borrow) = (vec![0_u8; 33], 0_i32);
    for at in (0..32).rev() {
        let difference = i32::from(order[at]) - i32::from(s[at]) - borrow;
        borrow = i32::from(difference < 0);
        out[at + 1] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    let zeros = out.iter().take_while(|octet| **octet == 0).count();
    let from = if out[zeros] >= 0x80 { zeros - 1 } else { zeros };
    out[from..].to_vec()
}

#[test]
fn row_57_numbers_of_an_ecdsa_signature_outside_their_range_are_not_valid() {
    let pair = rcgen::KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let key = key(&pair.subject_public_key_info());
    let honest = pair.sign(MESSAGE).unwrap();
    let mut reader = der::whole(&honest, der::SEQUENCE).unwrap().reader().unwrap();
    let r = reader.expect(der::INTEGER).unwrap().value().to_vec();
    let s = reader.expect(der::INTEGER).unwrap().value().to_vec();
    assert_eq!(verify(ECDSA, &key, &ecdsa_value(&r, &s)), Ok(()));
    let other = other_half(&s);
    assert_eq!(
        verify(ECDSA, &key, &ecdsa_value(&r, &other)),
        Ok(()),
        "the other half"
    );
    let mut beyond = vec![0xff; 33];
    beyond[0] = 0;
    let negative = |number: &[u8]| {
        let short = number.strip_prefix(&[0]).unwrap_or(number);
        let mut short = short.to_vec();
        short[0] |= 0x80;
        short
    };
    let padded = |number: &[u8]| [&[0, 0], number].concat();
    for (name, value) in [
        ("r is zero", ecdsa_value(&[0], &s)),
        ("s is zero", ecdsa_value(&r, &[0])),
        ("both are zero", ecdsa_value(&[0], &[0])),
        ("r is negative", ecdsa_value(&negative(&r), &s)),
        ("s is negative", ecdsa_value(&r, &negative(&s))),
        ("r beyond the order", ecdsa_value(&beyond, &s)),
        ("s beyond the order", ecdsa_value(&r, &beyond)),
        ("r padded", ecdsa_value(&padded(&r), &s)),
        ("s padded", ecdsa_value(&r, &padded(&s))),
        ("empty numbers", ecdsa_value(&[], &[])),
        ("swapped", ecdsa_value(&s, &r)),
        ("bytes behind", [&honest[..], &[0]].concat()),
        (
            "an indefinite length",
            [&[0x30, 0x80], &honest[2..], &[0, 0]].concat(),
        ),
        ("a length in two octets", [&[0x30, 0x81], &honest[1..]].concat()),
        ("nothing", Vec::new()),
    ] {
        assert_eq!(
            verify(ECDSA, &key, &value),
            Err(SignatureError::Invalid),
            "{name}"
        );
    }
}

#[test]
fn row_58_a_signature_over_another_digest_is_not_valid() {
    let pair = rcgen::KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let key = key(&pair.subject_public_key_info());
    let honest = pair.sign(MESSAGE).unwrap();
    assert_eq!(
        verify(SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384), &key, &honest),
        Ok(())
    );
    for digest in [
        DigestAlgorithm::Sha1,
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sha512,
    ] {
        let found = verify(SignatureAlgorithm::Ecdsa(digest), &key, &honest);
        assert_eq!(found, Err(SignatureError::Invalid), "{digest}");
    }
    let truncated = DigestAlgorithm::Sha256.of(MESSAGE);
    let found = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384).verify_digest(&key, &truncated, &honest);
    assert_eq!(found, Err(SignatureError::Mismatch));
}
