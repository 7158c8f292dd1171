//! Accounts that are opened with a code.

use axum::http::StatusCode;
use idp::{
    error::Error,
    flow::{
        activation::issue::{By, NotIssued, Printed, Terms, again, to_newcomer},
        enrol::Described,
    },
    rules::{
        activation::{Handed, Proofing},
        national_id::{NationalId, Scheme},
        totp::Seed,
    },
    store,
};

use crate::{
    authenticator::Authenticator,
    browser::{Answer, Browser, House, NUMBER},
};

pub const ANA: &str = "12.345.678-5";
const PASSWORD: &str = "una frase que nadie más dice";

fn ana() -> Described<'static> {
    Described {
        national_id: ANA,
        given_name: "Ana",
        family_name: "Soto",
        email: "ana@correo.example",
        ..Described::default()
    }
}

fn terms(handed: Handed) -> Terms {
    Terms {
        proofing: Proofing::InPerson,
        handed,
    }
}

fn number(text: &str) -> NationalId {
    NationalId::parse(text, &[Scheme::ClRun]).unwrap()
}

impl House {
    /// The code that opens Ana's account.
    pub async fn printed(&self, handed: Handed) -> String {
        let printed: Printed = to_newcomer(&self.idp, &ana(), terms(handed), By::Operator)
            .await
            .unwrap();
        printed.code.expose().clone()
    }
}

async fn typed(browser: &mut Browser, national_id: &str, code: &str) -> Answer {
    let door = browser.get("/activate").await;
    browser
        .submit(
            &door,
            "/activate",
            &[("national_id", national_id), ("code", code)],
        )
        .await
}

/// The seed that the page shows, as an app would take it.
fn seed(page: &Answer) -> Seed {
    let key = page.body.split("<samp>").nth(1).unwrap();
    let key = key.split("</samp>").next().unwrap();
    Seed::from_base32(&key.replace(' ', "")).unwrap()
}

async fn by_password(house: &House, browser: &mut Browser, page: &Answer) -> Answer {
    let path = page.path.replace("/activate/passkey", "/activate/password");
    let page = browser.get(&path).await;
    let code = seed(&page).code_for(house.clock_now());
    let sent = [("password", PASSWORD), ("code", code.as_str())];
    browser.submit(&page, "/activate/password", &sent).await
}

impl House {
    fn clock_now(&self) -> i64 {
        self.idp.now().0
    }
}

#[tokio::test]
async fn a_passkey_is_offered_first_and_opens_the_account() {
    let house = House::new().await;
    let code = house.printed(Handed::OnPaper).await;
    let mut browser = house.browser();
    let first = typed(&mut browser, ANA, &code).await;
    assert!(first.path.starts_with("/activate/passkey?"), "{}", first.body);
    let mut phone = Authenticator::new("http://localhost:8080");
    phone.synced = true;
    let credential = phone.create(&first.options());
    let sent = [("name", "Teléfono"), ("credential", credential.as_str())];
    let done = browser.submit(&first, "/activate/passkey", &sent).await;
    assert_eq!(
        (done.status, done.path.as_str()),
        (StatusCode::OK, "/activate/done"),
        "{}",
        done.body
    );
    assert!(browser.get("/account").await.body.contains("Ana Soto"));
    // And from any other browser from now on.
    let mut elsewhere = house.browser();
    let login = elsewhere.get("/account").await;
    let credential = phone.get(&login.options());
    let account = elsewhere
        .submit(&login, "/login/passkey", &[("credential", credential.as_str())])
        .await;
    assert_eq!(account.path, "/account");
}

#[tokio::test]
async fn without_script_a_password_and_a_code_open_it() {
    let house = House::new().await;
    let code = house.printed(Handed::OnPaper).await;
    let mut browser = house.browser();
    let first = typed(&mut browser, ANA, &code.to_lowercase().replace('-', " ")).await;
    assert!(first.body.contains("/activate/password?"), "{}", first.body);
    let done = by_password(&house, &mut browser, &first).await;
    assert_eq!(done.path, "/activate/done", "{}", done.body);
    let mut read = house.idp.store.read().await.unwrap();
    let found = store::citizens::find(&mut read, &house.idp.derived.index, &number(ANA)).await;
    let (citizen, _) = found.unwrap().unwrap();
    let proofing = store::activations::proofing(&mut read, &citizen).await.unwrap();
    assert_eq!(proofing, Some(Proofing::InPerson));
    let entries = store::audit::of_citizen(&mut read, &citizen, 20).await.unwrap();
    let events: Vec<&str> = entries.iter().rev().map(|entry| entry.event.as_str()).collect();
    assert_eq!(
        events,
        [
            "citizen.created",
            "activation.issued",
            "activation.opened",
            "authenticator.added",
            "session.started",
            "activation.finished"
        ]
    );
    assert!(
        entries[0].detail.contains("\"ial\":\"ial2\""),
        "{}",
        entries[0].detail
    );
}

