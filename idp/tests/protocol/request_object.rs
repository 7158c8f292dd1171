//! Request objects (RFC 9101, OpenID Connect Core §6), with the names of the certification modules.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use idp::{
    fetch::{Asked, Fetch, Fetched, Fetching, Unfetched, Wanted},
    flow::keys::{rotate, tend},
    keys::{SigningKey, generate},
    rules::keys::{GRACE, KeyUse, PREPUBLISH},
    world::SystemChance,
};
use ring::rand::SystemRandom;
use sdk_jose::{
    Algorithm, Jwk, JwkSet,
    jwe::{Content, ContentEncryption, DecryptionKey, KeyManagement, encrypt_compact},
    sign_compact,
};
use serde_json::{Value, json};
use url::Url;

use crate::{
    agency::{Agency, CALLBACK, CHALLENGE, returned},
    browser::House,
};

/// The client's own server, which answers with one body.
struct Server(Mutex<String>);

impl Fetch for Server {
    fn get<'a>(&'a self, url: &'a Url, _: Wanted) -> Fetching<'a> {
        assert_eq!(url.as_str(), PUBLISHED);
        let body = self.0.lock().unwrap().clone().into_bytes();
        Box::pin(async move {
            Ok(Fetched {
                status: 200,
                content_type: "application/oauth-authz-req+jwt".to_owned(),
                body,
            })
        })
    }

    fn post<'a>(&'a self, _: &'a Url, _: String) -> Fetching<'a> {
        Box::pin(async { Err(Unfetched::Unreachable) })
    }

    fn ask<'a>(&'a self, _: &'a Url, _: Asked) -> Fetching<'a> {
        Box::pin(async { Err(Unfetched::Unreachable) })
    }
}

const PUBLISHED: &str = "https://agency.example/request.jwt";

#[tokio::test]
async fn a_request_at_a_registered_address_is_fetched_anew_each_time() {
    let server = Arc::new(Server(Mutex::default()));
    let outside = Arc::<Server>::clone(&server);
    let house = House::with(("http://localhost:8080", ""), |idp| idp.fetch = outside).await;
    let client = Signing::publishing(&house).await;
    let path = format!("{}&state=outside", client.agency.enter(PUBLISHED));
    for state in ["one", "two"] {
        *server.0.lock().unwrap() = client.object(&house, &json!({ "state": state }));
        let mut browser = house.browser();
        let answer = client.agency.log_in(&house, &mut browser, &path).await;
        assert_eq!(returned(&answer, "state").as_deref(), Some(state));
        // A one-time code is good once.
        house.clock.forward(60);
    }
}

#[tokio::test]
async fn request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    let server = Arc::new(Server(Mutex::default()));
    let outside = Arc::<Server>::clone(&server);
    let house = House::with(("http://localhost:8080", ""), |idp| idp.fetch = outside).await;
    let client = Signing::publishing(&house).await;
    let good = client.object(&house, &json!({}));
    let unsigned = data_encoding::BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#);
    *server.0.lock().unwrap() = format!("{unsigned}.{}.", good.split('.').nth(1).unwrap());
    let path = format!("{}&redirect_uri={CALLBACK}", client.agency.enter(PUBLISHED));
    let answer = house.browser().get(&path).await;
    assert_eq!(
        returned(&answer, "error").as_deref(),
        Some("invalid_request_object")
    );
}

#[tokio::test]
async fn no_other_address_is_ever_called() {
    let server = Arc::new(Server(Mutex::default()));
    let outside = Arc::<Server>::clone(&server);
    let house = House::with(("http://localhost:8080", ""), |idp| idp.fetch = outside).await;
    let client = Signing::publishing(&house).await;
    for uri in [
        "https://agency.example/request.jwt?x=1",
        "https://agency.example/request.jwt#x",
        "https://AGENCY.example/request.jwt",
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
    ] {
        // The server above panics when it is asked for anything else than the registered address.
        let path = format!("{}&redirect_uri={CALLBACK}", client.agency.enter(uri));
        let answer = house.browser().get(&path).await;
        assert_eq!(
            returned(&answer, "error").as_deref(),
            Some("invalid_request_uri"),
            "{uri}"
        );
    }
}

/// A client with a key of its own.
struct Signing {
    agency: Agency,
    key: SigningKey,
}

impl Signing {
    async fn with(house: &House, algorithm: Algorithm, change: Value) -> Self {
        let private = generate(algorithm, &SystemChance::default()).unwrap();
        let key = SigningKey::open(algorithm, &private).unwrap();
        let mut registration = json!({ "jwks": { "keys": [key.public()] } });
        registration
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        Self {
            agency: Agency::with(house, registration).await,
            key,
        }
    }

    /// With an object at a registered address.
    async fn publishing(house: &House) -> Self {
        Self::with(house, Algorithm::ES256, json!({ "request_uris": [PUBLISHED] })).await
    }

