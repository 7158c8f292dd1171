//! Proof of presence: for this, by this person, in this session, once.

use axum::http::StatusCode;
use sdk::login::{Binding, Clock};
use sdk_jose::Seconds;

use crate::browser::{BINDING, Browser, app};
use crate::op::{Op, query};

async fn asked_to_confirm() -> (Op, Browser, url::Url) {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    browser
        .log_in(&op, |claims| claims["acr"] = "urn:aval:aal2".into())
        .await;
    let question = browser.ask("/confirm").await;
    (op, browser, question)
}

fn with_aal2(claims: &mut serde_json::Value) {
    claims["acr"] = "urn:aval:aal2".into();
    claims["amr"] = serde_json::json!(["hwk", "user"]);
}

#[tokio::test]
async fn a_person_confirms_and_the_proof_is_given_out_once() {
    let (op, mut browser, question) = asked_to_confirm().await;
    let asked = query(&question);
    assert_eq!(asked["max_age"], "0");
    assert_eq!(asked["acr_values"], "urn:aval:aal2 urn:aval:aal3");
    assert_eq!(Binding::from_nonce(&asked["nonce"]), Some(BINDING));
    let session = browser.session().cloned();
    op.clock.pass(Seconds(60));
    let answer = op.grant(&question, with_aal2);
    assert_eq!(browser.come_back(&answer).await.location(), "/confirm");
    assert_eq!(browser.session().cloned(), session);
    let told = browser.get("/confirm").await.text;
    assert_eq!(
        told,
        format!("confirmed {} [\"hwk\", \"user\"]", op.clock.now().0)
    );
    assert_eq!(browser.get("/confirm").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn one_of_many_requests_gets_the_proof() {
    let (op, mut browser, question) = asked_to_confirm().await;
    let answer = op.grant(&question, with_aal2);
    browser.come_back(&answer).await;
    let tries = (0..50).map(|_| {
        let mut browser = browser.clone();
        tokio::spawn(async move { browser.get("/confirm").await.text.starts_with("confirmed") })
    });
    let mut winners = 0;
    for outcome in tries.collect::<Vec<_>>() {
        winners += usize::from(outcome.await.unwrap());
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn a_proof_for_one_thing_is_none_for_another() {
    let (op, mut browser, question) = asked_to_confirm().await;
    let answer = op.grant(&question, with_aal2);
    browser.come_back(&answer).await;
    assert_eq!(browser.get("/other").await.text, "None");
}

#[tokio::test]
async fn the_proof_of_another_person_is_refused() {
    let (op, mut browser, question) = asked_to_confirm().await;
    let answer = op.grant(&question, |claims| {
        with_aal2(claims);
        claims["sub"] = "s-2".into();
    });
    let page = browser.come_back(&answer).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("Confirmó otra persona"));
    assert_eq!(browser.get("/confirm").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_old_proof_is_refused() {
    let (op, mut browser, question) = asked_to_confirm().await;
    let answer = op.grant(&question, |claims| {
        with_aal2(claims);
        claims["auth_time"] = (op.clock.now().0 - 61).into();
    });
    let page = browser.come_back(&answer).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("Falta confirmar que eres tú"));
}

#[tokio::test]
async fn a_proof_with_less_assurance_than_the_session_is_refused() {
    let (op, mut browser, question) = asked_to_confirm().await;
    let answer = op.grant(&question, |_| {});
    assert_eq!(browser.come_back(&answer).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_proof_for_a_session_that_is_over_is_refused() {
    let (op, mut browser, question) = asked_to_confirm().await;
    browser
        .post("/logout", &[("origin", "http://localhost:8082")])
        .await;
    let answer = op.grant(&question, with_aal2);
    let page = browser.come_back(&answer).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.session(), None);
}

#[tokio::test]
async fn a_proof_for_an_earlier_session_is_refused() {
    let (op, mut browser, question) = asked_to_confirm().await;
    let login = browser.ask("/login").await;
    let answer = op.grant(&login, with_aal2);
    browser.come_back(&answer).await;
    let answer = op.grant(&question, with_aal2);
    assert_eq!(browser.come_back(&answer).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/confirm").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_proof_that_nobody_takes_ends_after_five_minutes() {
    let (op, mut browser, question) = asked_to_confirm().await;
    let answer = op.grant(&question, with_aal2);
    browser.come_back(&answer).await;
    op.clock.pass(Seconds(300));
    assert_eq!(browser.get("/confirm").await.status, StatusCode::SEE_OTHER);
}
