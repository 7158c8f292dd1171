//! An account that was stopped: nothing of it is left alive, nobody logs in to it, and strangers are told nothing.

use axum::http::StatusCode;
use idp::{
    flow::freeze::{freeze_number, unfreeze_number},
    rules::{
        national_id::{NationalId, Scheme},
        standing::By,
    },
};

use crate::{
    agency::Agency,
    browser::{Answer, House, NUMBER, PASSWORD},
};

fn number() -> NationalId {
    NationalId::parse(NUMBER, &[Scheme::ClRun]).unwrap()
}

async fn freeze(house: &House) {
    freeze_number(&house.idp, &number(), By::Operator).await.unwrap();
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

#[tokio::test]
async fn row_81_sessions_tokens_and_codes_of_a_frozen_account_are_dead_at_once() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, tokens) = agency.tokens(&house, &[("scope", "openid offline_access")]).await;
    let code = agency.code(&house).await;
    freeze(&house).await;
    assert!(browser.get("/account").await.path.starts_with("/login?"));
    let info = agency.userinfo(tokens.text("access_token")).await;
    assert_eq!(info.status, StatusCode::UNAUTHORIZED);
    agency
        .refresh(tokens.text("refresh_token"))
        .await
        .is_error("invalid_grant");
    agency.redeem(&code).await.is_error("invalid_grant");
    let told = agency
        .post("/introspect", &[("token", tokens.text("access_token"))])
        .await;
    assert_eq!(told.json["active"], false);
}

#[tokio::test]
async fn only_whoever_shows_right_factors_learns_that_an_account_is_frozen() {
    let house = House::new().await;
    let before = try_to_enter(&house, "otra cosa").await;
    freeze(&house).await;
    let stranger = try_to_enter(&house, "otra cosa").await;
    assert_eq!(stranger.status, before.status);
    assert!(!stranger.body.contains("bloqueada"));
    let citizen = try_to_enter(&house, PASSWORD).await;
    assert_eq!(citizen.status, StatusCode::FORBIDDEN);
    assert!(
        citizen.body.contains("Tu cuenta está bloqueada"),
        "{}",
        citizen.body
    );
}

#[tokio::test]
async fn a_login_that_is_on_its_way_does_not_get_past_the_freezing() {
    let house = House::new().await;
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    freeze(&house).await;
    let answer = browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!browser.cookies.contains_key("aval_idp_session"));
}

#[tokio::test]
async fn opened_again_it_is_as_before_but_for_what_was_given() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[("scope", "openid offline_access")]).await;
    freeze(&house).await;
    freeze(&house).await;
    unfreeze_number(&house.idp, &number(), By::Operator)
        .await
        .unwrap();
    assert_eq!(try_to_enter(&house, PASSWORD).await.path, "/account");
    agency
        .refresh(tokens.text("refresh_token"))
        .await
        .is_error("invalid_grant");
    let mut read = house.idp.store.read().await.unwrap();
    let rows = sqlx::query("SELECT event, detail FROM audit WHERE event LIKE 'account.%' ORDER BY seq")
        .fetch_all(&mut *read)
        .await
        .unwrap();
    let told: Vec<String> = rows.iter().map(|row| sqlx::Row::get(row, 0)).collect();
    assert_eq!(told, ["account.frozen", "account.unfrozen"]);
}