    async fn new(house: &House) -> Self {
        Self::with(house, Algorithm::ES256, json!({})).await
    }

    /// The claims of a good object with some changed, added or (when null) left out.
    fn claims(&self, house: &House, change: &Value) -> Value {
        let now = house.idp.now().0;
        let mut claims = json!({
            "iss": self.agency.id, "aud": "http://localhost:8080", "client_id": self.agency.id,
            "nbf": now, "iat": now, "exp": now.saturating_add(300), "jti": "1",
            "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid profile",
            "state": "inside", "nonce": "inside",
            "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        });
        let all = claims.as_object_mut().unwrap();
        for (name, value) in change.as_object().unwrap() {
            match value {
                Value::Null => all.remove(name),
                other => all.insert(name.clone(), other.clone()),
            };
        }
        claims
    }

    fn sign(&self, typ: &str, claims: &Value) -> String {
        sign_compact(typ, claims, &self.key).unwrap()
    }

    fn object(&self, house: &House, change: &Value) -> String {
        self.sign("oauth-authz-req+jwt", &self.claims(house, change))
    }

    /// A path with `request` and, beside it, what OpenID Connect Core §6.1 wants beside it.
    fn beside(&self, token: &str, more: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.agency.id)
            .append_pair("request", token)
            .extend_pairs(more)
            .finish();
        format!("/authorize?{query}")
    }

    /// What a pushed object is answered with: `created` or the error.
    async fn pushed(&self, token: &str) -> String {
        let fields = [("request", token), ("client_id", self.agency.id.as_str())];
        let reply = self.agency.post("/par", &fields).await;
        match reply.status {
            StatusCode::CREATED => "created".to_owned(),
            _ => reply.text("error").to_owned(),
        }
    }
}

#[tokio::test]
async fn a_signed_request_by_value_is_the_request() {
    let house = House::new().await;
    let client = Signing::new(&house).await;
    for typ in ["oauth-authz-req+jwt", "JWT"] {
        let token = client.sign(typ, &client.claims(&house, &json!({})));
        let mut browser = house.browser();
        let answer = client
            .agency
            .log_in(&house, &mut browser, &client.beside(&token, &[]))
            .await;
        assert_eq!(returned(&answer, "state").as_deref(), Some("inside"));
        let reply = client.agency.redeem(&returned(&answer, "code").unwrap()).await;
        let claims = client
            .agency
            .claims(reply.text("id_token"), Algorithm::ES256)
            .await;
        assert_eq!(claims["nonce"], "inside");
        house.clock.forward(100);
    }
}

#[tokio::test]
async fn ensure_different_nonce_and_state_inside_and_outside_request_object() {
    let house = House::new().await;
    let client = Signing::new(&house).await;
    let token = client.object(&house, &json!({}));
    let outside = [
        ("state", "outside"),
        ("nonce", "outside"),
        ("scope", "openid email"),
        ("redirect_uri", "https://agency.example/other"),
    ];
    let mut browser = house.browser();
    let path = client.beside(&token, &outside);
    let answer = client.agency.log_in(&house, &mut browser, &path).await;
    assert_eq!(returned(&answer, "state").as_deref(), Some("inside"));
    let reply = client.agency.redeem(&returned(&answer, "code").unwrap()).await;
    assert_eq!(reply.text("scope"), "openid profile");
}

#[tokio::test]
async fn state_only_outside_request_object_not_used() {
    let house = House::new().await;
    let client = Signing::new(&house).await;
    let token = client.object(&house, &json!({ "state": null }));
    let mut browser = house.browser();
    let path = client.beside(&token, &[("state", "outside")]);
    let answer = client.agency.log_in(&house, &mut browser, &path).await;
    assert_eq!(returned(&answer, "state"), None);
}

#[tokio::test]
async fn ensure_request_object_without_redirect_uri_fails() {
    let house = House::new().await;
    let client = Signing::new(&house).await;
    let token = client.object(&house, &json!({ "redirect_uri": null }));
    assert_eq!(client.pushed(&token).await, "invalid_request");
    let path = client.beside(&token, &[("redirect_uri", CALLBACK)]);
    let answer = house.browser().get(&path).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_pushed_object_is_entered_by_its_reference() {
    let house = House::new().await;
    let client = Signing::new(&house).await;
    let token = client.object(&house, &json!({}));
    let fields = [("request", token.as_str())];
    let reply = client.agency.post("/par", &fields).await;
    let path = client.agency.enter(reply.text("request_uri"));
    let mut browser = house.browser();
    let answer = client.agency.log_in(&house, &mut browser, &path).await;
    assert_eq!(returned(&answer, "state").as_deref(), Some("inside"));
}

#[tokio::test]
async fn every_way_of_being_wrong_is_an_invalid_request_object() {
    let house = House::new().await;
    let client = Signing::new(&house).await;
    let other = Signing::new(&house).await;
    let now = house.idp.now().0;
    let good = client.object(&house, &json!({}));
    assert_eq!(client.pushed(&good).await, "created");
    let changed = |change: Value| client.object(&house, &change);
    let (start, signature) = good.rsplit_once('.').unwrap();
    let reversed: String = signature.chars().rev().collect();
    let payload = good.split('.').nth(1).unwrap();
    let header = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
    for (what, token) in [
        (
            "ensure-expired-request-object-fails",
            changed(json!({ "exp": now - 1 })),
        ),
        (
            "ensure-request-object-with-bad-aud-fails",
            changed(json!({ "aud": "https://other.example" })),
        ),
        (
            "nbf far ahead",
            changed(json!({ "nbf": now + 61, "exp": now + 200 })),
        ),
        (
            "par-authorization-request-containing-request_uri",
            changed(json!({ "request_uri": "urn:x" })),
        ),
        ("an object inside", changed(json!({ "request": good }))),
        (
            "another client_id",
            changed(json!({ "client_id": other.agency.id })),
        ),
        ("another iss", changed(json!({ "iss": other.agency.id }))),
        ("an assertion", changed(json!({ "sub": client.agency.id }))),
        (
            "ensure-request-object-with-invalid-signature-fails",
            format!("{start}.{reversed}"),
        ),
        (
            "ensure-matching-key-in-authorization-request",
            other.sign("oauth-authz-req+jwt", &client.claims(&house, &json!({}))),
        ),
        (
            "ensure-request-object-signature-algorithm-is-not-none",
            format!("{}.{payload}.", header(r#"{"alg":"none"}"#)),
        ),
        (
            "a shared secret by name of the public key",
            format!("{}.{payload}.{signature}", header(r#"{"alg":"HS256"}"#)),
        ),
        (
            "another typ",
            client.sign("at+jwt", &client.claims(&house, &json!({}))),
        ),
        ("no JWS", "x".repeat(20_000)),
    ] {
        assert_eq!(client.pushed(&token).await, "invalid_request_object", "{what}");
        let path = client.beside(&token, &[("redirect_uri", CALLBACK), ("state", "outside")]);
        let answer = house.browser().get(&path).await;
        assert_eq!(
            returned(&answer, "error").as_deref(),
            Some("invalid_request_object"),
            "{what}"
        );
        let here = house.browser().get(&client.beside(&token, &[])).await;
        assert_eq!(here.status, StatusCode::BAD_REQUEST, "{what}");
    }
}

#[tokio::test]
async fn ensure_signed_request_object_with_rs256_fails_where_another_is_registered() {
    let house = House::new().await;
    let registered = json!({ "request_object_signing_alg": "ES256" });
    let client = Signing::with(&house, Algorithm::RS256, registered).await;
    let token = client.object(&house, &json!({}));
    assert_eq!(client.pushed(&token).await, "invalid_request_object");
}

#[tokio::test]
async fn ensure_unsigned_request_at_par_endpoint_fails() {
    let house = House::new().await;
    let required = json!({ "require_signed_request_object": true });
    let client = Signing::with(&house, Algorithm::ES256, required).await;
    client.agency.push(&[]).await.is_error("invalid_request");
    let token = client.object(&house, &json!({}));
    assert_eq!(client.pushed(&token).await, "created");
}

#[tokio::test]
async fn a_client_without_keys_signs_nothing() {
    let house = House::new().await;
    let client = Signing::new(&house).await;
    let bare = Agency::new(&house).await;
    let token = client.object(&house, &json!({}));
    bare.post("/par", &[("request", &token)])
        .await
        .is_error("invalid_request_object");
}

/// The key that the provider publishes for encryption.
async fn providers_key(agency: &Agency) -> Jwk {
    let published = agency.send("GET", "/jwks", None, &[]).await.json;
    let keys = JwkSet::parse(published.to_string().as_bytes()).unwrap();
    keys.for_encryption(KeyManagement::EcdhEs).unwrap().clone()
}

fn sealed(token: &str, to: &Jwk, how: (KeyManagement, ContentEncryption)) -> String {
    encrypt_compact(Content::Jwt(token), to, how, &SystemRandom::new()).unwrap()
}

const USUAL: (KeyManagement, ContentEncryption) = (KeyManagement::EcdhEsA256Kw, ContentEncryption::A256Gcm);

#[tokio::test]
async fn an_encrypted_request_is_the_signed_one_inside() {
    let house = House::new().await;
    let client = Signing::new(&house).await;
    let key = providers_key(&client.agency).await;
    for alg in KeyManagement::ALL {
        for enc in ContentEncryption::ALL {
            let token = sealed(&client.object(&house, &json!({})), &key, (alg, enc));
            assert_eq!(client.pushed(&token).await, "created", "{alg} {enc}");
        }
    }
    let token = sealed(&client.object(&house, &json!({})), &key, USUAL);
    let mut browser = house.browser();
    let path = client.beside(&token, &[]);
    let answer = client.agency.log_in(&house, &mut browser, &path).await;
    assert_eq!(returned(&answer, "state").as_deref(), Some("inside"));
}

#[tokio::test]
async fn encrypting_is_not_signing() {
    let house = House::new().await;
    let client = Signing::new(&house).await;
    let key = providers_key(&client.agency).await;
    let claims = client.claims(&house, &json!({}));
    let stranger = Signing::new(&house).await;
    let unsigned = format!(
        "{}.{}.",
        data_encoding::BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#),
        data_encoding::BASE64URL_NOPAD.encode(claims.to_string().as_bytes())
    );
    let twice = sealed(&client.object(&house, &json!({})), &key, USUAL);
    for inside in [claims.to_string(), unsigned, twice, stranger.sign("JWT", &claims)] {
        let token = sealed(&inside, &key, USUAL);
        assert_eq!(client.pushed(&token).await, "invalid_request_object", "{inside}");
    }
}

#[tokio::test]
async fn a_request_encrypted_to_another_key_or_changed_on_the_way_is_refused() {
    let house = House::new().await;
    let client = Signing::new(&house).await;
    let key = providers_key(&client.agency).await;
    let object = client.object(&house, &json!({}));
    let another = DecryptionKey::p256(&[7; 32]).unwrap().public().unwrap();
    let under_our_name = Jwk::for_encryption(another.key().clone(), key.kid().unwrap(), None);
    for to in [another, under_our_name] {
        assert_eq!(
            client.pushed(&sealed(&object, &to, USUAL)).await,
            "invalid_request_object"
        );
    }
    let good = sealed(&object, &key, USUAL);
    for part in 0..5 {
        let mut parts: Vec<String> = good.split('.').map(str::to_owned).collect();
        let changed = if parts[part].starts_with('A') { "B" } else { "A" };
        parts[part].replace_range(..1, changed);
        assert_eq!(
            client.pushed(&parts.join(".")).await,
            "invalid_request_object",
            "part {part}"
        );
    }
    assert_eq!(client.pushed("....").await, "invalid_request_object");
    assert_eq!(client.pushed(&good).await, "created");
}

#[tokio::test]
async fn an_encrypted_request_beyond_the_bound_is_not_decrypted() {
    let house = House::new().await;
    let client = Signing::new(&house).await;
    let key = providers_key(&client.agency).await;
    let long = "x".repeat(sdk_jose::jwe::MAX_JWE_BYTES);
    let token = sealed(&client.object(&house, &json!({ "state": long })), &key, USUAL);
    assert_ne!(client.pushed(&token).await, "created");
}

#[tokio::test]
async fn only_the_registered_encryption_counts() {
    let house = House::new().await;
    let registered = json!({
        "request_object_encryption_alg": "ECDH-ES+A256KW", "request_object_encryption_enc": "A256GCM",
    });
    let client = Signing::with(&house, Algorithm::ES256, registered).await;
    let key = providers_key(&client.agency).await;
    let object = client.object(&house, &json!({}));
    assert_eq!(client.pushed(&sealed(&object, &key, USUAL)).await, "created");
    for how in [
        (KeyManagement::EcdhEs, ContentEncryption::A256Gcm),
        (KeyManagement::EcdhEsA256Kw, ContentEncryption::A128Gcm),
    ] {
        assert_eq!(
            client.pushed(&sealed(&object, &key, how)).await,
            "invalid_request_object"
        );
    }
}

#[tokio::test]
async fn what_was_encrypted_to_the_key_before_is_read_until_no_cache_has_it() {
    let house = House::new().await;
    let client = Signing::new(&house).await;
    let before = providers_key(&client.agency).await;
    rotate(&house.idp, KeyUse::Encryption).await.unwrap();
    assert_eq!(
        providers_key(&client.agency).await,
        before,
        "published in its turn alone"
    );
    house.clock.forward(PREPUBLISH.0);
    tend(&house.idp).await.unwrap();
    let after = providers_key(&client.agency).await;
    assert_ne!(before, after);
    for key in [&before, &after] {
        let token = sealed(&client.object(&house, &json!({})), key, USUAL);
        assert_eq!(client.pushed(&token).await, "created");
    }
    house.clock.forward(GRACE.0);
    for _ in 0..2 {
        tend(&house.idp).await.unwrap();
    }
    let token = sealed(&client.object(&house, &json!({})), &before, USUAL);
    assert_eq!(client.pushed(&token).await, "invalid_request_object");
}
