//! Levels: what is asked, what was reached, what the client is told (OpenID Connect Core §5.5.1.1, RFC 8176).

use axum::http::StatusCode;
use idp::{flow::manage, rules::ids::ClientId};
use sdk_jose::Algorithm;
use serde_json::{Value, json};

use crate::{
    agency::{Agency, returned},
    browser::{Answer, Browser, House, NUMBER, PASSWORD},
};

const CREDENTIALS: [(&str, &str); 2] = [("national_id", NUMBER), ("password", PASSWORD)];

async fn content_with_one(house: &House) -> Agency {
    Agency::with(house, json!({ "default_acr_values": ["urn:aval:aal1"] })).await
}

/// The claims of the id token that an answer leads to.
async fn told(agency: &Agency, answer: &Answer) -> Value {
    let reply = agency.redeem(&returned(answer, "code").unwrap()).await;
    agency.claims(reply.text("id_token"), Algorithm::ES256).await
}

/// A browser in which the citizen showed a password and nothing else.
async fn with_a_password(house: &House, agency: &Agency) -> (Browser, Answer) {
    let mut browser = house.browser();
    let login = browser.get(&agency.request(&[])).await;
    let consent = browser.submit(&login, "/login?", &CREDENTIALS).await;
    let answer = browser
        .submit(&consent, "/consent?", &[("decision", "allow")])
        .await;
    (browser, answer)
}

#[tokio::test]
async fn a_client_content_with_one_factor_is_told_that_it_was_one() {
    let house = House::new().await;
    let agency = content_with_one(&house).await;
    let (_, answer) = with_a_password(&house, &agency).await;
    let claims = told(&agency, &answer).await;
    assert_eq!(claims["acr"], "urn:aval:aal1");
    assert_eq!(claims["amr"], json!(["pwd"]));
}

#[tokio::test]
async fn a_client_cannot_ask_for_less_than_it_was_registered_for() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let mut browser = house.browser();
    let login = browser
        .get(&agency.request(&[("acr_values", "urn:aval:aal1")]))
        .await;
    let second = browser.submit(&login, "/login?", &CREDENTIALS).await;
    assert!(second.path.starts_with("/login/code?"));
}

