//! Forms that did not come from our pages: every route that changes something, read from the router itself.

use axum::http::StatusCode;

use crate::browser::{Answer, Browser, House, NUMBER};

/// Routes of a conversation: named by its id, their token bound to it.
const OF_A_CONVERSATION: [&str; 6] = [
    "/login",
    "/login/code",
    "/login/passkey",
    "/login/restart",
    "/login/unmet",
    "/consent",
];
/// Routes of a signed-in citizen: their token bound to the session.
const OF_A_SESSION: [&str; 23] = [
    "/account/data",
    "/account/close",
    "/account/contacts/new",
    "/account/contacts/code",
    "/account/contacts/prefer",
    "/account/contacts/remove",
    "/account/language",
    "/device",
    "/device/decide",
    "/account/passkeys/new",
    "/account/passkeys/rename",
    "/account/passkeys/remove",
    "/account/password",
    "/account/codes/new",
    "/account/codes/remove",
    "/account/recovery-codes",
    "/account/sessions/end",
    "/account/sessions/end-all",
    "/account/agencies/withdraw",
    "/account/freeze",
    "/account/recovery/cancel",
    "/account/logout",
    "/logout/confirm",
];

/// Routes before anybody is known, and of an activation: their token bound to the browser, or to the activation.
const OF_AN_ACTIVATION: [&str; 3] = ["/activate", "/activate/passkey", "/activate/password"];
/// Routes for whoever is not known yet: their token bound to the browser's cookie.
const OF_A_BROWSER: [&str; 4] = ["/recover/begin", "/recover/resume", "/recover/block", "/not-me"];
/// Routes of a recovery that goes on: their token bound to it.
const OF_A_RECOVERY: [&str; 6] = [
    "/recover/proof/ask",
    "/recover/proof/code",
    "/recover/proof/password",
    "/recover/proof/totp",
    "/recover/open",
    "/recover/give-up",
];

fn token(page: &Answer, action: &str) -> String {
    let (_, fields) = page.form(action);
    let found = fields.into_iter().find(|(name, _)| name == "csrf");
    found.unwrap().1
}

/// What is sent beside the token: right in everything.
fn fields<'a>(csrf: &'a str, code: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("csrf", csrf),
        ("national_id", NUMBER),
        ("password", crate::browser::PASSWORD),
        ("code", code),
        ("decision", "allow"),
    ]
}

async fn refused(browser: &Browser, path: &str, csrf: &str, code: &str, site: Option<&str>) {
    let mut browser = browser.clone();
    browser
        .headers
        .extend(site.map(|site| ("sec-fetch-site", site.to_owned())));
    let answer = browser.post(path, &fields(csrf, code)).await;
    assert_eq!(
        answer.status,
        StatusCode::FORBIDDEN,
        "{path} {site:?} {}",
        answer.path
    );
}

#[test]
fn every_route_of_a_person_that_takes_a_form_is_in_one_of_the_lists() {
    let router = include_str!("../../src/http/router.rs");
    let person = router.split_once("fn person()").unwrap().1;
    // Officials' forms have a list of their own, beside who may send them.
    let person = person.split_once("fn officials()").unwrap().0;
    for route in person.split(".route(").skip(1) {
        let (path, handlers) = route.split_once(',').unwrap();
        let path = path.trim().trim_matches('"');
        let lists: [&[&str]; 5] = [
            &OF_A_CONVERSATION,
            &OF_A_SESSION,
            &OF_AN_ACTIVATION,
            &OF_A_BROWSER,
            &OF_A_RECOVERY,
        ];
        let known = lists.iter().any(|list| list.contains(&path));
        assert!(known || !handlers.contains("post("), "{path} is in no list");
    }
}

#[tokio::test]
async fn row_82_no_form_of_a_conversation_is_taken_without_its_token_or_from_another_site() {
    let house = House::new().await;
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    let right = token(&login, "/login?");
    let another = token(&browser.clone().get("/account").await, "/login?");
    let query = login.path.split_once('?').unwrap().1;
    let code = house.code();
    for path in OF_A_CONVERSATION.map(|path| format!("{path}?{query}")) {
        refused(&browser, &path, "", &code, None).await;
        refused(&browser, &path, &another, &code, None).await;
        for site in ["cross-site", "same-site"] {
            refused(&browser, &path, &right, &code, Some(site)).await;
        }
    }
    // Nobody was logged in by any of them, and the right form still works.
    assert!(!browser.cookies.contains_key("aval_idp_session"));
    let second = browser.post(&login.path, &fields(&right, &code)).await;
    assert!(second.path.starts_with("/login/code?"), "{}", second.status);
}

