//! The highest level: hardware known by its attestation, and nothing else (identity rows 24, 25, 69, 78).

use axum::http::StatusCode;
use sdk_jose::Algorithm;
use serde_json::{Value, json};

use crate::{
    agency::{Agency, returned},
    authenticator::Authenticator,
    browser::{Answer, Browser, House, NUMBER, PASSWORD},
    maker::{MODEL, Maker},
};

const ORIGIN: &str = "http://localhost:8080";
const HIGHEST: (&str, &str) = ("acr_values", "urn:aval:aal3");
const NEW: &str = "/account/passkeys/new?kind=security-key";

/// A house where keys of one model reach the highest level.
async fn house(maker: &Maker) -> House {
    House::configured(ORIGIN, &maker.allowed()).await
}

/// A key of the allowed model.
fn hardware(maker: &Maker) -> Authenticator {
    let mut key = Authenticator::new(ORIGIN);
    key.attestation = Some(maker.attestation(MODEL));
    key
}

async fn add(browser: &mut Browser, page: &Answer, key: &mut Authenticator) -> Answer {
    let credential = key.create(&page.options());
    let typed = [("name", "Llave azul"), ("credential", credential.as_str())];
    browser.submit(page, "/account/passkeys/new", &typed).await
}

/// A citizen with this key, and a browser that knows nobody.
async fn with(house: &House, key: &mut Authenticator) -> Browser {
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get(NEW).await;
    let added = add(&mut browser, &page, key).await;
    assert_eq!(added.path, "/account/passkeys/done?what=added", "{}", added.body);
    house.browser()
}

async fn touch(browser: &mut Browser, page: &Answer, key: &mut Authenticator) -> Answer {
    let credential = key.get(&page.options());
    browser
        .submit(page, "/login/passkey", &[("credential", &credential)])
        .await
}

async fn password(browser: &mut Browser, page: &Answer) -> Answer {
    let typed = [("national_id", NUMBER), ("password", PASSWORD)];
    browser.submit(page, "/login?", &typed).await
}

async fn told(agency: &Agency, browser: &mut Browser, consent: &Answer) -> Value {
    let answer = browser
        .submit(consent, "/consent?", &[("decision", "allow")])
        .await;
    let reply = agency.redeem(&returned(&answer, "code").unwrap()).await;
    agency.claims(reply.text("id_token"), Algorithm::ES256).await
}

/// What an agency hears of somebody who logs in with this key alone, when it asks the highest level.
async fn asked_highest(house: &House, key: &mut Authenticator) -> (Agency, Browser, Answer) {
    let mut browser = with(house, key).await;
    let agency = Agency::new(house).await;
    let login = browser.get(&agency.request(&[HIGHEST])).await;
    let answer = touch(&mut browser, &login, key).await;
    (agency, browser, answer)
}

#[tokio::test]
async fn row_24_an_attested_key_that_checks_its_user_reaches_the_highest_level() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let (agency, mut browser, consent) = asked_highest(&house, &mut hardware(&maker)).await;
    let claims = told(&agency, &mut browser, &consent).await;
    assert_eq!(claims["acr"], "urn:aval:aal3");
    assert_eq!(claims["amr"], json!(["hwk", "pop", "user", "mfa"]));
}

#[tokio::test]
async fn row_24_a_password_and_a_key_that_does_not_check_its_user_reach_it_together() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let mut key = hardware(&maker);
    key.user_verified = false;
    let mut browser = with(&house, &mut key).await;
    let agency = Agency::new(&house).await;
    let login = browser.get(&agency.request(&[HIGHEST])).await;
    let second = password(&mut browser, &login).await;
    assert!(
        !second.body.contains("name=\"code\""),
        "a code would not be enough"
    );
    let consent = touch(&mut browser, &second, &mut key).await;
    let claims = told(&agency, &mut browser, &consent).await;
    assert_eq!(claims["acr"], "urn:aval:aal3");
    assert_eq!(claims["amr"], json!(["pwd", "hwk", "pop", "mfa"]));
}

#[tokio::test]
async fn row_24_such_a_key_alone_is_nobody() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let mut key = hardware(&maker);
    key.user_verified = false;
    let (_, _, answer) = asked_highest(&house, &mut key).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// What somebody is told whose key is good, and not good enough.
