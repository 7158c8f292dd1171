//! Clients that act for themselves.

use axum::http::StatusCode;
use idp::{
    flow::{client::register, manage},
    rules::ids::ClientId,
};
use serde_json::json;

use crate::{
    agency::{Agency, CALLBACK, Reply},
    browser::House,
    resources::{HEALTH, TAX, house, introspected, payload, server, user},
};

async fn own(agency: &Agency, more: &[(&str, &str)]) -> Reply {
    let mut fields = vec![("grant_type", "client_credentials")];
    fields.extend(more);
    agency.post("/token", &fields).await
}

async fn audited(house: &House, event: &str) -> Vec<String> {
    use sqlx::Row as _;
    let mut read = house.idp.store.read().await.unwrap();
    let rows = sqlx::query("SELECT detail FROM audit WHERE event = $1 ORDER BY seq")
        .bind(event)
        .fetch_all(&mut *read)
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_client_gets_an_opaque_token_for_one_resource_and_nothing_else() {
    let house = house().await;
    let health = server(&house, "salud").await;
    let agency = user(&house, json!({})).await;
    let reply = own(&agency, &[("resource", HEALTH), ("scope", "salud:leer")]).await;
    assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.json);
    assert_eq!(reply.text("scope"), "salud:leer");
    for absent in ["refresh_token", "id_token"] {
        assert_eq!(reply.json.get(absent), None);
    }
    let said = introspected(&health, reply.text("access_token")).await;
    assert_eq!(
        (&said["active"], &said["aud"], &said["sub"], &said["client_id"]),
        (&json!(true), &json!(HEALTH), &json!(agency.id), &json!(agency.id))
    );
    assert_eq!(said.get("acr"), None);
    assert_eq!(audited(&house, "client_token.issued").await.len(), 1);
}

#[tokio::test]
async fn a_jwt_says_the_same_and_its_signature_holds() {
    let house = house().await;
    let tax = server(&house, "impuestos").await;
    let agency = user(&house, json!({})).await;
    let reply = own(&agency, &[("resource", TAX)]).await;
    let token = reply.text("access_token").to_owned();
    let published = agency.send("GET", "/jwks", None, &[]).await;
    let keys = sdk_jose::JwkSet::parse(published.json.to_string().as_bytes()).unwrap();
    let expected = sdk_jose::Expected {
        algorithms: &[sdk_jose::Algorithm::ES256],
        typ: sdk_jose::Typ::Required("at+jwt"),
    };
    let claims: serde_json::Value = sdk_jose::Unverified::parse(&token)
        .unwrap()
        .verify(&keys, &expected)
        .unwrap()
        .claims()
        .unwrap();
    assert_eq!(claims["iss"], "http://localhost:8080");
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(TAX), &json!(agency.id)));
    assert_eq!(claims["scope"], "renta:leer renta:enviar");
    assert_eq!(claims["exp"], house.idp.now().0 + 300);
    assert_eq!(introspected(&tax, &token).await["active"], true);
    house.clock.forward(300);
    assert_eq!(introspected(&tax, &token).await["active"], false);
}

#[tokio::test]
async fn jwts_are_counted_and_the_counts_are_written_down() {
    let house = house().await;
    let agency = user(&house, json!({})).await;
    for _ in 0..3 {
        own(&agency, &[("resource", TAX)]).await;
    }
    assert!(audited(&house, "client_tokens.counted").await.is_empty());
    idp::flow::tally::write_down(&house.idp).await.unwrap();
    idp::flow::tally::write_down(&house.idp).await.unwrap();
    let written = audited(&house, "client_tokens.counted").await;
    assert_eq!(written.len(), 1);
    assert!(written[0].contains("\"tokens\":\"3\""), "{written:?}");
}

