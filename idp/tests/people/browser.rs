//! A service of its own with a clock that can be moved, and a browser that keeps cookies and follows redirects.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use idp::{
    config::Config,
    flow::enrol::{NewCitizen, enrol},
    http::router,
    mail::{Carrier, Carrying, Letter},
    rules::{notice::Heard, time::Timestamp, totp::Seed},
    service::Idp,
    world::{Clock, SystemChance},
};
use tower::ServiceExt as _;

pub const NUMBER: &str = "11.111.111-1";
pub const PASSWORD: &str = "lluvia sobre el techo";
pub const TOTP: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// A running provider with one citizen.
pub struct House {
    pub idp: Arc<Idp>,
    pub clock: Arc<Hand>,
    mailbox: Arc<Mailbox>,
    router: Router,
    _folder: tempfile::TempDir,
}

/// Takes every letter.
#[derive(Default)]
struct Mailbox(Mutex<Vec<Received>>);

/// A letter that a citizen got.
#[derive(Debug, Clone)]
pub struct Received {
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl Received {
    /// Path and query of its link that begins with `path`.
    pub fn link(&self, path: &str) -> String {
        let link = self.text.split_whitespace().find_map(|word| {
            let at = word.find(path)?;
            word.starts_with("http").then(|| word[at..].to_owned())
        });
        link.unwrap_or_else(|| panic!("no {path} in {}", self.text))
    }
}

impl Carrier for Mailbox {
    fn carry<'a>(&'a self, letter: &'a Letter) -> Carrying<'a> {
        self.0.lock().unwrap().push(Received {
            to: letter.to.as_str().to_owned(),
            subject: letter.subject.clone(),
            text: letter.text.expose().clone(),
        });
        Box::pin(async { Heard::Taken })
    }
}

/// A clock that stands until it is moved.
pub struct Hand(pub AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl Hand {
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl House {
    pub async fn new() -> Self {
        Self::at("http://localhost:8080").await
    }

    pub async fn at(issuer: &str) -> Self {
        Self::configured(issuer, "").await
    }

    /// With more in its configuration file.
    pub async fn configured(issuer: &str, more: &str) -> Self {
        Self::with((issuer, more), |_| {}).await
    }

    /// With something else in its place.
    pub async fn with(configured: (&str, &str), change: impl FnOnce(&mut Idp)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Keys and hashes take a while to make: every test begins with a copy of the first one's.
        let begun = FIRST.get_or_init(first).await;
        std::fs::write(folder.path().join("idp.db"), begun).unwrap();
        let clock = Arc::new(Hand(AtomicI64::new(BEGINNING)));
        let idp = open(folder.path(), (configured.0, configured.1, None), &clock).await;
        Self::of(idp, clock, folder, change)
    }

    /// Around a service that [`open`] opened.
    pub fn of(
        mut idp: Arc<Idp>,
        clock: Arc<Hand>,
        folder: tempfile::TempDir,
        change: impl FnOnce(&mut Idp),
    ) -> Self {
        let mailbox = Arc::new(Mailbox::default());
        let inside = Arc::get_mut(&mut idp).unwrap();
        inside.mail = Some(Arc::<Mailbox>::clone(&mailbox));
        change(inside);
        Self {
            router: router(Arc::clone(&idp)),
            idp,
            clock,
            mailbox,
            _folder: folder,
        }
    }

    pub async fn citizen(&self, number: &str, given: &str, family: &str) {
        citizen(&self.idp, number, given, family).await;
    }

    /// The letters that came since this was asked last.
    pub async fn letters(&self) -> Vec<Received> {
        idp::mail::once(&self.idp).await.unwrap();
        std::mem::take(&mut *self.mailbox.0.lock().unwrap())
    }

    pub fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookies: BTreeMap::new(),
            headers: Vec::new(),
            peer: None,
        }
    }

    /// Registers the tax service and says where a citizen enters it.
    pub async fn client(&self, scope: &str) -> String {
        let asked = serde_json::json!({ "client_id": "impuestos", "client_name": "Servicio de <Impuestos>",
            "redirect_uris": ["https://impuestos.example:8443/vuelta"] });
        let registration = serde_json::from_value(asked).unwrap();
        idp::flow::client::register(&self.idp, &registration)
            .await
            .unwrap();
        authorize(scope)
    }

    /// The code that an app would show now.
    pub fn code(&self) -> String {
        Seed::from_base32(TOTP).unwrap().code_for(self.clock.now().0)
    }

    /// A browser in which the citizen has logged in with password and code, at `/account`.
    pub async fn signed_in(&self) -> (Browser, Answer) {
        self.clock.forward(60);
        let mut browser = self.browser();
        let second = browser.at_second_step(NUMBER).await;
        let account = browser
            .submit(&second, "/login/code", &[("code", &self.code())])
            .await;
        assert_eq!(
            (account.status, account.path.as_str()),
            (StatusCode::OK, "/account"),
            "{}",
            account.body
        );
        (browser, account)
    }
}

/// A request of the tax service (RFC 7636 appendix B challenge).
pub fn authorize(scope: &str) -> String {
    let scope = scope.replace(' ', "%20");
    format!(
        "/authorize?client_id=impuestos&response_type=code&scope={scope}&state=abc&nonce=n\
         &redirect_uri=https%3A%2F%2Fimpuestos.example%3A8443%2Fvuelta\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    )
}

/// A database with its keys and one citizen.
async fn first() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Hand(AtomicI64::new(BEGINNING)));
    let idp = open(folder.path(), ("http://localhost:8080", "", None), &clock).await;
    citizen(&idp, NUMBER, "María José", "Muñoz Ñancupil").await;
    idp.store.close().await;
    std::fs::read(folder.path().join("idp.db")).unwrap()
}

