//! What a browser holds, what the store holds, and how both end.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::http::{Method, StatusCode};
use sdk::login::{HashedId, MemoryStore, SessionStore, StoreFault, Stored, UnixTime};
use sdk_jose::Seconds;

use crate::browser::{Browser, app, app_on, app_with, config, memory};
use crate::op::{Op, query};

async fn logged_in(op: &Op) -> Browser {
    let mut browser = Browser::new(&app(op).await);
    browser.log_in(op, |_| {}).await;
    assert!(browser.session().is_some());
    browser
}

#[tokio::test]
async fn a_planted_session_id_is_not_the_one_after_the_login() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned();
    browser.cookies.insert("aval_agency".to_owned(), planted.clone());
    browser.log_in(&op, |_| {}).await;
    assert_ne!(browser.session(), Some(&planted));
    browser.cookies.insert("aval_agency".to_owned(), planted);
    assert_eq!(browser.get("/").await.text, "nobody");
}

#[tokio::test]
async fn a_second_login_ends_the_first_session() {
    let op = Op::start().await;
    let mut browser = logged_in(&op).await;
    let mut old = browser.clone();
    let question = browser.ask("/login?return_to=/mine").await;
    let answer = op.grant(&question, |_| {});
    browser.come_back(&answer).await;
    assert_ne!(browser.session(), old.session());
    assert_eq!(old.get("/").await.text, "nobody");
    assert_eq!(browser.get("/").await.text, "María Muñoz del Río");
}

#[tokio::test]
async fn a_form_without_a_session_gets_a_401_and_a_way_to_log_in() {
    let op = Op::start().await;
    let page = Browser::new(&app(&op).await).post("/form", &[]).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(
        page.text.contains("href=\"/login?return_to=%2F\""),
        "{}",
        page.text
    );
    assert!(page.headers.contains_key("www-authenticate"));
}

#[tokio::test]
async fn a_script_without_a_session_gets_a_401_in_json() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    browser.headers = vec![("accept", "application/json".to_owned())];
    let page = browser.get("/mine").await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    let body: serde_json::Value = serde_json::from_str(&page.text).unwrap();
    assert_eq!(body["error"], "login_required");
}

#[tokio::test]
async fn a_fetch_without_a_session_is_not_sent_to_the_idp() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    browser.headers.push(("sec-fetch-mode", "cors".to_owned()));
    assert_eq!(browser.get("/mine").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn logging_out_ends_the_session_here_and_goes_to_the_idp() {
    let op = Op::start().await;
    let mut browser = logged_in(&op).await;
    let mut stolen = browser.clone();
    let there = browser
        .post("/logout", &[("origin", "http://localhost:8082")])
        .await
        .url();
    assert_eq!(
        there.as_str().split('?').next().unwrap(),
        format!("{}/logout", op.issuer)
    );
    assert_eq!(
        query(&there)["post_logout_redirect_uri"],
        "http://localhost:8082/"
    );
    assert_eq!(query(&there)["client_id"], "taxes");
    assert_eq!(query(&there)["id_token_hint"].split('.').count(), 3);
    assert_eq!(browser.session(), None);
    assert_eq!(stolen.get("/").await.text, "nobody");
}

#[tokio::test]
async fn another_site_cannot_log_anybody_out() {
    let op = Op::start().await;
    for (method, headers) in [
        (Method::POST, ("origin", "https://evil.example")),
        (Method::POST, ("sec-fetch-site", "same-site")),
        (Method::GET, ("sec-fetch-site", "cross-site")),
        (Method::GET, ("referer", "https://evil.example/")),
        (Method::GET, ("x-nothing", "told")),
    ] {
        let mut browser = logged_in(&op).await;
        let page = browser.send(method, "/logout", &[headers]).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("¿Quieres salir?") && page.text.contains("method=\"post\""));
        assert_eq!(browser.get("/").await.text, "María Muñoz del Río", "{headers:?}");
    }
}

#[tokio::test]
async fn a_link_of_ours_logs_out() {
    let op = Op::start().await;
    let mut browser = logged_in(&op).await;
    browser
        .send(Method::GET, "/logout", &[("sec-fetch-site", "same-origin")])
        .await
        .url();
    assert_eq!(browser.get("/").await.text, "nobody");
}

