//! A valid proof, then one thing broken per test.

use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use sdk_jose::{Jwk, PublicKey};
use serde_json::{Value, json};

use super::*;
use crate::keys::{Derived, DerivedKey, SealingKey};

const NOW: Timestamp = Timestamp(1_795_260_000);
const ADDRESS: &str = "https://id.example/token";

fn pair() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let bytes = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes.as_ref(), &random).unwrap()
}

/// A proof with one thing changed; `Null` takes a claim away.
fn proof(name: &str, value: Value) -> String {
    let pair = pair();
    let key = PublicKey::from_point(pair.public_key().as_ref()).unwrap();
    let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": Jwk::new(key, "k", Algorithm::ES256) });
    let mut claims = json!({ "jti": "one", "htm": "POST", "htu": ADDRESS, "iat": NOW.0 });
    claims[name] = value;
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let input = format!("{}.{}", part(&header), part(&claims));
    let signature = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    format!("{input}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
}

fn nonces() -> DerivedKey {
    let text = data_encoding::BASE64.encode(&[1; 32]);
    Derived::new(&SealingKey::from_base64(&text).unwrap())
        .unwrap()
        .dpop
}

fn checked(proof: &str, access_token: Option<&str>) -> Result<Proof, Refusal> {
    let addresses = [ADDRESS.to_owned()];
    let target = Target {
        method: "POST",
        addresses: &addresses,
        access_token,
    };
    check(proof, &target, None, NOW)
}

fn with_nonce(value: Value) -> Result<Proof, Refusal> {
    let addresses = [ADDRESS.to_owned()];
    let target = Target {
        method: "POST",
        addresses: &addresses,
        access_token: None,
    };
    check(&proof("nonce", value), &target, Some(&nonces()), NOW)
}

#[track_caller]
fn refused(name: &str, value: Value) {
    assert!(
        checked(&proof(name, value.clone()), None).is_err(),
        "{name} {value}"
    );
}

#[test]
fn a_valid_proof_shows_its_key() {
    let text = proof("extra", json!(1));
    let (shown, again) = (checked(&text, None).unwrap(), checked(&text, None).unwrap());
    assert_eq!(shown.key, again.key);
    assert_eq!(
        shown.once.digest, again.once.digest,
        "the same proof twice is one thing"
    );
    assert_ne!(shown.key, checked(&proof("extra", json!(1)), None).unwrap().key);
}

#[test]
fn a_missing_claim_is_refused() {
    for name in ["jti", "htm", "htu", "iat"] {
        refused(name, Value::Null);
    }
}

#[test]
fn a_claim_of_another_shape_is_refused() {
    for (name, value) in [
        ("jti", json!(1)),
        ("jti", json!("")),
        ("jti", json!("x".repeat(513))),
        ("htm", json!(["POST"])),
        ("htu", json!([ADDRESS])),
        ("iat", json!("now")),
    ] {
        refused(name, value);
    }
}

#[test]
fn another_method_is_refused() {
    for method in ["GET", "post", "POST "] {
        refused("htm", json!(method));
    }
}

#[test]
fn another_address_is_refused() {
    for address in [
        "https://id.example/par",
        "https://id.example/token/",
        "https://id.example/Token",
        "http://id.example/token",
        "https://id.example:8443/token",
        "https://evil.example/token",
        "https://u@id.example/token",
        "https://id.example/x/..;/token",
        "/token",
        "",
    ] {
        refused("htu", json!(address));
    }
}

#[test]
fn the_same_address_may_be_written_otherwise() {
    for address in [
        "https://ID.example:443/token",
        "HTTPS://id.example/token?query",
        "https://id.example/token#fragment",
        "https://id.example/./token",
    ] {
        assert!(checked(&proof("htu", json!(address)), None).is_ok(), "{address}");
    }
}

#[test]
fn ten_seconds_either_way_are_accepted_and_an_hour_is_not() {
    for shift in [-10, -59, 0, 10, 15] {
        assert!(
            checked(&proof("iat", json!(NOW.0 + shift)), None).is_ok(),
            "{shift}"
        );
    }
    for shift in [-3600, -60, 16, 60, 3600] {
        refused("iat", json!(NOW.0 + shift));
    }
}

#[test]
fn exp_and_nbf_count_where_they_are_said() {
    assert!(checked(&proof("exp", json!(NOW.0 + 60)), None).is_ok());
    assert!(checked(&proof("nbf", json!(NOW.0 + 10)), None).is_ok());
    refused("exp", json!(NOW.0));
    refused("nbf", json!(NOW.0 + 60));
}

#[test]
fn a_proof_is_for_the_access_token_beside_it() {
    let of = |token: &str| json!(Digest::of(token.as_bytes()).text());
    assert!(checked(&proof("ath", of("token")), Some("token")).is_ok());
    assert!(checked(&proof("ath", of("other")), Some("token")).is_err());
    assert!(checked(&proof("ath", Value::Null), Some("token")).is_err());
}

#[test]
fn a_nonce_of_ours_is_good_for_five_minutes() {
    let of = |age: i64| json!(nonce(&nonces(), Timestamp(NOW.0 - age)));
    for age in [0, 299, -10] {
        assert!(with_nonce(of(age)).is_ok(), "{age}");
    }
    for age in [300, 4000, -60] {
        assert_eq!(with_nonce(of(age)).unwrap_err(), Refusal::Nonce, "{age}");
    }
}

#[test]
fn a_nonce_of_somebody_else_is_asked_for_again() {
    let good = nonce(&nonces(), NOW);
    let (moment, tag) = good.split_once('.').unwrap();
    for nonce in [
        Value::Null,
        json!(""),
        json!("x"),
        json!(format!("{moment}.")),
        json!(format!("{:x}.{tag}", NOW.0 - 1)),
        json!(format!("0{good}")),
        json!(good.to_uppercase()),
    ] {
        assert_eq!(with_nonce(nonce.clone()).unwrap_err(), Refusal::Nonce, "{nonce}");
    }
}

proptest! {
    #[test]
    fn any_text_is_refused_and_nothing_panics(text in ".{0,300}") {
        prop_assert!(checked(&text, None).is_err());
    }

    #[test]
    fn any_nonce_is_refused_and_nothing_panics(text in ".{0,80}") {
        prop_assert_eq!(nonce_is_ours(&nonces(), Some(&text), NOW), Err(Refusal::Nonce));
    }

    #[test]
    fn any_address_but_ours_is_refused(text in ".{0,80}") {
        prop_assert!(!is_for(&text, &[ADDRESS.to_owned()]));
    }
}
