//! FAPI 2.0 as one switch on a client, up to the answer, with the names of the certification modules: what is pushed is
//! signed by its key, what comes back is signed by ours.

use axum::http::StatusCode;
use sdk_jose::Algorithm;
use serde_json::{Value, json};

use crate::{
    agency::{Agency, CALLBACK, CHALLENGE, Reply, returned},
    browser::House,
    signing::{Key, changed},
};

const ISSUER: &str = "http://localhost:8080";

/// A client under a profile of FAPI 2.0 that authenticates by its key.
struct Strict {
    agency: Agency,
    key: Key,
}

impl Strict {
    async fn under(house: &House, profile: &str) -> Self {
        let key = Key::new();
        let registration = json!({
            "profile": profile, "token_endpoint_auth_method": "private_key_jwt", "jwks": key.jwks(),
        });
        Self {
            agency: Agency::with(house, registration).await,
            key,
        }
    }

    async fn signing(house: &House) -> Self {
        Self::under(house, "fapi2_message_signing").await
    }

    fn assertion(&self, house: &House, change: &Value) -> String {
        let now = house.idp.now().0;
        let claims = json!({
            "iss": self.agency.id, "sub": self.agency.id, "aud": ISSUER, "iat": now,
            "exp": now.saturating_add(60),
            "jti": data_encoding::HEXLOWER.encode(&idp::world::bytes::<16>(house.idp.chance.as_ref())),
        });
        let header = json!({ "alg": "ES256", "kid": self.key.kid() });
        self.key.sign(&header, &changed(claims, change))
    }

