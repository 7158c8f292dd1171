//! A device without a keyboard, and the citizen who lends it theirs.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    agency::{Agency, Reply},
    browser::{Answer, Browser, House},
};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A television's client: it keeps no secret.
async fn television(house: &House) -> Agency {
    let change = json!({
        "client_name": "Canal <Público>", "token_endpoint_auth_method": "none", "redirect_uris": [],
        "post_logout_redirect_uris": [], "grant_types": [DEVICE_CODE, "refresh_token"],
        "client_uri": "https://canal.example",
    });
    Agency::with(house, change).await
}

async fn asks(agency: &Agency, scope: &str) -> Reply {
    let fields = [("client_id", agency.id.as_str()), ("scope", scope)];
    let reply = agency
        .send("POST", "/device_authorization", Some(&fields), &[])
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.json);
    reply
}

async fn polls(agency: &Agency, waiting: &Reply) -> Reply {
    let fields = [
        ("grant_type", DEVICE_CODE),
        ("device_code", waiting.text("device_code")),
        ("client_id", agency.id.as_str()),
    ];
    agency.send("POST", "/token", Some(&fields), &[]).await
}

/// The page on which the citizen decides.
async fn at_decision(browser: &mut Browser, code: &str) -> Answer {
    let page = browser.get("/device").await;
    browser.submit(&page, "/device", &[("user_code", code)]).await
}

async fn decides(browser: &mut Browser, waiting: &Reply, decision: &str) -> Answer {
    let page = at_decision(browser, waiting.text("user_code")).await;
    browser
        .submit(&page, "/device/decide", &[("decision", decision)])
        .await
}

#[tokio::test]
async fn a_citizen_connects_a_device() {
    let house = House::new().await;
    let television = television(&house).await;
    let waiting = asks(&television, "openid profile").await;
    assert_eq!(waiting.headers["cache-control"], "no-store");
    assert_eq!(waiting.text("verification_uri"), "http://localhost:8080/device");
    assert_eq!(
        (&waiting.json["expires_in"], &waiting.json["interval"]),
        (&json!(600), &json!(5))
    );
    polls(&television, &waiting)
        .await
        .is_error("authorization_pending");

    let (mut browser, _) = house.signed_in().await;
    let page = at_decision(&mut browser, waiting.text("user_code")).await;
    assert_eq!(page.status, StatusCode::OK);
    for shown in [
        waiting.text("user_code"),
        "Canal &#60;Público&#62;",
        "canal.example",
        "María José Muñoz Ñancupil",
    ] {
        assert!(page.body.contains(shown), "{shown} in {}", page.body);
    }
    let done = browser
        .submit(&page, "/device/decide", &[("decision", "allow")])
        .await;
    assert_eq!(done.path, "/device/done?what=allowed");

    let tokens = polls(&television, &waiting).await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.json);
    let claims = television
        .claims(tokens.text("id_token"), sdk_jose::Algorithm::ES256)
        .await;
    assert_eq!(claims["aud"], television.id);
    let info = television.userinfo(tokens.text("access_token")).await;
    assert_eq!(info.text("name"), "María José Muñoz Ñancupil");
}

#[tokio::test]
async fn a_code_from_the_address_is_shown_and_not_taken() {
    let house = House::new().await;
    let television = television(&house).await;
    let waiting = asks(&television, "openid").await;
    let (mut browser, _) = house.signed_in().await;
    let path = waiting
        .text("verification_uri_complete")
        .strip_prefix("http://localhost:8080")
        .unwrap();
    let page = browser.get(path).await;
    assert!(
        page.body
            .contains(&format!("value=\"{}\"", waiting.text("user_code")))
    );
    assert!(!page.body.contains("Canal"));
    let evil = browser.get("/device?user_code=%22%3E%3Cscript%3E").await;
    assert!(!evil.body.contains("\"><script>"));
}

#[tokio::test]
async fn who_is_not_logged_in_logs_in_and_comes_back() {
    let house = House::new().await;
    let mut browser = house.browser();
    let login = browser.get("/device").await;
    assert!(login.path.starts_with("/login?"), "{}", login.path);
    house.clock.forward(60);
    let typed = [
        ("national_id", crate::browser::NUMBER),
        ("password", crate::browser::PASSWORD),
    ];
    let second = browser.submit(&login, "/login?", &typed).await;
    let page = browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, "/device"));
}

#[tokio::test]
async fn a_device_gets_its_tokens_once_and_a_copy_of_its_code_ends_them() {
    let house = House::new().await;
    let television = television(&house).await;
    let waiting = asks(&television, "openid").await;
    let (mut browser, _) = house.signed_in().await;
    decides(&mut browser, &waiting, "allow").await;
    let tokens = polls(&television, &waiting).await;
    assert_eq!(tokens.status, StatusCode::OK);
    house.clock.forward(5);
    polls(&television, &waiting).await.is_error("invalid_grant");
    television
        .userinfo(tokens.text("access_token"))
        .await
        .is_error("invalid_token");
}

