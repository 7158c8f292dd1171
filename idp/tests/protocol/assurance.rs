//! Levels: what is asked, what was reached, what the client is told (OpenID Connect Core §5.5.1.1, RFC 8176).

use axum::http::StatusCode;
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
