//! Many wrong passwords from one network: strangers pay for each guess, known browsers do not, nobody is kept out.

use axum::http::StatusCode;
use idp::rules::secret::Digest;

use crate::browser::{Answer, Browser, House, NUMBER, PASSWORD, attribute};

const MORE: &str = "[limits]\nwrong_guesses_per_minute = 3\n";

fn from(house: &House, peer: &str) -> Browser {
    let mut browser = house.browser();
    browser.peer = Some(peer.parse().unwrap());
    browser
}

/// One password tried on many numbers, as whoever guesses does.
async fn besieged() -> House {
    let house = House::configured("http://localhost:8080", MORE).await;
    for number in ["7.654.321-6", "12.345.678-5", "9.876.543-3"] {
        let mut browser = from(&house, "203.0.113.7:1");
        let page = browser.get("/account").await;
        let typed = [("national_id", number), ("password", "verano de 2026")];
        let answer = browser.submit(&page, "/login?", &typed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
    }
    house
}

/// What the page's script does.
fn solved(page: &Answer) -> String {
    let challenge = attribute(&page.body, "data-effort").unwrap();
    let right = |answer: &u32| {
        let digest = Digest::of(format!("{challenge}.{answer}").as_bytes());
        digest.bytes().starts_with(&[0, 0])
    };
    (0..).find(right).unwrap().to_string()
}

async fn log_in(browser: &mut Browser, page: &Answer, answer: &str) -> Answer {
    let typed = [
        ("national_id", NUMBER),
        ("password", PASSWORD),
        ("answer", answer),
    ];
    browser.submit(page, "/login?", &typed).await
}

#[tokio::test]
async fn row_105_a_stranger_behind_a_besieged_address_logs_in_with_the_script() {
    let house = besieged().await;
    let mut browser = from(&house, "203.0.113.7:2");
    let page = browser.get("/account").await;
    assert!(page.body.contains("/assets/effort."), "{}", page.body);
    let second = log_in(&mut browser, &page, &solved(&page)).await;
    assert!(second.path.starts_with("/login/code?"), "{}", second.body);
}

#[tokio::test]
async fn row_105_and_without_the_script_after_some_seconds() {
    let house = besieged().await;
    let mut browser = from(&house, "203.0.113.7:2");
    let page = browser.get("/account").await;
    let told = log_in(&mut browser, &page, "").await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(told.headers.contains_key("retry-after") && told.body.contains("Espera diez segundos"));
    house.clock.forward(10);
    let second = log_in(&mut browser, &told, "").await;
    assert!(second.path.starts_with("/login/code?"), "{}", second.body);
}

#[tokio::test]
async fn a_challenge_pays_for_one_guess_and_in_one_conversation() {
    let house = besieged().await;
    let mut browser = from(&house, "203.0.113.7:2");
    let page = browser.get("/account").await;
    let answer = solved(&page);
    let wrong = [
        ("national_id", NUMBER),
        ("password", "otra cosa"),
        ("answer", answer.as_str()),
    ];
    let tried = browser.submit(&page, "/login?", &wrong).await;
    assert_eq!(tried.status, StatusCode::UNPROCESSABLE_ENTITY);
    let again = log_in(&mut browser, &page, &answer).await;
    assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS);
    let elsewhere = browser.get("/account").await;
    let carried = attribute(&page.body, "data-effort").unwrap();
    let typed = [
        ("national_id", NUMBER),
        ("password", PASSWORD),
        ("challenge", carried.as_str()),
        ("answer", answer.as_str()),
    ];
    let refused = browser.submit(&elsewhere, "/login?", &typed).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn row_50_a_known_browser_and_other_networks_pay_nothing() {
    let house = House::configured("http://localhost:8080", MORE).await;
    let (mut own, account) = house.signed_in().await;
    own.submit(&account, "/account/logout", &[]).await;
    for _ in 0..5 {
        house.idp.limits.wrong_guess(
            "203.0.113.7".parse().unwrap(),
            idp::world::Clock::now(house.clock.as_ref()),
        );
    }
    own.peer = Some("203.0.113.7:3".parse().unwrap());
    let page = own.get("/account").await;
    assert!(log_in(&mut own, &page, "").await.path.starts_with("/login/code?"));
    let mut other = from(&house, "203.0.113.8:1");
    let page = other.get("/account").await;
    assert!(!page.body.contains("data-effort"));
    assert!(
        log_in(&mut other, &page, "")
            .await
            .path
            .starts_with("/login/code?")
    );
}
