//! Pushed requests (RFC 9126), with the names of the certification modules where they ask the same.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    agency::{Agency, CALLBACK, Reply, returned},
    browser::House,
};

#[track_caller]
fn reference(reply: &Reply) -> String {
    assert_eq!(reply.status, StatusCode::CREATED, "{:?}", reply.json);
    assert_eq!(reply.json["expires_in"], 60);
    reply.text("request_uri").to_owned()
}

/// The page that says that a reference is worth nothing.
async fn is_dead(house: &House, agency: &Agency, uri: &str) -> bool {
    let answer = house.browser().get(&agency.enter(uri)).await;
    answer.status == StatusCode::BAD_REQUEST && !answer.headers.contains_key("location")
}

#[tokio::test]
async fn par_without_duplicate_parameters() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let uri = reference(&agency.push(&[("state", "á&b")]).await);
    let mut browser = house.browser();
    let answer = agency.log_in(&house, &mut browser, &agency.enter(&uri)).await;
    assert_eq!(returned(&answer, "state").as_deref(), Some("á&b"));
    let reply = agency.redeem(&returned(&answer, "code").unwrap()).await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn what_stands_beside_a_reference_counts_for_nothing() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let uri = reference(&agency.push(&[]).await);
    let beside = "&state=evil&scope=openid%20email&redirect_uri=https%3A%2F%2Fevil.example&nonce=x";
    let mut browser = house.browser();
    let path = format!("{}{beside}", agency.enter(&uri));
    let answer = agency.log_in(&house, &mut browser, &path).await;
    assert_eq!(returned(&answer, "state").as_deref(), Some("estado"));
    let reply = agency.redeem(&returned(&answer, "code").unwrap()).await;
    assert_eq!(reply.text("scope"), "openid profile");
}

#[tokio::test]
async fn par_ensure_reused_request_uri_prior_to_auth_completion_succeeds() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let uri = reference(&agency.push(&[]).await);
    assert!(
        house
            .browser()
            .get(&agency.enter(&uri))
            .await
            .path
            .starts_with("/login?")
    );
    let mut browser = house.browser();
    let login = browser.get(&agency.enter(&uri)).await;
    assert!(login.path.starts_with("/login?"));
}

#[tokio::test]
async fn par_attempt_reuse_request_uri() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let uri = reference(&agency.push(&[]).await);
    let answer = browser.get(&agency.enter(&uri)).await;
    assert!(returned(&answer, "code").is_some());
    assert!(is_dead(&house, &agency, &uri).await);
    assert_eq!(
        browser.get(&agency.enter(&uri)).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn of_two_tabs_with_one_reference_one_is_answered() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let uri = reference(&agency.push(&[("prompt", "consent")]).await);
    let one = browser.get(&agency.enter(&uri)).await;
    let two = browser.get(&agency.enter(&uri)).await;
    let answered = browser.submit(&one, "/consent?", &[("decision", "allow")]).await;
    assert!(returned(&answered, "code").is_some());
    let late = browser.submit(&two, "/consent?", &[("decision", "allow")]).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
    assert!(!late.headers.contains_key("location"));
}

#[tokio::test]
async fn a_refused_consent_is_an_answer() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let uri = reference(&agency.push(&[("prompt", "consent")]).await);
    let page = browser.get(&agency.enter(&uri)).await;
    let denied = browser.submit(&page, "/consent?", &[("decision", "deny")]).await;
    assert_eq!(returned(&denied, "error").as_deref(), Some("access_denied"));
    assert!(is_dead(&house, &agency, &uri).await);
}

#[tokio::test]
async fn par_attempt_to_use_expired_request_uri() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let uri = reference(&agency.push(&[]).await);
    house.clock.forward(59);
    assert!(!is_dead(&house, &agency, &uri).await);
    house.clock.forward(1);
    assert!(is_dead(&house, &agency, &uri).await);
}

