//! Tokens for one resource each, from the citizen's yes to the resource's question.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    agency::{Agency, Reply, returned},
    browser::House,
    resources::{HEALTH, TAX, house, introspected, payload, server, user},
};

/// A login that asks for these resources; the code that came back.
async fn code(house: &House, agency: &Agency, scope: &str, resources: &[&str]) -> String {
    let mut changes = vec![("scope", scope)];
    changes.extend(resources.iter().map(|uri| ("resource", *uri)));
    let (_, answer) = agency.login(house, &changes).await;
    returned(&answer, "code").unwrap()
}

async fn refreshed(agency: &Agency, tokens: &Reply, more: &[(&str, &str)]) -> Reply {
    let mut fields = vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.text("refresh_token")),
    ];
    fields.extend(more);
    agency.post("/token", &fields).await
}

#[tokio::test]
async fn the_only_resource_that_was_asked_is_what_the_token_is_for() {
    let house = house().await;
    let tax = server(&house, "impuestos").await;
    let agency = user(&house, json!({})).await;
    let code = code(&house, &agency, "openid profile renta:leer", &[TAX]).await;
    let tokens = agency.redeem(&code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.json);
    assert_eq!(tokens.text("scope"), "renta:leer");
    let claims = payload(tokens.text("access_token"));
    assert_eq!(
        (&claims["aud"], &claims["acr"]),
        (&json!(TAX), &json!("urn:aval:aal2"))
    );
    let said = introspected(&tax, tokens.text("access_token")).await;
    assert_eq!((&said["active"], &said["sub"]), (&json!(true), &claims["sub"]));
    // The agency knows the citizen by another name, and cannot read their data with this token.
    let id_token = agency
        .claims(tokens.text("id_token"), sdk_jose::Algorithm::ES256)
        .await;
    assert_ne!(id_token["sub"], claims["sub"]);
    agency
        .userinfo(tokens.text("access_token"))
        .await
        .is_error("invalid_token");
}

#[tokio::test]
async fn each_refresh_may_name_another_of_those_that_were_granted() {
    let house = house().await;
    let (health, tax) = (server(&house, "salud").await, server(&house, "impuestos").await);
    let agency = user(&house, json!({})).await;
    let code = code(
        &house,
        &agency,
        "openid profile renta:leer salud:leer",
        &[TAX, HEALTH],
    )
    .await;
    let tokens = agency.redeem_with(&code, &[("resource", TAX)]).await;
    assert_eq!(tokens.text("scope"), "renta:leer");
    assert_eq!(
        introspected(&health, tokens.text("access_token")).await["active"],
        false
    );
    let tokens = refreshed(&agency, &tokens, &[("resource", HEALTH)]).await;
    assert_eq!(tokens.text("scope"), "profile salud:leer");
    assert_eq!(
        introspected(&health, tokens.text("access_token")).await["active"],
        true
    );
    assert_eq!(
        introspected(&tax, tokens.text("access_token")).await["active"],
        false
    );
    let tokens = refreshed(&agency, &tokens, &[("resource", "http://localhost:8080")]).await;
    assert_eq!(tokens.text("scope"), "openid profile");
    assert_eq!(
        agency.userinfo(tokens.text("access_token")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_resource_that_was_not_granted_is_refused_and_nothing_is_spent() {
    let house = house().await;
    server(&house, "impuestos").await;
    let agency = user(&house, json!({})).await;
    let code = code(&house, &agency, "openid renta:leer", &[TAX]).await;
    agency
        .redeem_with(&code, &[("resource", HEALTH)])
        .await
        .is_error("invalid_target");
    let tokens = agency.redeem(&code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.json);
    refreshed(&agency, &tokens, &[("resource", HEALTH)])
        .await
        .is_error("invalid_target");
    let again = refreshed(&agency, &tokens, &[]).await;
    assert_eq!(again.status, StatusCode::OK, "{:?}", again.json);
}

#[tokio::test]
async fn what_a_resource_does_not_know_is_not_in_its_token() {
    let house = house().await;
    server(&house, "impuestos").await;
    let agency = user(&house, json!({})).await;
    let code = code(&house, &agency, "openid renta:leer admin salud:leer", &[TAX]).await;
    assert_eq!(agency.redeem(&code).await.text("scope"), "renta:leer");
}

#[tokio::test]
async fn the_citizen_reads_which_resources_are_asked_each_time() {
    let house = house().await;
    let agency = user(&house, json!({})).await;
    let changes = [("scope", "openid renta:leer"), ("resource", TAX)];
    let (mut browser, _) = agency.login(&house, &changes).await;
    let page = browser.get(&agency.request(&changes)).await;
    assert!(page.path.starts_with("/consent?"), "{}", page.path);
    assert!(
        page.body.contains("Acceso a") && page.body.contains("Impuestos"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn details_go_with_every_token_and_a_refresh_may_ask_for_fewer() {
    let house = house().await;
    let agency = user(&house, json!({ "authorization_details_types": ["ficha"] })).await;
    let both = r#"[{"type":"ficha","id":1},{"type":"ficha","id":2}]"#;
    let (_, tokens) = agency.tokens(&house, &[("authorization_details", both)]).await;
    assert_eq!(
        tokens.json["authorization_details"],
        serde_json::from_str::<serde_json::Value>(both).unwrap()
    );
    let one = r#"[{"type":"ficha","id":2}]"#;
    let fewer = refreshed(&agency, &tokens, &[("authorization_details", one)]).await;
    assert_eq!(
        fewer.json["authorization_details"],
        json!([{ "type": "ficha", "id": 2 }])
    );
    let said = introspected(&agency, fewer.text("access_token")).await;
    assert_eq!(
        said["authorization_details"],
        json!([{ "type": "ficha", "id": 2 }])
    );
    let other = r#"[{"type":"ficha","id":3}]"#;
    refreshed(&agency, &fewer, &[("authorization_details", other)])
        .await
        .is_error("invalid_authorization_details");
}

#[tokio::test]
async fn a_resource_that_nobody_serves_gets_no_citizens_tokens() {
    let house = house().await;
    let agency = user(&house, json!({})).await;
    let code = code(&house, &agency, "openid renta:leer", &[TAX]).await;
    agency.redeem(&code).await.is_error("invalid_target");
}
