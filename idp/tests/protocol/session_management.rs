//! OpenID Connect Session Management 1.0: what an agency is told, and the frame that it asks. The script itself runs in
//! `tests/conformance` (plan `oidcc-session-management`), in an engine that knows scripts.

use idp::rules::secret::Digest;
use serde_json::json;

use crate::{
    agency::{Agency, returned},
    browser::{Answer, Browser, House},
};

/// What the frame's script computes.
fn expected(agency: &Agency, browser: &Browser, salt: &str) -> String {
    let state = &browser.cookies["aval_idp_state"];
    let text = format!("{} https://agency.example {state} {salt}", agency.id);
    format!("{}.{salt}", Digest::of(text.as_bytes()).text())
}

fn told(answer: &Answer) -> String {
    returned(answer, "session_state").unwrap()
}

#[tokio::test]
async fn an_answer_says_what_the_frame_will_compute() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, answer) = agency.login(&house, &[]).await;
    let first = told(&answer);
    assert_eq!(
        first,
        expected(&agency, &browser, first.split_once('.').unwrap().1)
    );
    // Silently asked again, another salt and the same session.
    let second = told(&browser.get(&agency.request(&[("prompt", "none")])).await);
    assert_ne!(first, second);
    assert_eq!(
        second,
        expected(&agency, &browser, second.split_once('.').unwrap().1)
    );
}

#[tokio::test]
async fn presence_again_is_the_same_session_and_another_login_is_not() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let state = browser.cookies["aval_idp_state"].clone();
    house.clock.forward(60);
    let page = browser.get(&agency.request(&[("prompt", "login")])).await;
    browser
        .submit(&page, "/login/code", &[("code", &house.code())])
        .await;
    assert_eq!(browser.cookies["aval_idp_state"], state);
    let (other, _) = agency.login(&house, &[]).await;
    assert_ne!(other.cookies["aval_idp_state"], state);
}

#[tokio::test]
async fn leaving_takes_the_state_away() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let page = browser.get("/logout").await;
    browser.submit(&page, "/logout/confirm", &[]).await;
    assert!(!browser.cookies.contains_key("aval_idp_state"));
}

#[tokio::test]
async fn errors_and_profiles_that_do_not_know_it_have_none() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let mut browser = house.browser();
    let answer = browser.get(&agency.request(&[("prompt", "none")])).await;
    assert_eq!(returned(&answer, "error").as_deref(), Some("login_required"));
    assert_eq!(returned(&answer, "session_state"), None);
}

#[tokio::test]
async fn the_frame_may_be_framed_by_others_and_nothing_else_may() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let metadata = agency
        .send("GET", "/.well-known/openid-configuration", None, &[])
        .await;
    assert_eq!(
        metadata.json["check_session_iframe"],
        json!("http://localhost:8080/session/check")
    );
    let mut browser = house.browser();
    let frame = browser.get("/session/check").await;
    let policy = frame.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("frame-ancestors *") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    assert!(!frame.headers.contains_key("x-frame-options"));
    let script = crate::browser::attribute(&frame.body, "src").unwrap();
    assert!(browser.get(&script).await.body.contains("postMessage"));
    for path in ["/login", "/account", "/logout", "/help", "/nowhere"] {
        let page = browser.get(path).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(page.headers["x-frame-options"], "DENY", "{path}");
    }
}