#[tokio::test]
async fn whoever_entered_in_time_may_take_longer_than_the_reference_lives() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let uri = reference(&agency.push(&[]).await);
    let mut browser = house.browser();
    let login = browser.get(&agency.enter(&uri)).await;
    house.clock.forward(1_000);
    idp::flow::sweep::once(&house.idp).await.unwrap();
    let answer = agency.log_in(&house, &mut browser, &login.path).await;
    assert!(returned(&answer, "code").is_some());
}

#[tokio::test]
async fn par_attempt_to_use_request_uri_for_different_client() {
    let house = House::new().await;
    let (agency, other) = (Agency::new(&house).await, Agency::new(&house).await);
    let uri = reference(&agency.push(&[]).await);
    assert!(is_dead(&house, &other, &uri).await);
    assert!(!is_dead(&house, &agency, &uri).await);
}

#[tokio::test]
async fn an_invented_or_doubled_reference_is_worth_nothing() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let prefix = "urn:ietf:params:oauth:request_uri:";
    for invented in [
        String::new(),
        "A".repeat(43),
        "x".repeat(5_000),
        "../../etc".to_owned(),
    ] {
        assert!(is_dead(&house, &agency, &format!("{prefix}{invented}")).await);
    }
    let uri = reference(&agency.push(&[]).await);
    let twice = format!("{}&request_uri=x", agency.enter(&uri));
    assert_eq!(house.browser().get(&twice).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn par_authorization_request_containing_request_uri_form_param() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let uri = reference(&agency.push(&[]).await);
    for reference in [uri.as_str(), "https://agency.example/r"] {
        agency
            .push(&[("request_uri", reference)])
            .await
            .is_error("invalid_request");
    }
}

#[tokio::test]
async fn par_attempt_invalid_http_method() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for method in ["GET", "PUT", "DELETE"] {
        let reply = agency.send(method, "/par", None, &[]).await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_when_it_is_pushed() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for (changes, error) in [
        (
            [("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
        ),
        ([("code_challenge_method", "plain"), ("x", "")], "invalid_request"),
        (
            [("response_type", "code id_token"), ("x", "")],
            "unsupported_response_type",
        ),
        (
            [("response_type", "token"), ("x", "")],
            "unsupported_response_type",
        ),
        ([("redirect_uri", ""), ("x", "")], "invalid_request"),
        (
            [("redirect_uri", "https://evil.example/cb"), ("x", "")],
            "invalid_request",
        ),
        ([("scope", "profile"), ("x", "")], "invalid_scope"),
        ([("twice", "1"), ("twice", "2")], "invalid_request"),
        ([("client_id", "another"), ("x", "")], "invalid_request"),
        ([("request", "x.y.z"), ("x", "")], "invalid_request_object"),
    ] {
        let reply = agency.push(&changes).await;
        reply.is_error(error);
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{changes:?}");
    }
}

#[tokio::test]
async fn nobody_pushes_without_authentication() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let path = agency.request(&[]);
    let (_, query) = path.split_once('?').unwrap();
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let reply = agency.send("POST", "/par", Some(&fields), &[]).await;
    reply.is_error("invalid_client");
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ensure_unsigned_authorization_request_without_using_par_fails() {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "require_pushed_authorization_requests": true })).await;
    let answer = house.browser().get(&agency.request(&[])).await;
    assert!(answer.path.starts_with(CALLBACK));
    assert_eq!(returned(&answer, "error").as_deref(), Some("invalid_request"));
    let uri = reference(&agency.push(&[]).await);
    assert!(!is_dead(&house, &agency, &uri).await);
}

#[tokio::test]
async fn a_dump_of_the_database_holds_no_pushed_request() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let uri = reference(&agency.push(&[("login_hint", "22.222.222-2")]).await);
    let mut read = house.idp.store.read().await.unwrap();
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as("SELECT digest, sealed FROM pushed_requests")
        .fetch_all(&mut *read)
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert!(!uri.ends_with(&rows[0].0));
    assert!(!String::from_utf8_lossy(&rows[0].1).contains("22.222.222-2"));
}
