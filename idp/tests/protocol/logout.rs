//! Leaving: at once when the agency proves that it speaks of this session, after a question otherwise.

use axum::http::StatusCode;

use crate::{
    agency::{Agency, Reply},
    browser::{Answer, Browser, House},
};

const BYE: &str = "https://agency.example/bye";

async fn leave(browser: &mut Browser, parameters: &[(&str, &str)]) -> Answer {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    browser.get(&format!("/logout?{query}")).await
}

async fn signed_in(browser: &mut Browser) -> bool {
    browser.get("/account").await.path == "/account"
}

async fn ready() -> (House, Agency, Browser, Reply) {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (browser, tokens) = agency.tokens(&house, &[]).await;
    (house, agency, browser, tokens)
}

#[tokio::test]
async fn with_a_hint_of_this_session_it_is_immediate() {
    let (_house, _, mut browser, tokens) = ready().await;
    let old = browser.clone();
    let hint = ("id_token_hint", tokens.text("id_token"));
    let answer = leave(
        &mut browser,
        &[hint, ("post_logout_redirect_uri", BYE), ("state", "á b")],
    )
    .await;
    assert_eq!(answer.path, format!("{BYE}?state=%C3%A1+b"));
    assert!(!browser.cookies.contains_key("aval_idp_session"));
    // The cookie is dead on the server, too.
    assert!(!signed_in(&mut old.clone()).await);
}

#[tokio::test]
async fn a_code_that_is_redeemed_after_leaving_is_worth_nothing() {
    for scope in ["openid", "openid offline_access"] {
        let house = House::new().await;
        let agency = Agency::new(&house).await;
        let (mut browser, answer) = agency.login(&house, &[("scope", scope)]).await;
        let account = browser.get("/account").await;
        browser.submit(&account, "/account/logout", &[]).await;
        let code = crate::agency::returned(&answer, "code").unwrap();
        agency.redeem(&code).await.is_error("invalid_grant");
    }
}

#[tokio::test]
async fn leaving_takes_what_scripts_kept_along_and_leaves_the_browser_known() {
    let (_house, _, mut browser, tokens) = ready().await;
    let answer = leave(&mut browser, &[("id_token_hint", tokens.text("id_token"))]).await;
    assert_eq!(answer.headers["clear-site-data"], "\"storage\"");
    assert!(browser.cookies.contains_key("aval_idp_browser"));
}

