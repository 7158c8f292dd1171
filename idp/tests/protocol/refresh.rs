//! Refresh tokens: each once, a lost answer again, a copy never.

use axum::http::StatusCode;
use serde_json::json;

use crate::{agency::Agency, browser::House};

#[tokio::test]
async fn refreshing_rotates_and_says_the_same_of_the_citizen() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, first) = agency.tokens(&house, &[]).await;
    house.clock.forward(120);
    let second = agency.refresh(first.text("refresh_token")).await;
    assert_eq!(second.status, StatusCode::OK);
    assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
    let before = agency
        .claims(first.text("id_token"), sdk_jose::Algorithm::ES256)
        .await;
    let after = agency
        .claims(second.text("id_token"), sdk_jose::Algorithm::ES256)
        .await;
    for name in ["iss", "sub", "aud", "auth_time", "acr", "sid"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert_eq!(after.get("nonce"), None);
    assert_eq!(
        agency.userinfo(second.text("access_token")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again_once() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let token = tokens.text("refresh_token");
    let lost = agency.refresh(token).await;
    house.clock.forward(20);
    let retried = agency.refresh(token).await;
    assert_eq!(retried.status, StatusCode::OK);
    assert_ne!(lost.text("refresh_token"), retried.text("refresh_token"));
    assert_eq!(
        agency.refresh(retried.text("refresh_token")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_third_use_revokes_the_family() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let token = tokens.text("refresh_token");
    agency.refresh(token).await;
    let retried = agency.refresh(token).await;
    agency.refresh(token).await.is_error("invalid_grant");
    agency
        .refresh(retried.text("refresh_token"))
        .await
        .is_error("invalid_grant");
    agency
        .userinfo(retried.text("access_token"))
        .await
        .is_error("invalid_token");
}

#[tokio::test]
async fn a_late_second_use_revokes_the_family() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let token = tokens.text("refresh_token");
    let good = agency.refresh(token).await;
    house.clock.forward(31);
    agency.refresh(token).await.is_error("invalid_grant");
    agency
        .refresh(good.text("refresh_token"))
        .await
        .is_error("invalid_grant");
}

#[tokio::test]
async fn a_second_use_after_the_successor_was_used_revokes_the_family() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let token = tokens.text("refresh_token");
    let second = agency.refresh(token).await;
    let third = agency.refresh(second.text("refresh_token")).await;
    agency.refresh(token).await.is_error("invalid_grant");
    agency
        .refresh(third.text("refresh_token"))
        .await
        .is_error("invalid_grant");
}

#[tokio::test]
async fn the_holder_of_a_voided_successor_is_noticed() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let token = tokens.text("refresh_token");
    let intercepted = agency.refresh(token).await;
    let retried = agency.refresh(token).await;
    agency
        .refresh(intercepted.text("refresh_token"))
        .await
        .is_error("invalid_grant");
    agency
        .refresh(retried.text("refresh_token"))
        .await
        .is_error("invalid_grant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_no_more_than_two_are_answered() {
    let house = House::new().await;
    let agency = std::sync::Arc::new(Agency::new(&house).await);
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let token = tokens.text("refresh_token").to_owned();
    let mut sent = Vec::new();
    for _ in 0..50 {
        let (agency, token) = (std::sync::Arc::clone(&agency), token.clone());
        sent.push(tokio::spawn(async move { agency.refresh(&token).await }));
    }
    let mut answered = 0;
    for reply in sent {
        answered += usize::from(reply.await.unwrap().status == StatusCode::OK);
    }
    assert_eq!(
        answered, 2,
        "the first, and its one retry; then the family is gone"
    );
}

#[tokio::test]
async fn another_client_cannot_use_it_and_does_not_break_it() {
    let house = House::new().await;
    let (agency, thief) = (Agency::new(&house).await, Agency::new(&house).await);
    let (_, tokens) = agency.tokens(&house, &[]).await;
    thief
        .refresh(tokens.text("refresh_token"))
        .await
        .is_error("invalid_grant");
    assert_eq!(
        agency.refresh(tokens.text("refresh_token")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_month_is_the_end_however_often_it_was_refreshed() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[("scope", "openid offline_access")]).await;
    let mut token = tokens.text("refresh_token").to_owned();
    for _ in 0..29 {
        house.clock.forward(86_400);
        let reply = agency.refresh(&token).await;
        assert_eq!(reply.status, StatusCode::OK);
        token = reply.text("refresh_token").to_owned();
    }
    house.clock.forward(86_400);
    agency.refresh(&token).await.is_error("invalid_grant");
}

#[tokio::test]
async fn without_offline_access_it_ends_with_the_session() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, online) = agency.tokens(&house, &[]).await;
    let (mut other, offline) = agency.tokens(&house, &[("scope", "openid offline_access")]).await;
    for (browser, tokens) in [(&mut browser, &online), (&mut other, &offline)] {
        browser
            .get(&format!("/logout?id_token_hint={}", tokens.text("id_token")))
            .await;
    }
    agency
        .refresh(online.text("refresh_token"))
        .await
        .is_error("invalid_grant");
    agency
        .userinfo(online.text("access_token"))
        .await
        .is_error("invalid_token");
    assert_eq!(
        agency.refresh(offline.text("refresh_token")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn it_may_ask_for_less_and_not_for_more() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let ask = async |scope: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens.text("refresh_token")),
            ("scope", scope),
        ];
        agency.post("/token", &fields).await
    };
    ask("openid email").await.is_error("invalid_scope");
    assert_eq!(ask("openid").await.text("scope"), "openid");
}

