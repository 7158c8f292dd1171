//! Accounts that are opened with a credential from elsewhere.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::http::StatusCode;
use idp::{
    fetch::{Asked, Fetch, Fetched, Fetching, Unfetched, Wanted},
    flow::{
        activation::issue::{By, Terms, to_newcomer},
        enrol::Described,
        freeze, sweep,
    },
    keys::{SigningKey, generate},
    rules::{
        activation::{Handed, Proofing},
        audit::Entry,
        national_id::{NationalId, Scheme},
        standing,
    },
    store,
    world::SystemChance,
};
use sdk_jose::{Algorithm, Jwk, hash::code_challenge_s256, sign_compact};
use serde_json::{Value, json};
use url::Url;

use crate::{
    authenticator::Authenticator,
    browser::{Answer, Browser, House, NUMBER},
};

const ANA: &str = "12.345.678-5";
const OTHER: &str = "https://otra.example";

/// A provider that the operator trusts, and what it would say next.
struct Other {
    key: SigningKey,
    /// Claims beside those of the protocol.
    says: Mutex<Value>,
    /// Changes the claims of the protocol.
    lies: Mutex<Value>,
    /// Changes the answer of userinfo.
    userinfo: Mutex<Value>,
    metadata: Mutex<Value>,
    away: Mutex<bool>,
    /// What was asked by the browser that was sent there last.
    asked: Mutex<Option<Url>>,
    /// Everything that was posted, with its authorization.
    posted: Mutex<Vec<(String, String, String)>>,
    redeemed: AtomicUsize,
    now: Mutex<i64>,
    /// Signs with a key that is nowhere published.
    forges: Mutex<bool>,
}

