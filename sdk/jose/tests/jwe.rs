//! Encrypted tokens: the vector of the RFC, every combination there and back, and one thing wrong per test.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;
use ring::rand::SystemRandom;
use sdk_jose::jwe::{
    Content, ContentEncryption, DecryptionKey, EncryptError, Encrypted, KeyManagement, MAX_JWE_BYTES,
    Refusal, encrypt_compact,
};
use sdk_jose::{Algorithm, Jwk, JwkRefusal, JwkSet};
use serde_json::{Value, json};

/// RFC 7518, appendix C: Bob.
fn p256() -> Value {
    json!({
        "kty": "EC", "crv": "P-256", "kid": "bob",
        "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
    })
}

/// RFC 7520 §5.4.1.
fn p384() -> Value {
    json!({
        "kty": "EC", "kid": "peregrin.took@tuckborough.example", "use": "enc", "crv": "P-384",
        "x": "YU4rRUzdmVqmRtWOs2OpDE_T5fsNIodcG8G5FWPrTPMyxpzsSOGaQLpe2FpxBmu2",
        "y": "A8-yxCHxkfBz3hKZfI1jUYMjUhsEveZ9THuwFjH2sCNdtksRJU7D5-SkgaFL1ETP",
        "d": "iTx2pk7wW-GqJkHcEkFQb2EFyYcO7RugmaW3mRrQVAOUiPommT0IdnYK2xDlZh-j",
    })
}

fn key(jwk: &Value) -> DecryptionKey {
    DecryptionKey::from_jwk(jwk.to_string().as_bytes()).unwrap()
}

fn encrypted(to: &DecryptionKey, how: (KeyManagement, ContentEncryption)) -> String {
    let random = SystemRandom::new();
    encrypt_compact(Content::Jwt("a.b.c"), &to.public().unwrap(), how, &random).unwrap()
}

const DIRECT: (KeyManagement, ContentEncryption) = (KeyManagement::EcdhEs, ContentEncryption::A256Gcm);

/// A token whose header is another one, everything else kept.
fn with_header(token: &str, change: impl FnOnce(&mut Value)) -> String {
    let (header, rest) = token.split_once('.').unwrap();
    let mut header: Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(header.as_bytes()).unwrap()).unwrap();
    change(&mut header);
    format!("{}.{rest}", BASE64URL_NOPAD.encode(header.to_string().as_bytes()))
}

fn refused(token: &str) -> Refusal {
    match Encrypted::parse(token) {
        Ok(token) => token.decrypt(&key(&p256())).unwrap_err(),
        Err(refusal) => refusal,
    }
}

/// RFC 7520 §5.4.
#[test]
fn the_vector_of_the_cookbook() {
    let token = concat!(
        "eyJhbGciOiJFQ0RILUVTK0ExMjhLVyIsImtpZCI6InBlcmVncmluLnRvb2tAdHVja2Jvcm91Z2guZXhhbXBsZSIsImVwayI6eyJrdHkiOiJF",
        "QyIsImNydiI6IlAtMzg0IiwieCI6InVCbzRrSFB3Nmtiang1bDB4b3dyZF9vWXpCbWF6LUdLRlp1NHhBRkZrYllpV2d1dEVLNml1RURzUTZ3",
        "TmROZzMiLCJ5Ijoic3AzcDVTR2haVkMyZmFYdW1JLWU5SlUyTW84S3BvWXJGRHI1eVBOVnRXNFBnRXdaT3lRVEEtSmRhWTh0YjdFMCJ9LCJl",
        "bmMiOiJBMTI4R0NNIn0.0DJjBXri_kBcC46IkU5_Jk9BqaQeHdv2.mH-G2zVqgztUtnW_.tkZuOO9h95OgHJmkkrfLBisku8rGf6nzVxhRM3s",
        "VOhXgz5NJ76oID7lpnAi_cPWJRCjSpAaUZ5dOR3Spy7QuEkmKx8-3RCMhSYMzsXaEwDdXta9Mn5B7cCBoJKB0IgEnj_qfo1hIi-uEkUpOZ8aL",
        "TZGHfpl05jMwbKkTe2yK3mjF6SBAsgicQDVCkcY9BLluzx1RmC3ORXaM0JaHPB93YcdSDGgpgBWMVrNU1ErkjcMqMoT_wtCex3w03XdLkjXI",
        "uEr2hWgeP-nkUZTPU9EoGSPj6fAS-bSz87RCPrxZdj_iVyC6QWcqAu07WNhjzJEPc4jVntRJ6K53NgPQ5p99l3Z408OUqj4ioYezbS6vTPlQ.",
        "WuGzxmcreYjpHGJoa17EBg"
    );
    let read = Encrypted::parse(token).unwrap();
    assert_eq!(read.kid(), Some("peregrin.took@tuckborough.example"));
    let decrypted = read.decrypt(&key(&p384())).unwrap();
    let text = std::str::from_utf8(decrypted.content()).unwrap();
    assert!(text.starts_with("You can trust us") && text.ends_with("your friends, Frodo."));
    assert_eq!(decrypted.token(), None);
}

