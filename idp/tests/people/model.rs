//! Rows 71, 72 and 73 of the identity requirements: whoever does whatever in whatever order. Two browsers of two people
//! with tabs, forms kept from before and sent again, steps skipped, another's conversation: after every step, a session
//! holds no more than what was shown in it.

use axum::http::StatusCode;
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng},
};

use crate::{
    authenticator::Authenticator,
    browser::{Answer, Browser, House, NUMBER, PASSWORD, attribute},
    passkey::{ORIGIN, add},
};

const ANA: &str = "12.345.678-5";

/// One thing that somebody does in one of their browsers.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Opens an own page, in a new tab.
    Account,
    /// Comes from an agency, in a new tab.
    Agency,
    /// Goes back to a tab of before.
    Tab(usize),
    /// Types a password, right or wrong, of either person.
    Password { of_ana: bool, right: bool },
    /// Types a code, right or wrong.
    Code { right: bool },
    /// Sends the last right code a second time.
    OldCode,
    /// Touches the key.
    Passkey,
    /// Sends the last assertion a second time.
    OldAssertion,
    /// Agrees or not.
    Consent { allow: bool },
    /// Begins anew.
    Restart,
    /// Sends the form of another tab's page from here.
    Mixed(usize),
    /// Types the address of a later step.
    Skip(usize),
    /// Logs out.
    Logout,
    /// Time passes.
    Wait(i64),
}

/// Addresses that belong to somebody who has logged in, or to a later step.
const LATER: [&str; 8] = [
    "/account",
    "/account/passkeys/new",
    "/account/passkeys/done?what=added",
    "/account/recovery-codes",
    "/login/code",
    "/reauthenticate",
    "/consent",
    "/login/unmet",
];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Account),
        2 => Just(Step::Agency),
        2 => (0..6_usize).prop_map(Step::Tab),
        6 => (any::<bool>(), prop::bool::weighted(0.8))
            .prop_map(|(of_ana, right)| Step::Password { of_ana, right }),
        5 => prop::bool::weighted(0.7).prop_map(|right| Step::Code { right }),
        1 => Just(Step::OldCode),
        2 => Just(Step::Passkey),
        1 => Just(Step::OldAssertion),
        2 => any::<bool>().prop_map(|allow| Step::Consent { allow }),
        1 => Just(Step::Restart),
        2 => (0..6_usize).prop_map(Step::Mixed),
        2 => (0..LATER.len()).prop_map(Step::Skip),
        1 => Just(Step::Logout),
        2 => prop_oneof![Just(35_i64), Just(310), Just(3_700)].prop_map(Step::Wait),
    ]
}

/// A browser with its tabs.
struct Person {
    browser: Browser,
    tabs: Vec<Answer>,
    here: usize,
}

impl Person {
    fn page(&self) -> Option<&Answer> {
        self.tabs.get(self.here)
    }

    fn shows(&mut self, answer: Answer) {
        match self.tabs.get_mut(self.here) {
            Some(tab) => *tab = answer,
            None => self.opens(answer),
        }
    }

    fn opens(&mut self, answer: Answer) {
        self.tabs.push(answer);
        self.here = self.tabs.len() - 1;
    }

    /// Sends the form whose action begins so, if the page at hand has one.
    async fn send(&mut self, action: &str, typed: &[(&str, &str)]) {
        let Some(page) = self.page().cloned() else { return };
        if page.body.contains(&format!("action=\"{action}")) {
            let answer = self.browser.submit(&page, action, typed).await;
            self.shows(answer);
        }
    }
}

/// What has been proven so far, as a watcher outside sees it.
struct World {
    house: House,
    agency: String,
    people: Vec<Person>,
    key: Authenticator,
    code: String,
    assertion: String,
}

impl World {
    async fn new() -> Self {
        let house = House::new().await;
        house.citizen(ANA, "Ana", "Soto").await;
        let mut key = Authenticator::new(ORIGIN);
        add(&house, &mut key).await;
        let agency = house.client("openid profile").await;
        let person = || Person {
            browser: house.browser(),
            tabs: Vec::new(),
            here: 0,
        };
        let people = vec![person(), person()];
        house.clock.forward(60);
        Self {
            house,
            agency,
            people,
            key,
            code: String::new(),
            assertion: String::new(),
        }
    }

