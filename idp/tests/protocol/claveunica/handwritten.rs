//! Written by hand from the manual: slashes at the end, `state` in the body of the token request, no PKCE, no nonce, the
//! id token not looked at, the session left at once.

use axum::http::StatusCode;
use serde_json::json;

use super::{CALLBACK, LEAVE, agency, enter, house, query, signed_in, userinfo};
use crate::{
    agency::{Agency, Reply, returned},
    browser::NUMBER,
};

const STATE: &str = "0123456789abcdef0123456789abcdef";

/// The request of the manual with some parameters changed.
pub fn request(agency: &Agency, changes: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("client_id", agency.id.as_str()),
        ("response_type", "code"),
        ("scope", "openid run name"),
        ("redirect_uri", CALLBACK),
        ("state", STATE),
    ];
    all.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    all.extend(changes);
    format!("/openid/authorize/?{}", query(&all))
}

/// The redemption of the manual with some parameters changed or (when empty) left out.
pub async fn redeem(agency: &Agency, code: &str, changes: &[(&str, &str)]) -> Reply {
    let mut all = vec![
        ("client_id", agency.id.as_str()),
        ("client_secret", agency.secret.as_str()),
        ("redirect_uri", CALLBACK),
        ("grant_type", "authorization_code"),
        ("code", code),
    ];
    all.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    all.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    let kind = [("content-type", "application/x-www-form-urlencoded; charset=UTF-8")];
    agency.send("POST", "/openid/token/", Some(&all), &kind).await
}

#[tokio::test]
async fn the_whole_story_of_the_manual() {
    let house = house().await;
    let agency = agency(&house).await;
    let (mut browser, answer) = enter(&house, &request(&agency, &[]), NUMBER).await;
    let code = returned(&answer, "code").unwrap();
    assert_eq!(returned(&answer, "state").as_deref(), Some(STATE));
    assert!(is_hex(&code), "{code}");

    let tokens = redeem(&agency, &code, &[("state", STATE)]).await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.json);
    assert!(is_hex(tokens.text("access_token")));
    assert_eq!(tokens.text("token_type"), "bearer");
    assert!(tokens.json["expires_in"].is_u64() && tokens.json["id_token"].is_string());
    assert_eq!(tokens.json.get("refresh_token"), None);

    let info = userinfo(&agency, "POST", "/openid/userinfo", tokens.text("access_token")).await;
    let sub = info.text("sub").to_owned();
    assert_eq!(
        info.json,
        json!({ "sub": sub, "RolUnico": { "numero": 11_111_111, "DV": "1", "tipo": "RUN" },
                "name": { "nombres": ["María", "José"], "apellidos": ["Muñoz", "Ñancupil"] } })
    );
    assert!(!sub.contains("11111111"));

    let left = browser
        .get(&format!(
            "{LEAVE}?{}",
            query(&[("redirect", "https://agency.example/")])
        ))
        .await;
    assert_eq!(left.path, "https://agency.example/");
    assert!(!signed_in(&browser).await);
}

#[tokio::test]
async fn a_state_at_the_token_endpoint_must_be_the_one_of_the_request() {
    let house = house().await;
    let agency = agency(&house).await;
    let (_, answer) = enter(&house, &request(&agency, &[]), NUMBER).await;
    let code = returned(&answer, "code").unwrap();
    let mixed = redeem(&agency, &code, &[("state", "fedcba9876543210fedcba9876543210")]).await;
    mixed.is_error("invalid_grant");
    assert!(mixed.text("error_description").contains("state"));
    // A code that came with another login's state is in wrong hands: spent.
    redeem(&agency, &code, &[("state", STATE)])
        .await
        .is_error("invalid_grant");
}

#[tokio::test]
async fn a_state_at_the_token_endpoint_is_not_needed() {
    let house = house().await;
    let agency = agency(&house).await;
    let (_, answer) = enter(&house, &request(&agency, &[("state", "")]), NUMBER).await;
    let code = returned(&answer, "code").unwrap();
    // None was kept, so any is accepted; everybody else's clients may send one, too (RFC 6749 §3.2).
    assert_eq!(
        redeem(&agency, &code, &[("state", "x")]).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_code_is_good_once_here_too() {
    let house = house().await;
    let agency = agency(&house).await;
    let (_, answer) = enter(&house, &request(&agency, &[]), NUMBER).await;
    let code = returned(&answer, "code").unwrap();
    let tokens = redeem(&agency, &code, &[]).await;
    redeem(&agency, &code, &[]).await.is_error("invalid_grant");
    let info = userinfo(&agency, "POST", "/openid/userinfo/", tokens.text("access_token")).await;
    assert_eq!(info.status, StatusCode::UNAUTHORIZED);
}

fn is_hex(text: &str) -> bool {
    text.len() == 32
        && text
            .bytes()
            .all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
}
