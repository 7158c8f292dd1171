//! Tokens and keys: the vectors of the RFCs, and one thing wrong per test.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot set itself up fails"
)]

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use sdk_jose::json::Object;
use sdk_jose::{
    Algorithm, Expected, Jwk, JwkRefusal, JwkSet, PublicKey, Refusal, Signer, SigningFault, Typ, Unverified,
    sign_compact,
};
use serde_json::{Value, json};

enum Pair {
    Ec(EcdsaKeyPair, Algorithm),
    Ed(Ed25519KeyPair),
}

struct Key {
    pair: Pair,
    kid: &'static str,
}

impl Key {
    fn new(algorithm: Algorithm, kid: &'static str) -> Self {
        let rng = SystemRandom::new();
        let ec = |kind| {
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &rng).unwrap();
            Pair::Ec(
                EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &rng).unwrap(),
                algorithm,
            )
        };
        let pair = match algorithm {
            Algorithm::ES256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::ES384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::EdDSA => {
                let pkcs8 = Ed25519KeyPair::generate_pkcs8(&rng).unwrap();
                Pair::Ed(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
            }
            Algorithm::PS256 | Algorithm::RS256 => panic!("ring makes no RSA keys"),
        };
        Self { pair, kid }
    }

    fn jwk(&self) -> Jwk {
        let public = match &self.pair {
            Pair::Ec(pair, _) => pair.public_key().as_ref(),
            Pair::Ed(pair) => pair.public_key().as_ref(),
        };
        Jwk::new(PublicKey::from_point(public).unwrap(), self.kid, self.algorithm())
    }

    fn set(&self) -> JwkSet {
        JwkSet::new(vec![self.jwk()])
    }
}

impl Signer for Key {
    fn algorithm(&self) -> Algorithm {
        match &self.pair {
            Pair::Ec(_, algorithm) => *algorithm,
            Pair::Ed(_) => Algorithm::EdDSA,
        }
    }

