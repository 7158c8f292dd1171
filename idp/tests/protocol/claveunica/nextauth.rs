//! A NextAuth provider: everything from the metadata under the alias, PKCE and nonce sent, the id token checked as
//! OpenID Connect Core §3.1.3.7 wants, userinfo by GET, the profile mapped.

use axum::http::StatusCode;
use sdk_jose::{Algorithm, hash::half_hash};
use serde_json::Value;

use super::{CALLBACK, ISSUER, agency, enter, house, query};
use crate::{
    agency::{Agency, CHALLENGE, Reply, VERIFIER, returned},
    browser::NUMBER,
};

const METADATA: &str = "/openid/.well-known/openid-configuration";

/// The path of an announced endpoint of ours.
fn path(metadata: &Value, name: &str) -> String {
    let url = metadata[name].as_str().unwrap();
    url.strip_prefix("http://localhost:8080").unwrap().to_owned()
}

async fn metadata(agency: &Agency) -> Value {
    agency.send("GET", METADATA, None, &[]).await.json
}

fn authorization(agency: &Agency, metadata: &Value) -> String {
    let pairs = [
        ("client_id", agency.id.as_str()),
        ("scope", "openid run name email"),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("state", "st"),
        ("nonce", "una vez"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    format!("{}?{}", path(metadata, "authorization_endpoint"), query(&pairs))
}

async fn redeem(agency: &Agency, metadata: &Value, code: &str, verifier: Option<&str>) -> Reply {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("client_id", agency.id.as_str()),
        ("client_secret", agency.secret.as_str()),
        ("code", code),
        ("redirect_uri", CALLBACK),
    ];
    fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    agency
        .send("POST", &path(metadata, "token_endpoint"), Some(&fields), &[])
        .await
}

#[tokio::test]
async fn from_the_metadata_alone_a_profile_is_mapped() {
    let house = house().await;
    let agency = agency(&house).await;
    let metadata = metadata(&agency).await;
    assert_eq!(metadata["issuer"], ISSUER);
    let (_, answer) = enter(&house, &authorization(&agency, &metadata), NUMBER).await;
    assert_eq!(returned(&answer, "iss").as_deref(), Some(ISSUER));
    let tokens = redeem(
        &agency,
        &metadata,
        &returned(&answer, "code").unwrap(),
        Some(VERIFIER),
    )
    .await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.json);

    let claims = agency.claims(tokens.text("id_token"), Algorithm::RS256).await;
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&metadata["issuer"], &agency.id.clone().into())
    );
    assert_eq!(claims["nonce"], "una vez");
    assert_eq!(
        claims["at_hash"],
        half_hash(Algorithm::RS256, tokens.text("access_token"))
    );

    let info = super::userinfo(
        &agency,
        "GET",
        &path(&metadata, "userinfo_endpoint"),
        tokens.text("access_token"),
    )
    .await;
    assert_eq!(info.json["sub"], claims["sub"]);
    assert_eq!(info.json["name"]["nombres"][0], "María");
}

#[tokio::test]
async fn pkce_that_was_sent_is_held_to() {
    let house = house().await;
    let agency = agency(&house).await;
    let metadata = metadata(&agency).await;
    for verifier in [None, Some("a".repeat(43))] {
        let (_, answer) = enter(&house, &authorization(&agency, &metadata), NUMBER).await;
        let code = returned(&answer, "code").unwrap();
        redeem(&agency, &metadata, &code, verifier.as_deref())
            .await
            .is_error("invalid_grant");
    }
}

#[tokio::test]
async fn the_standard_logout_knows_their_id_tokens() {
    let house = house().await;
    let agency = agency(&house).await;
    let metadata = metadata(&agency).await;
    let (mut browser, answer) = enter(&house, &authorization(&agency, &metadata), NUMBER).await;
    let tokens = redeem(
        &agency,
        &metadata,
        &returned(&answer, "code").unwrap(),
        Some(VERIFIER),
    )
    .await;
    let query = query(&[
        ("id_token_hint", tokens.text("id_token")),
        ("post_logout_redirect_uri", "https://agency.example/salir"),
    ]);
    let left = browser
        .get(&format!("{}?{query}", path(&metadata, "end_session_endpoint")))
        .await;
    assert_eq!(left.path, "https://agency.example/salir");
}

#[tokio::test]
async fn every_endpoint_of_the_alias_exists() {
    let house = house().await;
    let agency = agency(&house).await;
    let metadata = metadata(&agency).await;
    for (name, _) in metadata.as_object().unwrap().iter().filter(|(name, _)| {
        name.ends_with("_endpoint") || *name == "jwks_uri" || *name == "service_documentation"
    }) {
        let reply = agency.send("GET", &path(&metadata, name), None, &[]).await;
        assert_ne!(reply.status, StatusCode::NOT_FOUND, "{name}");
    }
    let slashed = agency.send("GET", &format!("{METADATA}/"), None, &[]).await;
    assert_eq!(slashed.json, metadata);
}
