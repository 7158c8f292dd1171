//! Metadata says what is true, to everybody; scripts of registered origins may read answers.

use axum::http::{StatusCode, header};
use serde_json::Value;

use crate::{agency::Agency, browser::House};

const METADATA: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn every_announced_endpoint_exists() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let metadata = agency.send("GET", METADATA, None, &[]).await;
    assert_eq!(metadata.text("issuer"), "http://localhost:8080");
    let object = metadata.json.as_object().unwrap();
    let endpoints = object
        .iter()
        .filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri");
    for (name, url) in endpoints {
        let path = url
            .as_str()
            .unwrap()
            .strip_prefix("http://localhost:8080")
            .unwrap();
        let reply = agency.send("GET", path, None, &[]).await;
        assert_ne!(reply.status, StatusCode::NOT_FOUND, "{name}");
    }
    assert_eq!(
        metadata.json["response_types_supported"],
        serde_json::json!(["code"])
    );
    assert!(
        !metadata.json["grant_types_supported"]
            .to_string()
            .contains("implicit")
    );
}

#[tokio::test]
async fn the_host_header_changes_nothing() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let forged = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example"),
    ];
    let metadata = agency.send("GET", METADATA, None, &forged).await;
    assert!(!metadata.json.to_string().contains("evil"));
}

#[tokio::test]
async fn one_public_key_for_each_announced_algorithm_and_no_private_part() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let metadata = agency.send("GET", METADATA, None, &[]).await;
    let keys = agency.send("GET", "/jwks", None, &[]).await.json["keys"]
        .as_array()
        .unwrap()
        .clone();
    let announced = metadata.json["id_token_signing_alg_values_supported"]
        .as_array()
        .unwrap()
        .clone();
    let (encrypting, signing): (Vec<&Value>, Vec<&Value>) = keys.iter().partition(|key| key["use"] == "enc");
    let published: Vec<Value> = signing.iter().map(|key| key["alg"].clone()).collect();
    assert_eq!(announced.len(), published.len());
    assert_eq!(encrypting.len(), 1);
    assert!(announced.iter().all(|algorithm| published.contains(algorithm)));
    for key in &keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key.get(private), None);
        }
    }
}

#[tokio::test]
async fn the_keys_are_the_same_after_a_restart() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let before = agency.send("GET", "/jwks", None, &[]).await.json;
    let config = house.idp.config.clone();
    let clock = std::sync::Arc::clone(&house.idp.clock);
    let chance = std::sync::Arc::clone(&house.idp.chance);
    let again = idp::service::Idp::open(config, clock, chance).await.unwrap();
    assert_eq!(serde_json::to_value(&*again.signing.public()).unwrap(), before);
}

#[tokio::test]
async fn scripts_of_registered_origins_may_read_answers() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let ours = [("origin", "https://agency.example")];
    for (method, path) in [
        ("GET", METADATA),
        ("GET", "/jwks"),
        ("GET", "/userinfo"),
        ("POST", "/token"),
        ("OPTIONS", "/token"),
    ] {
        let reply = agency.send(method, path, None, &ours).await;
        assert_eq!(
            reply.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN],
            "https://agency.example",
            "{method} {path}"
        );
        assert!(
            !reply
                .headers
                .contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS)
        );
        assert_eq!(reply.headers[header::VARY], "Origin");
    }
    for origin in [
        "https://evil.example",
        "null",
        "https://agency.example.evil.example",
        "http://agency.example",
    ] {
        let reply = agency
            .send("OPTIONS", "/token", None, &[("origin", origin)])
            .await;
        assert!(
            !reply.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN),
            "{origin}"
        );
    }
    let authorize = agency.send("GET", &agency.request(&[]), None, &ours).await;
    assert!(
        !authorize
            .headers
            .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
    );
}

/// RFC 8414 §2.1.
#[tokio::test]
async fn the_metadata_is_signed_too_and_by_the_key_that_signs_now() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let es256 = sdk_jose::Algorithm::ES256;
    let mut signers = std::collections::BTreeSet::new();
    for _ in 0..2 {
        let metadata = agency.send("GET", METADATA, None, &[]).await;
        let token = metadata.text("signed_metadata");
        let claims = agency.claims(token, es256).await;
        assert_eq!(claims["iss"], metadata.json["issuer"]);
        let told = metadata.json.as_object().unwrap();
        for (name, value) in told.iter().filter(|(name, _)| *name != "signed_metadata") {
            assert_eq!(&claims[name], value, "{name}");
        }
        assert_eq!(claims.get("signed_metadata"), None);
        let kid = sdk_jose::Unverified::parse(token)
            .unwrap()
            .kid()
            .unwrap()
            .to_owned();
        signers.insert(kid);
        idp::flow::keys::rotate(&house.idp, es256).await.unwrap();
        house.clock.forward(idp::rules::keys::PREPUBLISH.0);
    }
    assert_eq!(signers.len(), 2);
}
