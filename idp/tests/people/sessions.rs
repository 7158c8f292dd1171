//! A session's id and its end: never planted, never kept past its time, dead everywhere at once.

use std::collections::HashSet;

use axum::http::StatusCode;
use idp::rules::secret::Opaque;

use crate::browser::{Browser, House, NUMBER};

const COOKIE: &str = "aval_idp_session";

async fn is_signed_in(browser: &Browser) -> bool {
    browser.clone().get("/account").await.path == "/account"
}

#[tokio::test]
async fn rows_77_and_79_a_session_id_is_new_after_login_presence_and_logout_and_the_old_one_is_dead() {
    let house = House::new().await;
    let planted = house.idp.opaque().text().expose().clone();
    let mut browser = house.browser();
    browser.cookies.insert(COOKIE.to_owned(), planted.clone());
    let second = browser.at_second_step(NUMBER).await;
    browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert_ne!(browser.cookies[COOKIE], planted);
    let mut stranger = house.browser();
    stranger.cookies.insert(COOKIE.to_owned(), planted);
    assert!(!is_signed_in(&stranger).await, "the planted id is nobody's");

    let before = browser.clone();
    house.clock.forward(301);
    let asked = browser.get("/account/passkeys/new").await;
    browser
        .submit(&asked, "/login/code", &[("code", &house.code())])
        .await;
    assert_ne!(browser.cookies[COOKIE], before.cookies[COOKIE]);
    assert!(is_signed_in(&browser).await);
    assert!(!is_signed_in(&before).await, "the id of before the step-up");

    let before = browser.clone();
    let account = browser.get("/account").await;
    browser.submit(&account, "/account/logout", &[]).await;
    assert!(!browser.cookies.contains_key(COOKIE));
    assert!(!is_signed_in(&before).await, "the id of before the logout");
}

#[tokio::test]
async fn the_question_of_a_login_that_happened_elsewhere_is_not_shown() {
    let house = House::new().await;
    let path = house.client("openid profile national_id").await;
    let mut stranger = house.browser();
    let login = stranger.get(&path).await;
    // The citizen's browser was made to carry the stranger's cookie and to open the stranger's page.
    let mut citizen = stranger.clone();
    let typed = [("national_id", NUMBER), ("password", crate::browser::PASSWORD)];
    let second = citizen.submit(&login, "/login?", &typed).await;
    let consent = citizen
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert!(consent.body.contains("11.111.111-1"));
    let seen = stranger.get(&consent.path).await;
    assert!(!seen.body.contains("11.111.111-1") && !seen.body.contains("Ñancupil"));
    assert!(seen.path.starts_with("/login?"), "{}", seen.path);
}

#[tokio::test]
async fn an_hour_without_use_ends_it_and_use_does_not_stretch_the_day() {
    let house = House::new().await;
    let (browser, _) = house.signed_in().await;
    house.clock.forward(3_599);
    assert!(is_signed_in(&browser).await);
    house.clock.forward(3_600);
    assert!(!is_signed_in(&browser).await);

    let (browser, _) = house.signed_in().await;
    for _ in 0..28 {
        house.clock.forward(3_000);
        assert!(is_signed_in(&browser).await);
    }
    house.clock.forward(2_399);
    assert!(is_signed_in(&browser).await, "23:59:59");
    house.clock.forward(1);
    assert!(!is_signed_in(&browser).await, "a day");
}

#[tokio::test]
async fn row_76_the_cookie_is_bound_to_the_host_and_holds_chance_alone() {
    let house = House::at("https://id.example.org").await;
    let (browser, _) = house.signed_in().await;
    let value = &browser.cookies[&format!("__Host-{COOKIE}")];
    assert!(
        Opaque::parse(value).is_some(),
        "256 bits and nothing else: {value}"
    );
    for cookie in browser.cookies.values() {
        assert!(!cookie.contains("11111111"));
    }
}

/// Ten thousand ids: none comes twice, each bit is set in about half of them (six standard deviations of 50 are 300: by
/// chance this fails once in a million runs), and so does each pair of neighbours differ.
#[tokio::test]
async fn ten_thousand_ids_do_not_repeat_and_look_like_chance() {
    const IDS: usize = 10_000;
    let house = House::new().await;
    let ids: Vec<Vec<u8>> = (0..IDS)
        .map(|_| {
            let text = house.idp.opaque().text().expose().clone();
            data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
        })
        .collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), IDS);
    let bit = |id: &[u8], at: usize| id[at / 8] >> (at % 8) & 1;
    for at in 0..256 {
        let set = ids.iter().filter(|id| bit(id, at) == 1).count();
        let differ = ids
            .windows(2)
            .filter(|pair| bit(&pair[0], at) != bit(&pair[1], at))
            .count();
        assert!((4_700..=5_300).contains(&set), "bit {at}: {set}");
        assert!((4_700..=5_300).contains(&differ), "bit {at}: {differ}");
    }
}

#[tokio::test]
async fn who_ended_every_session_is_written_down() {
    let house = House::new().await;
    let (elsewhere, _) = house.signed_in().await;
    let (mut here, account) = house.signed_in().await;
    here.submit(&account, "/account/sessions/end-all", &[]).await;
    assert!(!is_signed_in(&elsewhere).await && !is_signed_in(&here).await);
    let mut read = house.idp.store.read().await.unwrap();
    let rows = sqlx::query("SELECT citizen, session, detail FROM audit WHERE event = 'session.ended'")
        .fetch_all(&mut *read)
        .await
        .unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let text = |at: usize| sqlx::Row::get::<String, _>(&row, at);
        assert!(!text(0).is_empty() && !text(1).is_empty());
        assert!(text(2).contains("why"), "{}", text(2));
    }
}

#[tokio::test]
async fn a_pause_after_many_guesses_is_in_the_history_once() {
    let house = House::new().await;
    let (own, _) = house.signed_in().await;
    let mut browser = house.browser();
    let mut page = browser.get("/account").await;
    for _ in 0..9 {
        page = browser
            .submit(
                &page,
                "/login?",
                &[("national_id", NUMBER), ("password", "otra cosa")],
            )
            .await;
    }
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    let account = own.clone().get("/account").await;
    assert_eq!(account.body.matches("Hicimos una pausa").count(), 1);
}

#[tokio::test]
async fn a_database_that_is_away_is_told_as_passing() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    house.idp.store.close().await;
    let answer = browser.get("/account").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers.contains_key("retry-after"));
    assert!(answer.body.contains("Tenemos un problema"));
    assert!(!answer.body.contains("pool") && !answer.body.contains("sqlx"));
}
