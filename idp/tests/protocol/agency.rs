//! A client: it sends browsers to the provider and redeems what comes back.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use idp::{flow::client::register, http::router, rules::registration::Registration, service::Idp};
use sdk_jose::{Algorithm, Expected, JwkSet, Typ, Unverified};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::browser::{Answer, Browser, House, NUMBER};

pub const CALLBACK: &str = "https://agency.example/cb";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A registered client beside its provider.
pub struct Agency {
    pub id: String,
    pub secret: String,
    router: Router,
}

/// What an endpoint answered.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
    pub body: String,
}

impl Reply {
    pub fn text(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_default()
    }

    #[track_caller]
    pub fn is_error(&self, error: &str) {
        assert_eq!(self.text("error"), error, "{:?}", self.json);
        assert!(self.status.is_client_error());
    }
}

impl Agency {
    /// A client with one change to the usual registration.
    pub async fn with(house: &House, change: Value) -> Self {
        let mut registration = json!({
            "client_name": "Servicio de Impuestos",
            "redirect_uris": [CALLBACK],
            "post_logout_redirect_uris": ["https://agency.example/bye"],
            "scope": "openid profile email national_id offline_access",
        });
        registration
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let registration: Registration = serde_json::from_value(registration).unwrap();
        let registered = register(&house.idp, &registration).await.unwrap();
        Self {
            id: registered.client.id.to_string(),
            secret: registered
                .secret
                .map(|secret| secret.expose().clone())
                .unwrap_or_default(),
            router: router(Arc::clone(&house.idp)),
        }
    }

    /// A client that was registered before.
    pub fn of(house: &House, id: &str, secret: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
            router: router(Arc::clone(&house.idp)),
        }
    }

    pub async fn new(house: &House) -> Self {
        Self::with(house, json!({})).await
    }

    /// A client that is registered already, at another instance of its provider.
    pub fn known(idp: &Arc<Idp>, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret: String::new(),
            router: router(Arc::clone(idp)),
        }
    }

    /// The path of a valid request with some parameters changed, added or (when empty) left out.
    pub fn request(&self, changes: &[(&str, &str)]) -> String {
        let mut all = vec![
            ("client_id", self.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("state", "estado"),
            ("nonce", "una vez"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        all.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        all.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        format!(
            "/authorize?{}",
            url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(all)
                .finish()
        )
    }

    /// Pushes a valid request with some parameters changed, added or (when empty) left out (RFC 9126).
    pub async fn push(&self, changes: &[(&str, &str)]) -> Reply {
        let path = self.request(changes);
        let (_, query) = path.split_once('?').unwrap();
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post("/par", &fields).await
    }

    /// Where a browser enters a pushed request.
    pub fn enter(&self, request_uri: &str) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.id)
            .append_pair("request_uri", request_uri)
            .finish();
        format!("/authorize?{query}")
    }

    /// Sends a fresh browser, logs the citizen in, allows; the browser and the address it came back to.
    pub async fn login(&self, house: &House, changes: &[(&str, &str)]) -> (Browser, Answer) {
        house.clock.forward(60);
        let mut browser = house.browser();
        let answer = self.log_in(house, &mut browser, &self.request(changes)).await;
        (browser, answer)
    }

    /// Takes a browser through login and consent, beginning at `path`.
    pub async fn log_in(&self, house: &House, browser: &mut Browser, path: &str) -> Answer {
        let login = browser.get(path).await;
        let typed = [("national_id", NUMBER), ("password", crate::browser::PASSWORD)];
        let second = browser.submit(&login, "/login?", &typed).await;
        let mut answer = browser
            .submit(&second, "/login/code", &[("code", &house.code())])
            .await;
        if answer.path.starts_with("/consent?") {
            answer = browser
                .submit(&answer, "/consent?", &[("decision", "allow")])
                .await;
        }
        assert!(
            answer.path.starts_with(CALLBACK) || answer.body.contains("data-submit"),
            "{} {}",
            answer.path,
            answer.body
        );
        answer
    }

    /// A fresh code.
    pub async fn code(&self, house: &House) -> String {
        returned(&self.login(house, &[]).await.1, "code").unwrap()
    }

    /// Tokens from a whole login.
    pub async fn tokens(&self, house: &House, changes: &[(&str, &str)]) -> (Browser, Reply) {
        let (browser, answer) = self.login(house, changes).await;
        let reply = self.redeem(&returned(&answer, "code").unwrap()).await;
        assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.json);
        (browser, reply)
    }

    /// A valid redemption.
    pub async fn redeem(&self, code: &str) -> Reply {
        self.redeem_with(code, &[]).await
    }

    /// A redemption with some parameters changed, added or (when empty) left out.
    pub async fn redeem_with(&self, code: &str, changes: &[(&str, &str)]) -> Reply {
        let mut all = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        all.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        all.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        self.post("/token", &all).await
    }

    pub async fn refresh(&self, token: &str) -> Reply {
        self.post(
            "/token",
            &[("grant_type", "refresh_token"), ("refresh_token", token)],
        )
        .await
    }

    /// A form, the client authenticated by the header.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let pair = data_encoding::BASE64.encode(format!("{}:{}", self.id, self.secret).as_bytes());
        self.send(
            "POST",
            path,
            Some(fields),
            &[("authorization", &format!("Basic {pair}"))],
        )
        .await
    }

    pub async fn userinfo(&self, token: &str) -> Reply {
        self.send(
            "GET",
            "/userinfo",
            None,
            &[("authorization", &format!("Bearer {token}"))],
        )
        .await
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        fields: Option<&[(&str, &str)]>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = fields.map(|fields| {
            url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish()
        });
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = body.map_or_else(Body::empty, Body::from);
        let response = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Reply {
            status,
            headers,
            json: serde_json::from_slice(&body).unwrap_or(Value::Null),
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// The claims of an id token, its signature checked with the published keys.
    pub async fn claims(&self, token: &str, algorithm: Algorithm) -> Value {
        let published = self.send("GET", "/jwks", None, &[]).await;
        let keys = JwkSet::parse(published.json.to_string().as_bytes()).unwrap();
        let expected = Expected {
            algorithms: &[algorithm],
            typ: Typ::JwtOrAbsent,
        };
        Unverified::parse(token)
            .unwrap()
            .verify(&keys, &expected)
            .unwrap()
            .claims()
            .unwrap()
    }
}

/// A parameter of the address that a browser came back to.
pub fn returned(answer: &Answer, name: &str) -> Option<String> {
    let url = url::Url::parse(&answer.path).ok()?;
    let found = url.query_pairs().find(|(known, _)| known == name)?;
    Some(found.1.into_owned())
}
