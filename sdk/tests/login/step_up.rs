//! A userinfo that wants a better login (RFC 9470), and ID tokens that are encrypted to the agency.

use axum::http::StatusCode;
use ring::rand::SystemRandom;
use sdk_jose::Jwk;
use sdk_jose::jwe::{Content, ContentEncryption, DecryptionKey, KeyManagement, encrypt_compact};
use sdk_jose::sign_compact;
use serde_json::{Value, json};

use crate::browser::{Browser, Page, app, app_with, config};
use crate::op::{Key, Op, query};

const CHALLENGE: &str = "Bearer error=\"insufficient_user_authentication\", error_description=\"more\", \
                         acr_values=\"urn:aval:aal2\", max_age=\"60\"";

#[tokio::test]
async fn a_person_is_sent_to_log_in_as_well_as_userinfo_asks() {
    let op = Op::start().await;
    op.script().challenges.push(CHALLENGE);
    let mut browser = Browser::new(&app(&op).await);
    let sent = browser.log_in(&op, |_| {}).await.url();
    assert_eq!(browser.session(), None);
    let asked = query(&sent);
    assert_eq!(
        (asked["acr_values"].as_str(), asked["max_age"].as_str()),
        ("urn:aval:aal2", "60")
    );
    let answer = op.grant(&sent, |claims| claims["acr"] = "urn:aval:aal2".into());
    assert_eq!(browser.come_back(&answer).await.location(), "/mine");
    assert!(browser.session().is_some());
    assert_eq!(
        browser.cookies.len(),
        1,
        "nothing is left of the first login: {:?}",
        browser.cookies
    );
}

#[tokio::test]
async fn a_login_that_is_still_not_what_userinfo_asked_is_refused() {
    let op = Op::start().await;
    op.script().challenges.push(CHALLENGE);
    let mut browser = Browser::new(&app(&op).await);
    let sent = browser.log_in(&op, |_| {}).await.url();
    let page = browser.come_back(&op.grant(&sent, |_| {})).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text);
    assert_eq!(browser.session(), None);
}

#[tokio::test]
async fn a_userinfo_that_is_never_content_sends_nobody_in_circles() {
    let op = Op::start().await;
    op.script().challenges.extend([CHALLENGE, CHALLENGE]);
    let mut browser = Browser::new(&app(&op).await);
    let sent = browser.log_in(&op, |_| {}).await.url();
    let answer = op.grant(&sent, |claims| claims["acr"] = "urn:aval:aal2".into());
    let page = browser.come_back(&answer).await;
    assert!(page.status.is_server_error(), "{}", page.text);
    assert_eq!(browser.session(), None);
}

const OURS: [u8; 32] = [7; 32];
const ANOTHERS: [u8; 32] = [8; 32];

/// Signs, then encrypts to this key (RFC 7519 §11.2).
fn encrypted(to: [u8; 32]) -> impl Fn(&Key, Value) -> String {
    move |key, claims| {
        let signed = sign_compact("JWT", &claims, key).unwrap();
        let to: Jwk = DecryptionKey::p256(&to).unwrap().public().unwrap();
        let how = (KeyManagement::EcdhEsA256Kw, ContentEncryption::A256Gcm);
        encrypt_compact(Content::Jwt(&signed), &to, how, &SystemRandom::new()).unwrap()
    }
}

/// The private JWK of a secret number.
fn jwk(secret: [u8; 32]) -> Vec<u8> {
    let public = DecryptionKey::p256(&secret).unwrap().public().unwrap();
    let mut jwk = serde_json::to_value(&public).unwrap();
    jwk["d"] = json!(data_encoding::BASE64URL_NOPAD.encode(&secret));
    jwk.to_string().into_bytes()
}

async fn logged_in(encrypted_to: [u8; 32], keys: &[[u8; 32]]) -> (Browser, Page) {
    let op = Op::start().await;
    op.script().forge = Some(Box::new(encrypted(encrypted_to)));
    let mut config = config(&op);
    for key in keys {
        config = config.decryption_key(&jwk(*key)).unwrap();
    }
    let mut browser = Browser::new(&app_with(config).await);
    let page = browser.log_in(&op, |_| {}).await;
    (browser, page)
}

#[tokio::test]
async fn an_id_token_that_is_encrypted_to_us_is_read() {
    for keys in [&[OURS][..], &[ANOTHERS, OURS]] {
        let (browser, page) = logged_in(OURS, keys).await;
        assert_eq!(page.location(), "/mine");
        assert!(browser.session().is_some());
    }
}

#[tokio::test]
async fn an_id_token_that_is_encrypted_to_somebody_else_is_refused() {
    for keys in [&[][..], &[OURS]] {
        let (browser, page) = logged_in(ANOTHERS, keys).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{}", page.text);
        assert_eq!(browser.session(), None);
    }
}

#[tokio::test]
async fn claims_that_were_encrypted_and_never_signed_are_refused() {
    let op = Op::start().await;
    op.script().forge = Some(Box::new(|_, claims| {
        let to = DecryptionKey::p256(&OURS).unwrap().public().unwrap();
        let how = (KeyManagement::EcdhEs, ContentEncryption::A128Gcm);
        let content = claims.to_string().into_bytes();
        encrypt_compact(Content::Claims(&content), &to, how, &SystemRandom::new()).unwrap()
    }));
    let config = config(&op).decryption_key(&jwk(OURS)).unwrap();
    let mut browser = Browser::new(&app_with(config).await);
    let page = browser.log_in(&op, |_| {}).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{}", page.text);
    assert_eq!(browser.session(), None);
}