    fn parameters(&self) -> Value {
        json!({
            "client_id": self.agency.id, "redirect_uri": CALLBACK, "response_type": "code",
            "scope": "openid profile", "state": "estado", "nonce": "una vez",
            "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        })
    }

    /// A request object with some claims changed, added or (when null) left out.
    fn object(&self, house: &House, change: &Value) -> String {
        let now = house.idp.now().0;
        let claims = changed(
            self.parameters(),
            &json!({ "iss": self.agency.id, "aud": ISSUER, "nbf": now, "exp": now.saturating_add(300) }),
        );
        let header = json!({ "alg": "ES256", "kid": self.key.kid(), "typ": "oauth-authz-req+jwt" });
        self.key.sign(&header, &changed(claims, change))
    }

    async fn push(&self, house: &House, form: &[(&str, &str)], assertion: &Value) -> Reply {
        let assertion = self.assertion(house, assertion);
        let mut fields = vec![
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion.as_str()),
        ];
        fields.extend_from_slice(form);
        self.agency.send("POST", "/par", Some(&fields), &[]).await
    }

    async fn push_object(&self, house: &House, change: &Value) -> Reply {
        let object = self.object(house, change);
        self.push(house, &[("request", &object)], &json!({})).await
    }

    async fn push_plain(&self, house: &House, change: &Value) -> Reply {
        let parameters = changed(self.parameters(), change);
        let fields: Vec<(&str, &str)> = parameters
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        self.push(house, &fields, &json!({})).await
    }
}

#[tokio::test]
async fn signed_in_both_directions_as_far_as_the_code() {
    let house = House::new().await;
    let client = Strict::signing(&house).await;
    let pushed = client.push_object(&house, &json!({})).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{:?}", pushed.json);
    let mut browser = house.browser();
    let path = client.agency.enter(pushed.text("request_uri"));
    let answer = client.agency.log_in(&house, &mut browser, &path).await;
    assert_eq!(returned(&answer, "code"), None);
    let response = returned(&answer, "response").unwrap();
    let claims = client.agency.claims(&response, Algorithm::ES256).await;
    assert_eq!(claims["state"], "estado");
    assert!(claims["code"].is_string());
}

#[tokio::test]
async fn ensure_unsigned_authorization_request_without_using_par_fails() {
    let house = House::new().await;
    let client = Strict::under(&house, "fapi2_security").await;
    let answer = house.browser().get(&client.agency.request(&[])).await;
    assert_eq!(returned(&answer, "error").as_deref(), Some("invalid_request"));
    let pushed = client.push_plain(&house, &json!({})).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{:?}", pushed.json);
}

#[tokio::test]
async fn what_is_pushed_under_the_security_profile_is_strict() {
    let house = House::new().await;
    let client = Strict::under(&house, "fapi2_security").await;
    for (module, change, error) in [
        (
            "par-ensure-pkce-required",
            json!({ "code_challenge": null, "code_challenge_method": null }),
            "invalid_request",
        ),
        (
            "par-plain-pkce-rejected",
            json!({ "code_challenge_method": "plain" }),
            "invalid_request",
        ),
        (
            "ensure-redirect-uri-in-authorization-request",
            json!({ "redirect_uri": null }),
            "invalid_request",
        ),
        (
            "ensure-registered-redirect-uri",
            json!({ "redirect_uri": "https://agency.example/cb/other" }),
            "invalid_request",
        ),
        (
            "ensure-response-type-code-idtoken-fails",
            json!({ "response_type": "code id_token" }),
            "unsupported_response_type",
        ),
        (
            "ensure-response-type-token-fails",
            json!({ "response_type": "token" }),
            "unsupported_response_type",
        ),
    ] {
        let reply = client.push_plain(&house, &change).await;
        assert_eq!(reply.text("error"), error, "{module}");
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{module}");
    }
}

#[tokio::test]
async fn ensure_unsigned_request_at_par_endpoint_fails() {
    let house = House::new().await;
    let client = Strict::signing(&house).await;
    client
        .push_plain(&house, &json!({}))
        .await
        .is_error("invalid_request");
}

#[tokio::test]
async fn request_objects_under_message_signing() {
    let house = House::new().await;
    let client = Strict::signing(&house).await;
    let now = house.idp.now().0;
    let at = |seconds: i64| now.saturating_add(seconds);
    for (module, change) in [
        (
            "with-multiple-aud",
            json!({ "aud": ["https://other.example", ISSUER] }),
        ),
        ("with-nbf-8-seconds-in-the-future", json!({ "nbf": at(8) })),
        ("with-64-char-nonce", json!({ "nonce": "n".repeat(64) })),
        ("without-state", json!({ "state": null })),
        ("without-nonce", json!({ "nonce": null })),
    ] {
        let reply = client.push_object(&house, &change).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{module} {:?}", reply.json);
    }
    for (module, change) in [
        ("without-exp-fails", json!({ "exp": null })),
        ("without-nbf-fails", json!({ "nbf": null })),
        ("expired", json!({ "exp": at(-300), "nbf": at(-600) })),
        ("bad-aud", json!({ "aud": "https://other.example" })),
        ("without aud", json!({ "aud": null })),
        ("exp-over-60", json!({ "exp": at(4_200) })),
        ("nbf-over-60", json!({ "nbf": at(-4_200) })),
        ("nbf far ahead", json!({ "nbf": at(61) })),
        (
            "containing-request_uri",
            json!({ "request_uri": "urn:ietf:params:oauth:request_uri:x" }),
        ),
    ] {
        let reply = client.push_object(&house, &change).await;
        assert_eq!(reply.text("error"), "invalid_request_object", "{module}");
    }
    let plain_answer = client
        .push_object(&house, &json!({ "response_mode": "query" }))
        .await;
    plain_answer.is_error("invalid_request");
}

#[tokio::test]
async fn ensure_matching_key_in_authorization_request() {
    let house = House::new().await;
    let (client, other) = (Strict::signing(&house).await, Strict::signing(&house).await);
    let claims = json!({ "client_id": client.agency.id, "iss": client.agency.id });
    let foreign = other.object(&house, &claims);
    let reply = client.push(&house, &[("request", &foreign)], &json!({})).await;
    reply.is_error("invalid_request_object");
}

#[tokio::test]
async fn assertions_at_the_par_endpoint() {
    let house = House::new().await;
    let client = Strict::signing(&house).await;
    let object = client.object(&house, &json!({}));
    let now = house.idp.now().0;
    for (module, change) in [
        ("par-test-array-as-audience-fails", json!({ "aud": [ISSUER] })),
        (
            "par-test-par-endpoint-url-as-audience-fails",
            json!({ "aud": format!("{ISSUER}/par") }),
        ),
        (
            "par-test-token-endpoint-url-as-audience-fails",
            json!({ "aud": format!("{ISSUER}/token") }),
        ),
        (
            "nbf-over-60-seconds-in-the-future-fails",
            json!({ "nbf": now.saturating_add(70), "exp": now.saturating_add(130) }),
        ),
        (
            "ensure-client-assertion-with-no-sub-fails",
            json!({ "sub": null }),
        ),
    ] {
        let reply = client.push(&house, &[("request", &object)], &change).await;
        assert_eq!(reply.text("error"), "invalid_client", "{module}");
    }
    let ahead = json!({ "nbf": now.saturating_add(8), "iat": now.saturating_add(8) });
    let reply = client.push(&house, &[("request", &object)], &ahead).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{:?}", reply.json);
}