#[track_caller]
fn is_told_what_is_missing(answer: &Answer) {
    assert!(answer.path.starts_with("/login/unmet?"), "{}", answer.path);
    assert!(answer.body.contains("llave de seguridad autorizada"));
}

#[tokio::test]
async fn row_69_a_key_that_may_be_copied_never_reaches_it_whatever_its_maker_says() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let mut key = hardware(&maker);
    key.synced = true;
    let (_, _, answer) = asked_highest(&house, &mut key).await;
    is_told_what_is_missing(&answer);
}

#[tokio::test]
async fn row_69_a_model_that_is_not_on_the_list_does_not_reach_it() {
    let maker = Maker::new();
    let other = uuid::Uuid::from_bytes([9; 16]);
    maker.state(other, &["hardware"]);
    let house = house(&maker).await;
    let mut key = Authenticator::new(ORIGIN);
    key.attestation = Some(maker.attestation(other));
    let (_, _, answer) = asked_highest(&house, &mut key).await;
    is_told_what_is_missing(&answer);
}

#[tokio::test]
async fn row_69_another_maker_cannot_make_that_model() {
    let (maker, impostor) = (Maker::new(), Maker::new());
    let house = house(&maker).await;
    let (_, _, answer) = asked_highest(&house, &mut hardware(&impostor)).await;
    is_told_what_is_missing(&answer);
}

#[tokio::test]
async fn row_69_a_key_without_attestation_does_not_reach_it() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let (_, _, answer) = asked_highest(&house, &mut Authenticator::new(ORIGIN)).await;
    is_told_what_is_missing(&answer);
}

#[tokio::test]
async fn row_69_a_model_that_keeps_keys_in_software_is_not_offered_as_a_level() {
    let maker = Maker::new();
    maker.state(MODEL, &["software"]);
    let house = house(&maker).await;
    let agency = Agency::new(&house).await;
    let answer = house.browser().get(&agency.request(&[HIGHEST])).await;
    assert_eq!(
        returned(&answer, "error").as_deref(),
        Some("unmet_authentication_requirements")
    );
}

#[tokio::test]
async fn row_69_a_statement_that_the_maker_did_not_sign_is_no_registration() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let mut key = hardware(&maker);
    if let Some(attestation) = &mut key.attestation {
        attestation.key = Maker::new().attestation(MODEL).key;
    }
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get(NEW).await;
    let answer = add(&mut browser, &page, &mut key).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn row_69_a_certificate_of_another_model_is_no_registration() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let mut key = hardware(&maker);
    if let Some(attestation) = &mut key.attestation {
        attestation.chain = maker.attestation(uuid::Uuid::from_bytes([9; 16])).chain;
    }
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get(NEW).await;
    let answer = add(&mut browser, &page, &mut key).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn row_25_who_goes_back_leaves_the_agency_with_unmet_and_not_with_less() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let agency = Agency::new(&house).await;
    let mut browser = house.browser();
    let login = browser.get(&agency.request(&[HIGHEST])).await;
    let second = password(&mut browser, &login).await;
    house.clock.forward(60);
    let unmet = browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    is_told_what_is_missing(&unmet);
    let premature = browser
        .submit(&unmet, "/login/unmet", &[("decision", "go-on")])
        .await;
    assert_eq!(premature.status, StatusCode::CONFLICT, "{}", premature.body);
    let back = browser
        .submit(&unmet, "/login/unmet", &[("decision", "back")])
        .await;
    assert_eq!(
        returned(&back, "error").as_deref(),
        Some("unmet_authentication_requirements")
    );
    assert!(returned(&back, "code").is_none());
    // The session is there, at the level that was reached: another visit says at once what is missing.
    let again = browser.get(&agency.request(&[HIGHEST])).await;
    is_told_what_is_missing(&again);
    let silent = browser.get(&agency.request(&[HIGHEST, ("prompt", "none")])).await;
    assert!(returned(&silent, "error").is_some() && returned(&silent, "code").is_none());
}