#[tokio::test]
async fn logging_out_works_while_the_idp_is_away() {
    let op = Op::start().await;
    let mut browser = logged_in(&op).await;
    op.script().down = true;
    op.clock.pass(Seconds(3600 - 1));
    browser.get("/").await;
    op.clock.pass(Seconds(2));
    let page = browser.post("/logout", &[]).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(browser.get("/").await.text, "nobody");
}

#[tokio::test]
async fn a_session_ends_an_hour_after_the_last_request() {
    let op = Op::start().await;
    let mut browser = logged_in(&op).await;
    for _ in 0..3 {
        op.clock.pass(Seconds(3500));
        assert_eq!(browser.get("/").await.text, "María Muñoz del Río");
    }
    op.clock.pass(Seconds(3600));
    assert_eq!(browser.get("/").await.text, "nobody");
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_whatever_happens() {
    let op = Op::start().await;
    let mut browser = logged_in(&op).await;
    for _ in 0..24 {
        op.clock.pass(Seconds(1799));
        assert_eq!(browser.get("/").await.text, "María Muñoz del Río");
    }
    op.clock.pass(Seconds(24));
    assert_eq!(browser.get("/").await.text, "nobody");
}

#[tokio::test]
async fn a_lifetime_that_was_shortened_holds_for_sessions_that_were_there() {
    let (op, store) = (Op::start().await, memory());
    let mut browser = Browser::new(&app_on(&op, store.clone()).await);
    browser.log_in(&op, |_| {}).await;
    let shorter = config(&op).store(store).lifetime(Seconds(600), Seconds(600));
    let mut later = Browser {
        cookies: browser.cookies,
        ..Browser::new(&app_with(shorter).await)
    };
    op.clock.pass(Seconds(599));
    assert_eq!(later.get("/").await.text, "María Muñoz del Río");
    op.clock.pass(Seconds(1));
    assert_eq!(later.get("/").await.text, "nobody");
}

#[tokio::test]
async fn more_assurance_is_asked_for_where_it_is_needed() {
    let op = Op::start().await;
    let mut browser = logged_in(&op).await;
    let question = browser.ask("/strong").await;
    assert_eq!(query(&question)["acr_values"], "urn:aval:aal2 urn:aval:aal3");
    let answer = op.grant(&question, |claims| claims["acr"] = "urn:aval:aal2".into());
    assert_eq!(browser.come_back(&answer).await.location(), "/strong");
    assert_eq!(browser.get("/strong").await.text, "Aal2");
}

#[tokio::test]
async fn less_assurance_than_asked_for_opens_nothing() {
    let op = Op::start().await;
    let mut browser = logged_in(&op).await;
    let question = browser.ask("/strong").await;
    let answer = op.grant(&question, |claims| claims["acr"] = "urn:aval:aal1".into());
    let page = browser.come_back(&answer).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("Necesitas un ingreso más seguro"));
    assert_eq!(browser.get("/").await.text, "María Muñoz del Río");
}

#[tokio::test]
async fn cookies_on_this_machine_are_plain_and_kept_from_scripts() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app(&op).await);
    let page = browser.log_in(&op, |_| {}).await;
    let session = page
        .cookies()
        .into_iter()
        .find(|c| c.starts_with("aval_agency="))
        .unwrap()
        .to_owned();
    assert!(session.contains("HttpOnly") && session.contains("SameSite=Lax") && session.contains("Path=/"));
    assert!(!session.contains("Secure") && !session.contains("Domain") && !session.contains("Max-Age"));
}

#[tokio::test]
async fn cookies_on_https_are_bound_to_the_host() {
    let op = Op::start().await;
    let https = sdk::login::LoginConfig::new(&op.issuer, "taxes", "s", "https://taxes.example");
    let page = Browser::new(&app_with(https).await).get("/mine").await;
    let pending = page.cookies()[0].to_owned();
    assert!(
        pending.starts_with("__Host-aval_agency_login_") && pending.contains("Secure"),
        "{pending}"
    );
}

#[tokio::test]
async fn a_page_of_who_is_logged_in_is_not_kept_by_the_browser() {
    let op = Op::start().await;
    let mut browser = logged_in(&op).await;
    assert_eq!(browser.get("/mine").await.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn the_language_that_was_chosen_is_remembered() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app_with(config(&op)).await);
    browser.get("/?lang=en").await;
    assert!(
        browser
            .get("/logout")
            .await
            .text
            .contains("Do you want to log out?")
    );
    assert_eq!(query(&browser.ask("/mine").await)["ui_locales"], "en");
}

