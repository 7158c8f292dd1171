//! What a citizen sees and does with what is kept about them: who looked, a copy of it all, the end of the account.

use axum::http::{StatusCode, header};
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, House, NUMBER, PASSWORD, authorize};

const SECRET: &str = "Zm9yIHRoZSB0ZXN0cyBvbmx5IQ";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The tax service, and what it got for a citizen who allowed everything.
async fn at_the_agency(house: &House, browser: &mut Browser) -> Value {
    let asked = json!({ "client_id": "impuestos", "client_secret": SECRET, "client_name": "Servicio de <Impuestos>",
        "redirect_uris": ["https://impuestos.example:8443/vuelta"] });
    idp::flow::client::register(&house.idp, &serde_json::from_value(asked).unwrap())
        .await
        .unwrap();
    let consent = browser.get(&authorize("openid profile email")).await;
    let answer = browser
        .submit(&consent, "/consent?", &[("decision", "allow")])
        .await;
    let url = url::Url::parse(&answer.path).unwrap();
    let code = url.query_pairs().find(|(name, _)| name == "code").unwrap().1;
    let mut server = house.browser();
    let basic = BASE64.encode(format!("impuestos:{SECRET}").as_bytes());
    server.headers = vec![("authorization", format!("Basic {basic}"))];
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", "https://impuestos.example:8443/vuelta"),
    ];
    let tokens = server.post("/token", &fields).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    serde_json::from_str(&tokens.body).unwrap()
}

async fn userinfo(house: &House, tokens: &Value) -> Answer {
    let mut server = house.browser();
    let bearer = tokens["access_token"].as_str().unwrap();
    server.headers = vec![("authorization", format!("Bearer {bearer}"))];
    server.get("/userinfo").await
}

#[tokio::test]
async fn row_98_the_citizen_sees_which_agency_read_which_data_when() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let before = browser.get("/account/looks").await;
    assert!(before.body.contains("Todavía nadie miró"));
    let tokens = at_the_agency(&house, &mut browser).await;
    let none = browser.get("/account/looks").await;
    assert!(
        none.body.contains("Todavía nadie miró"),
        "allowed, and nothing read yet"
    );
    assert_eq!(userinfo(&house, &tokens).await.status, StatusCode::OK);
    house.clock.forward(120);
    let looks = browser.get("/account/looks").await;
    assert!(
        looks
            .body
            .contains("<b>Servicio de &#60;Impuestos&#62;</b>: Nombre, Correo<small>hace 2 minutos"),
        "{}",
        looks.body
    );
}