    async fn take(&mut self, who: usize, step: Step) {
        let agency = self.agency.clone();
        let person = &mut self.people[who];
        match step {
            Step::Account | Step::Agency => {
                let path = if matches!(step, Step::Account) {
                    "/account"
                } else {
                    &agency
                };
                let answer = person.browser.get(path).await;
                person.opens(answer);
            }
            Step::Tab(tab) => person.here = tab % person.tabs.len().max(1),
            Step::Password { of_ana, right } => {
                let number = if of_ana { ANA } else { NUMBER };
                let password = if right { PASSWORD } else { "otra cosa distinta" };
                person
                    .send("/login?", &[("national_id", number), ("password", password)])
                    .await;
            }
            Step::Code { right } => {
                self.house.clock.forward(30);
                let code = if right {
                    self.house.code()
                } else {
                    "000000".to_owned()
                };
                person.send("/login/code?", &[("code", &code)]).await;
                if right {
                    self.code = code;
                }
            }
            Step::OldCode => person.send("/login/code?", &[("code", &self.code)]).await,
            Step::Passkey | Step::OldAssertion => {
                let Some(options) = person
                    .page()
                    .and_then(|page| attribute(&page.body, "data-options"))
                else {
                    return;
                };
                if matches!(step, Step::Passkey) {
                    self.assertion = self.key.get(&serde_json::from_str(&options).unwrap());
                }
                person
                    .send("/login/passkey?", &[("credential", &self.assertion)])
                    .await;
            }
            Step::Consent { allow } => {
                let decision = if allow { "allow" } else { "deny" };
                person.send("/consent?", &[("decision", decision)]).await;
            }
            Step::Restart => person.send("/login/restart?", &[]).await,
            Step::Mixed(tab) => self.mix(who, tab).await,
            Step::Skip(at) => {
                let query = person
                    .page()
                    .and_then(|page| page.path.split_once('?'))
                    .map(|(_, query)| query.to_owned());
                let path = match (LATER[at].contains("account"), query) {
                    (false, Some(query)) => format!("{}?{query}", LATER[at]),
                    _ => LATER[at].to_owned(),
                };
                let answer = person.browser.get(&path).await;
                person.opens(answer);
            }
            Step::Logout => person.send("/account/logout", &[]).await,
            Step::Wait(seconds) => self.house.clock.forward(seconds),
        }
    }

    /// The other person's page, its form sent from this browser: a stolen or shared link, a token of another's step.
    async fn mix(&mut self, who: usize, tab: usize) {
        let other = &self.people[1 - who];
        let Some(page) = other.tabs.get(tab % other.tabs.len().max(1)).cloned() else {
            return;
        };
        let person = &mut self.people[who];
        for action in ["/login/code?", "/login/passkey?", "/consent?", "/login?"] {
            if page.body.contains(&format!("action=\"{action}")) {
                let before = person.browser.cookies.get("aval_idp_session").cloned();
                let typed = [("code", self.code.as_str()), ("credential", &self.assertion)];
                let answer = person.browser.submit(&page, action, &typed).await;
                assert!(answer.status.is_client_error(), "{action} {}", answer.path);
                assert_eq!(
                    person.browser.cookies.get("aval_idp_session").cloned(),
                    before,
                    "{action}"
                );
            }
        }
    }

    /// Row 72, asked of the database: each session holds what the log says was shown for it, in its own time, by its own
    /// citizen, and no factor of the log serves two sessions.
    async fn check(&self, done: &[(usize, Step)]) {
        let mut read = self.house.idp.store.read().await.unwrap();
        let log = sqlx::query("SELECT event, outcome, citizen, session FROM audit ORDER BY seq")
            .fetch_all(&mut *read)
            .await
            .unwrap();
        let mut shown: std::collections::HashMap<String, Vec<String>> = std::collections::HashMap::new();
        for row in &log {
            let text = |at: usize| sqlx::Row::get::<Option<String>, _>(row, at).unwrap_or_default();
            let (event, outcome, citizen) = (text(0), text(1), text(2));
            if outcome != "done" {
                continue;
            }
            let proven = shown.entry(citizen).or_default();
            match event.as_str() {
                "login.password" | "login.totp" | "login.passkey" => proven.push(event),
                "session.started" => {
                    let two = proven.contains(&"login.passkey".to_owned())
                        || (proven.contains(&"login.password".to_owned())
                            && proven.contains(&"login.totp".to_owned()));
                    assert!(two, "{proven:?} after {done:?}");
                }
                "session.renewed" => assert!(
                    proven.iter().any(|factor| factor != "login.password"),
                    "{proven:?} after {done:?}"
                ),
                _ => {}
            }
        }
    }