/// A service with its files in `folder`, and its database there, too, unless it is said where.
pub async fn open(
    folder: &Path,
    (issuer, more, database): (&str, &str, Option<&str>),
    clock: &Arc<Hand>,
) -> Arc<Idp> {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.display();
    let key = folder.join("key");
    std::fs::write(&key, data_encoding::BASE64.encode(&[7; 32])).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let file = folder.join("idp.toml");
    let here = format!("sqlite://{path}/idp.db");
    let database = database.unwrap_or(&here);
    let text = format!(
        "issuer = \"{issuer}\"\nlisten = \"127.0.0.1:0\"\ndatabase = \"{database}\"\n\
         sealing_key_file = \"{path}/key\"\n{more}\n"
    );
    std::fs::write(&file, text).unwrap();
    let config = Config::read(&file, std::iter::empty::<(String, String)>()).unwrap();
    let clock = Arc::<Hand>::clone(clock);
    Idp::open(config, clock, Arc::new(SystemChance::default()))
        .await
        .unwrap()
}

pub async fn citizen(idp: &Idp, number: &str, given: &str, family: &str) {
    let new = serde_json::json!({
        "national_id": number, "given_name": given, "family_name": family,
        "email": "alguien@correo.example", "phone_number": "+56 2 2690 4000",
        "address": { "street_address": "Av. Matta 123", "locality": "Santiago", "country": "Chile" }, "password": PASSWORD, "totp_secret": TOTP,
    });
    enrol(idp, &serde_json::from_value::<NewCitizen>(new).unwrap())
        .await
        .unwrap();
}

static FIRST: tokio::sync::OnceCell<Vec<u8>> = tokio::sync::OnceCell::const_new();

/// Some afternoon.
pub const BEGINNING: i64 = 1_795_260_000;

/// A browser without script.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    pub headers: Vec<(&'static str, String)>,
    /// Where it connects from; nowhere that is known, unless a test says so.
    pub peer: Option<std::net::SocketAddr>,
}