impl Other {
    fn new() -> Arc<Self> {
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

    fn says(&self, claims: Value) {
        *self.says.lock().unwrap() = claims;
    }

    fn lies(&self, claims: Value) {
        *self.lies.lock().unwrap() = claims;
    }

    fn parameter(&self, name: &str) -> String {
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

/// A provider of ours that trusts [`Other`], and Ana, whose account nothing opens yet.
struct Bridge {
    house: House,
    other: Arc<Other>,
    _secret: tempfile::NamedTempFile,
}

impl Bridge {
    async fn new() -> Self {
        Self::with("").await
    }

    /// With more in the provider's section.
    async fn with(more: &str) -> Self {
        let secret = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), "s3creto\n").unwrap();
        let section = format!(
            "[upstream.otra]\nlabel = \"Otra\"\nissuer = \"{OTHER}\"\nclient_id = \"aval\"\n\
             client_secret_file = \"{}\"\nclaim = \"rut\"\n{more}\n\
             [upstream.segunda]\nlabel = \"Segunda\"\nissuer = \"https://segunda.example\"\nclient_id = \"aval\"\n\
             client_secret_file = \"{0}\"\nclaim = \"rut\"\n",
            secret.path().display()
        );
        let other = Other::new();
        let outside = Arc::<Other>::clone(&other);
        let configured = ("http://localhost:8080", section.as_str());
        let house = House::with(configured, |idp| idp.fetch = outside).await;
        *other.now.lock().unwrap() = house.idp.now().0;
        let ana = Described {
            national_id: ANA,
            given_name: "Ana",
            family_name: "Soto",
            email: "ana@correo.example",
            ..Described::default()
        };
        let terms = Terms {
            proofing: Proofing::Imported,
            handed: Handed::OnPaper,
        };
        to_newcomer(&house.idp, &ana, terms, By::Operator).await.unwrap();
        Self {
            house,
            other,
            _secret: secret,
        }
    }

    /// From the page of activation to the other provider.
    async fn sent(&self, browser: &mut Browser) -> Url {
        let door = browser.get("/activate").await;
        let away = browser.get(&link(&door, "otra")).await;
        assert_eq!(away.status, StatusCode::SEE_OTHER, "{}", away.body);
        let away = Url::parse(&away.path).unwrap();
        *self.other.asked.lock().unwrap() = Some(away.clone());
        away
    }

    /// There and back.
    async fn activate(&self, browser: &mut Browser) -> Answer {
        self.sent(browser).await;
        browser.get(&self.way_back()).await
    }

    /// The provider's answer, of this moment.
    fn way_back(&self) -> String {
        *self.other.now.lock().unwrap() = self.house.idp.now().0;
        format!(
            "/activate/with/otra/return?code=c0digo&state={}&iss=https%3A%2F%2Fotra.example",
            self.other.parameter("state")
        )
    }

    /// Nothing was opened and nobody is logged in.
    async fn nothing(&self, browser: &mut Browser, answer: &Answer, status: StatusCode) {
        assert_eq!(answer.status, status, "{} {}", answer.path, answer.body);
        assert!(!answer.path.contains("activation="));
        assert!(!browser.cookies.contains_key("aval_idp_session"));
        assert!(browser.get("/account").await.path.starts_with("/login"));
    }

    async fn entries(&self, number: &str) -> Vec<Entry> {
        let number = NationalId::parse(number, &[Scheme::ClRun]).unwrap();
        let mut read = self.house.idp.store.read().await.unwrap();
        let found = store::citizens::find(&mut read, &self.house.idp.derived.index, &number).await;
        let (citizen, _) = found.unwrap().unwrap();
        store::audit::of_citizen(&mut read, &citizen, 20).await.unwrap()
    }
}

fn link(door: &Answer, provider: &str) -> String {
    let from = door
        .body
        .split(&format!("href=\"/activate/with/{provider}?"))
        .nth(1);
    let query = from.unwrap_or_else(|| panic!("no link in {}", door.body));
    format!("/activate/with/{provider}?{}", query.split('"').next().unwrap())
}

#[tokio::test]
async fn a_credential_from_elsewhere_opens_an_account_and_a_passkey_is_offered_first() {
    let bridge = Bridge::new().await;
    let mut browser = bridge.house.browser();
    let away = bridge.sent(&mut browser).await;
    assert_eq!(
        (away.host_str(), away.path()),
        (Some("otra.example"), "/authorize")
    );
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "aval"),
        ("scope", "openid"),
        ("code_challenge_method", "S256"),
        ("prompt", "login"),
        ("redirect_uri", "http://localhost:8080/activate/with/otra/return"),
    ] {
        assert_eq!(bridge.other.parameter(name), value, "{name}");
    }
    let first = browser.get(&bridge.way_back()).await;
    assert!(first.path.starts_with("/activate/passkey?"), "{}", first.body);
    assert!(!browser.cookies.contains_key("aval_idp_session"));
    let mut phone = Authenticator::new("http://localhost:8080");
    phone.synced = true;
    let credential = phone.create(&first.options());
    let sent = [("name", "Teléfono"), ("credential", credential.as_str())];
    let done = browser.submit(&first, "/activate/passkey", &sent).await;
    assert_eq!(done.path, "/activate/done", "{}", done.body);
    let account = browser.get("/account").await;
    assert!(account.body.contains("Ana Soto"));
    let events: Vec<String> = bridge
        .entries(ANA)
        .await
        .into_iter()
        .rev()
        .map(|one| one.event)
        .collect();
    assert_eq!(
        events,
        [
            "citizen.created",
            "activation.issued",
            "activation.vouched",
            "activation.opened",
            "authenticator.added",
            "session.started",
            "activation.finished"
        ]
    );
}

#[tokio::test]
async fn how_the_person_was_proven_is_recorded_as_the_operator_says() {
    for (setting, level) in [("", "ial1"), ("identity_assurance = \"ial2\"", "ial2")] {
        let bridge = Bridge::with(setting).await;
        let answer = bridge.activate(&mut bridge.house.browser()).await;
        assert!(answer.path.contains("activation="), "{}", answer.body);
        let entries = bridge.entries(ANA).await;
        for event in ["activation.vouched", "activation.opened"] {
            let entry = entries.iter().find(|entry| entry.event == event).unwrap();
            assert!(
                entry.detail.contains(&format!("\"ial\":\"{level}\"")),
                "{}",
                entry.detail
            );
            assert!(entry.detail.contains("\"upstream\":\"otra\""), "{}", entry.detail);
        }
    }
}

