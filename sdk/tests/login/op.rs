//! An idp of a few lines, which does what a test tells it, faults included.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use sdk::login::{Clock, UnixTime};
use sdk_jose::hash::{code_challenge_s256, half_hash};
use sdk_jose::{Algorithm, Jwk, JwkSet, PublicKey, Seconds, Signer, SigningFault, sign_compact};
use serde_json::{Value, json};
use url::Url;

pub const CLIENT: &str = "taxes";
pub const SECRET: &str = "s3cret with spaces & more";
pub const APP: &str = "http://localhost:8082";
const BACKLOG: u32 = 64;

/// A clock that a test moves.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_800_000_000)))
    }

    pub fn pass(&self, span: Seconds) {
        self.0.fetch_add(span.0, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixTime {
        UnixTime(self.0.load(Ordering::SeqCst))
    }
}

pub struct Key {
    pair: EcdsaKeyPair,
    pub kid: String,
}

impl Key {
    pub fn new(kid: &str) -> Self {
        let (kind, chance) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &chance).unwrap();
        Self {
            pair: EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &chance).unwrap(),
            kid: kid.to_owned(),
        }
    }

    pub fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    fn jwk(&self) -> Jwk {
        Jwk::new(
            PublicKey::from_point(self.public()).unwrap(),
            &self.kid,
            Algorithm::ES256,
        )
    }
}

impl Signer for Key {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }

    fn kid(&self) -> &str {
        &self.kid
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFault> {
        let signature = self.pair.sign(&SystemRandom::new(), message);
        signature
            .map(|s| s.as_ref().to_vec())
            .map_err(|_| SigningFault::new("ring"))
    }
}

type Forge = Box<dyn Fn(&Key, Value) -> String + Send>;

/// What the next answers are.
pub struct Script {
    pub key: Key,
    pub published: Vec<Jwk>,
    /// Makes the ID token; without it, it is signed.
    pub forge: Option<Forge>,
    /// Replaces the token response.
    pub token: Option<(StatusCode, String)>,
    pub userinfo: Value,
    /// The challenges with which userinfo stays shut, one after the other.
    pub challenges: Vec<&'static str>,
    pub metadata: Value,
    pub down: bool,
    codes: HashMap<String, Granted>,
}

/// A code waits to be redeemed.
struct Granted {
    claims: Value,
    challenge: String,
}

#[derive(Clone)]
pub struct Op {
    pub issuer: String,
    pub clock: TestClock,
    pub script: Arc<Mutex<Script>>,
    pub redemptions: Arc<AtomicUsize>,
    pub key_requests: Arc<AtomicUsize>,
}

impl Op {
    /// Listens on a free port of this machine.
    pub async fn start() -> Self {
        Self::start_late(Duration::ZERO).await
    }