#[test]
fn every_combination_comes_back() {
    let random = SystemRandom::new();
    for jwk in [p256(), p384()] {
        let key = key(&jwk);
        for alg in KeyManagement::ALL {
            for enc in ContentEncryption::ALL {
                let token = encrypted(&key, (alg, enc));
                let read = Encrypted::parse(&token).unwrap();
                assert_eq!(
                    (read.alg(), read.enc(), read.kid()),
                    (alg, enc, jwk["kid"].as_str())
                );
                assert_eq!(read.decrypt(&key).unwrap().token(), Some("a.b.c"));
                let claims = Content::Claims(b"{}");
                let token = encrypt_compact(claims, &key.public().unwrap(), (alg, enc), &random).unwrap();
                let read = Encrypted::parse(&token).unwrap().decrypt(&key).unwrap();
                assert_eq!((read.token(), read.content()), (None, b"{}".as_slice()));
            }
        }
    }
}

#[test]
fn one_content_twice_looks_different() {
    let key = key(&p256());
    assert_ne!(encrypted(&key, DIRECT), encrypted(&key, DIRECT));
}

#[test]
fn every_changed_character_is_noticed() {
    for alg in KeyManagement::ALL {
        let token = encrypted(&key(&p256()), (alg, ContentEncryption::A128Gcm));
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            // Another character that base64url has, so that the shape stays.
            let other = if changed.get(at) == Some(&b'A') {
                b'Q'
            } else {
                b'A'
            };
            *changed.get_mut(at).unwrap() = other;
            refused(std::str::from_utf8(&changed).unwrap());
        }
    }
}

#[test]
fn another_key_does_not_decrypt_it() {
    let other = json!({
        "kty": "EC", "crv": "P-256",
        "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
        "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
        "d": "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo",
    });
    for alg in KeyManagement::ALL {
        let token = encrypted(&key(&other), (alg, ContentEncryption::A256Gcm));
        assert_eq!(refused(&token), Refusal::Undecryptable);
    }
}

#[test]
fn a_key_of_another_curve_does_not_decrypt_it() {
    assert_eq!(refused(&encrypted(&key(&p384()), DIRECT)), Refusal::Undecryptable);
}

/// SP 800-56A §5.6.2.3.3: a point off the curve would tell about the private key, a few bits each time.
#[test]
fn a_point_off_the_curve_is_refused() {
    let token = with_header(&encrypted(&key(&p256()), DIRECT), |header| {
        header["epk"]["y"] = header["epk"]["x"].clone();
    });
    assert_eq!(refused(&token), Refusal::Header);
}

#[test]
fn a_receivers_point_off_the_curve_is_no_key() {
    for jwk in [p256(), p384()] {
        let mut off = jwk.clone();
        off.as_object_mut().unwrap().remove("d");
        off["y"] = off["x"].clone();
        let refusal = Jwk::parse(off.to_string().as_bytes()).unwrap_err();
        assert_eq!(refusal, JwkRefusal::Malformed("x, y".to_owned()));
    }
}

#[test]
fn a_key_of_another_kind_is_not_encrypted_to() {
    let signing = Jwk::new(
        key(&p256()).public().unwrap().key().clone(),
        "a",
        Algorithm::ES256,
    );
    let tried = encrypt_compact(Content::Jwt("a.b.c"), &signing, DIRECT, &SystemRandom::new());
    assert_eq!(tried.unwrap_err(), EncryptError::Key);
}

#[test]
fn an_extension_or_compression_is_refused() {
    let token = encrypted(&key(&p256()), DIRECT);
    for name in ["crit", "zip"] {
        let changed = with_header(&token, |header| header[name] = "DEF".into());
        assert_eq!(refused(&changed), Refusal::Critical, "{name}");
    }
}

#[test]
fn other_algorithms_are_refused() {
    let token = encrypted(&key(&p256()), DIRECT);
    for alg in [
        "RSA1_5",
        "RSA-OAEP",
        "dir",
        "A128KW",
        "PBES2-HS256+A128KW",
        "none",
        "",
    ] {
        let changed = with_header(&token, |header| header["alg"] = alg.into());
        assert_eq!(refused(&changed), Refusal::Algorithm, "{alg}");
    }
    for enc in ["A128CBC-HS256", "none", ""] {
        let changed = with_header(&token, |header| header["enc"] = enc.into());
        assert_eq!(refused(&changed), Refusal::Algorithm, "{enc}");
    }
}

#[test]
fn a_header_without_its_members_is_refused() {
    let token = encrypted(&key(&p256()), DIRECT);
    for name in ["alg", "enc", "epk"] {
        let changed = with_header(&token, |header| {
            header.as_object_mut().unwrap().remove(name);
        });
        assert_eq!(refused(&changed), Refusal::Header, "{name}");
    }
}

