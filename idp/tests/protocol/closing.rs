//! An operator closes an account: nothing of it is left alive, and nothing is told to a stranger.

use axum::http::StatusCode;
use idp::{
    flow::closing,
    rules::national_id::{NationalId, Scheme},
};

use crate::{
    agency::Agency,
    browser::{Answer, Browser, House, NUMBER, PASSWORD},
};

fn number() -> NationalId {
    NationalId::parse(NUMBER, &[Scheme::ClRun]).unwrap()
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.clone().get("/account").await.path == "/account"
}

/// Logs in as far as it goes.
async fn try_to_enter(house: &House, password: &str) -> Answer {
    house.clock.forward(60);
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    let typed = [("national_id", NUMBER), ("password", password)];
    let second = browser.submit(&login, "/login?", &typed).await;
    if !second.path.starts_with("/login/code?") {
        return second;
    }
    browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await
}

async fn count(house: &House, event: &str) -> i64 {
    let mut read = house.idp.store.read().await.unwrap();
    let row = sqlx::query("SELECT COUNT(*) FROM audit WHERE event = $1 AND citizen <> ''")
        .bind(event)
        .fetch_one(&mut *read)
        .await
        .unwrap();
    sqlx::Row::get(&row, 0)
}

#[tokio::test]
async fn sessions_refresh_and_access_tokens_of_a_closed_account_are_dead_at_once() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (browser, tokens) = agency.tokens(&house, &[("scope", "openid offline_access")]).await;
    assert_eq!(
        agency.userinfo(tokens.text("access_token")).await.status,
        StatusCode::OK
    );
    closing::close(&house.idp, &number()).await.unwrap();
    assert!(!is_signed_in(&browser).await);
    let info = agency.userinfo(tokens.text("access_token")).await;
    assert_eq!(info.status, StatusCode::UNAUTHORIZED);
    agency
        .refresh(tokens.text("refresh_token"))
        .await
        .is_error("invalid_grant");
    assert_eq!(count(&house, "account.closed").await, 1);
}

#[tokio::test]
async fn a_code_of_a_closed_account_is_worth_nothing() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let code = agency.code(&house).await;
    closing::close(&house.idp, &number()).await.unwrap();
    agency.redeem(&code).await.is_error("invalid_grant");
}

#[tokio::test]
async fn only_the_citizen_learns_that_their_account_is_closed() {
    let house = House::new().await;
    let before = try_to_enter(&house, "otra cosa").await;
    closing::close(&house.idp, &number()).await.unwrap();
    let stranger = try_to_enter(&house, "otra cosa").await;
    assert_eq!(stranger.status, before.status);
    assert!(!stranger.body.contains("cerrada"));
    let citizen = try_to_enter(&house, PASSWORD).await;
    assert_eq!(citizen.status, StatusCode::FORBIDDEN);
    assert!(
        citizen.body.contains("Tu cuenta está cerrada"),
        "{}",
        citizen.body
    );
}

#[tokio::test]
async fn opened_again_it_is_as_before_but_for_what_was_given() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[("scope", "openid offline_access")]).await;
    closing::close(&house.idp, &number()).await.unwrap();
    closing::reopen(&house.idp, &number()).await.unwrap();
    assert_eq!(try_to_enter(&house, PASSWORD).await.path, "/account");
    agency
        .refresh(tokens.text("refresh_token"))
        .await
        .is_error("invalid_grant");
    assert_eq!(count(&house, "account.reopened").await, 1);
}

#[tokio::test]
async fn row_80_an_operator_ends_every_session_and_the_log_says_so() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (first, _) = agency.tokens(&house, &[]).await;
    let (second, tokens) = agency.tokens(&house, &[]).await;
    closing::end_sessions(&house.idp, &number()).await.unwrap();
    assert!(!is_signed_in(&first).await && !is_signed_in(&second).await);
    let info = agency.userinfo(tokens.text("access_token")).await;
    assert_eq!(info.status, StatusCode::UNAUTHORIZED);
    assert_eq!(count(&house, "account.sessions_ended").await, 1);
    assert_eq!(count(&house, "session.ended").await, 2);
}