#[tokio::test]
async fn a_resource_that_is_not_the_clients_is_refused() {
    let house = house().await;
    let agency = user(&house, json!({ "resources": [TAX] })).await;
    for resource in [
        HEALTH,
        "https://nobody.example",
        "https://api.impuestos.example/v1/",
    ] {
        own(&agency, &[("resource", resource)])
            .await
            .is_error("invalid_target");
    }
    own(&agency, &[("resource", TAX), ("resource", TAX)])
        .await
        .is_error("invalid_target");
    let both = user(&house, json!({})).await;
    own(&both, &[]).await.is_error("invalid_target");
    assert_eq!(own(&agency, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_scope_that_the_resource_does_not_know_is_refused() {
    let house = house().await;
    let agency = user(&house, json!({})).await;
    for scope in ["renta:leer", "openid", "salud:leer admin"] {
        own(&agency, &[("resource", HEALTH), ("scope", scope)])
            .await
            .is_error("invalid_scope");
    }
}

#[tokio::test]
async fn details_are_kept_where_the_client_may_ask_their_type() {
    let house = house().await;
    let health = server(&house, "salud").await;
    let agency = user(&house, json!({ "authorization_details_types": ["ficha"] })).await;
    let ask = async |details: &str| {
        own(
            &agency,
            &[("resource", HEALTH), ("authorization_details", details)],
        )
        .await
    };
    ask(r#"[{"type":"otro"}]"#)
        .await
        .is_error("invalid_authorization_details");
    let reply = ask(r#"[{"type":"ficha","id":7}]"#).await;
    assert_eq!(
        reply.json["authorization_details"],
        json!([{ "type": "ficha", "id": 7 }])
    );
    let said = introspected(&health, reply.text("access_token")).await;
    assert_eq!(
        said["authorization_details"],
        json!([{ "type": "ficha", "id": 7 }])
    );
}

#[tokio::test]
async fn a_token_does_not_come_back_with_a_client_that_is_enabled_again() {
    let house = house().await;
    for (format, resource) in [("jwt", TAX), ("opaque", HEALTH)] {
        let (owner, scope) = match resource {
            TAX => ("impuestos", "renta:leer"),
            _ => ("salud", "salud:leer"),
        };
        let server = server(&house, owner).await;
        let agency = user(&house, json!({ "access_token_format": format })).await;
        let asked = [("resource", resource), ("scope", scope)];
        let before = own(&agency, &asked).await;
        let id = ClientId::known(agency.id.as_str());
        manage::disable(&house.idp, &id).await.unwrap();
        manage::enable(&house.idp, &id).await.unwrap();
        let said = introspected(&server, before.text("access_token")).await;
        assert_eq!(said["active"], false, "{format}");
        house.clock.forward(1);
        let after = own(&agency, &asked).await;
        assert_eq!(
            introspected(&server, after.text("access_token")).await["active"],
            true
        );
    }
}

#[tokio::test]
async fn a_resource_that_nobody_configured_is_refused_at_registration() {
    let house = house().await;
    let registration =
        json!({ "client_name": "x", "redirect_uris": [CALLBACK], "resources": ["https://typo.example"] });
    let registration = serde_json::from_value(registration).unwrap();
    let refused = register(&house.idp, &registration).await.unwrap_err();
    assert!(
        format!("{refused:?}").contains("https://typo.example is not among"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn its_tokens_open_no_citizens_data() {
    let house = house().await;
    let agency = user(&house, json!({ "resources": [], "access_token_format": "jwt" })).await;
    let reply = own(&agency, &[]).await;
    assert_eq!(
        payload(reply.text("access_token"))["aud"],
        "http://localhost:8080"
    );
    agency
        .userinfo(reply.text("access_token"))
        .await
        .is_error("invalid_token");
}

#[tokio::test]
async fn a_client_revokes_its_own_tokens_and_no_others() {
    let house = house().await;
    let (agency, other) = (user(&house, json!({})).await, user(&house, json!({})).await);
    for resource in [HEALTH, TAX] {
        let reply = own(&agency, &[("resource", resource)]).await;
        let token = reply.text("access_token");
        other.post("/revoke", &[("token", token)]).await;
        assert_eq!(introspected(&agency, token).await["active"], true);
        assert_eq!(
            agency.post("/revoke", &[("token", token)]).await.status,
            StatusCode::OK
        );
        assert_eq!(introspected(&agency, token).await["active"], false);
    }
    assert_eq!(audited(&house, "token.revoked").await.len(), 2);
}
