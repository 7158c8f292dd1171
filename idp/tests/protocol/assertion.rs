//! Client authentication by assertions (RFC 7523): a valid one, then one thing broken per test. `/revoke` answers 200 to
//! whoever authenticated.

use std::sync::Arc;

use axum::http::StatusCode;
use idp::{
    flow::manage,
    rules::{ids::ClientId, time::Seconds},
    service::Idp,
    world::SystemChance,
};
use serde_json::{Value, json};

use crate::{
    agency::{Agency, CALLBACK, Reply, VERIFIER},
    browser::House,
    signing::{Key, changed, part},
    world::World,
};

const ISSUER: &str = "http://localhost:8080";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client that signs, and its key.
struct Signing {
    agency: Agency,
    key: Key,
}

impl Signing {
    async fn new(house: &House, change: Value) -> Self {
        let key = Key::new();
        let registration = changed(
            json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": key.jwks() }),
            &change,
        );
        Self {
            agency: Agency::with(house, registration).await,
            key,
        }
    }

    fn claims(&self, house: &House, changes: &Value) -> Value {
        let now = |shift| house.idp.now().after(Seconds(shift)).0;
        let jti = data_encoding::HEXLOWER.encode(&house.idp.id());
        changed(
            json!({ "iss": self.agency.id, "sub": self.agency.id, "aud": ISSUER, "exp": now(60), "iat": now(0), "jti": jti }),
            changes,
        )
    }

    fn assertion(&self, house: &House, changes: &Value) -> String {
        let header = json!({ "alg": "ES256", "kid": self.key.kid() });
        self.key.sign(&header, &self.claims(house, changes))
    }

    async fn send(&self, assertion: &str) -> Reply {
        self.send_with(assertion, &[]).await
    }

    async fn send_with(&self, assertion: &str, more: &[(&str, &str)]) -> Reply {
        let mut fields = vec![
            ("token", "unknown"),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion),
        ];
        fields.retain(|(name, _)| !more.iter().any(|(changed, _)| changed == name));
        fields.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        self.agency.send("POST", "/revoke", Some(&fields), &[]).await
    }

    async fn refused(&self, house: &House, changes: Value) {
        let reply = self.send(&self.assertion(house, &changes)).await;
        assert_eq!(
            (reply.status, reply.text("error")),
            (StatusCode::UNAUTHORIZED, "invalid_client"),
            "{changes}"
        );
    }
}

#[tokio::test]
async fn a_client_redeems_a_code_by_its_signature() {
    let house = House::new().await;
    let client = Signing::new(&house, json!({})).await;
    let code = client.agency.code(&house).await;
    let assertion = client.assertion(&house, &json!({}));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_assertion_type", TYPE),
        ("client_assertion", &assertion),
    ];
    let reply = client.agency.send("POST", "/token", Some(&fields), &[]).await;
    assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.json);
}

#[tokio::test]
async fn each_wrong_claim_is_refused() {
    let house = House::new().await;
    let client = Signing::new(&house, json!({})).await;
    assert_eq!(
        client.send(&client.assertion(&house, &json!({}))).await.status,
        StatusCode::OK
    );
    let now = |shift| house.idp.now().after(Seconds(shift)).0;
    for changes in [
        json!({ "aud": "https://other.example" }),
        json!({ "aud": [ISSUER, "https://other.example"] }),
        json!({ "aud": null }),
        json!({ "sub": null }),
        json!({ "sub": "other" }),
        json!({ "iss": null }),
        json!({ "iss": "other" }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "exp": null }),
        json!({ "exp": now(-300) }),
        json!({ "exp": now(86_400) }),
        json!({ "nbf": now(61) }),
        json!({ "iat": now(61) }),
        json!({ "exp": "soon" }),
    ] {
        client.refused(&house, changes).await;
    }
}

