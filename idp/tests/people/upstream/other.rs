//! A provider that the operator trusts, in process: it says what a test wants, true or not.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use idp::{
    fetch::{Asked, Fetch, Fetched, Fetching, Unfetched, Wanted},
    keys::{SigningKey, generate},
    world::SystemChance,
};
use sdk_jose::{Algorithm, Jwk, hash::code_challenge_s256, sign_compact};
use serde_json::{Value, json};
use url::Url;

pub(super) const OTHER: &str = "https://otra.example";

/// A provider that the operator trusts, and what it would say next.
pub(super) struct Other {
    pub(super) key: SigningKey,
    /// Claims beside those of the protocol.
    pub(super) says: Mutex<Value>,
    /// Changes the claims of the protocol.
    pub(super) lies: Mutex<Value>,
    /// Changes the answer of userinfo.
    pub(super) userinfo: Mutex<Value>,
    pub(super) metadata: Mutex<Value>,
    pub(super) away: Mutex<bool>,
    /// What was asked by the browser that was sent there last.
    pub(super) asked: Mutex<Option<Url>>,
    /// Everything that was posted, with its authorization.
    pub(super) posted: Mutex<Vec<(String, String, String)>>,
    pub(super) redeemed: AtomicUsize,
    pub(super) now: Mutex<i64>,
    /// Signs with a key that is nowhere published.
    pub(super) forges: Mutex<bool>,
}

impl Other {
    pub(super) fn new() -> Arc<Self> {
        let bytes = generate(Algorithm::ES256, &SystemChance::default()).unwrap();
        Arc::new(Self {
            key: SigningKey::open(Algorithm::ES256, &bytes).unwrap(),
            says: Mutex::new(json!({ "rut": "12345678-5" })),
            lies: Mutex::new(json!({})),
            userinfo: Mutex::new(json!({ "sub": "s-1" })),
            metadata: Mutex::new(json!({
                "issuer": OTHER, "authorization_endpoint": format!("{OTHER}/authorize"),
                "token_endpoint": format!("{OTHER}/token"), "jwks_uri": format!("{OTHER}/jwks"),
                "userinfo_endpoint": format!("{OTHER}/userinfo"),
                "authorization_response_iss_parameter_supported": true,
            })),
            away: Mutex::new(false),
            asked: Mutex::new(None),
            posted: Mutex::default(),
            redeemed: AtomicUsize::new(0),
            now: Mutex::new(0),
            forges: Mutex::new(false),
        })
    }

    pub(super) fn says(&self, claims: Value) {
        *self.says.lock().unwrap() = claims;
    }

    pub(super) fn lies(&self, claims: Value) {
        *self.lies.lock().unwrap() = claims;
    }

    pub(super) fn parameter(&self, name: &str) -> String {
        let asked = self.asked.lock().unwrap().clone().unwrap();
        let mut pairs = asked.query_pairs();
        let found = pairs.find(|(found, _)| found == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    fn id_token(&self) -> String {
        let now = *self.now.lock().unwrap();
        let mut claims = json!({
            "iss": OTHER, "sub": "s-1", "aud": "aval", "exp": now + 300, "iat": now, "auth_time": now,
            "nonce": self.parameter("nonce"), "acr": "alto",
        });
        for more in [&self.says, &self.lies] {
            for (name, value) in more.lock().unwrap().as_object().unwrap() {
                claims[name] = value.clone();
            }
        }
        if *self.forges.lock().unwrap() {
            let bytes = generate(Algorithm::ES256, &SystemChance::default()).unwrap();
            let other = SigningKey::open(Algorithm::ES256, &bytes).unwrap();
            return sign_compact("JWT", &claims, &other).unwrap();
        }
        sign_compact("JWT", &claims, &self.key).unwrap()
    }

    /// RFC 6749 §4.1.3 and RFC 7636 §4.6, as a provider checks them.
    fn token(&self, form: &str) -> (u16, Value) {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes())
            .into_owned()
            .collect();
        let field = |name: &str| {
            let found = fields.iter().find(|(found, _)| found == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let proven = code_challenge_s256(&field("code_verifier")) == self.parameter("code_challenge");
        let here = field("redirect_uri") == self.parameter("redirect_uri");
        if !proven || !here || field("code") != "c0digo" {
            return (400, json!({ "error": "invalid_grant" }));
        }
        self.redeemed.fetch_add(1, Ordering::SeqCst);
        let tokens = json!({ "access_token": "llave", "token_type": "bearer", "id_token": self.id_token() });
        (200, tokens)
    }
}

impl Fetch for Other {
    fn get<'a>(&'a self, url: &'a Url, _: Wanted) -> Fetching<'a> {
        let document = match url.as_str() {
            "https://otra.example/.well-known/openid-configuration" => self.metadata.lock().unwrap().clone(),
            "https://otra.example/jwks" => jwks(self.key.public()),
            other => panic!("asked for {other}"),
        };
        let away = *self.away.lock().unwrap();
        Box::pin(async move {
            if away {
                return Err(Unfetched::TooSlow);
            }
            Ok(fetched(200, &document))
        })
    }

    fn post<'a>(&'a self, _: &'a Url, _: String) -> Fetching<'a> {
        Box::pin(async { Err(Unfetched::Unreachable) })
    }

    fn ask<'a>(&'a self, url: &'a Url, asked: Asked) -> Fetching<'a> {
        let form = asked.form.expose().clone();
        let authorization = asked.authorization.map(|text| text.expose().clone());
        let (status, answer) = match url.path() {
            "/token" => self.token(&form),
            "/userinfo" => (200, self.userinfo.lock().unwrap().clone()),
            other => panic!("posted to {other}"),
        };
        self.posted
            .lock()
            .unwrap()
            .push((url.path().to_owned(), authorization.unwrap_or_default(), form));
        Box::pin(async move { Ok(fetched(status, &answer)) })
    }
}

fn jwks(key: &Jwk) -> Value {
    json!({ "keys": [key] })
}

fn fetched(status: u16, document: &Value) -> Fetched {
    Fetched {
        status,
        content_type: "application/json".to_owned(),
        body: document.to_string().into_bytes(),
    }
}