#[tokio::test]
async fn clave_unicas_object_is_read_from_userinfo_and_the_secret_goes_in_the_form() {
    let bridge = Bridge::with(
        "client_authentication = \"client_secret_post\"\nscope = \"openid run name\"\nfresh_login = false",
    )
    .await;
    bridge.other.says(json!({}));
    bridge.other.lies(json!({ "auth_time": null }));
    let run = json!({ "numero": 12_345_678, "DV": "5", "tipo": "RUN" });
    *bridge.other.userinfo.lock().unwrap() = json!({ "sub": "s-1", "rut": run });
    let answer = bridge.activate(&mut bridge.house.browser()).await;
    assert!(answer.path.contains("activation="), "{}", answer.body);
    assert_eq!(bridge.other.parameter("prompt"), "");
    let posted = bridge.other.posted.lock().unwrap().clone();
    assert!(posted[0].2.contains("client_secret=s3creto") && posted[0].1.is_empty());
    assert_eq!(
        (posted[1].0.as_str(), posted[1].1.as_str()),
        ("/userinfo", "Bearer llave")
    );
}

#[tokio::test]
async fn by_default_the_secret_goes_in_a_header_and_userinfo_is_not_asked() {
    let bridge = Bridge::new().await;
    bridge.activate(&mut bridge.house.browser()).await;
    let posted = bridge.other.posted.lock().unwrap().clone();
    let basic = data_encoding::BASE64.encode(b"aval:s3creto");
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0].1, format!("Basic {basic}"));
    assert!(!posted[0].2.contains("s3creto"));
}

#[tokio::test]
async fn an_account_that_is_active_is_not_opened_and_its_citizen_reads_of_it() {
    let bridge = Bridge::new().await;
    bridge.other.says(json!({ "rut": NUMBER }));
    let mut browser = bridge.house.browser();
    let answer = bridge.activate(&mut browser).await;
    bridge.nothing(&mut browser, &answer, StatusCode::CONFLICT).await;
    assert!(answer.body.contains("href=\"/account\""));
    let (mut citizen, _) = bridge.house.signed_in().await;
    let activity = citizen.get("/account/activity").await;
    assert!(
        activity.body.contains("esta no se abrió con ella"),
        "{}",
        activity.body
    );
}

#[tokio::test]
async fn whoever_has_a_number_that_nobody_has_here_is_told_so_and_nothing_more() {
    let bridge = Bridge::new().await;
    bridge.other.says(json!({ "rut": "9.999.999-3" }));
    let mut browser = bridge.house.browser();
    let answer = bridge.activate(&mut browser).await;
    bridge.nothing(&mut browser, &answer, StatusCode::NOT_FOUND).await;
    assert!(!answer.body.contains("9.999.999"));
}

#[tokio::test]
async fn a_closed_account_and_a_stopped_one_stay_so() {
    let bridge = Bridge::new().await;
    let ana = NationalId::parse(ANA, &[Scheme::ClRun]).unwrap();
    freeze::freeze_number(&bridge.house.idp, &ana, standing::By::Operator)
        .await
        .unwrap();
    let mut browser = bridge.house.browser();
    let answer = bridge.activate(&mut browser).await;
    bridge.nothing(&mut browser, &answer, StatusCode::FORBIDDEN).await;
    idp::flow::closing::close(&bridge.house.idp, &ana).await.unwrap();
    let mut browser = bridge.house.browser();
    let answer = bridge.activate(&mut browser).await;
    bridge.nothing(&mut browser, &answer, StatusCode::FORBIDDEN).await;
    let refused: Vec<String> = bridge
        .entries(ANA)
        .await
        .into_iter()
        .filter(|entry| entry.event == "activation.vouched")
        .map(|entry| entry.reason)
        .collect();
    assert_eq!(refused, ["closed", "frozen"]);
}

#[tokio::test]
async fn an_id_token_that_is_wrong_in_one_thing_opens_nothing() {
    let bridge = Bridge::with("acr_values = [\"alto\"]").await;
    let now = bridge.house.idp.now().0;
    for lie in [
        json!({ "iss": "https://mala.example" }),
        json!({ "aud": "otra-agencia" }),
        json!({ "aud": ["aval", "otra-agencia"] }),
        json!({ "azp": "otra-agencia" }),
        json!({ "exp": now - 120 }),
        json!({ "iat": now + 600 }),
        json!({ "nonce": "otro" }),
        json!({ "nonce": null }),
        json!({ "auth_time": now - 86_400 }),
        json!({ "auth_time": null }),
        json!({ "acr": "bajo" }),
        json!({ "at_hash": "otra" }),
        json!({ "sub": "" }),
        json!({ "rut": "12345678-6" }),
        json!({ "rut": null }),
    ] {
        bridge.other.lies(lie.clone());
        let mut browser = bridge.house.browser();
        let answer = bridge.activate(&mut browser).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{lie}");
        bridge.nothing(&mut browser, &answer, StatusCode::FORBIDDEN).await;
    }
    bridge.other.lies(json!({}));
    let answer = bridge.activate(&mut bridge.house.browser()).await;
    assert!(answer.path.contains("activation="), "{}", answer.body);
}

