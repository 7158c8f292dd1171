//! From an agency and back: login, code, consent, without script.

use axum::http::StatusCode;

use crate::browser::{Answer, Browser, House, NUMBER, PASSWORD, authorize};

const ALL: &str = "openid profile email national_id";

/// The consent page, after password and code.
async fn asked(house: &House, path: &str) -> (Browser, Answer) {
    let mut browser = house.browser();
    let login = browser.get(path).await;
    assert!(
        login.body.contains("Servicio de &#60;Impuestos&#62;") && login.body.contains("impuestos.example")
    );
    let code = browser
        .submit(
            &login,
            "/login?",
            &[("national_id", NUMBER), ("password", PASSWORD)],
        )
        .await;
    let consent = browser
        .submit(&code, "/login/code", &[("code", &house.code())])
        .await;
    assert!(
        consent.path.starts_with("/consent?"),
        "{} {}",
        consent.path,
        consent.body
    );
    (browser, consent)
}

#[tokio::test]
async fn a_citizen_enters_an_agency_without_script() {
    let house = House::new().await;
    let path = house.client(ALL).await;
    let (mut browser, consent) = asked(&house, &path).await;
    for value in [
        "María José Muñoz Ñancupil",
        "11.111.111-1",
        "alguien@correo.example",
    ] {
        assert!(consent.body.contains(value), "{value}");
    }
    let back = browser
        .submit(&consent, "/consent", &[("decision", "allow")])
        .await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert!(
        back.path.starts_with("https://impuestos.example:8443/vuelta?"),
        "{}",
        back.path
    );
    assert!(
        back.path.contains("code=") && back.path.contains("state=abc"),
        "{}",
        back.path
    );
}

#[tokio::test]
async fn refusing_is_as_easy_and_gives_nothing() {
    let house = House::new().await;
    let path = house.client(ALL).await;
    let (mut browser, consent) = asked(&house, &path).await;
    let back = browser
        .submit(&consent, "/consent", &[("decision", "deny")])
        .await;
    assert!(
        back.path.contains("error=access_denied") && !back.path.contains("code="),
        "{}",
        back.path
    );
}

#[tokio::test]
async fn no_link_in_the_masthead_loses_the_task() {
    let house = House::new().await;
    let path = house.client(ALL).await;
    let (mut browser, consent) = asked(&house, &path).await;
    let home = consent
        .body
        .split("class=\"mark\" href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert_eq!(browser.get(home).await.path, consent.path);
    assert_eq!(
        browser.get(&format!("{}&lang=en", consent.path)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn neither_yes_nor_no_is_asked_again() {
    let house = House::new().await;
    let path = house.client(ALL).await;
    let (mut browser, consent) = asked(&house, &path).await;
    let answer = browser
        .submit(&consent, "/consent", &[("decision", "maybe")])
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Elige si compartes"));
}

#[tokio::test]
async fn what_is_not_asked_is_not_shown() {
    let house = House::new().await;
    let path = house.client("openid").await;
    let (_, consent) = asked(&house, &path).await;
    assert!(!consent.body.contains("alguien@correo.example") && !consent.body.contains("11.111.111-1"));
}

#[tokio::test]
async fn forms_of_an_interaction_may_end_at_the_clients_origin_and_nowhere_else() {
    let house = House::new().await;
    let path = house.client(ALL).await;
    let (mut browser, consent) = asked(&house, &path).await;
    let login = browser.get(&format!("{path}&prompt=login")).await;
    for page in [consent, login] {
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("form-action 'self' https://impuestos.example:8443;"),
            "{} {policy}",
            page.path
        );
    }
}

#[tokio::test]
async fn access_is_listed_on_the_account_page_and_can_be_taken_back() {
    let house = House::new().await;
    let path = house.client(ALL).await;
    let (mut browser, consent) = asked(&house, &path).await;
    browser
        .submit(&consent, "/consent", &[("decision", "allow")])
        .await;
    assert!(
        browser.get(&path).await.path.contains("code="),
        "asked once, remembered"
    );
    let account = browser.get("/account").await;
    assert!(
        account.body.contains("Entraste a Servicio de"),
        "{}",
        account.body
    );
    let account = browser.submit(&account, "/account/agencies/withdraw", &[]).await;
    assert_eq!(account.path, "/account?done=access-withdrawn");
    assert!(account.body.contains("Ningún servicio tiene acceso"));
    assert!(
        browser.get(&path).await.path.starts_with("/consent?"),
        "asked again"
    );
}

#[tokio::test]
async fn a_citizen_with_a_live_session_only_proves_presence_again() {
    let house = House::new().await;
    let path = house.client(ALL).await;
    let (mut browser, consent) = asked(&house, &path).await;
    browser
        .submit(&consent, "/consent", &[("decision", "allow")])
        .await;
    house.clock.forward(60);
    let presence = browser.get(&format!("{path}&max_age=0")).await;
    assert!(presence.path.starts_with("/reauthenticate?"), "{}", presence.path);
    assert!(
        presence.body.contains("María José, antes de seguir") && !presence.body.contains("name=\"password\"")
    );
    let back = browser
        .submit(&presence, "/login/code", &[("code", &house.code())])
        .await;
    assert!(back.path.contains("code="), "{}", back.path);
}

#[tokio::test]
async fn another_person_can_be_used_instead() {
    let house = House::new().await;
    let path = house.client(ALL).await;
    house.citizen("12.345.678-5", "Ana", "Soto").await;
    let (mut browser, _) = asked(&house, &path).await;
    let presence = browser.get(&format!("{path}&max_age=0")).await;
    let login = browser.submit(&presence, "/login/restart", &[]).await;
    let typed = [("national_id", "12.345.678-5"), ("password", PASSWORD)];
    let code = browser.submit(&login, "/login?", &typed).await;
    let consent = browser
        .submit(&code, "/login/code", &[("code", &house.code())])
        .await;
    assert!(
        consent.body.contains("Ana Soto") && !consent.body.contains("Muñoz"),
        "{}",
        consent.body
    );
}

#[tokio::test]
async fn a_hint_fills_the_field_and_the_suggested_language_is_spoken() {
    let house = House::new().await;
    let path = house.client(ALL).await;
    let login = house
        .browser()
        .get(&format!("{path}&login_hint=11.111.111-1&ui_locales=fr%20en"))
        .await;
    assert!(login.body.contains("value=\"11.111.111-1\"") && login.body.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn an_unregistered_way_back_is_answered_here() {
    let house = House::new().await;
    house.client(ALL).await;
    let path = authorize(ALL).replace("impuestos.example", "impuestos.example.evil.example");
    let answer = house.browser().get(&path).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(
        answer.body.contains("La dirección de vuelta no es segura"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn what_expired_is_forgotten() {
    let house = House::new().await;
    house.browser().get("/account").await;
    assert_eq!(idp::flow::sweep::once(&house.idp).await.unwrap(), 0);
    house.clock.forward(1_800);
    // The conversation and the challenge on its page.
    assert_eq!(idp::flow::sweep::once(&house.idp).await.unwrap(), 2);
}
