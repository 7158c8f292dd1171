//! A code is good once, for a minute, for the client, address and verifier it was made for.

use axum::http::StatusCode;
use sqlx::Row as _;

use crate::{
    agency::{Agency, VERIFIER},
    browser::House,
};

async fn events(house: &House, event: &'static str) -> i64 {
    let mut read = house.idp.store.read().await.unwrap();
    let row = sqlx::query("SELECT COUNT(*) FROM audit WHERE event = $1")
        .bind(event)
        .fetch_one(&mut *read)
        .await;
    row.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_redemptions_one_wins_and_the_family_is_revoked() {
    let house = House::new().await;
    let agency = std::sync::Arc::new(Agency::new(&house).await);
    let code = agency.code(&house).await;
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(200));
    let mut sent = Vec::new();
    for _ in 0..200 {
        let (agency, code, barrier) = (std::sync::Arc::clone(&agency), code.clone(), barrier.clone());
        sent.push(tokio::spawn(async move {
            barrier.wait().await;
            agency.redeem(&code).await
        }));
    }
    let (mut won, mut lost) = (Vec::new(), 0);
    for reply in sent {
        let reply = reply.await.unwrap();
        if reply.status == StatusCode::OK {
            won.push(reply);
        } else {
            reply.is_error("invalid_grant");
            lost += 1;
        }
    }
    assert_eq!((won.len(), lost), (1, 199));
    agency
        .userinfo(won[0].text("access_token"))
        .await
        .is_error("invalid_token");
    agency
        .refresh(won[0].text("refresh_token"))
        .await
        .is_error("invalid_grant");
    assert_eq!(events(&house, "code.redeemed").await, 1);
    assert_eq!(events(&house, "code.replayed").await, 199);
    let mut read = house.idp.store.read().await.unwrap();
    assert!(idp::store::audit::verify(&mut read).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_replay_long_after_still_revokes() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let code = agency.code(&house).await;
    let tokens = agency.redeem(&code).await;
    house.clock.forward(300);
    agency.redeem(&code).await.is_error("invalid_grant");
    agency
        .userinfo(tokens.text("access_token"))
        .await
        .is_error("invalid_token");
}

#[tokio::test]
async fn it_lives_for_a_minute() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let code = agency.code(&house).await;
    house.clock.forward(59);
    assert_eq!(agency.redeem(&code).await.status, StatusCode::OK);
    let code = agency.code(&house).await;
    house.clock.forward(60);
    agency.redeem(&code).await.is_error("invalid_grant");
}

#[tokio::test]
async fn another_client_cannot_redeem_it_and_burns_it() {
    let house = House::new().await;
    let (agency, thief) = (Agency::new(&house).await, Agency::new(&house).await);
    let code = agency.code(&house).await;
    thief.redeem(&code).await.is_error("invalid_grant");
    agency.redeem(&code).await.is_error("invalid_grant");
}

#[tokio::test]
async fn a_redirect_uri_that_differs_a_little_is_refused() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for uri in [
        "",
        "https://agency.example/cb/",
        "https://AGENCY.example/cb",
        "https://agency.example:443/cb",
        "https://agency.example/%63b",
        "https://agency.example/cb?a=b",
        "https://agency.example/cb#",
    ] {
        let code = agency.code(&house).await;
        agency
            .redeem_with(&code, &[("redirect_uri", uri)])
            .await
            .is_error("invalid_grant");
    }
}

#[tokio::test]
async fn a_wrong_or_missing_verifier_is_refused_and_burns_it() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let wrong = VERIFIER.replace('d', "e");
    for verifier in ["", &wrong, &VERIFIER[..42]] {
        let code = agency.code(&house).await;
        agency
            .redeem_with(&code, &[("code_verifier", verifier)])
            .await
            .is_error("invalid_grant");
        agency.redeem(&code).await.is_error("invalid_grant");
    }
}

#[tokio::test]
async fn a_client_without_pkce_cannot_be_given_a_verifier() {
    let house = House::new().await;
    let agency = Agency::with(&house, serde_json::json!({ "require_pkce": false })).await;
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = |answer| crate::agency::returned(&answer, "code").unwrap();
    let first = code(agency.login(&house, &bare).await.1);
    agency.redeem(&first).await.is_error("invalid_grant");
    let second = code(agency.login(&house, &bare).await.1);
    assert_eq!(
        agency.redeem_with(&second, &[("code_verifier", "")]).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn what_is_no_code_is_refused() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for code in ["x", &"A".repeat(43), &"A".repeat(10_000)] {
        agency.redeem(code).await.is_error("invalid_grant");
    }
    agency.redeem("").await.is_error("invalid_request");
}
