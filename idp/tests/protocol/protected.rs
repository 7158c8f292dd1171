//! Answers as tokens: userinfo and id tokens signed and encrypted as each client registered.

use axum::http::StatusCode;
use sdk_jose::{
    Algorithm, Expected, JwkSet, Typ, Unverified,
    json::Object,
    jwe::{ContentEncryption, DecryptionKey, Encrypted, KeyManagement},
};
use serde_json::{Value, json};

use crate::{
    agency::{Agency, Reply},
    browser::House,
};

/// The agency's key for encryption (RFC 7518, appendix C).
fn private() -> Value {
    json!({
        "kty": "EC", "crv": "P-256", "kid": "cifrado", "use": "enc",
        "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
    })
}

fn key() -> DecryptionKey {
    DecryptionKey::from_jwk(private().to_string().as_bytes()).unwrap()
}

/// A registration with the agency's keys, and these fields.
fn with_keys(fields: Value) -> Value {
    let mut public = private();
    public.as_object_mut().unwrap().remove("d");
    let mut registration = json!({ "jwks": { "keys": [public] } });
    registration
        .as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    registration
}

async fn userinfo(house: &House, agency: &Agency) -> Reply {
    let (_, tokens) = agency.tokens(house, &[]).await;
    agency.userinfo(tokens.text("access_token")).await
}

async fn published(agency: &Agency) -> JwkSet {
    let keys = agency.send("GET", "/jwks", None, &[]).await;
    JwkSet::parse(keys.json.to_string().as_bytes()).unwrap()
}

async fn verified(agency: &Agency, token: &str, algorithm: Algorithm) -> Object {
    let expected = Expected {
        algorithms: &[algorithm],
        typ: Typ::JwtOrAbsent,
    };
    let token = Unverified::parse(token).unwrap();
    token
        .verify(&published(agency).await, &expected)
        .unwrap()
        .claims()
        .unwrap()
}

#[tokio::test]
async fn userinfo_is_signed_with_each_algorithm_that_is_announced() {
    let house = House::new().await;
    for algorithm in ["ES256", "EdDSA", "PS256", "RS256"] {
        let agency = Agency::with(&house, json!({ "userinfo_signed_response_alg": algorithm })).await;
        let reply = userinfo(&house, &agency).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.headers["content-type"], "application/jwt");
        assert_eq!(reply.headers["cache-control"], "no-store");
        let claims = verified(&agency, &reply.body, algorithm.parse().unwrap()).await;
        assert_eq!(claims["iss"], "http://localhost:8080");
        assert_eq!(claims["aud"], agency.id.as_str());
        assert!(claims["sub"].is_string() && claims["name"].is_string());
    }
}

#[tokio::test]
async fn userinfo_is_signed_and_then_encrypted() {
    let house = House::new().await;
    let agency = Agency::with(
        &house,
        with_keys(json!({
            "userinfo_signed_response_alg": "ES256",
            "userinfo_encrypted_response_alg": "ECDH-ES+A256KW",
            "userinfo_encrypted_response_enc": "A256GCM",
        })),
    )
    .await;
    let reply = userinfo(&house, &agency).await;
    let token = Encrypted::parse(&reply.body).unwrap();
    assert_eq!(
        (token.alg(), token.enc()),
        (KeyManagement::EcdhEsA256Kw, ContentEncryption::A256Gcm)
    );
    assert_eq!(token.kid(), Some("cifrado"));
    let inside = token.decrypt(&key()).unwrap();
    let claims = verified(&agency, inside.token().unwrap(), Algorithm::ES256).await;
    assert!(claims["name"].is_string());
}

#[tokio::test]
async fn userinfo_is_encrypted_alone() {
    let house = House::new().await;
    let agency = Agency::with(
        &house,
        with_keys(json!({ "userinfo_encrypted_response_alg": "ECDH-ES" })),
    )
    .await;
    let reply = userinfo(&house, &agency).await;
    let token = Encrypted::parse(&reply.body).unwrap();
    assert_eq!(token.enc(), ContentEncryption::A128Gcm);
    let inside = token.decrypt(&key()).unwrap();
    assert_eq!(inside.token(), None);
    let claims: Object = serde_json::from_slice(inside.content()).unwrap();
    assert!(claims["sub"].is_string() && claims["name"].is_string());
}

#[tokio::test]
async fn an_authorization_response_is_signed_and_then_encrypted() {
    let house = House::new().await;
    let agency = Agency::with(
        &house,
        with_keys(json!({
            "authorization_signed_response_alg": "PS256",
            "authorization_encrypted_response_alg": "ECDH-ES",
            "authorization_encrypted_response_enc": "A256GCM",
        })),
    )
    .await;
    let (_, answer) = agency.login(&house, &[("response_mode", "jwt")]).await;
    let token = crate::agency::returned(&answer, "response").unwrap();
    let inside = Encrypted::parse(&token).unwrap().decrypt(&key()).unwrap();
    let claims = verified(&agency, inside.token().unwrap(), Algorithm::PS256).await;
    assert_eq!(claims["aud"], agency.id.as_str());
    assert!(claims["code"].is_string());
}

#[tokio::test]
async fn an_id_token_is_encrypted_when_issued_and_when_refreshed() {
    let house = House::new().await;
    let agency = Agency::with(
        &house,
        with_keys(json!({
            "id_token_signed_response_alg": "PS256",
            "id_token_encrypted_response_alg": "ECDH-ES+A128KW",
        })),
    )
    .await;
    let (_, issued) = agency.tokens(&house, &[]).await;
    let refreshed = agency.refresh(issued.text("refresh_token")).await;
    for reply in [issued, refreshed] {
        let inside = Encrypted::parse(reply.text("id_token"))
            .unwrap()
            .decrypt(&key())
            .unwrap();
        let claims = verified(&agency, inside.token().unwrap(), Algorithm::PS256).await;
        assert_eq!(claims["aud"], agency.id.as_str());
    }
}

#[tokio::test]
async fn a_client_whose_keys_cannot_be_fetched_gets_nothing_and_its_code_stays_good() {
    let house = House::new().await;
    let registration = json!({
        "id_token_encrypted_response_alg": "ECDH-ES",
        "jwks_uri": "https://192.0.2.1/jwks",
    });
    let agency = Agency::with(&house, registration).await;
    let code = agency.code(&house).await;
    agency.redeem(&code).await.is_error("invalid_request");
    let code = idp::rules::secret::Opaque::parse(&code).unwrap().digest();
    let mut write = house.idp.store.write().await.unwrap();
    let spent = idp::store::grants::redeem(&mut write, &code, house.idp.now())
        .await
        .unwrap();
    assert!(matches!(spent, idp::store::grants::Redeemed::Now(..)));
}