#[tokio::test]
async fn row_25_who_adds_the_key_at_that_moment_goes_on_with_it() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = house.signed_in().await;
    let unmet = browser.get(&agency.request(&[HIGHEST])).await;
    is_told_what_is_missing(&unmet);
    let link = unmet.body.split("href=\"/account/passkeys/new").nth(1).unwrap();
    let link = link
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let page = browser.get(&format!("/account/passkeys/new{link}")).await;
    let mut key = hardware(&maker);
    let added = add(&mut browser, &page, &mut key).await;
    assert!(
        added.path.starts_with("/login/unmet?"),
        "{} {}",
        added.path,
        added.body
    );
    let presence = browser
        .submit(&added, "/login/unmet", &[("decision", "go-on")])
        .await;
    assert!(presence.path.starts_with("/reauthenticate?"), "{}", presence.path);
    let consent = touch(&mut browser, &presence, &mut key).await;
    let claims = told(&agency, &mut browser, &consent).await;
    assert_eq!(claims["acr"], "urn:aval:aal3");
}

#[tokio::test]
async fn row_64_whoever_can_reach_the_highest_level_changes_keys_at_no_lower_one() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let mut key = hardware(&maker);
    with(&house, &mut key).await;
    // With a password and a code, a minute ago: fresh, and not the most that this citizen has.
    let (mut browser, _) = house.signed_in().await;
    let asked = browser.get("/account/passkeys/new").await;
    assert!(asked.path.starts_with("/reauthenticate?"), "{}", asked.path);
    assert!(!asked.body.contains("name=\"code\""));
    house.clock.forward(60);
    let token = asked.form("/login/passkey").1;
    let token = &token.iter().find(|(name, _)| name == "csrf").unwrap().1;
    let query = asked.path.split_once('?').unwrap().1;
    let fields = [("csrf", token.as_str()), ("code", &house.code())];
    let forced = browser.post(&format!("/login/code?{query}"), &fields).await;
    assert_eq!(forced.status, StatusCode::CONFLICT);
    let there = touch(&mut browser, &asked, &mut key).await;
    assert_eq!(there.path, "/account/passkeys/new", "{}", there.body);
}

#[tokio::test]
async fn row_78_a_session_at_the_highest_level_ends_after_a_quarter_of_an_hour_of_silence() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let mut key = hardware(&maker);
    with(&house, &mut key).await;
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    let account = touch(&mut browser, &login, &mut key).await;
    assert_eq!(account.path, "/account", "{}", account.body);
    house.clock.forward(899);
    assert_eq!(browser.get("/account").await.path, "/account");
    house.clock.forward(900);
    assert!(browser.get("/account").await.path.starts_with("/login?"));
}

#[tokio::test]
async fn row_78_the_half_day_is_not_extended_by_activity() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let mut key = hardware(&maker);
    with(&house, &mut key).await;
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    touch(&mut browser, &login, &mut key).await;
    for _ in 0..71 {
        house.clock.forward(600);
        assert_eq!(browser.get("/account").await.path, "/account");
    }
    house.clock.forward(600);
    assert!(browser.get("/account").await.path.starts_with("/login?"));
}

#[tokio::test]
async fn row_78_an_old_session_that_is_raised_begins_anew() {
    let maker = Maker::new();
    let house = house(&maker).await;
    let mut key = hardware(&maker);
    with(&house, &mut key).await;
    let (mut browser, _) = house.signed_in().await;
    for _ in 0..20 {
        house.clock.forward(2_400);
        assert_eq!(browser.get("/account").await.path, "/account");
    }
    let agency = Agency::new(&house).await;
    let asked = browser.get(&agency.request(&[HIGHEST])).await;
    let consent = touch(&mut browser, &asked, &mut key).await;
    assert_eq!(
        told(&agency, &mut browser, &consent).await["acr"],
        "urn:aval:aal3"
    );
}

#[tokio::test]
async fn row_34_the_level_is_published_only_where_models_are_allowed() {
    let maker = Maker::new();
    let published = async |house: House| {
        let metadata = house.browser().get("/.well-known/openid-configuration").await;
        let metadata: Value = serde_json::from_str(&metadata.body).unwrap();
        metadata["acr_values_supported"]
            .as_array()
            .unwrap()
            .contains(&json!("urn:aval:aal3"))
    };
    assert!(published(house(&maker).await).await);
    assert!(!published(House::new().await).await);
}
