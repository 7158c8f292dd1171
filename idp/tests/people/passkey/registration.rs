//! Row 66: what a registration must be, and everything that must not pass for one.

use axum::http::StatusCode;

use super::{ORIGIN, add, with_passkey};
use crate::{
    authenticator::Authenticator,
    browser::{Answer, House},
};

#[tokio::test]
async fn registration_asks_for_a_discoverable_key_with_user_verification() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let options = browser.get("/account/passkeys/new").await.options();
    let selection = &options["publicKey"]["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["requireResidentKey"], true);
    assert_eq!(selection["userVerification"], "required");
    assert_eq!(options["publicKey"]["attestation"], "none");
}

#[tokio::test]
async fn the_user_handle_is_no_personal_datum_and_stays_the_same() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let handle = |answer: Answer| {
        answer.options()["publicKey"]["user"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let first = handle(browser.get("/account/passkeys/new").await);
    assert_eq!(first, handle(browser.get("/account/passkeys/new").await));
    assert_eq!(
        data_encoding::BASE64URL_NOPAD
            .decode(first.as_bytes())
            .unwrap()
            .len(),
        16
    );
}

#[tokio::test]
async fn row_66_a_known_key_is_not_added_again() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let answer = add(&house, &mut key).await;
    assert!(answer.body.contains("ya está registrada"), "{}", answer.body);
}

#[tokio::test]
async fn row_66_a_registration_challenge_dies_after_five_minutes() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get("/account/passkeys/new").await;
    let credential = Authenticator::new(ORIGIN).create(&page.options());
    house.clock.forward(300);
    let answer = browser
        .submit(
            &page,
            "/account/passkeys/new",
            &[("name", "Teléfono"), ("credential", &credential)],
        )
        .await;
    assert!(
        answer.body.contains("estuvo abierta mucho tiempo"),
        "{}",
        answer.body
    );
}

/// A registration of this key, bent, and nothing else wrong.
async fn bent(bend: impl FnOnce(&mut Authenticator)) -> Answer {
    let house = House::new().await;
    let mut key = Authenticator::new(ORIGIN);
    bend(&mut key);
    add(&house, &mut key).await
}

/// Refused by a page of ours, which goes on working.
async fn refused_as_sent(house: &House, sent: &str) {
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get("/account/passkeys/new").await;
    let typed = [("name", "x"), ("credential", sent)];
    let answer = browser.submit(&page, "/account/passkeys/new", &typed).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    assert_eq!(house.browser().get("/livez").await.status, StatusCode::OK);
}

macro_rules! bends {
    ($($name:ident: $bend:expr;)*) => {
        $(#[tokio::test]
        async fn $name() {
            assert_eq!(bent($bend).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        })*
    };
}

bends! {
    row_66_a_registration_without_user_verification_is_refused: |key| key.user_verified = false;
    row_66_a_registration_without_the_person_is_refused: |key| key.user_present = false;
    row_66_an_assertion_passed_off_as_a_registration_is_refused: |key| key.ceremony = Some("webauthn.get");
    row_66_a_registration_for_another_relying_party_is_refused: |key| key.rp_id = "evil.example".to_owned();
    row_66_a_registration_from_another_origin_is_refused: |key| key.origin = "https://evil.example".to_owned();
    row_66_a_registration_in_another_sites_frame_is_refused: |key| key.cross_origin = true;
    row_66_a_registration_with_something_behind_it_is_refused: |key| key.trailing = vec![0; 8];
    row_66_a_key_of_an_algorithm_that_was_not_offered_is_refused: |key| key.algorithm = -65_535;
}

#[tokio::test]
async fn row_66_a_registration_cut_off_anywhere_is_refused() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let options = browser.get("/account/passkeys/new").await.options();
    let whole = Authenticator::new(ORIGIN).create(&options);
    let whole: serde_json::Value = serde_json::from_str(&whole).unwrap();
    let object = whole["response"]["attestationObject"].as_str().unwrap();
    for length in [0, 1, 4, 40, 100, object.len() - 4] {
        let mut cut = whole.clone();
        cut["response"]["attestationObject"] = object[..length / 4 * 4].into();
        refused_as_sent(&house, &cut.to_string()).await;
    }
}

#[tokio::test]
async fn row_66_a_bomb_of_nested_cbor_is_refused() {
    let client = data_encoding::BASE64URL_NOPAD.encode(b"{}");
    let house = House::new().await;
    for nesting in [0x81, 0xa1, 0xc1, 0x9f] {
        let bomb = data_encoding::BASE64URL_NOPAD.encode(&[nesting; 9_000]);
        let bomb = serde_json::json!({ "id": "AA", "rawId": "AA", "type": "public-key",
            "response": { "clientDataJSON": client, "attestationObject": bomb } });
        refused_as_sent(&house, &bomb.to_string()).await;
    }
}

#[tokio::test]
async fn row_66_what_is_no_registration_at_all_is_refused() {
    let house = House::new().await;
    for sent in [
        String::new(),
        "{}".to_owned(),
        "[".repeat(10_000),
        "x".repeat(60_000),
    ] {
        refused_as_sent(&house, &sent).await;
    }
}

#[tokio::test]
async fn row_66_an_attestation_of_sixty_four_kilobytes_is_too_large() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get("/account/passkeys/new").await;
    let sent = "A".repeat(64 * 1024);
    let typed = [("name", "x"), ("credential", sent.as_str())];
    let answer = browser.submit(&page, "/account/passkeys/new", &typed).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(house.browser().get("/livez").await.status, StatusCode::OK);
}

#[tokio::test]
async fn row_66_a_challenge_answers_one_registration_of_the_session_that_it_was_made_for() {
    let house = House::new().await;
    let (mut one, _) = house.signed_in().await;
    let (mut other, _) = house.signed_in().await;
    let page = one.get("/account/passkeys/new").await;
    let elsewhere = other.get("/account/passkeys/new").await;
    let credential = Authenticator::new(ORIGIN).create(&page.options());
    let typed = [("name", "x"), ("credential", credential.as_str())];
    let stolen = other.submit(&elsewhere, "/account/passkeys/new", &typed).await;
    assert_eq!(stolen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let added = one.submit(&page, "/account/passkeys/new", &typed).await;
    assert_eq!(added.path, "/account/passkeys/done?what=added");
    let again = one.submit(&page, "/account/passkeys/new", &typed).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn row_66_a_key_of_one_account_is_not_added_to_another() {
    let (house, mut key) = with_passkey(|_| {}).await;
    house.citizen("12.345.678-5", "Ana", "Soto").await;
    house.clock.forward(60);
    let mut ana = house.browser();
    let second = ana.at_second_step("12.345.678-5").await;
    ana.submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    let page = ana.get("/account/passkeys/new").await;
    let credential = key.create(&page.options());
    let typed = [("name", "x"), ("credential", credential.as_str())];
    let answer = ana.submit(&page, "/account/passkeys/new", &typed).await;
    assert!(answer.body.contains("ya está registrada"), "{}", answer.body);
}
