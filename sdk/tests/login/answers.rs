//! The answer with which the browser comes back, and the tokens behind it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::StatusCode;
use sdk_jose::Seconds;
use sdk_jose::hash::code_challenge_s256;
use sdk_jose::mac::SharedSecret;
use serde_json::{Value, json};

use crate::browser::{Browser, Page, app, app_with, config};
use crate::op::{Key, Op, query, with_header};

/// Nobody got in, and the page says so with this status and a code for the help desk.
fn refused(browser: &Browser, page: &Page, status: StatusCode) {
    assert_eq!(page.status, status, "{}", page.text);
    assert_eq!(browser.session(), None);
    assert!(page.text.contains("da este código"), "{}", page.text);
    assert_eq!(page.headers["cache-control"], "no-store");
}

async fn log_in_with(change: impl FnOnce(&mut Value)) -> (Browser, Page) {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let page = browser.log_in(&op, change).await;
    (browser, page)
}

async fn log_in_forged(forge: impl Fn(&Key, Value) -> String + Send + 'static) -> (Browser, Page) {
    let op = Op::start().await;
    op.script().forge = Some(Box::new(forge));
    let mut browser = Browser::new(&app(&op).await);
    let page = browser.log_in(&op, |_| {}).await;
    (browser, page)
}

/// The query that a good answer has, with one parameter replaced or, without a value, left out.
async fn answer_with(name: &str, value: Option<&str>) -> (Op, Browser, Page) {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let question = browser.ask("/mine").await;
    let good = op.grant(&question, |_| {});
    let mut answer = url::form_urlencoded::Serializer::new(String::new());
    for (n, v) in url::form_urlencoded::parse(good.as_bytes()) {
        if n != name {
            answer.append_pair(&n, &v);
        }
    }
    if let Some(value) = value {
        answer.append_pair(name, value);
    }
    let page = browser.come_back(&answer.finish()).await;
    (op, browser, page)
}

#[tokio::test]
async fn a_citizen_logs_in_and_comes_to_the_page_that_was_asked_for() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let question = browser.ask("/mine?year=2026").await;
    let asked = query(&question);
    assert_eq!(question.path(), "/authorize");
    for (name, value) in [
        ("tenant", "a"),
        ("response_type", "code"),
        ("client_id", "taxes"),
        ("redirect_uri", "http://localhost:8082/login/callback"),
        ("scope", "openid profile email national_id"),
        ("code_challenge_method", "S256"),
        ("ui_locales", "es"),
    ] {
        assert_eq!(asked[name], value);
    }
    assert!(!asked.contains_key("acr_values") && !asked.contains_key("max_age"));
    let answer = op.grant(&question, |_| {});
    let page = browser.come_back(&answer).await;
    assert_eq!(
        (page.status, page.location()),
        (StatusCode::SEE_OTHER, "/mine?year=2026")
    );
    assert_eq!(
        browser.get("/mine").await.text,
        "María Muñoz del Río Some(\"11111111-1\")"
    );
    assert_eq!(browser.get("/").await.text, "María Muñoz del Río");
}

