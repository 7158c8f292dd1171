//! Agencies that were written for Clave Única change the host and nothing else: three styles of integration as they are
//! found in the wild, each driven over the paths that it was written for.

mod handwritten;
mod nextauth;
mod socialite;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    agency::{Agency, Reply, returned},
    browser::{Answer, Browser, House, PASSWORD},
};

const ISSUER: &str = "http://localhost:8080/openid";
const CALLBACK: &str = "https://agency.example/cb";
const LEAVE: &str = "/api/v1/accounts/app/logout";

/// A provider with the paths switched on.
async fn house() -> House {
    House::configured("http://localhost:8080", "[claveunica]\nenabled = true").await
}

/// An agency as Clave Única registers them: an authority to return to after a logout.
async fn agency(house: &House) -> Agency {
    with(house, json!({})).await
}

async fn with(house: &House, change: Value) -> Agency {
    let mut registration = json!({
        "profile": "claveunica", "scope": "openid run name email",
        "token_endpoint_auth_method": "client_secret_post",
        "post_logout_redirect_uris": ["https://agency.example/salir"],
    });
    registration
        .as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    Agency::with(house, registration).await
}

/// Logs the citizen with this number in from `path`, allowing what is asked; the browser and where it was sent.
async fn enter(house: &House, path: &str, number: &str) -> (Browser, Answer) {
    house.clock.forward(60);
    let mut browser = house.browser();
    let login = browser.get(path).await;
    let typed = [("national_id", number), ("password", PASSWORD)];
    let second = browser.submit(&login, "/login?", &typed).await;
    let mut answer = browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    if answer.path.starts_with("/consent?") {
        answer = browser
            .submit(&answer, "/consent?", &[("decision", "allow")])
            .await;
    }
    (browser, answer)
}