    /// Row 71: who has no session sees nothing of one, and no agency hears of them.
    async fn check_browsers(&self) {
        for person in &self.people {
            let mut browser = person.browser.clone();
            let account = browser.get("/account").await;
            let silent = browser.get(&format!("{}&prompt=none", self.agency)).await;
            if account.path.starts_with("/account") {
                assert_eq!(account.status, StatusCode::OK);
            } else {
                assert!(silent.path.contains("error=login_required"), "{}", silent.path);
            }
        }
    }
}

/// Thirty-five steps a walk; the walks are the same each time, so that a failure can be walked again.
#[tokio::test]
async fn row_72_no_walk_through_all_the_pages_ends_in_more_than_was_shown() {
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        Config::default(),
        TestRng::from_seed(RngAlgorithm::ChaCha, &[72; 32]),
    );
    let walk = prop::collection::vec((0..2_usize, step()), 35);
    let mut sessions = 0;
    for _ in 0..WALKS {
        let steps = walk.new_tree(&mut runner).unwrap().current();
        let mut world = World::new().await;
        for (at, (who, step)) in steps.iter().enumerate() {
            world.take(*who, *step).await;
            world.check(&steps[..=at]).await;
        }
        world.check_browsers().await;
        let inside = |person: &&Person| person.browser.cookies.contains_key("aval_idp_session");
        sessions += world.people.iter().filter(inside).count();
    }
    assert!(sessions > 0, "nobody ever got in: the walk proves nothing");
}

#[tokio::test]
async fn row_71_a_password_alone_opens_nothing() {
    let house = House::new().await;
    let agency = house.client("openid profile").await;
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    assert!(!browser.cookies.contains_key("aval_idp_session"));
    for path in LATER.into_iter().filter(|path| path.starts_with("/account")) {
        let answer = browser.clone().get(path).await;
        assert!(answer.path.starts_with("/login?"), "{path}: {}", answer.path);
    }
    let silent = browser.clone().get(&format!("{agency}&prompt=none")).await;
    assert!(silent.path.contains("error=login_required"), "{}", silent.path);
    let query = second.path.split_once('?').unwrap().1;
    for path in ["/consent", "/login/unmet", "/reauthenticate"] {
        let answer = browser.clone().get(&format!("{path}?{query}")).await;
        assert!(answer.path.starts_with("/login/code?"), "{path}: {}", answer.path);
    }
}

#[tokio::test]
async fn row_73_a_later_step_is_not_taken_before_the_earlier_one() {
    let house = House::new().await;
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    let query = login.path.split_once('?').unwrap().1;
    let (_, fields) = login.form("/login?");
    let csrf = &fields.iter().find(|(name, _)| name == "csrf").unwrap().1;
    house.clock.forward(60);
    for path in ["/login/code", "/consent", "/login/unmet"] {
        let fields = [
            ("csrf", csrf.as_str()),
            ("code", &house.code()),
            ("decision", "allow"),
        ];
        let answer = browser.clone().post(&format!("{path}?{query}"), &fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{path}: {}", answer.path);
    }
    assert!(!browser.cookies.contains_key("aval_idp_session"));
}

#[tokio::test]
async fn row_73_two_tabs_of_one_conversation_sign_in_once() {
    let house = House::new().await;
    let mut browser = house.browser();
    house.clock.forward(60);
    let second = browser.at_second_step(NUMBER).await;
    let mut tab = browser.clone();
    let inside = browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert_eq!(inside.path, "/account");
    house.clock.forward(30);
    let again = tab
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert!(again.status.is_client_error(), "{}", again.path);
    assert!(!tab.cookies.contains_key("aval_idp_session"));
}

/// As many as a machine that tests something else at the same time walks in some seconds.
const WALKS: usize = 12;