#[tokio::test]
async fn another_state_is_refused_and_no_code_redeemed() {
    let (op, browser, page) = answer_with("state", Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).await;
    refused(&browser, &page, StatusCode::BAD_REQUEST);
    assert_eq!(op.redemptions.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_state_that_only_begins_right_is_refused() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let question = browser.ask("/mine").await;
    let state = &query(&question)["state"];
    let answer = op
        .grant(&question, |_| {})
        .replace(state, &format!("{}AAAA", &state[..8]));
    refused(
        &browser.clone(),
        &browser.come_back(&answer).await,
        StatusCode::BAD_REQUEST,
    );
}

#[tokio::test]
async fn no_state_is_refused() {
    let (_, browser, page) = answer_with("state", None).await;
    refused(&browser, &page, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_state_from_another_browser_is_refused() {
    let op = Op::start().await;
    let app = app(&op).await;
    let (mut attacker, mut victim) = (Browser::new(&app), Browser::new(&app));
    let question = attacker.ask("/mine").await;
    victim.ask("/mine").await;
    let answer = op.grant(&question, |_| {});
    let page = victim.come_back(&answer).await;
    refused(&victim, &page, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_answer_is_used_once_even_if_the_browser_keeps_its_cookie() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let question = browser.ask("/mine").await;
    let answer = op.grant(&question, |_| {});
    let mut again = browser.clone();
    assert_eq!(browser.come_back(&answer).await.status, StatusCode::SEE_OTHER);
    let page = again.come_back(&answer).await;
    refused(&again, &page, StatusCode::BAD_REQUEST);
    assert_eq!(op.redemptions.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn one_of_many_equal_answers_at_once_is_used() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let question = browser.ask("/mine").await;
    let answer = op.grant(&question, |_| {});
    let tries = (0..50).map(|_| {
        let (mut browser, answer) = (browser.clone(), answer.clone());
        tokio::spawn(async move { browser.come_back(&answer).await.status })
    });
    let mut winners = 0;
    for outcome in tries.collect::<Vec<_>>() {
        winners += usize::from(outcome.await.unwrap() == StatusCode::SEE_OTHER);
    }
    assert_eq!((winners, op.redemptions.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn the_back_button_after_a_login_leads_home() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let question = browser.ask("/mine").await;
    let answer = op.grant(&question, |_| {});
    let pending = browser.cookies.clone();
    browser.come_back(&answer).await;
    browser.cookies.extend(pending);
    let page = browser.come_back(&answer).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(op.redemptions.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_after_half_an_hour_is_refused() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let question = browser.ask("/mine").await;
    op.clock.pass(Seconds(30 * 60));
    let answer = op.grant(&question, |_| {});
    let page = browser.come_back(&answer).await;
    refused(&browser, &page, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_answer_from_another_issuer_is_refused_and_no_code_redeemed() {
    let (op, browser, page) = answer_with("iss", Some("https://evil.example")).await;
    refused(&browser, &page, StatusCode::BAD_REQUEST);
    assert_eq!(op.redemptions.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_without_iss_is_refused() {
    let (op, browser, page) = answer_with("iss", None).await;
    refused(&browser, &page, StatusCode::BAD_REQUEST);
    assert_eq!(op.redemptions.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_parameter_that_is_there_twice_is_refused() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let question = browser.ask("/mine").await;
    let answer = format!("{}&code=another", op.grant(&question, |_| {}));
    let page = browser.come_back(&answer).await;
    refused(&browser, &page, StatusCode::BAD_REQUEST);
    assert_eq!(op.redemptions.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn another_code_is_refused() {
    let (_, browser, page) = answer_with("code", Some("guess")).await;
    refused(&browser, &page, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn neither_code_nor_error_is_refused() {
    let (_, browser, page) = answer_with("code", None).await;
    refused(&browser, &page, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_the_idp_says_no_with_is_told_kindly() {
    for (error, status, told) in [
        ("access_denied", StatusCode::FORBIDDEN, "No ingresaste"),
        (
            "unmet_authentication_requirements",
            StatusCode::FORBIDDEN,
            "Necesitas un ingreso más seguro",
        ),
        (
            "temporarily_unavailable",
            StatusCode::SERVICE_UNAVAILABLE,
            "El servicio de identidad no responde",
        ),
        (
            "server_error",
            StatusCode::SERVICE_UNAVAILABLE,
            "El servicio de identidad no responde",
        ),
        (
            "invalid_scope",
            StatusCode::INTERNAL_SERVER_ERROR,
            "Algo falló de nuestro lado",
        ),
        (
            "<script>alert(1)</script>",
            StatusCode::INTERNAL_SERVER_ERROR,
            "Algo falló de nuestro lado",
        ),
    ] {
        let op = Op::start().await;
        let mut browser = Browser::new(&app(&op).await);
        let question = browser.ask("/mine").await;
        let answer = op.answer(&question, &[("error", error), ("error_description", "<script>")]);
        let page = browser.come_back(&answer).await;
        refused(&browser, &page, status);
        assert!(page.text.contains(told), "{error}: {}", page.text);
        assert!(!page.text.contains("<script"));
    }
}

#[tokio::test]
async fn an_error_is_told_in_the_language_of_the_reader() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    browser
        .headers
        .push(("accept-language", "en-GB,en;q=0.9".to_owned()));
    let page = browser.come_back("state=x").await;
    assert!(page.text.contains("This login is no longer under way") && page.text.contains("lang=\"en\""));
}

#[tokio::test]
async fn another_nonce_is_refused() {
    let (browser, page) = log_in_with(|claims| claims["nonce"] = "other".into()).await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn another_issuer_in_the_token_is_refused() {
    let (browser, page) = log_in_with(|claims| claims["iss"] = "https://evil.example".into()).await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn another_audience_is_refused() {
    let (browser, page) = log_in_with(|claims| claims["aud"] = json!(["taxes", "other"])).await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn an_expired_token_is_told_as_clocks_that_disagree() {
    let (browser, page) = log_in_with(|claims| claims["exp"] = 1_700_000_000.into()).await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
    assert!(page.text.contains("relojes"));
}

#[tokio::test]
async fn a_token_from_the_future_is_told_as_clocks_that_disagree() {
    let (browser, page) = log_in_with(|claims| claims["iat"] = 1_900_000_000.into()).await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
    assert!(page.text.contains("relojes"));
}

#[tokio::test]
async fn a_token_for_another_access_token_is_refused() {
    let (browser, page) = log_in_forged(|key, mut claims| {
        claims["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA".into();
        sdk_jose::sign_compact("JWT", &claims, key).unwrap()
    })
    .await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn hs256_with_the_public_key_as_secret_is_refused() {
    let (browser, page) = log_in_forged(|key, claims| {
        SharedSecret::new(key.public())
            .unwrap()
            .sign_compact("JWT", &claims)
            .unwrap()
    })
    .await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn hs256_with_the_client_secret_is_refused() {
    let (browser, page) = log_in_forged(|_, claims| {
        let padded = format!("{:<32}", crate::op::SECRET);
        SharedSecret::new(padded.as_bytes())
            .unwrap()
            .sign_compact("JWT", &claims)
            .unwrap()
    })
    .await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused() {
    let (browser, page) = log_in_forged(|key, claims| {
        let token = with_header(json!({ "alg": "none" }), key, &claims);
        format!("{}.", token.rsplit_once('.').unwrap().0)
    })
    .await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_token_with_its_own_key_is_refused() {
    let (browser, page) = log_in_forged(|_, claims| {
        let other = Key::new("k1");
        let jwk = json!({ "alg": "ES256", "kid": "k1", "jwk": { "kty": "EC" } });
        with_header(jwk, &other, &claims)
    })
    .await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_token_of_another_kind_is_refused() {
    let (browser, page) =
        log_in_forged(|key, claims| sdk_jose::sign_compact("logout+jwt", &claims, key).unwrap()).await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it() {
    let op = Op::start().await;
    let app = app(&op).await;
    Browser::new(&app).log_in(&op, |_| {}).await;
    op.rotate("k2", true);
    let mut browser = Browser::new(&app);
    assert_eq!(browser.log_in(&op, |_| {}).await.location(), "/mine");
    assert_eq!(op.key_requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn unknown_keys_do_not_make_us_ask_again_and_again() {
    let op = Op::start().await;
    let app = app(&op).await;
    op.rotate("k2", false);
    for _ in 0..5 {
        let mut browser = Browser::new(&app);
        let page = browser.log_in(&op, |_| {}).await;
        refused(&browser, &page, StatusCode::BAD_GATEWAY);
    }
    assert_eq!(op.key_requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_withdrawn_key_is_forgotten_within_the_hour() {
    let op = Op::start().await;
    let app = app(&op).await;
    op.script().published.clear();
    op.clock.pass(Seconds(3601));
    let mut browser = Browser::new(&app);
    let page = browser.log_in(&op, |_| {}).await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn what_the_token_endpoint_can_say_wrong() {
    for (status, body, told) in [
        (
            StatusCode::BAD_REQUEST,
            r#"{"error":"invalid_grant"}"#.to_owned(),
            StatusCode::BAD_REQUEST,
        ),
        (
            StatusCode::UNAUTHORIZED,
            r#"{"error":"invalid_client"}"#.to_owned(),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            String::new(),
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        (StatusCode::FOUND, String::new(), StatusCode::SERVICE_UNAVAILABLE),
        (
            StatusCode::OK,
            "<html>".to_owned(),
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        (
            StatusCode::OK,
            format!(
                r#"{{"access_token":"a","token_type":"Bearer","id_token":"b","x":"{}"}}"#,
                "x".repeat(300_000)
            ),
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        (
            StatusCode::OK,
            r#"{"access_token":"a","token_type":"DPoP","id_token":"b"}"#.into(),
            StatusCode::BAD_GATEWAY,
        ),
    ] {
        let op = Op::start().await;
        op.script().token = Some((status, body));
        let mut browser = Browser::new(&app(&op).await);
        let page = browser.log_in(&op, |_| {}).await;
        refused(&browser, &page, told);
    }
}

#[tokio::test]
async fn userinfo_about_another_person_is_refused() {
    let op = Op::start().await;
    op.script().userinfo["sub"] = "s-2".into();
    let mut browser = Browser::new(&app(&op).await);
    let page = browser.log_in(&op, |_| {}).await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn userinfo_does_not_replace_what_the_token_says() {
    let op = Op::start().await;
    op.script().userinfo["national_id"] = "22222222-2".into();
    let mut browser = Browser::new(&app(&op).await);
    browser
        .log_in(&op, |claims| claims["national_id"] = "11111111-1".into())
        .await;
    assert!(browser.get("/mine").await.text.contains("11111111-1"));
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_is_refused() {
    let op = Op::start().await;
    op.script().metadata["issuer"] = "https://evil.example".into();
    let mut browser = Browser::new(&app(&op).await);
    op.clock.pass(Seconds(3));
    let page = browser.get("/mine").await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn an_endpoint_on_http_elsewhere_is_refused() {
    let op = Op::start().await;
    op.script().metadata["token_endpoint"] = "http://id.example/token".into();
    let mut browser = Browser::new(&app(&op).await);
    op.clock.pass(Seconds(3));
    let page = browser.get("/mine").await;
    refused(&browser, &page, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn an_application_starts_without_its_idp_and_finds_it_later() {
    let op = Op::start().await;
    op.script().down = true;
    let app = app(&op).await;
    let mut browser = Browser::new(&app);
    assert_eq!(browser.get("/").await.text, "nobody");
    let page = browser.get("/mine").await;
    refused(&browser, &page, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.headers["retry-after"], "5");
    op.script().down = false;
    op.clock.pass(Seconds(3));
    assert_eq!(browser.log_in(&op, |_| {}).await.location(), "/mine");
}

#[tokio::test]
async fn an_idp_that_is_known_may_be_silent_for_half_an_hour_and_no_longer() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    browser.ask("/mine").await;
    op.script().down = true;
    op.clock.pass(Seconds(60 * 60 - 1));
    for _ in 0..2 {
        assert!(browser.ask("/mine").await.as_str().starts_with(&op.issuer));
    }
    op.clock.pass(Seconds(3));
    let page = browser.get("/mine").await;
    refused(&browser, &page, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn an_idp_that_begins_to_listen_a_moment_late_is_reached() {
    let op = Op::start_late(Duration::from_millis(100)).await;
    let mut browser = Browser::new(&app(&op).await);
    assert!(browser.ask("/mine").await.as_str().starts_with(&op.issuer));
}

#[tokio::test]
async fn the_question_is_new_every_time() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let (one, two) = (browser.ask("/mine").await, browser.ask("/mine").await);
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(query(&one)[name], query(&two)[name], "{name}");
        assert_eq!(query(&one)[name].len(), 43, "{name}");
    }
    assert_ne!(
        query(&one)["code_challenge"],
        code_challenge_s256(&query(&one)["state"])
    );
}

#[tokio::test]
async fn two_tabs_log_in_at_the_same_time() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let (one, two) = (browser.ask("/mine?tab=1").await, browser.ask("/mine?tab=2").await);
    let (first, second) = (op.grant(&two, |_| {}), op.grant(&one, |_| {}));
    assert_eq!(browser.come_back(&first).await.location(), "/mine?tab=2");
    assert_eq!(browser.come_back(&second).await.location(), "/mine?tab=1");
}

#[tokio::test]
async fn abandoned_logins_do_not_fill_the_browser() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    for _ in 0..30 {
        browser.ask("/mine").await;
    }
    assert!(browser.cookies.len() <= 8, "{}", browser.cookies.len());
    assert_eq!(browser.log_in(&op, |_| {}).await.location(), "/mine");
}

#[tokio::test]
async fn nobody_is_led_to_another_site_after_the_login() {
    for asked in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example",
        "/.//evil.example",
    ] {
        let op = Op::start().await;
        let mut browser = Browser::new(&app(&op).await);
        let encoded: String = url::form_urlencoded::byte_serialize(asked.as_bytes()).collect();
        let question = browser.ask(&format!("/login?return_to={encoded}")).await;
        let answer = op.grant(&question, |_| {});
        let page = browser.come_back(&answer).await;
        let here = url::Url::parse("http://localhost:8082").unwrap();
        assert_eq!(
            here.join(page.location()).unwrap().origin(),
            here.origin(),
            "{asked}: {}",
            page.location()
        );
    }
}

#[tokio::test]
async fn a_required_assurance_is_asked_for_at_every_login() {
    let op = Op::start().await;
    let app = app_with(config(&op).at_least(sdk::login::Assurance::Aal2)).await;
    let mut browser = Browser::new(&app);
    let question = browser.ask("/mine").await;
    assert_eq!(query(&question)["acr_values"], "urn:aval:aal2 urn:aval:aal3");
    let answer = op.grant(&question, |_| {});
    let page = browser.come_back(&answer).await;
    refused(&browser, &page, StatusCode::FORBIDDEN);
}