#[tokio::test]
async fn the_stylesheet_is_served_under_its_hash() {
    let op = Op::start().await;
    let page = Browser::new(&app(&op).await)
        .get(sdk::look::stylesheet_path())
        .await;
    assert_eq!(page.text, sdk::look::STYLESHEET);
    assert!(
        page.headers["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
}

/// Remembers all that was ever put into it.
struct Watched {
    inner: Arc<MemoryStore>,
    seen: Mutex<Vec<u8>>,
}

#[async_trait]
impl SessionStore for Watched {
    async fn put(&self, id: &HashedId, record: Stored, now: UnixTime) -> Result<(), StoreFault> {
        {
            let mut seen = self.seen.lock().unwrap();
            seen.extend_from_slice(id.to_hex().as_bytes());
            seen.extend_from_slice(id.as_bytes());
            seen.extend_from_slice(&record.bytes);
        }
        self.inner.put(id, record, now).await
    }

    async fn get(&self, id: &HashedId, now: UnixTime) -> Result<Option<Stored>, StoreFault> {
        self.inner.get(id, now).await
    }

    async fn take(&self, id: &HashedId, now: UnixTime) -> Result<Option<Stored>, StoreFault> {
        self.inner.take(id, now).await
    }

    async fn extend(&self, id: &HashedId, expires: UnixTime, now: UnixTime) -> Result<(), StoreFault> {
        self.inner.extend(id, expires, now).await
    }

    async fn remove(&self, id: &HashedId) -> Result<(), StoreFault> {
        self.inner.remove(id).await
    }
}

#[tokio::test]
async fn whoever_reads_the_store_learns_nothing() {
    let op = Op::start().await;
    let store = Arc::new(Watched {
        inner: memory(),
        seen: Mutex::default(),
    });
    let mut browser = Browser::new(&app_on(&op, store.clone()).await);
    let question = browser.ask("/mine").await;
    let mut secrets: Vec<String> = browser.cookies.values().cloned().collect();
    let answer = op.grant(&question, |_| {});
    browser.come_back(&answer).await;
    secrets.extend(browser.cookies.values().cloned());
    secrets.extend(["state", "nonce"].map(|name| query(&question)[name].clone()));
    secrets.extend(
        [
            "María",
            "11111111-1",
            "maria@example.cl",
            "s-1",
            "eyJ",
            "at-1",
            "/mine",
        ]
        .map(str::to_owned),
    );
    let seen = store.seen.lock().unwrap();
    assert!(!seen.is_empty());
    for secret in secrets {
        assert!(
            !seen
                .windows(secret.len())
                .any(|window| window == secret.as_bytes()),
            "{secret}"
        );
    }
}

/// A store that is out of order.
struct Broken;

#[async_trait]
impl SessionStore for Broken {
    async fn put(&self, _: &HashedId, _: Stored, _: UnixTime) -> Result<(), StoreFault> {
        Err(StoreFault::new("disk full"))
    }

    async fn get(&self, _: &HashedId, _: UnixTime) -> Result<Option<Stored>, StoreFault> {
        Err(StoreFault::new("disk full"))
    }

    async fn take(&self, _: &HashedId, _: UnixTime) -> Result<Option<Stored>, StoreFault> {
        Err(StoreFault::new("disk full"))
    }

    async fn extend(&self, _: &HashedId, _: UnixTime, _: UnixTime) -> Result<(), StoreFault> {
        Err(StoreFault::new("disk full"))
    }

    async fn remove(&self, _: &HashedId) -> Result<(), StoreFault> {
        Err(StoreFault::new("disk full"))
    }
}

#[tokio::test]
async fn a_broken_store_lets_nobody_in_and_does_not_tell_why() {
    let op = Op::start().await;
    let mut browser = Browser::new(&app_on(&op, Arc::new(Broken)).await);
    browser.cookies.insert(
        "aval_agency".into(),
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(),
    );
    for path in ["/", "/mine"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(page.text.contains("Algo falló de nuestro lado") && !page.text.contains("disk"));
    }
}
