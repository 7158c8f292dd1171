//! Accounts that are opened with a credential from elsewhere.

mod attacks;
mod configuration;
mod other;

use std::sync::Arc;

use axum::http::StatusCode;
use idp::{
    flow::{
        activation::issue::{By, Terms, to_newcomer},
        enrol::Described,
        freeze, sweep,
    },
    rules::{
        activation::{Handed, Proofing},
        audit::Entry,
        national_id::{NationalId, Scheme},
        standing,
    },
    store,
};
use serde_json::json;
use url::Url;

use other::{OTHER, Other};

use crate::{
    authenticator::Authenticator,
    browser::{Answer, Browser, House, NUMBER},
};

const ANA: &str = "12.345.678-5";

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

#[tokio::test]
async fn trouble_that_the_provider_tells_of_is_told_as_its_own() {
    let bridge = Bridge::new().await;
    for error in ["server_error", "temporarily_unavailable"] {
        let mut browser = bridge.house.browser();
        bridge.sent(&mut browser).await;
        let back = bridge
            .way_back()
            .replace("code=c0digo", &format!("error={error}"));
        let answer = browser.get(&back).await;
        bridge
            .nothing(&mut browser, &answer, StatusCode::SERVICE_UNAVAILABLE)
            .await;
    }
}