#[tokio::test]
async fn eight_seconds_ahead_are_forgiven() {
    let house = House::new().await;
    let client = Signing::new(&house, json!({})).await;
    let ahead = house.idp.now().after(Seconds(8)).0;
    let assertion = client.assertion(&house, &json!({ "nbf": ahead, "iat": ahead }));
    assert_eq!(client.send(&assertion).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_token_endpoint_is_an_audience_only_without_a_profile() {
    let house = House::new().await;
    let (plain, fapi) = (
        Signing::new(&house, json!({})).await,
        Signing::new(&house, json!({ "profile": "fapi2_security" })).await,
    );
    for aud in [
        json!(format!("{ISSUER}/token")),
        json!(format!("{ISSUER}/par")),
        json!([ISSUER]),
    ] {
        let reply = plain.send(&plain.assertion(&house, &json!({ "aud": aud }))).await;
        assert_eq!(reply.status, StatusCode::OK, "{aud}");
        fapi.refused(&house, json!({ "aud": aud })).await;
    }
    assert_eq!(
        fapi.send(&fapi.assertion(&house, &json!({}))).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_assertion_counts_once_also_after_a_restart() {
    let house = House::new().await;
    let client = Signing::new(&house, json!({})).await;
    let assertion = client.assertion(&house, &json!({}));
    assert_eq!(client.send(&assertion).await.status, StatusCode::OK);
    client.send(&assertion).await.is_error("invalid_client");
    let again = Idp::open(
        house.idp.config.clone(),
        Arc::<crate::browser::Hand>::clone(&house.clock),
        Arc::new(SystemChance::default()),
    )
    .await
    .unwrap();
    let restarted = Agency::known(&again, &client.agency.id);
    let fields = [
        ("token", "x"),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion.as_str()),
    ];
    restarted
        .send("POST", "/revoke", Some(&fields), &[])
        .await
        .is_error("invalid_client");
}

#[tokio::test]
async fn of_many_at_once_one_assertion_counts_once() {
    let house = House::new().await;
    let client = Arc::new(Signing::new(&house, json!({})).await);
    let assertion = client.assertion(&house, &json!({}));
    let all: Vec<_> = (0..40)
        .map(|_| {
            let (client, assertion) = (Arc::clone(&client), assertion.clone());
            tokio::spawn(async move { client.send(&assertion).await.status })
        })
        .collect();
    let mut good = Vec::new();
    for one in all {
        good.extend(Some(one.await.unwrap()).filter(|status| *status == StatusCode::OK));
    }
    assert_eq!(good.len(), 1);
}

#[tokio::test]
async fn no_signature_and_foreign_signatures_are_refused() {
    let house = House::new().await;
    let client = Signing::new(&house, json!({})).await;
    let (claims, other) = (client.claims(&house, &json!({})), Key::new());
    let kid = client.key.kid();
    let unsigned = format!("{}.{}.", part(&json!({ "alg": "none" })), part(&claims));
    let public = client.key.jwk().to_string().into_bytes();
    let by_public_key = sdk_jose::mac::SharedSecret::new(&public)
        .unwrap()
        .sign_compact("JWT", &claims)
        .unwrap();
    for assertion in [
        unsigned,
        by_public_key,
        other.sign(&json!({ "alg": "ES256", "kid": kid }), &claims),
        other.sign(&json!({ "alg": "ES256" }), &claims),
        other.sign(
            &json!({ "alg": "ES256", "kid": kid, "jwk": other.jwk() }),
            &claims,
        ),
        other.sign(
            &json!({ "alg": "ES256", "kid": "x", "jku": "https://evil.example/jwks" }),
            &claims,
        ),
        other.sign(
            &json!({ "alg": "ES256", "kid": kid, "x5u": "https://evil.example/cert" }),
            &claims,
        ),
        client.key.sign(&json!({ "alg": "RS256", "kid": kid }), &claims),
        client.key.sign(&json!({ "alg": "PS256", "kid": kid }), &claims),
        client.key.sign(
            &json!({ "alg": "ES256", "kid": kid, "crit": ["b64"], "b64": false }),
            &claims,
        ),
        client
            .key
            .sign(&json!({ "alg": "ES256", "kid": kid, "typ": "dpop+jwt" }), &claims),
        "a.b.c".to_owned(),
    ] {
        let reply = client.send(&assertion).await;
        assert_eq!(
            (reply.status, reply.text("error")),
            (StatusCode::UNAUTHORIZED, "invalid_client"),
            "{assertion}"
        );
    }
}

#[tokio::test]
async fn the_registered_algorithm_is_the_only_one() {
    let house = House::new().await;
    let client = Signing::new(&house, json!({ "token_endpoint_auth_signing_alg": "PS256" })).await;
    client.refused(&house, json!({})).await;
}

#[tokio::test]
async fn the_body_may_repeat_the_client_but_not_change_it() {
    let house = House::new().await;
    let client = Signing::new(&house, json!({})).await;
    let good = client.assertion(&house, &json!({}));
    let reply = client.send_with(&good, &[("client_id", &client.agency.id)]).await;
    assert_eq!(reply.status, StatusCode::OK);
    let good = client.assertion(&house, &json!({}));
    client
        .send_with(&good, &[("client_id", "other")])
        .await
        .is_error("invalid_client");
}

#[tokio::test]
async fn an_unknown_kind_of_assertion_is_refused() {
    let house = House::new().await;
    let client = Signing::new(&house, json!({})).await;
    for kind in ["", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"] {
        let good = client.assertion(&house, &json!({}));
        client
            .send_with(&good, &[("client_assertion_type", kind)])
            .await
            .is_error("invalid_client");
    }
}

#[tokio::test]
async fn a_client_that_signs_is_not_let_in_by_less() {
    let house = House::new().await;
    let client = Signing::new(&house, json!({})).await;
    for fields in [
        vec![("client_id", client.agency.id.as_str())],
        vec![("client_id", client.agency.id.as_str()), ("client_secret", "x")],
    ] {
        let reply = client.agency.send("POST", "/revoke", Some(&fields), &[]).await;
        reply.is_error("invalid_client");
    }
    let secret = Agency::new(&house).await;
    let signing = Signing {
        agency: secret,
        key: Key::new(),
    };
    signing.refused(&house, json!({})).await;
}

#[tokio::test]
async fn a_client_signs_with_the_secret_that_it_was_given() {
    let house = House::new().await;
    let agency = Agency::with(
        &house,
        json!({ "token_endpoint_auth_method": "client_secret_jwt" }),
    )
    .await;
    let client = Signing {
        agency,
        key: Key::new(),
    };
    let by = |secret: &str| {
        sdk_jose::mac::SharedSecret::new(secret.as_bytes())
            .unwrap()
            .sign_compact("JWT", &client.claims(&house, &json!({})))
            .unwrap()
    };
    let good = by(&client.agency.secret);
    assert_eq!(client.send(&good).await.status, StatusCode::OK);
    client.send(&good).await.is_error("invalid_client");
    client.send(&by(&"x".repeat(43))).await.is_error("invalid_client");
    // The secret itself is not accepted in its place.
    client
        .agency
        .post("/revoke", &[("token", "x")])
        .await
        .is_error("invalid_client");
}

#[tokio::test]
async fn a_client_signs_with_the_secret_before_while_both_are_good() {
    let house = House::new().await;
    let registration = json!({ "token_endpoint_auth_method": "client_secret_jwt" });
    let agency = Agency::with(&house, registration).await;
    let (id, before) = (ClientId::known(agency.id.as_str()), agency.secret.clone());
    let client = Signing {
        agency,
        key: Key::new(),
    };
    let rotated = manage::rotate_secret(&house.idp, &id, Seconds(3_600))
        .await
        .unwrap();
    let by = |secret: &str| {
        let secret = sdk_jose::mac::SharedSecret::new(secret.as_bytes()).unwrap();
        secret
            .sign_compact("JWT", &client.claims(&house, &json!({})))
            .unwrap()
    };
    for secret in [&before, rotated.expose()] {
        assert_eq!(client.send(&by(secret)).await.status, StatusCode::OK);
    }
    house.clock.forward(3_600);
    client.send(&by(&before)).await.is_error("invalid_client");
    idp::flow::sweep::once(&house.idp).await.unwrap();
    assert_eq!(client.send(&by(rotated.expose())).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_publishes_its_keys_may_change_them() {
    let (first, world, address) = (Key::new(), World::new(), "https://agency.example/jwks");
    world.put(address, &first.jwks().to_string());
    let house = House::reaching(&world).await;
    let registration = json!({
        "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": address,
    });
    let mut client = Signing {
        agency: Agency::with(&house, registration).await,
        key: first,
    };
    assert_eq!(
        client.send(&client.assertion(&house, &json!({}))).await.status,
        StatusCode::OK
    );
    client.key = Key::new();
    world.put(address, &client.key.jwks().to_string());
    // The set was fetched this very second; half a minute later it is fetched again.
    client.refused(&house, json!({})).await;
    house.clock.forward(30);
    assert_eq!(
        client.send(&client.assertion(&house, &json!({}))).await.status,
        StatusCode::OK
    );
}