#[tokio::test]
async fn the_copy_holds_everything_but_secrets_and_is_written_down() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    at_the_agency(&house, &mut browser).await;
    let page = browser.get("/account/data").await;
    let file = browser.submit(&page, "/account/data", &[]).await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "application/json");
    assert!(
        file.headers[header::CONTENT_DISPOSITION]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    assert_eq!(file.headers[header::CACHE_CONTROL], "no-store");
    let copy: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(copy["person"]["national_id"], "11111111-1");
    assert_eq!(copy["person"]["email"], "alguien@correo.example");
    assert_eq!(copy["authenticators"]["apps"], 1);
    assert_eq!(copy["consents"][0]["client"], "impuestos");
    let history = copy["history"].as_array().unwrap();
    assert_eq!(history[0]["event"], "data.exported");
    let mut read = house.idp.store.read().await.unwrap();
    let rows = sqlx::query("SELECT citizen FROM audit WHERE citizen <> ''")
        .fetch_all(&mut *read)
        .await
        .unwrap();
    assert_eq!(history.len(), rows.len(), "the whole history");
    for secret in [PASSWORD, crate::browser::TOTP, "$argon2"] {
        assert!(!file.body.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_long_history_is_sent_whole_and_in_order() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let mut write = house.idp.store.write().await.unwrap();
    let row = sqlx::query("SELECT id FROM citizens")
        .fetch_one(&mut *write)
        .await;
    let citizen = idp::rules::ids::CitizenId::known(sqlx::Row::get::<String, _>(&row.unwrap(), 0));
    for _ in 0..1_200 {
        let record = idp::rules::audit::Record::new(
            idp::rules::audit::Event::SessionRenewed,
            idp::rules::audit::Outcome::Done,
        );
        idp::store::audit::append(&mut write, &record.citizen(&citizen), house.idp.now())
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
    let page = browser.get("/account/data").await;
    let file = browser.submit(&page, "/account/data", &[]).await;
    let copy: Value = serde_json::from_str(&file.body).unwrap();
    let history: Vec<i64> = copy["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["seq"].as_i64().unwrap())
        .collect();
    assert!(history.len() > 1_200);
    assert!(history.is_sorted_by(|one, next| one > next), "each once");
}

#[tokio::test]
async fn row_81_closing_ends_every_session_and_every_token_at_once_and_is_told() {
    let house = House::new().await;
    let (mut elsewhere, _) = house.signed_in().await;
    let (mut browser, _) = house.signed_in().await;
    let tokens = at_the_agency(&house, &mut browser).await;
    house.letters().await;
    let page = browser.get("/account/close").await;
    let closed = browser.submit(&page, "/account/close", &[]).await;
    assert!(closed.path.starts_with("/logged-out"), "{}", closed.path);
    assert!(elsewhere.get("/account").await.path.starts_with("/login?"));
    assert_eq!(userinfo(&house, &tokens).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.letters().await[0].subject, "Cerraste tu cuenta");
    house.clock.forward(60);
    let login = browser.get("/account").await;
    let typed = [("national_id", NUMBER), ("password", PASSWORD)];
    let second = browser.submit(&login, "/login?", &typed).await;
    let refused = browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert!(!refused.path.starts_with("/account"), "{}", refused.path);
}

#[tokio::test]
async fn row_28_a_closed_account_keeps_its_number_so_that_nobody_gets_its_subject() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get("/account/close").await;
    browser.submit(&page, "/account/close", &[]).await;
    let new = json!({ "national_id": NUMBER, "given_name": "Otra", "family_name": "Persona", "email": "o@correo.example" });
    let new = serde_json::from_value(new).unwrap();
    assert!(idp::flow::enrol::enrol(&house.idp, &new).await.is_err());
}

#[tokio::test]
async fn a_copy_and_the_end_ask_for_presence() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let pages = [
        browser.get("/account/data").await,
        browser.get("/account/close").await,
    ];
    house.clock.forward(301);
    for (page, action) in pages.iter().zip(["/account/data", "/account/close"]) {
        let asked = browser.submit(page, action, &[]).await;
        assert!(
            asked.path.starts_with("/reauthenticate?"),
            "{action} {}",
            asked.path
        );
        let asked = browser.get(action).await;
        assert!(
            asked.path.starts_with("/reauthenticate?"),
            "{action} {}",
            asked.path
        );
    }
    assert_eq!(browser.get("/account").await.path, "/account");
}

#[tokio::test]
async fn row_40_the_question_tells_purpose_data_with_their_values_policy_and_how_to_withdraw() {
    let house = House::new().await;
    let asked = json!({ "client_id": "impuestos", "client_name": "Servicio de <Impuestos>",
        "redirect_uris": ["https://impuestos.example:8443/vuelta"], "policy_uri": "https://impuestos.example/datos",
        "purpose": "Calcular tu impuesto de este año" });
    idp::flow::client::register(&house.idp, &serde_json::from_value(asked).unwrap())
        .await
        .unwrap();
    let (mut browser, _) = house.signed_in().await;
    let consent = browser.get(&authorize("openid profile")).await;
    for told in [
        "Calcular tu impuesto de este año",
        "María José Muñoz Ñancupil",
        "href=\"https://impuestos.example/datos\"",
        "Puedes retirar el acceso",
    ] {
        assert!(consent.body.contains(told), "{told} in {}", consent.body);
    }
    browser
        .submit(&consent, "/consent?", &[("decision", "allow")])
        .await;
    let again = browser.get(&authorize("openid profile")).await;
    assert!(
        again.path.starts_with("https://impuestos.example"),
        "asked once: {}",
        again.path
    );
    let more = browser.get(&authorize("openid profile email")).await;
    assert!(
        more.path.starts_with("/consent?"),
        "asked again when it grows: {}",
        more.path
    );
}