#[tokio::test]
async fn a_device_that_hurries_is_slowed_down() {
    let house = House::new().await;
    let television = television(&house).await;
    let waiting = asks(&television, "openid").await;
    polls(&television, &waiting)
        .await
        .is_error("authorization_pending");
    house.clock.forward(4);
    polls(&television, &waiting).await.is_error("slow_down");
    house.clock.forward(5);
    polls(&television, &waiting).await.is_error("slow_down");
    house.clock.forward(15);
    polls(&television, &waiting)
        .await
        .is_error("authorization_pending");
}

#[tokio::test]
async fn a_citizen_who_says_no_gives_nothing() {
    let house = House::new().await;
    let television = television(&house).await;
    let waiting = asks(&television, "openid").await;
    let (mut browser, _) = house.signed_in().await;
    let done = decides(&mut browser, &waiting, "deny").await;
    assert_eq!(done.path, "/device/done?what=denied");
    polls(&television, &waiting).await.is_error("access_denied");
    // It is decided: nobody can allow it any more.
    let again = at_decision(&mut browser, waiting.text("user_code")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn after_ten_minutes_nobody_can_connect_it() {
    let house = House::new().await;
    let television = television(&house).await;
    let waiting = asks(&television, "openid").await;
    let (mut browser, _) = house.signed_in().await;
    house.clock.forward(600);
    let page = at_decision(&mut browser, waiting.text("user_code")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    polls(&television, &waiting).await.is_error("expired_token");
}

#[tokio::test]
async fn another_client_cannot_use_the_code() {
    let house = House::new().await;
    let (television, other) = (television(&house).await, television(&house).await);
    let waiting = asks(&television, "openid").await;
    let (mut browser, _) = house.signed_in().await;
    decides(&mut browser, &waiting, "allow").await;
    polls(&other, &waiting).await.is_error("invalid_grant");
    assert_eq!(polls(&television, &waiting).await.status, StatusCode::OK);
}

#[tokio::test]
async fn guessing_codes_is_throttled() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    for _ in 0..5 {
        let page = at_decision(&mut browser, "BCDF-GHJK").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let page = at_decision(&mut browser, "BCDF-GHJK").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_form_of_another_session_decides_nothing() {
    let house = House::new().await;
    let television = television(&house).await;
    let waiting = asks(&television, "openid").await;
    let (mut browser, _) = house.signed_in().await;
    let code = waiting.text("user_code");
    for csrf in ["", "x"] {
        let fields = [("csrf", csrf), ("user_code", code), ("decision", "allow")];
        let refused = browser.post("/device/decide", &fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    polls(&television, &waiting)
        .await
        .is_error("authorization_pending");
}

#[tokio::test]
async fn what_was_connected_ends_with_the_session_unless_it_may_go_on() {
    let house = House::new().await;
    let television = Agency::with(
        &house,
        json!({ "token_endpoint_auth_method": "none", "grant_types": [DEVICE_CODE], "redirect_uris": [],
            "post_logout_redirect_uris": [] }),
    )
    .await;
    let (online, offline) = (
        asks(&television, "openid").await,
        asks(&television, "openid offline_access").await,
    );
    let (mut browser, _) = house.signed_in().await;
    decides(&mut browser, &online, "allow").await;
    decides(&mut browser, &offline, "allow").await;
    let online = polls(&television, &online).await;
    let offline = polls(&television, &offline).await;
    let account = browser.get("/account").await;
    browser.submit(&account, "/account/logout", &[]).await;
    television
        .userinfo(online.text("access_token"))
        .await
        .is_error("invalid_token");
    assert_eq!(
        television.userinfo(offline.text("access_token")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_client_that_may_not_use_it_gets_no_code() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    agency
        .post("/device_authorization", &[("scope", "openid")])
        .await
        .is_error("unauthorized_client");
    agency
        .send(
            "POST",
            "/device_authorization",
            Some(&[("client_id", "nobody")]),
            &[],
        )
        .await
        .is_error("invalid_client");
}

#[tokio::test]
async fn the_citizen_reads_whether_the_device_is_near() {
    use std::net::SocketAddr;

    use axum::{body::Body, extract::ConnectInfo, http::Request};
    use tower::ServiceExt as _;

    let house = House::new().await;
    let television = television(&house).await;
    let router = idp::http::router(std::sync::Arc::clone(&house.idp));
    let ask = async |address: &str| -> serde_json::Value {
        let address: SocketAddr = address.parse().unwrap();
        let request = Request::post("/device_authorization")
            .header("content-type", "application/x-www-form-urlencoded")
            .extension(ConnectInfo(address))
            .body(Body::from(format!("client_id={}&scope=openid", television.id)))
            .unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    };
    let waiting = ask("203.0.113.7:1000").await;
    let (mut browser, _) = house.signed_in().await;
    // The browser of this test has no address: what the device's network is, is said as it is.
    let page = at_decision(&mut browser, waiting["user_code"].as_str().unwrap()).await;
    assert!(
        page.body.contains("Otra que la tuya: 203.0.0.0/16"),
        "{}",
        page.body
    );
}
