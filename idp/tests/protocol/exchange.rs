//! From agency to agency: each named, nobody with more than the one before.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    agency::{Agency, Reply},
    resources::{HEALTH, TAX, house, introspected, payload, server, user},
};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

async fn exchange(agency: &Agency, token: &str, changes: &[(&str, &str)]) -> Reply {
    let mut fields = vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", token),
        ("subject_token_type", ACCESS_TOKEN),
        ("resource", HEALTH),
    ];
    fields.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    fields.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    agency.post("/token", &fields).await
}

#[tokio::test]
async fn an_agency_acts_for_a_citizen_at_another_agency() {
    let house = house().await;
    let health = server(&house, "salud").await;
    let agency = user(&house, json!({})).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let reply = exchange(&agency, tokens.text("access_token"), &[]).await;
    assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.json);
    assert_eq!(reply.text("issued_token_type"), ACCESS_TOKEN);
    assert_eq!(reply.text("scope"), "profile");
    assert_eq!(reply.json.get("refresh_token"), None);
    let said = introspected(&health, reply.text("access_token")).await;
    assert_eq!(said["act"], json!({ "sub": agency.id }));
    assert_eq!(
        (&said["aud"], &said["acr"]),
        (&json!(HEALTH), &json!("urn:aval:aal2"))
    );
    // Each agency knows the citizen by another name.
    let own = introspected(&agency, tokens.text("access_token")).await;
    assert!(said["sub"].is_string() && said["sub"] != own["sub"]);
    // It opens that resource and nothing here.
    agency
        .userinfo(reply.text("access_token"))
        .await
        .is_error("invalid_token");
}

#[tokio::test]
async fn the_one_who_received_it_goes_on_and_both_are_named() {
    let house = house().await;
    let tax = server(&house, "impuestos").await;
    let middle = user(&house, json!({ "client_id": "salud" })).await;
    let agency = user(&house, json!({})).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let first = exchange(&agency, tokens.text("access_token"), &[]).await;
    let second = exchange(&middle, first.text("access_token"), &[("resource", TAX)]).await;
    assert_eq!(second.status, StatusCode::OK, "{:?}", second.json);
    let claims = payload(second.text("access_token"));
    assert_eq!(
        claims["act"],
        json!({ "sub": "salud", "act": { "sub": agency.id } })
    );
    assert_eq!(claims["client_id"], "salud");
    assert_eq!(
        introspected(&tax, second.text("access_token")).await["sub"],
        claims["sub"]
    );
}

#[tokio::test]
async fn it_ends_with_what_it_came_of() {
    let house = house().await;
    let health = server(&house, "salud").await;
    let agency = user(&house, json!({})).await;
    let (mut browser, tokens) = agency.tokens(&house, &[]).await;
    house.clock.forward(400);
    let reply = exchange(&agency, tokens.text("access_token"), &[]).await;
    assert_eq!(reply.json["expires_in"], 200);
    let token = reply.text("access_token");
    assert_eq!(introspected(&health, token).await["active"], true);
    browser
        .get(&format!("/logout?id_token_hint={}", tokens.text("id_token")))
        .await;
    assert_eq!(introspected(&health, token).await["active"], false);
    exchange(&agency, tokens.text("access_token"), &[])
        .await
        .is_error("invalid_request");
}

#[tokio::test]
async fn whoever_found_a_token_cannot_exchange_it() {
    let house = house().await;
    let (agency, thief) = (user(&house, json!({})).await, user(&house, json!({})).await);
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let stolen = exchange(&thief, tokens.text("access_token"), &[]).await;
    let unknown = exchange(&thief, &"A".repeat(43), &[]).await;
    stolen.is_error("invalid_request");
    assert_eq!(stolen.json, unknown.json);
}

#[tokio::test]
async fn more_than_the_token_had_is_refused() {
    let house = house().await;
    let agency = user(&house, json!({})).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    exchange(&agency, tokens.text("access_token"), &[("scope", "salud:leer")])
        .await
        .is_error("invalid_scope");
    let narrow = user(&house, json!({ "resources": [TAX] })).await;
    let (_, tokens) = narrow.tokens(&house, &[]).await;
    exchange(&narrow, tokens.text("access_token"), &[])
        .await
        .is_error("invalid_target");
}

#[tokio::test]
async fn nobody_acts_in_the_name_of_a_third() {
    let house = house().await;
    let agency = user(&house, json!({})).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let token = tokens.text("access_token");
    let actor = [("actor_token", token), ("actor_token_type", ACCESS_TOKEN)];
    exchange(&agency, token, &actor).await.is_error("invalid_request");
}

#[tokio::test]
async fn an_exchange_is_in_the_citizens_history() {
    let house = house().await;
    let agency = user(&house, json!({})).await;
    let (mut browser, tokens) = agency.tokens(&house, &[]).await;
    exchange(&agency, tokens.text("access_token"), &[]).await;
    let page = browser.get("/account").await;
    assert!(page.body.contains("actuó en tu nombre"), "{}", page.body);
}