#[tokio::test]
async fn an_id_token_under_a_key_that_is_not_published_opens_nothing() {
    let bridge = Bridge::new().await;
    *bridge.other.forges.lock().unwrap() = true;
    let mut browser = bridge.house.browser();
    let answer = bridge.activate(&mut browser).await;
    bridge.nothing(&mut browser, &answer, StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn userinfo_of_another_person_opens_nothing() {
    let bridge = Bridge::new().await;
    bridge.other.says(json!({}));
    *bridge.other.userinfo.lock().unwrap() = json!({ "sub": "s-2", "rut": "12345678-5" });
    let mut browser = bridge.house.browser();
    let answer = bridge.activate(&mut browser).await;
    bridge.nothing(&mut browser, &answer, StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn a_claim_that_the_operator_requires_must_be_there() {
    let bridge = Bridge::with("required = { pais = \"cl\" }").await;
    let mut browser = bridge.house.browser();
    let answer = bridge.activate(&mut browser).await;
    bridge.nothing(&mut browser, &answer, StatusCode::FORBIDDEN).await;
    bridge.other.says(json!({ "rut": "12345678-5", "pais": "cl" }));
    let answer = bridge.activate(&mut browser).await;
    assert!(answer.path.contains("activation="), "{}", answer.body);
}

#[tokio::test]
async fn an_answer_of_another_provider_is_refused_before_its_code_is_shown_to_anybody() {
    let bridge = Bridge::new().await;
    for iss in ["", "&iss=https%3A%2F%2Fmala.example"] {
        let mut browser = bridge.house.browser();
        bridge.sent(&mut browser).await;
        let back = bridge.way_back().replace("&iss=https%3A%2F%2Fotra.example", iss);
        let answer = browser.get(&back).await;
        bridge.nothing(&mut browser, &answer, StatusCode::FORBIDDEN).await;
    }
    // The other provider of this house has an address of its own for its answers.
    let mut browser = bridge.house.browser();
    bridge.sent(&mut browser).await;
    let answer = browser
        .get(&bridge.way_back().replace("/otra/", "/segunda/"))
        .await;
    bridge
        .nothing(&mut browser, &answer, StatusCode::BAD_REQUEST)
        .await;
    assert!(bridge.other.posted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_is_taken_once_in_time_from_the_browser_that_asked_under_its_own_state() {
    let bridge = Bridge::new().await;
    let mut browser = bridge.house.browser();
    bridge.sent(&mut browser).await;
    let back = bridge.way_back();
    // Another browser.
    let mut other = bridge.house.browser();
    other.get("/activate").await;
    let answer = other.get(&back).await;
    bridge.nothing(&mut other, &answer, StatusCode::BAD_REQUEST).await;
    let answer = bridge.house.browser().get(&back).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    // Another state, and none.
    let state = bridge.other.parameter("state");
    for wrong in [state.replace(&state[..4], "AAAA"), String::new()] {
        let answer = browser.get(&back.replace(&state, &wrong)).await;
        bridge
            .nothing(&mut browser, &answer, StatusCode::BAD_REQUEST)
            .await;
    }
    assert!(bridge.other.posted.lock().unwrap().is_empty());
    // Too late.
    let mut late = browser.clone();
    bridge.house.clock.forward(600);
    let answer = late.get(&back).await;
    bridge.nothing(&mut late, &answer, StatusCode::BAD_REQUEST).await;
    bridge.house.clock.forward(-1);
    let answer = browser.get(&bridge.way_back()).await;
    assert!(answer.path.contains("activation="), "{}", answer.body);
    // Again.
    let again = browser.get(&back).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(bridge.other.redeemed.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_answers_at_once_one_is_redeemed() {
    let bridge = Bridge::new().await;
    let mut browser = bridge.house.browser();
    bridge.sent(&mut browser).await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (mut browser, back) = (browser.clone(), bridge.way_back());
        all.spawn(async move { browser.get(&back).await.path });
    }
    let paths = all.join_all().await;
    assert_eq!(
        paths.iter().filter(|path| path.contains("activation=")).count(),
        1
    );
    assert_eq!(bridge.other.redeemed.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_code_that_was_stolen_from_another_question_is_not_redeemed() {
    let bridge = Bridge::new().await;
    let mut victim = bridge.house.browser();
    bridge.sent(&mut victim).await;
    let theirs = bridge.other.asked.lock().unwrap().clone();
    let mut thief = bridge.house.browser();
    bridge.sent(&mut thief).await;
    let back = bridge.way_back();
    // The code belongs to the victim's question: another challenge, another nonce.
    *bridge.other.asked.lock().unwrap() = theirs;
    let answer = thief.get(&back).await;
    bridge.nothing(&mut thief, &answer, StatusCode::FORBIDDEN).await;
    assert_eq!(bridge.other.redeemed.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_ticket_of_an_activation_opens_nothing_in_another_browser() {
    let bridge = Bridge::new().await;
    let mut browser = bridge.house.browser();
    let answer = bridge.activate(&mut browser).await;
    assert!(answer.path.contains("activation="));
    let mut other = bridge.house.browser();
    other.get("/activate").await;
    assert_eq!(other.get(&answer.path).await.status, StatusCode::BAD_REQUEST);
    // Nor after its half hour.
    bridge.house.clock.forward(1_800);
    assert_eq!(browser.get(&answer.path).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn whoever_says_no_there_comes_back_to_the_code() {
    let bridge = Bridge::new().await;
    let mut browser = bridge.house.browser();
    bridge.sent(&mut browser).await;
    let back = bridge.way_back().replace("code=c0digo", "error=access_denied");
    let answer = browser.get(&back).await;
    bridge.nothing(&mut browser, &answer, StatusCode::OK).await;
    assert!(answer.body.contains("href=\"/activate\""), "{}", answer.body);
}

#[tokio::test]
async fn a_provider_that_is_away_or_is_another_stops_nobody_from_using_a_code() {
    let bridge = Bridge::new().await;
    let mut browser = bridge.house.browser();
    *bridge.other.away.lock().unwrap() = true;
    let door = browser.get("/activate").await;
    let answer = browser.get(&link(&door, "otra")).await;
    bridge
        .nothing(&mut browser, &answer, StatusCode::SERVICE_UNAVAILABLE)
        .await;
    assert!(answer.body.contains("href=\"/activate\""));
    *bridge.other.away.lock().unwrap() = false;
    bridge.other.metadata.lock().unwrap()["issuer"] = json!("https://mala.example");
    bridge.house.clock.forward(10);
    let answer = browser.get(&link(&door, "otra")).await;
    bridge
        .nothing(&mut browser, &answer, StatusCode::SERVICE_UNAVAILABLE)
        .await;
}

#[tokio::test]
async fn row_82_the_way_to_the_other_provider_begins_on_our_own_page() {
    let bridge = Bridge::new().await;
    let mut browser = bridge.house.browser();
    let door = browser.get("/activate").await;
    let another = link(&bridge.house.browser().get("/activate").await, "otra");
    let elsewhere = link(&door, "segunda").replace("segunda", "otra");
    for path in ["/activate/with/otra", another.as_str(), elsewhere.as_str()] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(
        browser.get("/activate/with/nadie").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn without_a_provider_nothing_of_it_is_on_the_page() {
    let house = House::new().await;
    let door = house.browser().get("/activate").await;
    assert!(!door.body.contains("/activate/with/"));
    let answer = house
        .browser()
        .get("/activate/with/otra/return?code=x&state=y")
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn questions_that_nobody_answered_are_forgotten() {
    let bridge = Bridge::new().await;
    bridge.sent(&mut bridge.house.browser()).await;
    bridge.house.clock.forward(599);
    let before = sweep::once(&bridge.house.idp).await.unwrap();
    bridge.house.clock.forward(1);
    let after = sweep::once(&bridge.house.idp).await.unwrap();
    assert_eq!((before, after), (0, 1));
}
