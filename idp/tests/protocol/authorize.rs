//! Authorization requests: what is asked, of whom, again or not.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    agency::{Agency, CALLBACK, returned},
    browser::{Browser, House, NUMBER, PASSWORD},
};

async fn error(browser: &mut Browser, agency: &Agency, changes: &[(&str, &str)]) -> String {
    let answer = browser.get(&agency.request(changes)).await;
    assert!(answer.path.starts_with(CALLBACK), "{}", answer.path);
    // RFC 9207: errors carry iss, too.
    assert_eq!(returned(&answer, "iss").as_deref(), Some("http://localhost:8080"));
    assert_eq!(returned(&answer, "code"), None);
    returned(&answer, "error").unwrap()
}

#[tokio::test]
async fn errors_go_back_to_a_good_address() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let mut browser = house.browser();
    for (changes, expected) in [
        (
            [("response_type", "token"), ("x", "")],
            "unsupported_response_type",
        ),
        (
            [("response_type", "code id_token"), ("x", "")],
            "unsupported_response_type",
        ),
        ([("response_type", ""), ("x", "")], "invalid_request"),
        ([("scope", "profile"), ("x", "")], "invalid_scope"),
        (
            [("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
        ),
        ([("code_challenge_method", "plain"), ("x", "")], "invalid_request"),
        (
            [("request", "eyJhbGciOiJub25lIn0.e30."), ("x", "")],
            "invalid_request_object",
        ),
        (
            [("request_uri", "https://agency.example/r"), ("x", "")],
            "invalid_request_uri",
        ),
        ([("response_mode", "fragment"), ("x", "")], "invalid_request"),
        ([("prompt", "none login"), ("x", "")], "invalid_request"),
        (
            [("acr_values", "urn:aval:aal3"), ("x", "")],
            "unmet_authentication_requirements",
        ),
        ([("id_token_hint", "not.a.token"), ("x", "")], "invalid_request"),
        ([("prompt", "none"), ("x", "")], "login_required"),
        ([("twice", "1"), ("twice", "2")], "invalid_request"),
    ] {
        assert_eq!(
            error(&mut browser, &agency, &changes).await,
            expected,
            "{changes:?}"
        );
    }
}

#[tokio::test]
async fn unknown_parameters_and_odd_languages_are_ignored() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let odd = [
        ("extra", "foobar"),
        ("ui_locales", "se"),
        ("claims_locales", "se"),
        ("display", "popup"),
        ("login_hint", "buffy@localhost"),
    ];
    let (_, answer) = agency.login(&house, &odd).await;
    assert!(returned(&answer, "code").is_some());
}

#[tokio::test]
async fn a_long_state_comes_back_unchanged() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let state = "<script>&\"'ñ%00 =".repeat(200);
    let (_, answer) = agency.login(&house, &[("state", &state)]).await;
    assert_eq!(returned(&answer, "state").as_deref(), Some(state.as_str()));
}

#[tokio::test]
async fn a_request_by_post_is_the_same_request() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let request = agency.request(&[("state", "á&b")]);
    let (_, query) = request.split_once('?').unwrap();
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = browser.post("/authorize", &fields).await;
    assert_eq!(returned(&answer, "state").as_deref(), Some("á&b"));
    assert!(returned(&answer, "code").is_some());
}

#[tokio::test]
async fn a_known_citizen_is_not_asked_twice() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let answer = browser.get(&agency.request(&[("prompt", "none")])).await;
    assert!(returned(&answer, "code").is_some());
}

#[tokio::test]
async fn consent_is_asked_again_when_it_grows() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let more = [("scope", "openid profile email"), ("prompt", "none")];
    assert_eq!(error(&mut browser, &agency, &more).await, "consent_required");
    let page = browser
        .get(&agency.request(&[("scope", "openid profile email")]))
        .await;
    assert!(page.path.starts_with("/consent?") && page.body.contains("alguien@correo.example"));
    assert!(page.body.contains("Servicio de Impuestos") && page.body.contains("agency.example"));
    let denied = browser.submit(&page, "/consent?", &[("decision", "deny")]).await;
    assert_eq!(returned(&denied, "error").as_deref(), Some("access_denied"));
    assert_eq!(returned(&denied, "state").as_deref(), Some("estado"));
}