#[tokio::test]
async fn a_session_with_one_factor_is_stepped_up_by_the_missing_one() {
    let house = House::new().await;
    let (low, high) = (content_with_one(&house).await, Agency::new(&house).await);
    let (mut browser, answer) = with_a_password(&house, &low).await;
    let before = told(&low, &answer).await;
    house.clock.forward(60);
    let silent = browser.get(&high.request(&[("prompt", "none")])).await;
    assert_eq!(returned(&silent, "error").as_deref(), Some("login_required"));
    let page = browser.get(&high.request(&[])).await;
    assert!(page.path.starts_with("/reauthenticate?"), "{}", page.path);
    assert!(!page.body.contains("type=\"password\""));
    let cookie = browser.cookies["aval_idp_session"].clone();
    let consent = browser
        .submit(&page, "/login/code", &[("code", &house.code())])
        .await;
    assert_ne!(
        browser.cookies["aval_idp_session"], cookie,
        "a new session id at step-up"
    );
    let answer = browser
        .submit(&consent, "/consent?", &[("decision", "allow")])
        .await;
    let after = told(&high, &answer).await;
    assert_eq!(after["acr"], "urn:aval:aal2");
    assert_eq!(after["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(after["sid"], before["sid"], "the session goes on");
    assert_eq!(after["auth_time"], house.idp.now().0);
}

#[tokio::test]
async fn own_pages_want_two_factors_of_such_a_session() {
    let house = House::new().await;
    let agency = content_with_one(&house).await;
    let (mut browser, _) = with_a_password(&house, &agency).await;
    for path in ["/account", "/account/passkeys/new"] {
        assert!(
            browser.get(path).await.path.starts_with("/reauthenticate?"),
            "{path}"
        );
    }
    let refused = browser.post("/account/sessions/end-all", &[("csrf", "x")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn presence_of_somebody_with_a_password_is_proven_by_logging_in() {
    let house = House::new().await;
    let agency = content_with_one(&house).await;
    let (mut browser, _) = with_a_password(&house, &agency).await;
    let page = browser.get(&agency.request(&[("prompt", "login")])).await;
    assert!(page.path.starts_with("/login?"));
    let answer = browser.submit(&page, "/login?", &CREDENTIALS).await;
    assert!(returned(&answer, "code").is_some());
}

#[tokio::test]
async fn a_client_is_told_the_level_in_its_own_words() {
    let names = "[assurance]\naal2 = [\"urn:aval:aal2\", \"http://eidas.europa.eu/LoA/substantial\"]\n\
                 aal3 = [\"urn:aval:aal3\", \"http://eidas.europa.eu/LoA/high\"]\n";
    let house = House::configured("http://localhost:8080", names).await;
    let agency = Agency::new(&house).await;
    for (asked, expected) in [
        ("", "urn:aval:aal2"),
        (
            "http://eidas.europa.eu/LoA/substantial",
            "http://eidas.europa.eu/LoA/substantial",
        ),
        (
            "http://eidas.europa.eu/LoA/high http://eidas.europa.eu/LoA/substantial",
            "http://eidas.europa.eu/LoA/substantial",
        ),
    ] {
        let (_, answer) = agency.login(&house, &[("acr_values", asked)]).await;
        assert_eq!(told(&agency, &answer).await["acr"], expected);
    }
    let high = agency.request(&[("acr_values", "http://eidas.europa.eu/LoA/high")]);
    let answer = house.browser().get(&high).await;
    assert_eq!(
        returned(&answer, "error").as_deref(),
        Some("unmet_authentication_requirements")
    );
}

#[tokio::test]
async fn test_essential_acr_sca_claim() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let claims = r#"{"id_token":{"acr":{"essential":true,"values":["urn:openbanking:psd2:sca"]}}}"#;
    let answer = house.browser().get(&agency.request(&[("claims", claims)])).await;
    assert_eq!(
        returned(&answer, "error").as_deref(),
        Some("unmet_authentication_requirements")
    );
}

/// RFC 9470 §3 and §4: an agency raises what it asks, and every token that was given for less says so.
#[tokio::test]
async fn a_token_of_a_weaker_login_opens_nothing_once_the_client_asks_more() {
    let house = House::new().await;
    let agency = content_with_one(&house).await;
    let (mut browser, answer) = with_a_password(&house, &agency).await;
    let tokens = agency.redeem(&returned(&answer, "code").unwrap()).await;
    let token = tokens.text("access_token").to_owned();
    assert_eq!(agency.userinfo(&token).await.status, StatusCode::OK);
    raise(
        &house,
        &agency,
        json!({ "default_acr_values": ["urn:aval:aal2"] }),
    )
    .await;
    let shut = agency.userinfo(&token).await;
    assert_eq!(shut.status, StatusCode::UNAUTHORIZED);
    shut.is_error("insufficient_user_authentication");
    let challenge = shut.headers["www-authenticate"].to_str().unwrap();
    assert!(
        challenge.starts_with("Bearer error=\"insufficient_user_authentication\""),
        "{challenge}"
    );
    assert!(
        challenge.ends_with(", acr_values=\"urn:aval:aal2\""),
        "{challenge}"
    );
    let page = browser
        .get(&agency.request(&[("acr_values", "urn:aval:aal2")]))
        .await;
    assert!(page.path.starts_with("/reauthenticate?"), "{}", page.path);
    let answer = browser
        .submit(&page, "/login/code", &[("code", &house.code())])
        .await;
    let tokens = agency.redeem(&returned(&answer, "code").unwrap()).await;
    assert_eq!(
        agency.userinfo(tokens.text("access_token")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_token_of_an_older_proof_opens_nothing_once_the_client_asks_a_recent_one() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, mut answer) = agency.login(&house, &[]).await;
    for _ in 0..2 {
        house.clock.forward(1_200);
        answer = browser.get(&agency.request(&[])).await;
    }
    let tokens = agency.redeem(&returned(&answer, "code").unwrap()).await;
    raise(&house, &agency, json!({ "default_max_age": 60 })).await;
    let shut = agency.userinfo(tokens.text("access_token")).await;
    shut.is_error("insufficient_user_authentication");
    let challenge = shut.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.ends_with(", max_age=\"60\""), "{challenge}");
    let page = browser.get(&agency.request(&[("max_age", "60")])).await;
    assert!(page.path.starts_with("/reauthenticate?"), "{}", page.path);
}

/// The client is registered anew with these changes, as an operator does.
async fn raise(house: &House, agency: &Agency, change: Value) {
    let id = ClientId::known(agency.id.as_str());
    let mut registration = manage::show(&house.idp, &id).await.unwrap().client.metadata();
    registration.extend(change.as_object().unwrap().clone());
    let registration = serde_json::from_value(Value::Object(registration)).unwrap();
    manage::update(&house.idp, &id, &registration, false)
        .await
        .unwrap();
}