/// A page after its redirects.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// With its query.
    pub path: String,
    pub body: String,
    /// Bytes of the body as they travelled.
    pub weight: usize,
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.go("GET", path, None).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.go("POST", path, Some(body)).await
    }

    /// Sends the form of `page` whose action begins with `action`, hidden fields included.
    pub async fn submit(&mut self, page: &Answer, action: &str, typed: &[(&str, &str)]) -> Answer {
        let (action, hidden) = page.form(action);
        let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.retain(|(name, _)| !typed.iter().any(|(other, _)| other == name));
        fields.extend_from_slice(typed);
        self.post(&action, &fields).await
    }

    pub async fn at_second_step(&mut self, number: &str) -> Answer {
        let login = self.get("/account").await;
        let second = self
            .submit(
                &login,
                "/login?",
                &[("national_id", number), ("password", PASSWORD)],
            )
            .await;
        assert!(
            second.path.starts_with("/login/code?"),
            "{} {}",
            second.path,
            second.body
        );
        second
    }

    async fn go(&mut self, method: &str, path: &str, form: Option<String>) -> Answer {
        let (mut method, mut path, mut form) = (method.to_owned(), path.to_owned(), form);
        for _ in 0..8 {
            let mut request = Request::builder()
                .method(method.as_str())
                .uri(&path)
                .header(header::ACCEPT, "text/html");
            if let Some(peer) = self.peer {
                request = request.extension(axum::extract::ConnectInfo(peer));
            }
            for (name, value) in &self.headers {
                request = request.header(*name, value);
            }
            let jar: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            if !jar.is_empty() {
                request = request.header(header::COOKIE, jar.join("; "));
            }
            if form.is_some() {
                request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            }
            let body = form.take().map_or_else(Body::empty, Body::from);
            let response = self
                .router
                .clone()
                .oneshot(request.body(body).unwrap())
                .await
                .unwrap();
            self.keep(response.headers());
            if let Some(location) = response.headers().get(header::LOCATION) {
                assert_eq!(response.status(), StatusCode::SEE_OTHER);
                let away = location.to_str().unwrap().to_owned();
                if !away.starts_with('/') {
                    let headers = response.headers().clone();
                    return Answer {
                        status: StatusCode::SEE_OTHER,
                        headers,
                        path: away,
                        body: String::new(),
                        weight: 0,
                    };
                }
                (method, path) = ("GET".to_owned(), location.to_str().unwrap().to_owned());
                continue;
            }
            let (status, headers) = (response.status(), response.headers().clone());
            let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
            return Answer {
                status,
                headers,
                path,
                body: String::from_utf8_lossy(&body).into_owned(),
                weight: body.len(),
            };
        }
        panic!("too many redirects");
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(header::SET_COOKIE) {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Answer {
    /// Action and hidden fields of the form whose action begins with `action`.
    pub fn form(&self, action: &str) -> (String, Vec<(String, String)>) {
        let form = self
            .body
            .split("<form")
            .skip(1)
            .map(|form| form.split("</form>").next().unwrap())
            .find(|form| attribute(form, "action").is_some_and(|found| found.starts_with(action)))
            .unwrap_or_else(|| panic!("no form {action} in {}", self.body));
        let hidden = form
            .split("<input")
            .skip(1)
            .filter(|input| attribute(input, "type").as_deref() == Some("hidden"))
            .map(|input| {
                (
                    attribute(input, "name").unwrap(),
                    attribute(input, "value").unwrap_or_default(),
                )
            })
            .collect();
        (attribute(form, "action").unwrap(), hidden)
    }

    /// The passkey options that the page hands to the script.
    pub fn options(&self) -> serde_json::Value {
        serde_json::from_str(&attribute(&self.body, "data-options").expect("options")).unwrap()
    }
}

pub fn attribute(text: &str, name: &str) -> Option<String> {
    let opening = format!(" {name}=\"");
    let value = text.split_once(&opening)?.1.split('"').next()?;
    let plain = value
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">");
    Some(
        plain
            .replace("&quot;", "\"")
            .replace("&#38;", "&")
            .replace("&amp;", "&"),
    )
}
