//! OpenID Connect Front-Channel Logout 1.0: the page that says goodbye tells agencies through the browser.

use serde_json::json;

use crate::{
    agency::{Agency, Reply},
    browser::{Answer, Browser, House, attribute},
};

const TOLD_AT: &str = "https://agency.example/frontchannel?x=1";
const BYE: &str = "https://agency.example/bye";

async fn ready() -> (House, Agency, Browser, Reply) {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "frontchannel_logout_uri": TOLD_AT })).await;
    let (browser, tokens) = agency.tokens(&house, &[]).await;
    (house, agency, browser, tokens)
}

/// The addresses of the page's frames.
fn frames(page: &Answer) -> Vec<String> {
    page.body
        .split("<iframe")
        .skip(1)
        .map(|frame| attribute(frame, "src").unwrap())
        .collect()
}

fn policy(page: &Answer) -> &str {
    page.headers["content-security-policy"].to_str().unwrap()
}

#[tokio::test]
async fn the_agency_is_in_a_frame_with_issuer_and_session_and_the_browser_goes_on() {
    let (_house, agency, mut browser, tokens) = ready().await;
    let known = agency
        .claims(tokens.text("id_token"), sdk_jose::Algorithm::ES256)
        .await;
    let hint = tokens.text("id_token");
    let page = browser
        .get(&format!(
            "/logout?id_token_hint={hint}&post_logout_redirect_uri={BYE}&state=s"
        ))
        .await;
    let sid = known["sid"].as_str().unwrap();
    assert_eq!(
        frames(&page),
        [format!("{TOLD_AT}&iss=http%3A%2F%2Flocalhost%3A8080&sid={sid}")]
    );
    assert!(policy(&page).contains(" frame-src https://agency.example/frontchannel;"));
    assert!(
        page.body.contains(&format!("href=\"{BYE}?state=s\"")),
        "{}",
        page.body
    );
    assert!(
        page.headers["refresh"]
            .to_str()
            .unwrap()
            .ends_with(&format!("url={BYE}?state=s"))
    );
    assert!(!browser.cookies.contains_key("aval_idp_session"));
}

#[tokio::test]
async fn leaving_from_the_own_account_tells_it_too() {
    for form in ["/account/logout", "/account/sessions/end-all"] {
        let (_house, _, mut browser, _) = ready().await;
        let account = browser.get("/account").await;
        let page = browser.submit(&account, form, &[]).await;
        assert_eq!(frames(&page).len(), 1, "{form}");
        assert!(!page.headers.contains_key("refresh"));
    }
}

#[tokio::test]
async fn without_anybody_to_tell_there_is_no_frame_and_none_is_allowed() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, tokens) = agency.tokens(&house, &[]).await;
    let page = browser
        .get(&format!("/logout?id_token_hint={}", tokens.text("id_token")))
        .await;
    assert!(frames(&page).is_empty());
    assert!(!policy(&page).contains("frame-src"));
}

#[tokio::test]
async fn the_question_itself_has_no_frames() {
    let (_house, _, mut browser, _) = ready().await;
    let page = browser.get("/logout").await;
    assert!(frames(&page).is_empty());
    let goodbye = browser.submit(&page, "/logout/confirm", &[]).await;
    assert_eq!(frames(&goodbye).len(), 1);
}

#[tokio::test]
async fn a_session_that_was_over_tells_nobody_again() {
    let (_house, _, mut browser, tokens) = ready().await;
    let request = format!("/logout?id_token_hint={}", tokens.text("id_token"));
    assert_eq!(frames(&browser.get(&request).await).len(), 1);
    assert!(frames(&browser.get(&request).await).is_empty());
}
