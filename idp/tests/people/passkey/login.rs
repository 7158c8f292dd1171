//! Logging in and proving presence with a passkey.

use axum::http::StatusCode;
use idp::{flow::freeze::freeze, rules::standing::By};
use sqlx::Row as _;

use super::{ORIGIN, asserted, refused, with_passkey};
use crate::{authenticator::Authenticator, browser::House, rescue::citizen};

#[tokio::test]
async fn a_passkey_logs_in_without_a_name() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let (mut browser, answer) = asserted(&house, &mut key).await;
    assert_eq!(
        (answer.status, answer.path.as_str()),
        (StatusCode::OK, "/account"),
        "{}",
        answer.body
    );
    assert!(browser.get("/account").await.body.contains("Teléfono"));
}

#[tokio::test]
async fn a_passkey_opens_an_account_whose_password_is_being_guessed() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let mut stranger = house.browser();
    let mut page = stranger.get("/account").await;
    for _ in 0..8 {
        let typed = [("national_id", crate::browser::NUMBER), ("password", "otra cosa")];
        page = stranger.submit(&page, "/login?", &typed).await;
    }
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(asserted(&house, &mut key).await.1.path, "/account");
}

#[tokio::test]
async fn a_key_with_another_persons_handle_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    key.handle[0] ^= 1;
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn an_unknown_key_is_refused_with_the_same_words() {
    let house = House::new().await;
    let mut key = Authenticator::new(ORIGIN);
    key.handle = vec![1; 16];
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn presence_is_proven_with_a_passkey_of_the_known_person_and_no_other() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let (mut browser, _) = asserted(&house, &mut key).await;
    house.clock.forward(301);
    let asked = browser.get("/account/passkeys/new").await;
    assert!(asked.path.starts_with("/reauthenticate?"));
    let mut stranger = Authenticator::new(ORIGIN);
    stranger.handle = key.handle.clone();
    let credential = stranger.get(&asked.options());
    let asked = browser
        .submit(&asked, "/login/passkey", &[("credential", &credential)])
        .await;
    refused(&asked);
    let credential = key.get(&asked.options());
    let answer = browser
        .submit(&asked, "/login/passkey", &[("credential", &credential)])
        .await;
    assert_eq!(answer.path, "/account/passkeys/new", "{}", answer.body);
}

#[tokio::test]
async fn row_92_a_key_that_was_right_at_a_blocked_account_is_in_the_log_and_is_used_up() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let owner = citizen(&house).await;
    assert!(freeze(&house.idp, &owner, By::Operator).await.unwrap());
    let (_, answer) = asserted(&house, &mut key).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    let mut read = house.idp.store.read().await.unwrap();
    let query = "SELECT COUNT(*), (SELECT COUNT(*) FROM passkeys WHERE used_at IS NOT NULL) FROM audit \
                 WHERE event = 'login.passkey' AND outcome = 'done'";
    let row = sqlx::query(query).fetch_one(&mut *read).await.unwrap();
    assert_eq!((row.get::<i64, _>(0), row.get::<i64, _>(1)), (1, 1));
}