#[tokio::test]
async fn nobody_is_logged_in_before_two_factors_stand() {
    let house = House::new().await;
    let code = house.printed(Handed::OnPaper).await;
    let mut browser = house.browser();
    let first = typed(&mut browser, ANA, &code).await;
    assert!(first.path.starts_with("/activate/passkey?"));
    assert!(!browser.cookies.contains_key("aval_idp_session"));
    let wrong = browser
        .get(&first.path.replace("/activate/passkey", "/activate/password"))
        .await;
    let sent = [("password", PASSWORD), ("code", "000000")];
    let wrong = browser.submit(&wrong, "/activate/password", &sent).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.get("/account").await.path.starts_with("/login"));
    // The password that was sent with a wrong code is not kept.
    let mut read = house.idp.store.read().await.unwrap();
    let found = store::citizens::find(&mut read, &house.idp.derived.index, &number(ANA)).await;
    assert_eq!(found.unwrap().unwrap().1, None);
    // The app that scanned the key before is still right after it.
    assert_eq!(
        seed(&wrong).to_base32(),
        seed(&browser.get(&wrong.path).await).to_base32()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_74_of_two_hundred_who_type_a_code_at_once_one_gets_in() {
    let house = House::new().await;
    let code = house.printed(Handed::OnPaper).await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (mut browser, code) = (house.browser(), code.clone());
        all.spawn(async move { typed(&mut browser, ANA, &code).await.path });
    }
    let paths = all.join_all().await;
    let opened = paths.iter().filter(|path| path.starts_with("/activate/passkey?"));
    assert_eq!(opened.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_74_of_two_hundred_from_one_browser_one_gets_in() {
    let house = House::new().await;
    let code = house.printed(Handed::OnPaper).await;
    let mut browser = house.browser();
    let door = browser.get("/activate").await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (mut browser, door, code) = (browser.clone(), door.clone(), code.clone());
        all.spawn(async move {
            let sent = [("national_id", ANA), ("code", code.as_str())];
            browser.submit(&door, "/activate", &sent).await.path
        });
    }
    let paths = all.join_all().await;
    let opened = paths.iter().filter(|path| path.starts_with("/activate/passkey?"));
    assert_eq!(opened.count(), 1);
}

#[tokio::test]
async fn row_74_unknown_wrong_spent_and_expired_look_the_same() {
    let house = House::new().await;
    let code = house.printed(Handed::OnScreen).await;
    let wrong = typed(&mut house.browser(), ANA, "0000-0000-0000").await;
    let unknown = typed(&mut house.browser(), "9.999.999-3", &code).await;
    let active = typed(&mut house.browser(), NUMBER, &code).await;
    assert!(
        typed(&mut house.browser(), ANA, &code)
            .await
            .path
            .contains("activation=")
    );
    let spent = typed(&mut house.browser(), ANA, &code).await;
    let code = house.printed(Handed::OnScreen).await;
    house.clock.forward(600);
    let expired = typed(&mut house.browser(), ANA, &code).await;
    let plain = |answer: &Answer, national_id: &str| {
        let token = answer.form("/activate").1[0].1.clone();
        let typed = format!("value=\"{national_id}\"");
        answer.body.replace(&token, "").replace(&typed, "")
    };
    let expected = plain(&wrong, ANA);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (other, national_id) in [
        (unknown, "9.999.999-3"),
        (active, NUMBER),
        (spent, ANA),
        (expired, ANA),
    ] {
        assert_eq!(other.status, wrong.status);
        assert_eq!(plain(&other, national_id), expected);
        assert_eq!(
            other.headers.keys().collect::<Vec<_>>(),
            wrong.headers.keys().collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn row_74_a_code_on_a_screen_dies_after_ten_minutes_and_one_on_paper_after_its_days() {
    for (handed, lifetime) in [(Handed::OnScreen, 600), (Handed::OnPaper, 7 * 86_400)] {
        for (waited, good) in [(lifetime - 1, true), (lifetime, false)] {
            let house = House::new().await;
            let code = house.printed(handed).await;
            house.clock.forward(waited);
            let answer = typed(&mut house.browser(), ANA, &code).await;
            assert_eq!(answer.path.contains("activation="), good, "{handed:?} {waited}");
        }
    }
}

#[tokio::test]
async fn row_74_guessing_is_slowed_down_for_the_number_and_the_right_code_waits_too() {
    let house = House::new().await;
    let code = house.printed(Handed::OnPaper).await;
    let mut last = StatusCode::OK;
    for _ in 0..7 {
        last = typed(&mut house.browser(), ANA, "0000-0000-0000").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let right = typed(&mut house.browser(), ANA, &code).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(right.headers.contains_key("retry-after"));
    house.clock.forward(900);
    assert!(
        typed(&mut house.browser(), ANA, &code)
            .await
            .path
            .contains("activation=")
    );
}

#[tokio::test]
async fn row_74_wrong_codes_of_everybody_together_are_bounded() {
    let house = House::new().await;
    let code = house.printed(Handed::OnPaper).await;
    let slot = house.clock_now().div_euclid(600);
    let mut write = house.idp.store.write().await.unwrap();
    for _ in 0..idp::rules::activation::MOST_WRONG {
        store::activations::count_try(&mut write, slot).await.unwrap();
    }
    write.commit().await.unwrap();
    let answer = typed(&mut house.browser(), ANA, &code).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    house.clock.forward(600);
    assert!(
        typed(&mut house.browser(), ANA, &code)
            .await
            .path
            .contains("activation=")
    );
}

#[tokio::test]
async fn row_74_a_code_is_not_a_password_before_or_after() {
    let house = House::new().await;
    let code = house.printed(Handed::OnPaper).await;
    let try_it = async |typed: &str| {
        let mut browser = house.browser();
        let login = browser.get("/account").await;
        let sent = [("national_id", ANA), ("password", typed)];
        browser.submit(&login, "/login?", &sent).await.status
    };
    assert_eq!(try_it(&code).await, StatusCode::UNPROCESSABLE_ENTITY);
    let mut browser = house.browser();
    let first = typed(&mut browser, ANA, &code).await;
    assert_eq!(
        by_password(&house, &mut browser, &first).await.path,
        "/activate/done"
    );
    assert_eq!(try_it(&code).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(try_it(PASSWORD).await, StatusCode::OK);
}

#[tokio::test]
async fn an_opened_activation_is_lost_elsewhere_and_after_half_an_hour() {
    let house = House::new().await;
    let code = house.printed(Handed::OnPaper).await;
    let mut browser = house.browser();
    let first = typed(&mut browser, ANA, &code).await;
    let mut stranger = house.browser();
    stranger.get("/activate").await;
    assert_eq!(stranger.get(&first.path).await.status, StatusCode::BAD_REQUEST);
    house.clock.forward(1_800);
    assert_eq!(browser.get(&first.path).await.status, StatusCode::BAD_REQUEST);
    // The paper is still good, in that browser alone.
    assert!(typed(&mut stranger, ANA, &code).await.path == "/activate");
    let again = typed(&mut browser, ANA, &code).await;
    assert_eq!(
        by_password(&house, &mut browser, &again).await.path,
        "/activate/done"
    );
    assert!(typed(&mut browser, ANA, &code).await.path == "/activate");
}

#[tokio::test]
async fn a_new_code_takes_the_place_of_the_one_before() {
    let house = House::new().await;
    let old = house.printed(Handed::OnPaper).await;
    let mut browser = house.browser();
    let held = typed(&mut browser, ANA, &old).await;
    let new = again(&house.idp, &number(ANA), terms(Handed::OnPaper), By::Operator)
        .await
        .unwrap();
    // Also where the old one was already opened: whoever found it must not go on.
    assert_eq!(browser.get(&held.path).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(typed(&mut house.browser(), ANA, &old).await.path, "/activate");
    let answer = typed(&mut house.browser(), ANA, new.code.expose()).await;
    assert!(answer.path.contains("activation="));
}

#[tokio::test]
async fn an_account_that_is_active_gets_no_code() {
    let house = House::new().await;
    let refused = again(&house.idp, &number(NUMBER), terms(Handed::OnPaper), By::Operator).await;
    assert!(matches!(refused, Err(Error::Refused(NotIssued::Active))));
    let refused = again(&house.idp, &number(ANA), terms(Handed::OnPaper), By::Operator).await;
    assert!(matches!(refused, Err(Error::Refused(NotIssued::Unknown))));
}

#[tokio::test]
async fn a_closed_account_is_not_opened_by_a_code() {
    let house = House::new().await;
    let code = house.printed(Handed::OnPaper).await;
    idp::flow::closing::close(&house.idp, &number(ANA)).await.unwrap();
    let mut browser = house.browser();
    let first = typed(&mut browser, ANA, &code).await;
    let answer = by_password(&house, &mut browser, &first).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!browser.cookies.contains_key("aval_idp_session"));
}

#[tokio::test]
async fn row_82_no_form_of_an_activation_is_taken_without_its_token_or_from_another_site() {
    let house = House::new().await;
    let code = house.printed(Handed::OnPaper).await;
    let mut browser = house.browser();
    let door = browser.get("/activate").await;
    let token = |page: &Answer, action: &str| page.form(action).1[0].1.clone();
    let right = token(&door, "/activate");
    let stranger = token(&house.browser().get("/activate").await, "/activate");
    let first = typed(&mut browser, ANA, &code).await;
    let password = first.path.replace("/activate/passkey", "/activate/password");
    let pages = [
        ("/activate".to_owned(), right),
        (first.path.clone(), token(&first, "/activate/passkey")),
        (
            password.clone(),
            token(&browser.get(&password).await, "/activate/password"),
        ),
    ];
    for (path, right) in pages {
        for (csrf, site) in [
            ("", None),
            (stranger.as_str(), None),
            (right.as_str(), Some("cross-site")),
            (right.as_str(), Some("same-site")),
        ] {
            let mut browser = browser.clone();
            let site = site.map(|site: &str| ("sec-fetch-site", site.to_owned()));
            browser.headers.extend(site);
            let answer = browser.post(&path, &[("csrf", csrf), ("national_id", ANA)]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
}