#[tokio::test]
async fn a_consent_form_answers_once_and_only_with_its_token() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let page = browser.get(&agency.request(&[("prompt", "consent")])).await;
    let forged = browser
        .submit(&page, "/consent?", &[("decision", "allow"), ("csrf", "x")])
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let answered = browser.submit(&page, "/consent?", &[("decision", "allow")]).await;
    assert!(returned(&answered, "code").is_some());
    let again = browser.submit(&page, "/consent?", &[("decision", "allow")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_interaction_of_another_browser_is_lost() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let mut victim = house.browser();
    let login = victim.get(&agency.request(&[])).await;
    let mut thief = house.browser();
    thief.get("/account").await;
    assert_eq!(thief.get(&login.path).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_expired_interaction_is_lost() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let mut browser = house.browser();
    let login = browser.get(&agency.request(&[])).await;
    house.clock.forward(1_800);
    assert_eq!(browser.get(&login.path).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_first_factor_alone_is_nobody() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let mut browser = house.browser();
    let login = browser.get(&agency.request(&[])).await;
    browser
        .submit(
            &login,
            "/login?",
            &[("national_id", NUMBER), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(
        error(&mut browser, &agency, &[("prompt", "none")]).await,
        "login_required"
    );
}

#[tokio::test]
async fn presence_is_proven_again_when_asked() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for asked in [("max_age", "0"), ("max_age", "30"), ("prompt", "login")] {
        let (mut browser, tokens) = agency.tokens(&house, &[]).await;
        let before = agency
            .claims(tokens.text("id_token"), sdk_jose::Algorithm::ES256)
            .await;
        house.clock.forward(60);
        if asked.0 != "prompt" {
            let silent = [asked, ("prompt", "none")];
            assert_eq!(error(&mut browser, &agency, &silent).await, "login_required");
        }
        let page = browser.get(&agency.request(&[asked])).await;
        assert!(
            page.path.starts_with("/reauthenticate?"),
            "{asked:?} {}",
            page.path
        );
        let answer = browser
            .submit(&page, "/login/code", &[("code", &house.code())])
            .await;
        let reply = agency.redeem(&returned(&answer, "code").unwrap()).await;
        let claims = agency
            .claims(reply.text("id_token"), sdk_jose::Algorithm::ES256)
            .await;
        assert_eq!(claims["auth_time"], house.idp.now().0);
        for same in ["sub", "sid", "acr"] {
            assert_eq!(claims[same], before[same], "{same}");
        }
    }
}

#[tokio::test]
async fn a_recent_presence_is_enough() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let answer = browser.get(&agency.request(&[("max_age", "10000")])).await;
    assert!(returned(&answer, "code").is_some());
}

#[tokio::test]
async fn select_account_asks_who_it_is() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let page = browser
        .get(&agency.request(&[("prompt", "select_account")]))
        .await;
    assert!(page.path.starts_with("/login?"));
}

#[tokio::test]
async fn a_hint_answers_about_its_citizen_only() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, tokens) = agency.tokens(&house, &[]).await;
    let hint = ("id_token_hint", tokens.text("id_token"));
    house.clock.forward(1_000);
    let answer = browser.get(&agency.request(&[hint, ("prompt", "none")])).await;
    assert!(returned(&answer, "code").is_some(), "an expired hint is good");

    house.citizen("7.654.321-6", "Eva", "Soto").await;
    let mut other = house.browser();
    let login = other.get(&agency.request(&[hint])).await;
    let second = other
        .submit(
            &login,
            "/login?",
            &[("national_id", "7.654.321-6"), ("password", PASSWORD)],
        )
        .await;
    let answer = other
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert_eq!(returned(&answer, "error").as_deref(), Some("login_required"));
    assert_eq!(
        error(&mut other, &agency, &[hint, ("prompt", "none")]).await,
        "login_required"
    );
}

#[tokio::test]
async fn a_hint_of_another_client_is_no_hint() {
    let house = House::new().await;
    let (agency, other) = (Agency::new(&house).await, Agency::new(&house).await);
    let (mut browser, tokens) = agency.tokens(&house, &[]).await;
    let refused = error(
        &mut browser,
        &other,
        &[("id_token_hint", tokens.text("id_token"))],
    )
    .await;
    assert_eq!(refused, "invalid_request");
}

#[tokio::test]
async fn a_client_gets_no_more_than_it_registered() {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "scope": "openid profile" })).await;
    let (_, tokens) = agency
        .tokens(&house, &[("scope", "openid profile national_id")])
        .await;
    assert_eq!(tokens.text("scope"), "openid profile");
    assert_eq!(
        agency
            .userinfo(tokens.text("access_token"))
            .await
            .json
            .get("national_id"),
        None
    );
}

#[tokio::test]
async fn login_returns_with_303_and_a_new_session_each_time() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (first, _) = agency.login(&house, &[]).await;
    let (second, _) = agency.login(&house, &[]).await;
    assert_ne!(
        first.cookies["aval_idp_session"],
        second.cookies["aval_idp_session"]
    );
}

/// As a request would find it that was read before somebody else's write.
async fn read_before(house: &House, browser: &Browser) -> idp::rules::visitor::Visitor {
    let cookie = |name: &str| idp::rules::secret::Opaque::parse(&browser.cookies[name]).unwrap();
    let session = idp::flow::session::current(&house.idp, &cookie("aval_idp_session"))
        .await
        .unwrap();
    assert!(session.is_some());
    idp::rules::visitor::Visitor {
        browser: Some(cookie("aval_idp_browser")),
        session,
        device: String::new(),
        network: None,
    }
}

async fn silently(house: &House, agency: &Agency, visitor: &idp::rules::visitor::Visitor) -> String {
    let path = agency.request(&[("prompt", "none")]);
    let (_, query) = path.split_once('?').unwrap();
    let asked = idp::rules::parameters::Parameters::parse(query.as_bytes());
    match idp::flow::authorize::authorize(&house.idp, visitor, &asked)
        .await
        .unwrap()
    {
        idp::flow::authorize::Authorized::Answered(answer) => match answer.plain("https://id.example") {
            idp::rules::answer::Delivery::Redirect(address) => address,
            idp::rules::answer::Delivery::Form { .. } => panic!("nobody asked for a form"),
        },
        idp::flow::authorize::Authorized::Asked(moved) => panic!("{moved:?}"),
    }
}

#[tokio::test]
async fn no_code_is_issued_in_a_session_that_ended_after_it_was_read() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let visitor = read_before(&house, &browser).await;
    assert!(silently(&house, &agency, &visitor).await.contains("code="));
    let account = browser.get("/account").await;
    browser.submit(&account, "/account/logout", &[]).await;
    let answer = silently(&house, &agency, &visitor).await;
    assert!(answer.contains("error=login_required"), "{answer}");
}
