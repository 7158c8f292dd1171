//! Rates: a flood is stopped, and nobody who did not make it.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
};
use tower::ServiceExt as _;

use crate::{agency::Agency, browser::House};

/// One request from `peer`, which says that it speaks for `forwarded`.
async fn ask(router: &Router, peer: &str, forwarded: Option<&str>, path: &str) -> (StatusCode, bool) {
    let peer: SocketAddr = peer.parse().unwrap();
    let mut request = Request::builder().uri(path).extension(ConnectInfo(peer));
    if let Some(forwarded) = forwarded {
        request = request.header("x-forwarded-for", forwarded);
    }
    let response = router
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    (
        response.status(),
        response.headers().contains_key(header::RETRY_AFTER),
    )
}

async fn narrow() -> (House, Router) {
    let more = "[limits]\nnetwork_per_minute = 5\n[proxy]\ntrusted = [\"10.0.0.0/8\"]\n";
    let house = House::configured("http://localhost:8080", more).await;
    let router = idp::http::router(std::sync::Arc::clone(&house.idp));
    (house, router)
}

#[tokio::test]
async fn a_network_that_asks_too_much_waits_and_others_do_not() {
    let (house, router) = narrow().await;
    for _ in 0..5 {
        assert_eq!(
            ask(&router, "203.0.113.7:1", None, "/help").await.0,
            StatusCode::OK
        );
    }
    let told = ask(&router, "203.0.113.7:2", None, "/help").await;
    assert_eq!(told, (StatusCode::TOO_MANY_REQUESTS, true));
    assert_eq!(
        ask(&router, "203.0.113.8:1", None, "/help").await.0,
        StatusCode::OK
    );
    // Keys and metadata are free, so that nobody's clients break for a neighbour.
    assert_eq!(
        ask(&router, "203.0.113.7:3", None, "/jwks").await.0,
        StatusCode::OK
    );
    house.clock.forward(12);
    assert_eq!(
        ask(&router, "203.0.113.7:4", None, "/help").await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_address_that_a_stranger_makes_up_changes_nothing() {
    let (_house, router) = narrow().await;
    for n in 0..5 {
        ask(
            &router,
            "203.0.113.7:1",
            Some(&format!("198.51.100.{n}")),
            "/help",
        )
        .await;
    }
    let told = ask(&router, "203.0.113.7:1", Some("198.51.100.9"), "/help").await;
    assert_eq!(told.0, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn people_behind_a_named_proxy_are_told_apart() {
    let (_house, router) = narrow().await;
    for n in 0..20 {
        let told = ask(&router, "10.0.0.1:1", Some(&format!("198.51.100.{n}")), "/help").await;
        assert_eq!(told.0, StatusCode::OK, "{n}");
    }
    for _ in 0..5 {
        ask(&router, "10.0.0.1:1", Some("1.1.1.1, 198.51.100.1"), "/help").await;
    }
    let told = ask(&router, "10.0.0.1:1", Some("8.8.8.8, 198.51.100.1"), "/help").await;
    assert_eq!(told.0, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn wrong_secrets_do_not_fill_the_log_and_do_not_keep_the_agency_out() {
    let more = "[limits]\nclient_failures_per_minute = 10\n";
    let house = House::configured("http://localhost:8080", more).await;
    let agency = Agency::new(&house).await;
    let stranger = Agency::of(&house, &agency.id, "a-secret-that-is-wrong-but-long");
    let mut answers = Vec::new();
    for _ in 0..40 {
        answers.push(stranger.redeem("x").await.status);
    }
    let (refused, slowed) = answers.split_at(10);
    assert!(
        refused.iter().all(|status| *status == StatusCode::UNAUTHORIZED),
        "{answers:?}"
    );
    assert!(
        slowed
            .iter()
            .all(|status| *status == StatusCode::TOO_MANY_REQUESTS),
        "{answers:?}"
    );
    let mut read = house.idp.store.read().await.unwrap();
    let records = idp::store::audit::verify(&mut read).await.unwrap().unwrap();
    drop(read);
    // The agency itself is let in all the while.
    agency.tokens(&house, &[]).await;
    house.clock.forward(60);
    assert_eq!(stranger.redeem("x").await.status, StatusCode::UNAUTHORIZED);
    assert!(records < 40, "{records}");
}

#[tokio::test]
async fn a_client_has_a_rate_of_its_own() {
    let house = House::configured("http://localhost:8080", "[limits]\nclient_per_minute = 3\n").await;
    let (agency, other) = (Agency::new(&house).await, Agency::new(&house).await);
    for _ in 0..3 {
        agency.redeem("x").await.is_error("invalid_grant");
    }
    let told = agency.redeem("x").await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(told.text("error"), "temporarily_unavailable");
    assert_eq!(told.headers[header::RETRY_AFTER], "1");
    other.redeem("x").await.is_error("invalid_grant");
}