#[tokio::test]
async fn a_confirmation_that_another_site_sent_is_refused() {
    let (_house, agency, mut browser, _) = ready().await;
    let page = leave(&mut browser, &[("client_id", agency.id.as_str())]).await;
    let mut elsewhere = browser.clone();
    elsewhere
        .headers
        .push(("sec-fetch-site", "cross-site".to_owned()));
    let answer = elsewhere.submit(&page, "/logout/confirm", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(signed_in(&mut browser).await);
}

#[tokio::test]
async fn an_expired_hint_is_good() {
    let (house, _, mut browser, tokens) = ready().await;
    house.clock.forward(1_000);
    let hint = ("id_token_hint", tokens.text("id_token"));
    assert_eq!(
        leave(&mut browser, &[hint, ("post_logout_redirect_uri", BYE)])
            .await
            .path,
        BYE
    );
}

#[tokio::test]
async fn without_a_hint_the_citizen_is_asked() {
    let (_house, agency, mut browser, _) = ready().await;
    let named = [
        ("client_id", agency.id.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "x"),
    ];
    let page = leave(&mut browser, &named).await;
    assert!(page.path.starts_with("/logout?"));
    assert!(signed_in(&mut browser.clone()).await);
    let answer = browser.submit(&page, "/logout/confirm", &[]).await;
    assert_eq!(answer.path, format!("{BYE}?state=x"));
    assert!(!signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_changed_or_foreign_hint_counts_as_none() {
    let (house, agency, mut browser, tokens) = ready().await;
    let (_, foreign) = agency.tokens(&house, &[]).await;
    let token = tokens.text("id_token");
    let changed = format!("{}A", &token[..token.len() - 1]);
    let other_end = format!("{}B", &token[..token.len() - 1]);
    let changed = if changed == token { other_end } else { changed };
    for hint in [changed.as_str(), foreign.text("id_token"), "x"] {
        let page = leave(
            &mut browser,
            &[("id_token_hint", hint), ("post_logout_redirect_uri", BYE)],
        )
        .await;
        assert_eq!(
            (page.status, page.path.starts_with("/logout?")),
            (StatusCode::OK, true),
            "{hint}"
        );
        assert!(signed_in(&mut browser.clone()).await);
    }
}

#[tokio::test]
async fn no_unregistered_address_is_redirected_to() {
    for uri in [
        "https://evil.example/",
        "https://agency.example/bye/",
        "https://agency.example/bye?x=1",
        "https://agency.example/cb",
        "//evil.example",
        "javascript:alert(1)",
    ] {
        let (_house, _, mut browser, tokens) = ready().await;
        let hint = ("id_token_hint", tokens.text("id_token"));
        let answer = leave(&mut browser, &[hint, ("post_logout_redirect_uri", uri)]).await;
        assert!(answer.path.starts_with("/logout?"), "{uri} {}", answer.path);
        assert!(!signed_in(&mut browser).await);
    }
}

#[tokio::test]
async fn a_forged_confirmation_is_refused() {
    let (_house, _, mut browser, _) = ready().await;
    let page = leave(&mut browser, &[]).await;
    let answer = browser.submit(&page, "/logout/confirm", &[("csrf", "x")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_logout_by_post_is_the_same() {
    let (_house, _, mut browser, tokens) = ready().await;
    let fields = [
        ("id_token_hint", tokens.text("id_token")),
        ("post_logout_redirect_uri", BYE),
    ];
    assert_eq!(browser.post("/logout", &fields).await.path, BYE);
    assert!(!signed_in(&mut browser).await);
}

#[tokio::test]
async fn nobody_can_leave_twice() {
    let (_house, _, mut browser, tokens) = ready().await;
    let hint = [("id_token_hint", tokens.text("id_token"))];
    leave(&mut browser, &hint).await;
    let again = leave(&mut browser, &hint).await;
    assert_eq!(again.status, StatusCode::OK);
}

/// What the certification plan for RP-initiated logout sends when something is wrong or left out.
#[tokio::test]
async fn whatever_is_wrong_or_left_out_there_is_a_page_and_nothing_is_followed() {
    use data_encoding::BASE64URL_NOPAD as BASE64;
    let (house, agency, _, _) = ready().await;
    let added = format!("{BYE}?foo=bar");
    /// Its name, which hint comes with it, and the rest of it.
    type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);
    let cases: [Case; 9] = [
        ("no params", "", &[]),
        ("only state", "", &[("state", "s")]),
        (
            "no hint",
            "",
            &[("post_logout_redirect_uri", BYE), ("state", "s")],
        ),
        ("no address", "good", &[("state", "s")]),
        (
            "address not registered",
            "good",
            &[("post_logout_redirect_uri", "https://agency.example/other")],
        ),
        ("query added", "good", &[("post_logout_redirect_uri", &added)]),
        ("unsigned hint", "none", &[("post_logout_redirect_uri", BYE)]),
        (
            "hint under a shared key",
            "HS256",
            &[("post_logout_redirect_uri", BYE)],
        ),
        (
            "two clients",
            "good",
            &[("client_id", "other"), ("post_logout_redirect_uri", BYE)],
        ),
    ];
    for (case, hint, parameters) in cases {
        let (mut browser, tokens) = agency.tokens(&house, &[]).await;
        let good = tokens.text("id_token");
        let hint = match hint {
            "" => String::new(),
            "good" => good.to_owned(),
            alg => {
                let header = BASE64.encode(format!("{{\"alg\":\"{alg}\"}}").as_bytes());
                format!("{header}.{}.", good.split('.').nth(1).unwrap())
            }
        };
        let mut parameters = parameters.to_vec();
        parameters.push(("id_token_hint", &hint));
        let page = leave(&mut browser, &parameters).await;
        assert_eq!(
            (page.status, page.path.starts_with("/logout?")),
            (StatusCode::OK, true),
            "{case}"
        );
        assert!(!page.headers.contains_key("refresh"), "{case}");
        if page.body.contains("/logout/confirm") {
            let goodbye = browser.submit(&page, "/logout/confirm", &[]).await;
            assert_eq!(
                (goodbye.status, goodbye.path.as_str()),
                (StatusCode::OK, "/logout/confirm"),
                "{case}"
            );
        }
        assert!(!signed_in(&mut browser).await, "{case}");
    }
}

#[tokio::test]
async fn an_address_that_is_not_followed_is_told() {
    let (_house, _, mut browser, tokens) = ready().await;
    let hint = ("id_token_hint", tokens.text("id_token"));
    let elsewhere = ("post_logout_redirect_uri", "https://agency.example/other");
    let page = leave(&mut browser, &[hint, elsewhere]).await;
    assert!(page.body.contains("no tiene registrada"), "{}", page.body);
    assert!(!page.body.contains("agency.example/other\""), "no link to it");
}

#[tokio::test]
async fn the_page_speaks_what_the_agency_suggests() {
    let (_house, _, mut browser, tokens) = ready().await;
    let page = leave(
        &mut browser,
        &[("ui_locales", "xx en-GB es"), ("logout_hint", "somebody")],
    )
    .await;
    assert!(page.body.contains("<html lang=\"en\">"), "{}", page.body);
    let goodbye = browser.submit(&page, "/logout/confirm", &[]).await;
    assert!(goodbye.body.contains("<html lang=\"en\">"));
    drop(tokens);
}
