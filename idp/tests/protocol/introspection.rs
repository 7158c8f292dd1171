//! What a token is, told to whom it concerns.

use axum::http::{Request, StatusCode};
use serde_json::json;

use crate::{
    agency::{Agency, Reply},
    browser::House,
    resources::{house, introspected, payload},
};

const JWT: &str = "application/token-introspection+jwt";

#[tokio::test]
async fn the_client_of_a_token_learns_what_it_is() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let claims = agency
        .claims(tokens.text("id_token"), sdk_jose::Algorithm::ES256)
        .await;
    let said = introspected(&agency, tokens.text("access_token")).await;
    let now = house.idp.now().0;
    assert_eq!(
        said,
        json!({
            "active": true, "iss": "http://localhost:8080", "sub": claims["sub"], "aud": "http://localhost:8080",
            "client_id": agency.id, "token_type": "Bearer", "scope": "openid profile", "iat": now,
            "exp": now + 600, "acr": "urn:aval:aal2", "amr": ["pwd", "otp", "mfa"],
            "auth_time": claims["auth_time"],
        })
    );
}

#[tokio::test]
async fn row_101_another_client_learns_nothing_of_it() {
    let house = House::new().await;
    let (agency, other) = (Agency::new(&house).await, Agency::new(&house).await);
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let foreign = introspected(&other, tokens.text("access_token")).await;
    let unknown = introspected(&other, &"A".repeat(43)).await;
    assert_eq!(foreign, json!({ "active": false }));
    assert_eq!(foreign, unknown);
}

#[tokio::test]
async fn what_is_no_access_token_is_not_active() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    for token in [
        "x",
        tokens.text("refresh_token"),
        tokens.text("id_token"),
        "a.b.c",
        &"A".repeat(20_000),
    ] {
        assert_eq!(introspected(&agency, token).await, json!({ "active": false }));
    }
}

#[tokio::test]
async fn a_token_is_not_active_once_it_expired_was_revoked_or_its_session_ended() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, expired) = agency.tokens(&house, &[]).await;
    house.clock.forward(600);
    let (_, revoked) = agency.tokens(&house, &[]).await;
    agency
        .post("/revoke", &[("token", revoked.text("access_token"))])
        .await;
    let (_, family) = agency.tokens(&house, &[]).await;
    agency
        .post("/revoke", &[("token", family.text("refresh_token"))])
        .await;
    let (mut browser, ended) = agency.tokens(&house, &[]).await;
    browser
        .get(&format!("/logout?id_token_hint={}", ended.text("id_token")))
        .await;
    for tokens in [expired, revoked, family, ended] {
        assert_eq!(
            introspected(&agency, tokens.text("access_token")).await,
            json!({ "active": false })
        );
    }
}

#[tokio::test]
async fn a_citizens_jwt_is_found_again_opens_userinfo_and_can_be_revoked() {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "access_token_format": "jwt" })).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let token = tokens.text("access_token");
    let claims = payload(token);
    let id_token = agency
        .claims(tokens.text("id_token"), sdk_jose::Algorithm::ES256)
        .await;
    for name in ["iss", "sub", "auth_time", "acr", "amr"] {
        assert_eq!(claims[name], id_token[name], "{name}");
    }
    assert_eq!(claims["client_id"], agency.id);
    assert_eq!(claims["aud"], "http://localhost:8080");
    assert_eq!(tokens.json["expires_in"], 300);
    assert_eq!(agency.userinfo(token).await.status, StatusCode::OK);
    assert_eq!(introspected(&agency, token).await["active"], true);
    let mut forged = token.to_owned();
    forged.replace_range(token.len() - 5..token.len() - 4, "A");
    if forged != token {
        agency.userinfo(&forged).await.is_error("invalid_token");
    }
    // Its name alone opens nothing.
    agency
        .userinfo(claims["jti"].as_str().unwrap())
        .await
        .is_error("invalid_token");
    agency.post("/revoke", &[("token", token)]).await;
    agency.userinfo(token).await.is_error("invalid_token");
    assert_eq!(introspected(&agency, token).await["active"], false);
}

#[tokio::test]
async fn an_id_token_is_not_an_access_token() {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "access_token_format": "jwt" })).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    agency
        .userinfo(tokens.text("id_token"))
        .await
        .is_error("invalid_token");
}

#[tokio::test]
async fn the_answer_is_signed_where_that_is_accepted() {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "introspection_signed_response_alg": "EdDSA" })).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let answer = raw(&house, &agency, tokens.text("access_token")).await;
    let published = agency.send("GET", "/jwks", None, &[]).await;
    let keys = sdk_jose::JwkSet::parse(published.json.to_string().as_bytes()).unwrap();
    let expected = sdk_jose::Expected {
        algorithms: &[sdk_jose::Algorithm::EdDSA],
        typ: sdk_jose::Typ::Required("token-introspection+jwt"),
    };
    let claims: serde_json::Value = sdk_jose::Unverified::parse(&answer)
        .unwrap()
        .verify(&keys, &expected)
        .unwrap()
        .claims()
        .unwrap();
    assert_eq!(claims["aud"], agency.id);
    assert_eq!(claims["iss"], "http://localhost:8080");
    assert_eq!(claims["token_introspection"]["active"], true);
    for name in ["exp", "sub"] {
        assert_eq!(
            claims.get(name),
            None,
            "{name} would let it pass for another token"
        );
    }
}

/// The body of a signed answer.
async fn raw(house: &House, agency: &Agency, token: &str) -> String {
    use tower::ServiceExt as _;
    let pair = data_encoding::BASE64.encode(format!("{}:{}", agency.id, agency.secret).as_bytes());
    let request = Request::post("/introspect")
        .header("authorization", format!("Basic {pair}"))
        .header("accept", JWT)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(format!("token={token}")))
        .unwrap();
    let router = idp::http::router(std::sync::Arc::clone(&house.idp));
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], JWT);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

#[tokio::test]
async fn who_asks_must_prove_to_be_a_client() {
    let house = house().await;
    let agency = Agency::new(&house).await;
    let public = Agency::with(&house, json!({ "token_endpoint_auth_method": "none" })).await;
    let ask = async |fields: &[(&str, &str)]| -> Reply {
        agency.send("POST", "/introspect", Some(fields), &[]).await
    };
    ask(&[("token", "x")]).await.is_error("invalid_client");
    ask(&[("token", "x"), ("client_id", &agency.id)])
        .await
        .is_error("invalid_client");
    ask(&[("token", "x"), ("client_id", &public.id)])
        .await
        .is_error("invalid_client");
    agency.post("/introspect", &[]).await.is_error("invalid_request");
    assert_eq!(
        agency.send("GET", "/introspect", None, &[]).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}
