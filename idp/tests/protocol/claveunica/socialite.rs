//! A Socialite driver: no slash at the end, the client's secret in the body, the token's answer read as JSON, userinfo by
//! an empty POST with whatever content type its HTTP client is used to, the person mapped from the objects.

use axum::http::StatusCode;

use super::{CALLBACK, LEAVE, agency, enter, house, query, signed_in};
use crate::{
    agency::{Agency, returned},
    browser::NUMBER,
};

fn redirect(agency: &Agency, state: &str) -> String {
    let pairs = [
        ("client_id", agency.id.as_str()),
        ("redirect_uri", CALLBACK),
        ("scope", "openid run name email"),
        ("response_type", "code"),
        ("state", state),
    ];
    format!("/openid/authorize?{}", query(&pairs))
}

#[tokio::test]
async fn a_user_comes_out_of_the_driver() {
    let house = house().await;
    let agency = agency(&house).await;
    let state = "a".repeat(40);
    let (mut browser, answer) = enter(&house, &redirect(&agency, &state), NUMBER).await;
    assert_eq!(returned(&answer, "state").unwrap(), state);
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", agency.id.as_str()),
        ("client_secret", agency.secret.as_str()),
        ("code", &returned(&answer, "code").unwrap()),
        ("redirect_uri", CALLBACK),
    ];
    let json = [("accept", "application/json")];
    let tokens = agency.send("POST", "/openid/token", Some(&fields), &json).await;
    let bearer = format!("Bearer {}", tokens.text("access_token"));
    for kind in [
        None,
        Some("application/json"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let mut headers = vec![("authorization", bearer.as_str()), ("accept", "application/json")];
        headers.extend(kind.map(|kind| ("content-type", kind)));
        let user = agency.send("POST", "/openid/userinfo", None, &headers).await;
        assert_eq!(user.status, StatusCode::OK, "{kind:?} {:?}", user.json);
        assert_eq!(user.json["RolUnico"]["numero"], 11_111_111);
        assert_eq!(user.json["name"]["apellidos"][1], "Ñancupil");
        assert_eq!(user.json["email"], "alguien@correo.example");
    }
    // The driver knows nothing of logouts: a link without an address, followed from the agency's page.
    browser
        .headers
        .push(("referer", "https://agency.example/home".to_owned()));
    assert_eq!(browser.get(LEAVE).await.path, "https://agency.example/salir");
    assert!(!signed_in(&browser).await);
}

#[tokio::test]
async fn a_citizen_who_refuses_is_told_to_the_driver() {
    let house = house().await;
    let agency = agency(&house).await;
    house.clock.forward(60);
    let mut browser = house.browser();
    let login = browser.get(&redirect(&agency, "s")).await;
    let typed = [("national_id", NUMBER), ("password", crate::browser::PASSWORD)];
    let second = browser.submit(&login, "/login?", &typed).await;
    let consent = browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    let answer = browser
        .submit(&consent, "/consent?", &[("decision", "deny")])
        .await;
    assert_eq!(returned(&answer, "error").as_deref(), Some("access_denied"));
    assert_eq!(returned(&answer, "iss").as_deref(), Some(super::ISSUER));
}
