//! A browser without a window: it keeps cookies and follows nobody by itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use sdk::login::{Binding, Citizen, Login, LoginConfig, MemoryStore, RequireAal, SessionStore};
use sdk::look::Language;
use tower::ServiceExt;
use url::Url;

use crate::op::{APP, CLIENT, Op, SECRET};

pub const BINDING: Binding = Binding([7; 32]);

/// What came back.
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    pub fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    pub fn url(&self) -> Url {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        Url::parse(self.location()).unwrap()
    }

    pub fn cookies(&self) -> Vec<&str> {
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect()
    }
}

#[derive(Clone)]
pub struct Browser {
    pub app: Router,
    pub cookies: BTreeMap<String, String>,
    pub headers: Vec<(&'static str, String)>,
}

impl Browser {
    pub fn new(app: &Router) -> Self {
        Self {
            app: app.clone(),
            cookies: BTreeMap::new(),
            headers: vec![("accept", "text/html".to_owned())],
        }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, &[]).await
    }

    pub async fn post(&mut self, path: &str, headers: &[(&'static str, &str)]) -> Page {
        self.send(Method::POST, path, headers).await
    }

    pub async fn send(&mut self, method: Method, path: &str, headers: &[(&'static str, &str)]) -> Page {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = Request::builder().method(method).uri(path);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in self
            .headers
            .iter()
            .map(|(n, v)| (*n, v.as_str()))
            .chain(headers.iter().copied())
        {
            request = request.header(name, value);
        }
        let request = request.body(Body::empty()).unwrap();
        let (parts, body) = self.app.clone().oneshot(request).await.unwrap().into_parts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        let page = Page {
            status: parts.status,
            headers: parts.headers,
            text,
        };
        for cookie in page.cookies() {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        page
    }

    /// Opens a page of who has logged in: where the idp is asked.
    pub async fn ask(&mut self, path: &str) -> Url {
        self.get(path).await.url()
    }

    pub async fn come_back(&mut self, answer: &str) -> Page {
        self.get(&format!("/login/callback?{answer}")).await
    }

    /// The whole way, with a change to the ID token's claims.
    pub async fn log_in(&mut self, op: &Op, change: impl FnOnce(&mut serde_json::Value)) -> Page {
        let question = self.ask("/mine").await;
        let answer = op.grant(&question, change);
        self.come_back(&answer).await
    }

    pub fn session(&self) -> Option<&String> {
        self.cookies.get("aval_agency")
    }
}

pub fn config(op: &Op) -> LoginConfig {
    LoginConfig::new(&op.issuer, CLIENT, SECRET, APP)
        .scopes(["openid", "profile", "email", "national_id"])
        .clock(Arc::new(op.clock.clone()))
}

pub async fn app_with(config: LoginConfig) -> Router {
    let login = Login::discover(config).await.unwrap();
    Router::new()
        .route("/", get(|citizen: Option<Citizen>| async move { citizen.map_or("nobody".into(), |c| c.display_name()) }))
        .route("/mine", get(|citizen: Citizen| async move { format!("{} {:?}", citizen.display_name(), citizen.national_id()) }))
        .route("/form", post(|citizen: Citizen| async move { citizen.display_name() }))
        .route("/strong", get(|RequireAal(citizen): RequireAal<2>| async move { format!("{:?}", citizen.assurance()) }))
        .route("/confirm", get(confirm))
        .route("/other", get(other))
        .layer(login)
}

pub async fn app(op: &Op) -> Router {
    app_with(config(op)).await
}

pub async fn app_on(op: &Op, store: Arc<dyn SessionStore>) -> Router {
    app_with(config(op).store(store)).await
}

pub fn memory() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::default())
}

async fn confirm(login: Login, citizen: Citizen, language: Language) -> Response {
    match login.take_presence(&citizen, &BINDING).await.unwrap() {
        Some(presence) => {
            format!("confirmed {} {:?}", presence.auth_time().0, presence.amr()).into_response()
        }
        None => {
            login
                .reauthenticate(&citizen, BINDING, "/confirm", language)
                .await
        }
    }
}

async fn other(login: Login, citizen: Citizen) -> String {
    format!(
        "{:?}",
        login.take_presence(&citizen, &Binding([8; 32])).await.unwrap()
    )
}