    /// Listens on a free port of this machine, a while from now: until then connections are refused.
    pub async fn start_late(pause: Duration) -> Self {
        // Bound without listening, the port is ours and answers nobody.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let issuer = format!("http://{}", socket.local_addr().unwrap());
        let key = Key::new("k1");
        let script = Script {
            published: vec![key.jwk()],
            key,
            forge: None,
            token: None,
            userinfo: json!({ "sub": "s-1", "name": "María Muñoz del Río", "given_name": "María",
                "email": "maria@example.cl", "national_id": "11111111-1", "national_id_scheme": "CL-RUN" }),
            challenges: Vec::new(),
            metadata: json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize?tenant=a"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
                "userinfo_endpoint": format!("{issuer}/userinfo"),
                "end_session_endpoint": format!("{issuer}/logout"),
            }),
            down: false,
            codes: HashMap::new(),
        };
        let op = Self {
            issuer,
            clock: TestClock::new(),
            script: Arc::new(Mutex::new(script)),
            redemptions: Arc::default(),
            key_requests: Arc::default(),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(op.clone());
        if pause.is_zero() {
            let listener = socket.listen(BACKLOG).unwrap();
            tokio::spawn(async move { axum::serve(listener, router).await });
        } else {
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                axum::serve(socket.listen(BACKLOG).unwrap(), router).await
            });
        }
        op
    }

    pub fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// A new signing key, published or not.
    pub fn rotate(&self, kid: &str, publish: bool) {
        let mut script = self.script();
        script.key = Key::new(kid);
        script.published = if publish {
            vec![script.key.jwk()]
        } else {
            script.published.clone()
        };
    }

    /// The person says yes: the query with which the browser comes back.
    pub fn grant(&self, question: &Url, change: impl FnOnce(&mut Value)) -> String {
        let asked = query(question);
        let now = self.clock.now();
        let mut claims = json!({
            "iss": self.issuer, "sub": "s-1", "aud": CLIENT, "iat": now.0, "exp": now.0 + 300,
            "auth_time": now.0, "nonce": asked["nonce"], "acr": "urn:aval:aal1", "amr": ["pwd"],
        });
        change(&mut claims);
        let mut script = self.script();
        let code = format!("code-{}", script.codes.len());
        script.codes.insert(
            code.clone(),
            Granted {
                claims,
                challenge: asked["code_challenge"].clone(),
            },
        );
        self.answer(question, &[("code", &code)])
    }

    /// An answer with these parameters, the state of the question and our `iss`.
    pub fn answer(&self, question: &Url, parameters: &[(&str, &str)]) -> String {
        let mut answer = url::form_urlencoded::Serializer::new(String::new());
        answer
            .extend_pairs(parameters)
            .append_pair("state", &query(question)["state"]);
        answer.append_pair("iss", &self.issuer).finish()
    }
}

pub fn query(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

async fn metadata(State(op): State<Op>) -> Response {
    let script = op.script();
    if script.down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    Json(script.metadata.clone()).into_response()
}

async fn jwks(State(op): State<Op>) -> Json<JwkSet> {
    op.key_requests.fetch_add(1, Ordering::SeqCst);
    Json(JwkSet::new(op.script().published.clone()))
}

async fn userinfo(State(op): State<Op>, headers: HeaderMap) -> Response {
    if headers
        .get(header::AUTHORIZATION)
        .is_none_or(|value| value != "Bearer at-1")
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut script = op.script();
    if let Some(challenge) = script.challenges.pop() {
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)]).into_response();
    }
    Json(script.userinfo.clone()).into_response()
}

async fn token(State(op): State<Op>, headers: HeaderMap, body: String) -> Response {
    op.redemptions.fetch_add(1, Ordering::SeqCst);
    let mut script = op.script();
    if let Some((status, body)) = script.token.clone() {
        return (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    }
    let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    if !by_client(&headers) || form["grant_type"] != "authorization_code" {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "error": "invalid_client" })),
        )
            .into_response();
    }
    let granted = script.codes.remove(&form["code"]);
    let Some(granted) = granted.filter(|granted| {
        granted.challenge == code_challenge_s256(&form["code_verifier"])
            && form["code_verifier"].len() >= 43
            && form["redirect_uri"] == format!("{APP}/login/callback")
    }) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    let mut claims = granted.claims;
    claims["at_hash"] = half_hash(Algorithm::ES256, "at-1").into();
    let id_token = match &script.forge {
        Some(forge) => forge(&script.key, claims),
        None => sign_compact("JWT", &claims, &script.key).unwrap(),
    };
    Json(json!({ "access_token": "at-1", "token_type": "Bearer", "expires_in": 60, "id_token": id_token }))
        .into_response()
}

/// RFC 6749 §2.3.1: form-encoded, then Basic.
fn by_client(headers: &HeaderMap) -> bool {
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(CLIENT), encode(SECRET));
    let expected = format!("Basic {}", BASE64.encode(pair.as_bytes()));
    headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| value.as_bytes() == expected.as_bytes())
}

/// A token whose header says this, signed by the key all the same.
pub fn with_header(header: Value, key: &Key, claims: &Value) -> String {
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let input = format!("{}.{}", encode(&header), encode(claims));
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", BASE64URL_NOPAD.encode(&signature))
}