    fn kid(&self) -> &str {
        self.kid
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFault> {
        match &self.pair {
            Pair::Ec(pair, _) => {
                let signature = pair
                    .sign(&SystemRandom::new(), message)
                    .map_err(|_| SigningFault::new("ring"))?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

const ANY_JWT: Expected<'static> = Expected {
    algorithms: &Algorithm::ALL,
    typ: Typ::JwtOrAbsent,
};

fn verify(token: &str, keys: &JwkSet) -> Result<Object, Refusal> {
    Unverified::parse(token)?.verify(keys, &ANY_JWT)?.claims()
}

/// A token with this header, signed by this key whatever the header says.
fn signed_with_header(header: &Value, key: &Key) -> String {
    let input = format!(
        "{}.{}",
        BASE64URL_NOPAD.encode(header.to_string().as_bytes()),
        BASE64URL_NOPAD.encode(br#"{"sub":"a"}"#)
    );
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", BASE64URL_NOPAD.encode(&signature))
}

mod vectors {
    use super::*;

    const JOE: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    #[test]
    fn rfc_7515_a_2_rs256() {
        let keys = JwkSet::parse(br#"{"keys":[{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]}"#).unwrap();
        let token = format!(
            "eyJhbGciOiJSUzI1NiJ9.{JOE}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
        );
        assert_eq!(verify(&token, &keys).unwrap()["iss"], "joe");
    }

    #[test]
    fn rfc_7515_a_3_es256() {
        let keys = JwkSet::parse(br#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#).unwrap();
        let token = format!(
            "eyJhbGciOiJFUzI1NiJ9.{JOE}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
        );
        assert_eq!(verify(&token, &keys).unwrap()["iss"], "joe");
    }

    #[test]
    fn rfc_8037_a_4_ed25519() {
        let key =
            Jwk::parse(br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)
                .unwrap();
        let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = BASE64URL_NOPAD
            .decode(b"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
            .unwrap();
        assert_eq!(key.key().verify(Algorithm::EdDSA, message, &signature), Ok(()));
    }

    #[test]
    fn rfc_8037_a_3_thumbprint() {
        let key =
            Jwk::parse(br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)
                .unwrap();
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn rfc_7638_thumbprint() {
        let key = Jwk::parse(br#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#).unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    /// Wycheproof, `rsa_pss_2048_sha256_mgf1_32`, a valid signature.
    #[test]
    fn wycheproof_ps256() {
        let decode = |hex: &str| HEXLOWER.decode(hex.as_bytes()).unwrap();
        let n = decode(
            "a2b451a07d0aa5f96e455671513550514a8a5b462ebef717094fa1fee82224e637f9746d3f7cafd31878d80325b6ef5a1700f65903b469429e89d6eac8845097b5ab393189db92512ed8a7711a1253facd20f79c15e8247f3d3e42e46e48c98e254a2fe9765313a03eff8f17e1a029397a1fa26a8dce26f490ed81299615d9814c22da610428e09c7d9658594266f5c021d0fceca08d945a12be82de4d1ece6b4c03145b5d3495d4ed5411eb878daf05fd7afc3e09ada0f1126422f590975a1969816f48698bcbba1b4d9cae79d460d8f9f85e7975005d9bc22c4e5ac0f7c1a45d12569a62807d3b9a02e5a530e773066f453d1f5b4c2e9cf7820283f742b9d5",
        );
        let signature = decode(
            "0658c68fe0895646056d9bca422a64fe48813b4e14f0c8c4122e56d345b6813dc6286ffde014617e351c7af0a0d2c0f285def79cb734e1e055a25fa6fddc1c07da17b4b235c637413b1849c24311fa72331f4c0458c364a4916de8619b884d7e37288fad12926fc091f4851686a04fd0a504dbce3db370663a6ea6128fea86c2ca94c63e0d34d7f2c845b5d71d9a5e544451f524a451acb85c49bba7864e0a34a48613a819caf3dfd0d510c940f1df21c3373915be1f3509a557fa4d5a4e9f273e85467961133e2482c0907386454228fb0246638616fc31bbb6fa7c2361b8035994eec69a923f4c0bb0ba8696dfe8b1400c2398d7b343fdf498b1116c8de602",
        );
        let key = PublicKey::from_rsa(&n, &[1, 0, 1]).unwrap();
        assert_eq!(
            key.verify(
                Algorithm::PS256,
                &decode("0000000000000000000000000000000000000000"),
                &signature
            ),
            Ok(())
        );
        assert_eq!(
            key.verify(
                Algorithm::RS256,
                &decode("0000000000000000000000000000000000000000"),
                &signature
            ),
            Err(Refusal::Signature)
        );
    }
}

mod tokens {
    use super::*;

    #[test]
    fn each_algorithm_reads_what_it_signed() {
        for algorithm in [Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA] {
            let key = Key::new(algorithm, "k1");
            let token = sign_compact("JWT", &json!({ "sub": "a" }), &key).unwrap();
            assert_eq!(verify(&token, &key.set()).unwrap()["sub"], "a");
        }
    }

    #[test]
    fn the_header_can_be_seen_before_verification() {
        let token = sign_compact("at+jwt", &json!({}), &Key::new(Algorithm::ES256, "k1")).unwrap();
        let unverified = Unverified::parse(&token).unwrap();
        assert_eq!(unverified.kid(), Some("k1"));
        assert_eq!(unverified.alg(), Algorithm::ES256);
        assert_eq!(unverified.typ(), Some("at+jwt"));
    }

    #[test]
    fn none_has_no_name() {
        let header = BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#);
        assert_eq!(
            Unverified::parse(&format!("{header}.e30.")).unwrap_err(),
            Refusal::Algorithm
        );
    }

    #[test]
    fn hs256_over_a_public_key_is_refused() {
        let key = Key::new(Algorithm::ES256, "k1");
        let PublicKey::P256(point) = key.jwk().key().clone() else {
            panic!("P-256")
        };
        let token = sdk_jose::mac::SharedSecret::new(&point)
            .unwrap()
            .sign_compact("JWT", &json!({}))
            .unwrap();
        assert_eq!(verify(&token, &key.set()).unwrap_err(), Refusal::Algorithm);
    }

    #[test]
    fn a_key_cannot_be_made_to_check_another_algorithm() {
        let key = Key::new(Algorithm::ES256, "k1");
        for alg in ["RS256", "PS256", "EdDSA", "ES384"] {
            let token = signed_with_header(&json!({ "alg": alg, "kid": "k1" }), &key);
            assert_eq!(
                verify(&token, &key.set()).unwrap_err(),
                Refusal::UnknownKey,
                "{alg}"
            );
        }
    }

    #[test]
    fn an_algorithm_that_the_issuer_does_not_use_is_refused() {
        let key = Key::new(Algorithm::EdDSA, "k1");
        let token = sign_compact("JWT", &json!({}), &key).unwrap();
        let expected = Expected {
            algorithms: &[Algorithm::ES256],
            typ: Typ::JwtOrAbsent,
        };
        let refusal = Unverified::parse(&token)
            .unwrap()
            .verify(&key.set(), &expected)
            .unwrap_err();
        assert_eq!(refusal, Refusal::Algorithm);
    }

    #[test]
    fn a_key_in_the_header_is_not_used() {
        let (ours, theirs) = (Key::new(Algorithm::ES256, "k1"), Key::new(Algorithm::ES256, "k2"));
        let header = json!({ "alg": "ES256", "kid": "k1", "jwk": theirs.jwk() });
        assert_eq!(
            verify(&signed_with_header(&header, &theirs), &ours.set()).unwrap_err(),
            Refusal::Signature
        );
    }

    #[test]
    fn crit_is_refused() {
        let key = Key::new(Algorithm::ES256, "k1");
        let token = signed_with_header(
            &json!({ "alg": "ES256", "kid": "k1", "crit": ["b64"], "b64": false }),
            &key,
        );
        assert_eq!(verify(&token, &key.set()).unwrap_err(), Refusal::Critical);
    }

    #[test]
    fn another_typ_is_refused() {
        let key = Key::new(Algorithm::ES256, "k1");
        let token = sign_compact("logout+jwt", &json!({}), &key).unwrap();
        assert_eq!(verify(&token, &key.set()).unwrap_err(), Refusal::Typ);
        let expected = Expected {
            algorithms: &Algorithm::ALL,
            typ: Typ::Required("at+jwt"),
        };
        let refusal = Unverified::parse(&token)
            .unwrap()
            .verify(&key.set(), &expected)
            .unwrap_err();
        assert_eq!(refusal, Refusal::Typ);
    }

    #[test]
    fn a_typ_may_be_written_as_a_media_type() {
        let key = Key::new(Algorithm::ES256, "k1");
        let token = sign_compact("application/AT+JWT", &json!({}), &key).unwrap();
        let expected = Expected {
            algorithms: &Algorithm::ALL,
            typ: Typ::Required("at+jwt"),
        };
        assert!(
            Unverified::parse(&token)
                .unwrap()
                .verify(&key.set(), &expected)
                .is_ok()
        );
    }

    #[test]
    fn an_unknown_kid_is_told_apart_from_a_wrong_signature() {
        let token = sign_compact("JWT", &json!({}), &Key::new(Algorithm::ES256, "new")).unwrap();
        assert_eq!(
            verify(&token, &Key::new(Algorithm::ES256, "old").set()).unwrap_err(),
            Refusal::UnknownKey
        );
        assert_eq!(
            verify(&token, &Key::new(Algorithm::ES256, "new").set()).unwrap_err(),
            Refusal::Signature
        );
    }

    #[test]
    fn without_a_kid_exactly_one_key_must_fit() {
        let (one, two) = (Key::new(Algorithm::ES256, "k1"), Key::new(Algorithm::ES256, "k2"));
        let token = signed_with_header(&json!({ "alg": "ES256" }), &one);
        assert!(verify(&token, &one.set()).is_ok());
        let both = JwkSet::new(vec![one.jwk(), two.jwk()]);
        assert_eq!(verify(&token, &both).unwrap_err(), Refusal::UnknownKey);
    }

    #[test]
    fn a_repeated_claim_is_refused() {
        let key = Key::new(Algorithm::ES256, "k1");
        let input = format!(
            "{}.{}",
            BASE64URL_NOPAD.encode(br#"{"alg":"ES256","kid":"k1"}"#),
            BASE64URL_NOPAD.encode(br#"{"sub":"a","sub":"b"}"#)
        );
        let token = format!(
            "{input}.{}",
            BASE64URL_NOPAD.encode(&key.sign(input.as_bytes()).unwrap())
        );
        assert_eq!(verify(&token, &key.set()).unwrap_err(), Refusal::Claims);
    }

    #[test]
    fn a_repeated_header_member_is_refused() {
        let header = BASE64URL_NOPAD.encode(br#"{"alg":"ES256","alg":"EdDSA"}"#);
        assert_eq!(
            Unverified::parse(&format!("{header}.e30.AA")).unwrap_err(),
            Refusal::Header
        );
    }

    #[test]
    fn a_signature_in_der_is_refused() {
        let key = Key::new(Algorithm::ES256, "k1");
        let token = sign_compact("JWT", &json!({}), &key).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let raw = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        let integer = |half: &[u8]| [&[2, 33, 0], half].concat();
        let body = [integer(&raw[..32]), integer(&raw[32..])].concat();
        let der = [&[0x30, 70], body.as_slice()].concat();
        let token = format!("{input}.{}", BASE64URL_NOPAD.encode(&der));
        assert_eq!(verify(&token, &key.set()).unwrap_err(), Refusal::Signature);
    }

    #[test]
    fn a_signature_of_zeros_is_refused() {
        let key = Key::new(Algorithm::ES256, "k1");
        let token = sign_compact("JWT", &json!({}), &key).unwrap();
        let (input, _) = token.rsplit_once('.').unwrap();
        let token = format!("{input}.{}", BASE64URL_NOPAD.encode(&[0; 64]));
        assert_eq!(verify(&token, &key.set()).unwrap_err(), Refusal::Signature);
    }

    #[test]
    fn padding_and_the_other_alphabet_are_refused() {
        for token in [
            "eyJhbGciOiJFUzI1NiJ9.e30=.AA",
            "eyJhbGciOiJFUzI1NiJ9.+/8.AA",
            "a.b",
            "",
            "..",
            "a.b.c.d.e",
        ] {
            assert!(Unverified::parse(token).is_err(), "{token}");
        }
    }

    #[test]
    fn a_token_beyond_the_limit_is_refused_unread() {
        let token = format!(
            "eyJhbGciOiJFUzI1NiJ9.{}.AA",
            "A".repeat(sdk_jose::MAX_TOKEN_BYTES)
        );
        assert_eq!(Unverified::parse(&token).unwrap_err(), Refusal::TooLong);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,200}") {
            let _ = Unverified::parse(&text);
            let _ = JwkSet::parse(text.as_bytes());
        }

        #[test]
        fn no_changed_byte_is_accepted(place in any::<prop::sample::Index>(), with in "[A-Za-z0-9_-]") {
            let key = Key::new(Algorithm::ES256, "k1");
            let token = sign_compact("JWT", &json!({ "sub": "a" }), &key).unwrap();
            let place = place.index(token.len());
            let mut changed = token.clone();
            changed.replace_range(place..=place, &with);
            prop_assume!(changed != token);
            prop_assert!(verify(&changed, &key.set()).is_err());
        }
    }
}

mod keys {
    use super::*;

    #[test]
    fn what_is_published_is_read_back() {
        let set = JwkSet::new(vec![
            Key::new(Algorithm::ES256, "a").jwk(),
            Key::new(Algorithm::ES384, "b").jwk(),
            Key::new(Algorithm::EdDSA, "c").jwk(),
        ]);
        assert_eq!(JwkSet::parse(&serde_json::to_vec(&set).unwrap()).unwrap(), set);
    }

    #[test]
    fn a_set_with_a_private_member_is_refused_whole() {
        let mut key = serde_json::to_value(Key::new(Algorithm::ES256, "a").jwk()).unwrap();
        key["d"] = "AAAA".into();
        let set = json!({ "keys": [key] }).to_string();
        assert_eq!(JwkSet::parse(set.as_bytes()).unwrap_err(), JwkRefusal::Private);
    }

    #[test]
    fn a_symmetric_key_is_refused() {
        let set = br#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#;
        assert_eq!(JwkSet::parse(set).unwrap_err(), JwkRefusal::Private);
    }

    #[test]
    fn a_key_of_an_unknown_kind_is_left_out() {
        let known = serde_json::to_value(Key::new(Algorithm::ES256, "a").jwk()).unwrap();
        let set = json!({ "keys": [{ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" }, known] }).to_string();
        assert_eq!(JwkSet::parse(set.as_bytes()).unwrap().keys().len(), 1);
    }

    #[test]
    fn a_key_for_encryption_does_not_check_signatures() {
        let key = Key::new(Algorithm::ES256, "a");
        let mut members = serde_json::to_value(key.jwk()).unwrap();
        members["use"] = "enc".into();
        let set = JwkSet::parse(json!({ "keys": [members] }).to_string().as_bytes()).unwrap();
        let token = sign_compact("JWT", &json!({}), &key).unwrap();
        assert_eq!(verify(&token, &set).unwrap_err(), Refusal::UnknownKey);
    }

    #[test]
    fn a_small_rsa_key_is_refused() {
        let n = BASE64URL_NOPAD.encode(&[0xff; 128]);
        let key = json!({ "kty": "RSA", "n": n, "e": "AQAB" }).to_string();
        assert_eq!(Jwk::parse(key.as_bytes()).unwrap_err(), JwkRefusal::Unsupported);
    }

    #[test]
    fn a_small_rsa_exponent_is_refused() {
        let n = BASE64URL_NOPAD.encode(&[0xff; 256]);
        let key = json!({ "kty": "RSA", "n": n, "e": "Aw" }).to_string();
        assert_eq!(Jwk::parse(key.as_bytes()).unwrap_err(), JwkRefusal::Unsupported);
    }

    #[test]
    fn a_point_off_the_curve_checks_nothing() {
        let mut point = [0x11; 65];
        point[0] = 4;
        let key = PublicKey::from_point(&point).unwrap();
        assert_eq!(
            key.verify(Algorithm::ES256, b"m", &[1; 64]),
            Err(Refusal::Signature)
        );
    }

    #[test]
    fn a_shortened_coordinate_is_refused() {
        let key = json!({ "kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA" }).to_string();
        assert!(Jwk::parse(key.as_bytes()).is_err());
    }

    #[test]
    fn too_many_keys_are_refused() {
        let key = serde_json::to_value(Key::new(Algorithm::ES256, "a").jwk()).unwrap();
        let set = json!({ "keys": vec![key; sdk_jose::MAX_JWKS_KEYS + 1] }).to_string();
        assert_eq!(JwkSet::parse(set.as_bytes()).unwrap_err(), JwkRefusal::TooLarge);
    }
}
