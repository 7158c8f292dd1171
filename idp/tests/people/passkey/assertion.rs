//! Rows 66 and 67: what an assertion must be, and that it counts once.

use axum::http::StatusCode;

use super::{ORIGIN, add, asserted, refused, with_passkey};
use crate::{authenticator::Authenticator, browser::House};

#[tokio::test]
async fn row_67_an_assertion_is_accepted_once_however_often_it_is_sent_at_once() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let credential = key.get(&page.options());
    let sent: Vec<_> = (0..50)
        .map(|_| {
            let (mut browser, page, credential) = (browser.clone(), page.clone(), credential.clone());
            tokio::spawn(async move {
                browser
                    .submit(&page, "/login/passkey", &[("credential", &credential)])
                    .await
            })
        })
        .collect();
    let mut inside = 0;
    for answer in sent {
        let answer = answer.await.unwrap();
        assert!(!answer.status.is_server_error(), "{}", answer.body);
        inside += usize::from(answer.path == "/account" && answer.status == StatusCode::OK);
    }
    assert_eq!(inside, 1);
}

#[tokio::test]
async fn row_67_a_captured_assertion_does_not_answer_a_new_challenge() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let mut browser = house.browser();
    let captured = key.get(&browser.get("/account").await.options());
    let mut thief = house.browser();
    let page = thief.get("/account").await;
    refused(
        &thief
            .submit(&page, "/login/passkey", &[("credential", &captured)])
            .await,
    );
}

#[tokio::test]
async fn row_67_a_second_answer_to_the_same_challenge_finds_it_gone() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let options = page.options();
    refused(
        &browser
            .submit(&page, "/login/passkey", &[("credential", "{}")])
            .await,
    );
    let answer = browser
        .submit(&page, "/login/passkey", &[("credential", &key.get(&options))])
        .await;
    // The failed page carries a fresh challenge: the old one is not answered any more.
    assert_ne!(answer.path, "/account");
}

#[tokio::test]
async fn row_66_an_answer_from_another_origin_is_refused() {
    for origin in [
        "http://evil.example",
        "https://localhost:8080",
        "http://localhost:8081",
        "http://a.localhost:8080",
    ] {
        let (house, mut key) = with_passkey(|_| {}).await;
        key.origin = origin.to_owned();
        refused(&asserted(&house, &mut key).await.1);
    }
}

/// A verifier that compared suffixes once took `badexample.com` for `example.com`.
#[tokio::test]
async fn row_66_badexample_com_is_not_example_com() {
    let house = House::at("https://example.com").await;
    let mut key = Authenticator::new("https://example.com");
    key.origin = "https://badexample.com".to_owned();
    let answer = add(&house, &mut key).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.path);
    key.origin = "https://example.com".to_owned();
    house.clock.forward(60);
    assert_eq!(
        add(&house, &mut key).await.path,
        "/account/passkeys/done?what=added"
    );
    for origin in [
        "https://badexample.com",
        "https://login.example.com",
        "https://example.com.evil.example",
    ] {
        key.origin = origin.to_owned();
        refused(&asserted(&house, &mut key).await.1);
    }
}

#[tokio::test]
async fn row_66_an_answer_for_another_relying_party_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    key.rp_id = "evil.example".to_owned();
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn row_66_an_answer_without_the_person_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    key.user_present = false;
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn row_66_an_answer_without_user_verification_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    key.user_verified = false;
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn row_66_an_answer_given_inside_another_sites_frame_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    key.cross_origin = true;
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn row_66_a_registration_passed_off_as_an_assertion_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    key.ceremony = Some("webauthn.create");
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn row_70_the_challenge_of_somebody_who_exists_looks_like_that_of_somebody_who_does_not() {
    let (house, _) = with_passkey(|_| {}).await;
    let mut shapes = Vec::new();
    for number in [crate::browser::NUMBER, "12.345.678-5"] {
        let mut browser = house.browser();
        let login = browser.get("/account").await;
        let typed = [("national_id", number), ("password", "otra cosa")];
        let answer = browser.submit(&login, "/login?", &typed).await;
        let mut options = answer.options();
        options["publicKey"]["challenge"] = serde_json::Value::Null;
        shapes.push((answer.status, options));
    }
    assert_eq!(shapes[0], shapes[1]);
    let allowed = &shapes[0].1["publicKey"]["allowCredentials"];
    assert!(allowed.as_array().is_none_or(Vec::is_empty), "{allowed}");
}

#[tokio::test]
async fn row_66_an_answer_that_is_cut_off_or_tampered_with_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    for (field, at) in [
        ("authenticatorData", 36),
        ("signature", 8),
        ("clientDataJSON", 12),
    ] {
        let mut browser = house.browser();
        let page = browser.get("/account").await;
        let mut answer: serde_json::Value = serde_json::from_str(&key.get(&page.options())).unwrap();
        let text = answer["response"][field].as_str().unwrap().to_owned();
        answer["response"][field] = text[..at].into();
        refused(
            &browser
                .submit(&page, "/login/passkey", &[("credential", &answer.to_string())])
                .await,
        );
    }
}

/// The browser may forget a key that we do not know, and nobody is told more.
#[tokio::test]
async fn a_key_that_was_removed_is_named_to_the_browser_and_one_that_failed_is_not() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let mut stranger = Authenticator::new(ORIGIN);
    stranger.handle = key.handle.clone();
    let (_, unknown) = asserted(&house, &mut stranger).await;
    let id = data_encoding::BASE64URL_NOPAD.encode(&stranger.credential_id);
    assert!(unknown.body.contains(&format!("data-unknown=\"{id}\"")));
    key.user_verified = false;
    let (_, failed) = asserted(&house, &mut key).await;
    refused(&failed);
    assert!(!failed.body.contains("data-unknown"));
}