fn query(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

async fn userinfo(agency: &Agency, method: &str, path: &str, token: &str) -> Reply {
    agency
        .send(
            method,
            path,
            None,
            &[("authorization", &format!("Bearer {token}"))],
        )
        .await
}

async fn signed_in(browser: &Browser) -> bool {
    browser.clone().get("/account").await.path == "/account"
}

#[tokio::test]
async fn without_the_switch_there_are_no_such_paths_and_no_such_clients() {
    let house = House::new().await;
    let plain = Agency::new(&house).await;
    for path in [
        "/openid/authorize",
        "/openid/token/",
        "/openid/.well-known/openid-configuration",
        LEAVE,
    ] {
        let reply = plain.send("GET", path, None, &[]).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
    }
    let registration =
        json!({ "client_name": "Trámites", "redirect_uris": [CALLBACK], "profile": "claveunica" });
    let refused =
        idp::flow::client::register(&house.idp, &serde_json::from_value(registration).unwrap()).await;
    let idp::error::Error::Refused(refused) = refused.unwrap_err() else {
        panic!("a fault")
    };
    assert!(refused.to_string().contains("[claveunica]"), "{refused}");
}

#[tokio::test]
async fn what_each_citizen_is_called_comes_as_objects() {
    let house = house().await;
    let agency = agency(&house).await;
    for (number, given, family, digit, surnames) in [
        ("20.000.003-K", "Ana", "Soto", "K", json!(["Soto"])),
        (
            "55.555.555-5",
            "Bruno",
            "De la Fuente Muñoz",
            "5",
            json!(["De la Fuente", "Muñoz"]),
        ),
        (
            "88.888.888-8",
            "Carla",
            "Habsburgo Lorena Borbón Parma",
            "8",
            json!(["Habsburgo", "Lorena", "Borbón", "Parma"]),
        ),
    ] {
        house.citizen(number, given, family).await;
        let path = format!(
            "/openid/authorize/?{}",
            query(&[
                ("client_id", &agency.id),
                ("response_type", "code"),
                ("scope", "openid run name"),
                ("redirect_uri", CALLBACK),
            ])
        );
        let (_, answer) = enter(&house, &path, number).await;
        let tokens = handwritten::redeem(&agency, &returned(&answer, "code").unwrap(), &[]).await;
        let info = userinfo(&agency, "POST", "/openid/userinfo/", tokens.text("access_token")).await;
        assert_eq!(info.json["RolUnico"]["DV"], digit);
        assert_eq!(
            info.json["name"],
            json!({ "nombres": [given], "apellidos": surnames })
        );
        let number: u32 = number
            .split('-')
            .next()
            .unwrap()
            .replace('.', "")
            .parse()
            .unwrap();
        assert_eq!(info.json["RolUnico"]["numero"], number);
        assert_eq!(info.json.get("email"), None);
    }
}

#[tokio::test]
async fn the_citizen_is_asked_in_words_and_with_the_values() {
    let house = house().await;
    let agency = agency(&house).await;
    let mut browser = house.browser();
    let login = browser.get(&handwritten::request(&agency, &[])).await;
    let typed = [("national_id", crate::browser::NUMBER), ("password", PASSWORD)];
    let second = browser.submit(&login, "/login?", &typed).await;
    let consent = browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    for shown in ["11.111.111-1", "María José Muñoz Ñancupil", "RUN"] {
        assert!(consent.body.contains(shown), "{shown}");
    }
    assert!(!consent.body.contains("alguien@correo.example"));
}

#[tokio::test]
async fn a_wrong_address_and_a_wrong_secret_cannot_be_taken_for_each_other() {
    let house = house().await;
    let agency = agency(&house).await;
    let mut browser = house.browser();
    let elsewhere = [("redirect_uri", "https://agency.example/otro")];
    let page = browser.get(&handwritten::request(&agency, &elsewhere)).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(
        page.body.contains("La dirección de vuelta no es segura"),
        "{}",
        page.body
    );
    let nobody = [("client_id", "nadie")];
    let page = browser.get(&handwritten::request(&agency, &nobody)).await;
    assert!(page.body.contains("No conocemos ese servicio"), "{}", page.body);

    let (_, answer) = enter(
        &house,
        &handwritten::request(&agency, &[]),
        crate::browser::NUMBER,
    )
    .await;
    let code = returned(&answer, "code").unwrap();
    let secret = handwritten::redeem(&agency, &code, &[("client_secret", "otro")]).await;
    assert_eq!(
        (secret.status, secret.text("error")),
        (StatusCode::UNAUTHORIZED, "invalid_client")
    );
    let moved = handwritten::redeem(&agency, &code, &[("redirect_uri", "https://agency.example/otro")]).await;
    assert_eq!(
        (moved.status, moved.text("error")),
        (StatusCode::BAD_REQUEST, "invalid_grant")
    );
    assert!(moved.text("error_description").contains("redirect_uri"));
}

#[tokio::test]
async fn an_agency_on_the_developers_own_machine_works() {
    let house = house().await;
    let change = json!({ "redirect_uris": ["http://localhost:8000/callback"],
        "post_logout_redirect_uris": ["http://localhost:8000"] });
    let agency = with(&house, change).await;
    let here = [("redirect_uri", "http://localhost:8000/callback")];
    let (mut browser, answer) = enter(
        &house,
        &handwritten::request(&agency, &here),
        crate::browser::NUMBER,
    )
    .await;
    assert!(answer.path.starts_with("http://localhost:8000/callback?"));
    let left = browser
        .get(&format!(
            "{LEAVE}?{}",
            query(&[("redirect", "http://localhost:8000/fin")])
        ))
        .await;
    assert_eq!(left.path, "http://localhost:8000/fin");
}

#[tokio::test]
async fn leaving_always_ends_the_session_and_always_lands_somewhere() {
    let house = house().await;
    let agency = agency(&house).await;
    let ours = "Saliste";
    for (asked, referrer, lands) in [
        (
            Some("https://agency.example/salir"),
            None,
            "https://agency.example/salir",
        ),
        // Only the authority is registered.
        (
            Some("https://agency.example/otra?x=1"),
            None,
            "https://agency.example/otra?x=1",
        ),
        (Some("https://evil.example/"), None, ours),
        (Some("https://agency.example@evil.example/"), None, ours),
        (Some("https://agency.example.evil.example/"), None, ours),
        (Some("https://agency.example:8443/"), None, ours),
        (Some("http://agency.example/"), None, ours),
        (Some("javascript:alert(1)"), None, ours),
        (None, None, ours),
        // Copied from the manual as it stands there: the page that they came from knows better.
        (
            Some("logout_uri"),
            Some("https://agency.example/"),
            "https://agency.example/salir",
        ),
        (
            None,
            Some("https://agency.example/menu"),
            "https://agency.example/salir",
        ),
        (None, Some("https://evil.example/"), ours),
    ] {
        let (mut browser, _) = enter(
            &house,
            &handwritten::request(&agency, &[]),
            crate::browser::NUMBER,
        )
        .await;
        assert!(signed_in(&browser).await);
        let copy = browser.clone();
        browser
            .headers
            .extend(referrer.map(|page| ("referer", page.to_owned())));
        let parameters: Vec<_> = asked.map(|asked| ("redirect", asked)).into_iter().collect();
        let left = browser.get(&format!("{LEAVE}?{}", query(&parameters))).await;
        if lands == ours {
            assert_eq!(left.status, StatusCode::OK, "{asked:?} {referrer:?}");
            assert!(left.body.contains(ours), "{asked:?} {referrer:?}");
        } else {
            assert_eq!(left.path, lands, "{asked:?} {referrer:?}");
        }
        assert!(!signed_in(&copy).await, "{asked:?} {referrer:?}");
    }
}

#[tokio::test]
async fn leaving_without_a_session_lands_too() {
    let house = house().await;
    agency(&house).await;
    let asked = format!("{LEAVE}/?{}", query(&[("redirect", "https://agency.example/")]));
    assert_eq!(house.browser().get(&asked).await.path, "https://agency.example/");
}

#[tokio::test]
async fn an_authority_of_another_kind_of_client_is_not_enough() {
    let house = house().await;
    let byte_for_byte = json!({ "post_logout_redirect_uris": ["https://agency.example/bye"] });
    Agency::with(&house, byte_for_byte).await;
    let asked = format!("{LEAVE}?{}", query(&[("redirect", "https://agency.example/bye")]));
    assert_eq!(house.browser().get(&asked).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_plain_client_is_told_who_we_are_by_our_own_name_wherever_it_asks() {
    let house = house().await;
    let plain = Agency::new(&house).await;
    let (_, answer) = plain.login(&house, &[]).await;
    assert_eq!(returned(&answer, "iss").as_deref(), Some("http://localhost:8080"));
    assert_eq!(returned(&answer, "code").unwrap().len(), 48);
    let tokens = plain.redeem(&returned(&answer, "code").unwrap()).await;
    assert_eq!(tokens.text("token_type"), "Bearer");
    // Words of the other dialect mean nothing to it.
    let (_, answer) = plain.login(&house, &[("scope", "openid run name")]).await;
    let tokens = plain.redeem(&returned(&answer, "code").unwrap()).await;
    assert_eq!(tokens.text("scope"), "openid");
}