#[test]
fn direct_agreement_has_no_wrapped_key_and_wrapping_has_one() {
    let direct = encrypted(&key(&p256()), DIRECT);
    assert_eq!(refused(&direct.replacen("..", ".AAAA.", 1)), Refusal::Shape);
    let wrapped = encrypted(
        &key(&p256()),
        (KeyManagement::EcdhEsA128Kw, ContentEncryption::A128Gcm),
    );
    let mut parts: Vec<&str> = wrapped.split('.').collect();
    *parts.get_mut(1).unwrap() = "";
    assert_eq!(refused(&parts.join(".")), Refusal::Shape);
}

#[test]
fn four_or_six_parts_are_not_a_token() {
    let token = encrypted(&key(&p256()), DIRECT);
    assert_eq!(refused(&format!("{token}.AA")), Refusal::Shape);
    assert_eq!(refused(token.rsplit_once('.').unwrap().0), Refusal::Shape);
}

#[test]
fn a_token_beyond_the_limit_is_refused() {
    assert_eq!(refused(&"a".repeat(MAX_JWE_BYTES + 1)), Refusal::TooLong);
}

#[test]
fn a_key_decrypts_only_what_its_algorithm_says() {
    let mut jwk = p256();
    jwk["alg"] = "ECDH-ES+A256KW".into();
    let token = encrypted(&key(&p256()), DIRECT);
    let tried = Encrypted::parse(&token).unwrap().decrypt(&key(&jwk));
    assert_eq!(tried.map(|_| ()).unwrap_err(), Refusal::Algorithm);
}

#[test]
fn halves_that_do_not_belong_together_are_no_key() {
    let mut jwk = p256();
    jwk["d"] = "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo".into();
    let refused = DecryptionKey::from_jwk(jwk.to_string().as_bytes()).unwrap_err();
    assert_eq!(refused, JwkRefusal::Malformed("d".to_owned()));
}

#[test]
fn a_decryption_key_does_not_print() {
    assert_eq!(format!("{:?}", key(&p256())), "DecryptionKey(..)");
}

fn published(members: &[(&str, &str)]) -> Value {
    let mut jwk = p256();
    let object = jwk.as_object_mut().unwrap();
    object.remove("d");
    for (name, value) in members {
        object.insert((*name).to_owned(), (*value).into());
    }
    jwk
}

fn set(keys: &[Value]) -> JwkSet {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

#[test]
fn a_key_that_says_it_is_for_encryption_comes_first() {
    let keys = set(&[
        published(&[("kid", "sig"), ("use", "sig")]),
        published(&[("kid", "any")]),
        published(&[("kid", "enc"), ("use", "enc")]),
    ]);
    let chosen = keys.for_encryption(KeyManagement::EcdhEs).unwrap();
    assert_eq!(chosen.kid(), Some("enc"));
}

#[test]
fn a_key_for_signatures_or_for_another_algorithm_is_not_encrypted_to() {
    for members in [
        [("use", "sig"), ("kid", "a")],
        [("alg", "ES256"), ("kid", "a")],
        [("alg", "ECDH-ES+A128KW"), ("kid", "a")],
    ] {
        let keys = set(&[published(&members)]);
        assert!(
            keys.for_encryption(KeyManagement::EcdhEs).is_none(),
            "{members:?}"
        );
    }
}

#[test]
fn a_key_for_encryption_checks_no_signature() {
    for members in [[("use", "enc"), ("kid", "a")], [("alg", "ECDH-ES"), ("kid", "a")]] {
        let keys = set(&[published(&members)]);
        let token = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImEifQ.e30.AA";
        let expected = sdk_jose::Expected {
            algorithms: &[Algorithm::ES256],
            typ: sdk_jose::Typ::JwtOrAbsent,
        };
        let tried = sdk_jose::Unverified::parse(token)
            .unwrap()
            .verify(&keys, &expected);
        assert_eq!(tried.unwrap_err(), sdk_jose::Refusal::UnknownKey, "{members:?}");
    }
}

#[test]
fn what_a_key_is_for_survives_writing_and_reading() {
    for members in [
        vec![("use", "enc")],
        vec![("use", "sig"), ("alg", "ES256")],
        vec![("alg", "ECDH-ES")],
        vec![("use", "enc"), ("alg", "ES256")],
        vec![],
    ] {
        let keys = set(&[published(&members)]);
        let again = JwkSet::parse(serde_json::to_string(&keys).unwrap().as_bytes()).unwrap();
        assert_eq!(again, keys, "{members:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_refused_or_read_and_never_panics(text in "[A-Za-z0-9_.-]{0,300}") {
        let _ = Encrypted::parse(&text);
    }

    #[test]
    fn any_header_is_refused_or_read_and_never_panics(header in any::<Vec<u8>>(), alg in "ECDH-ES|A128GCM|x") {
        let told = json!({ "alg": alg, "enc": "A128GCM", "epk": { "crv": "P-256", "x": header, "y": "" } });
        for header in [header, told.to_string().into_bytes()] {
            let token = format!("{}....", BASE64URL_NOPAD.encode(&header));
            prop_assert!(Encrypted::parse(&token).is_err());
        }
    }
}