#[tokio::test]
async fn a_client_without_the_grant_gets_none_and_may_use_none() {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "grant_types": ["authorization_code"] })).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    assert_eq!(tokens.json.get("refresh_token"), None);
    agency
        .refresh(&"A".repeat(43))
        .await
        .is_error("unauthorized_client");
}

#[tokio::test]
async fn row_99_withdrawing_consent_ends_everything_and_asks_again() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, tokens) = agency.tokens(&house, &[]).await;
    let mut read = house.idp.store.read().await.unwrap();
    let cookie = idp::rules::secret::Opaque::parse(&browser.cookies["aval_idp_session"]).unwrap();
    let now = house.idp.now();
    let session = idp::store::sessions::find(&mut read, &house.idp.seal, &cookie.digest(), now)
        .await
        .unwrap()
        .unwrap();
    drop(read);
    let client = idp::rules::ids::ClientId::known(agency.id.as_str());
    idp::flow::consent::withdraw(&house.idp, &session, &client)
        .await
        .unwrap();
    agency
        .refresh(tokens.text("refresh_token"))
        .await
        .is_error("invalid_grant");
    agency
        .userinfo(tokens.text("access_token"))
        .await
        .is_error("invalid_token");
    let page = browser.get(&agency.request(&[])).await;
    assert!(page.path.starts_with("/consent?"));
}

#[tokio::test]
async fn without_offline_access_it_ends_with_the_day() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    house.clock.forward(86_400 - 60);
    let fresh = agency.refresh(tokens.text("refresh_token")).await;
    assert_eq!(fresh.status, StatusCode::OK);
    house.clock.forward(60);
    agency
        .refresh(fresh.text("refresh_token"))
        .await
        .is_error("invalid_grant");
}

#[tokio::test]
async fn sweeping_forgets_what_has_ended_and_nothing_else() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let code = agency.code(&house).await;
    let tokens = agency.redeem(&code).await;
    house.clock.forward(86_400);
    let (_, offline) = agency.tokens(&house, &[("scope", "openid offline_access")]).await;
    idp::flow::sweep::once(&house.idp).await.unwrap();
    // A spent code is still known as one while its family could be alive.
    agency.redeem(&code).await.is_error("invalid_grant");
    agency
        .userinfo(tokens.text("access_token"))
        .await
        .is_error("invalid_token");
    assert_eq!(
        agency.refresh(offline.text("refresh_token")).await.status,
        StatusCode::OK
    );
    house.clock.forward(31 * 86_400);
    assert!(idp::flow::sweep::once(&house.idp).await.unwrap() > 0);
    assert_eq!(idp::flow::sweep::once(&house.idp).await.unwrap(), 0);
}