/// Approving a login elsewhere would need a form that takes what one browser began from another: each of them is asked,
/// by the citizen, with everything right that they have.
#[tokio::test]
async fn row_60_nothing_that_the_citizen_sends_from_another_browser_finishes_a_login() {
    let house = House::new().await;
    let (own, account) = house.signed_in().await;
    house.clock.forward(60);
    let mut begun = house.browser();
    let second = begun.at_second_step(NUMBER).await;
    let (query, code) = (second.path.split_once('?').unwrap().1, house.code());
    let tokens = [token(&account, "/account/logout"), token(&second, "/login/code?")];
    for path in OF_A_CONVERSATION {
        for csrf in &tokens {
            let mut own = own.clone();
            let answer = own.post(&format!("{path}?{query}"), &fields(csrf, &code)).await;
            assert!(!answer.status.is_success(), "{path} {}", answer.path);
            let here = begun.get(&second.path).await;
            assert!(here.path.starts_with("/login/code?"), "{path} {}", here.path);
        }
    }
    assert!(begun.get("/account").await.path.starts_with("/login"));
    let finished = begun.submit(&second, "/login/code?", &[("code", &code)]).await;
    assert_eq!(finished.path, "/account", "in its own browser the code was good");
}

#[tokio::test]
async fn row_82_no_form_of_a_session_is_taken_without_its_token_or_from_another_site() {
    let house = House::new().await;
    let (browser, account) = house.signed_in().await;
    let right = token(&account, "/account/logout");
    let (_, elsewhere) = house.signed_in().await;
    let another = token(&elsewhere, "/account/logout");
    assert_ne!(right, another);
    for path in OF_A_SESSION {
        refused(&browser, path, "", "", None).await;
        refused(&browser, path, &another, "", None).await;
        for site in ["cross-site", "same-site"] {
            refused(&browser, path, &right, "", Some(site)).await;
        }
    }
    assert_eq!(browser.clone().get("/account").await.path, "/account");
}

#[tokio::test]
async fn row_82_no_form_of_an_unknown_browser_is_taken_without_its_token_or_from_another_site() {
    let house = House::new().await;
    let mut browser = house.browser();
    let right = token(&browser.get("/recover/begin").await, "/recover/begin");
    let another = token(&house.browser().get("/recover/begin").await, "/recover/begin");
    assert_ne!(right, another);
    for path in OF_A_BROWSER {
        refused(&browser, path, "", "", None).await;
        refused(&browser, path, &another, "", None).await;
        // A browser whose cookie was taken away has no token that is right.
        refused(&house.browser(), path, &right, "", None).await;
        for site in ["cross-site", "same-site"] {
            refused(&browser, path, &right, "", Some(site)).await;
        }
    }
}

#[tokio::test]
async fn row_82_no_form_of_a_recovery_is_taken_without_its_token_or_from_another_site() {
    let house = House::new().await;
    let (mut browser, mut other) = (house.browser(), house.browser());
    let proof = crate::rescue::begin(&mut browser, NUMBER).await;
    let right = token(&proof, "/recover/proof/code");
    let another = token(
        &crate::rescue::begin(&mut other, NUMBER).await,
        "/recover/proof/code",
    );
    assert_ne!(right, another);
    for path in OF_A_RECOVERY {
        refused(&browser, path, "", "", None).await;
        refused(&browser, path, &another, "", None).await;
        for site in ["cross-site", "same-site"] {
            refused(&browser, path, &right, "", Some(site)).await;
        }
    }
    assert_eq!(browser.get("/recover/proof").await.path, "/recover/proof");
}

#[tokio::test]
async fn row_82_a_form_without_a_session_is_not_sent_into_a_login() {
    let house = House::new().await;
    for path in OF_A_SESSION
        .into_iter()
        .filter(|path| path.starts_with("/account"))
    {
        let answer = house.browser().post(path, &fields("", "")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
}
