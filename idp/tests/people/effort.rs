//! Many wrong guesses from one network: strangers pay for each, known browsers do not, nobody is kept out.

use axum::http::StatusCode;
use idp::rules::{activation::Handed, secret::Digest};

use crate::{
    activation::ANA,
    browser::{Answer, Browser, House, NUMBER, PASSWORD, attribute},
    rescue::{begin, mailed},
};

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

/// The page asks for the puzzle, or a wait, and nothing was tried.
fn assert_asked(told: &Answer) {
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS, "{}", told.body);
    assert!(told.headers.contains_key("retry-after") && told.body.contains("Espera diez segundos"));
    assert!(told.body.contains("/assets/effort."), "{}", told.body);
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
    assert_asked(&told);
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

#[tokio::test]
async fn row_105_a_besieged_address_pays_for_activation_codes_with_the_script_or_by_waiting() {
    let house = besieged().await;
    let code = house.printed(Handed::OnPaper).await;
    let mut browser = from(&house, "203.0.113.7:2");
    let door = browser.get("/activate").await;
    let typed = [("national_id", ANA), ("code", code.as_str())];
    let told = browser.submit(&door, "/activate", &typed).await;
    assert_asked(&told);
    assert!(told.body.contains(&format!("value=\"{ANA}\"")), "{}", told.body);
    let answer = solved(&told);
    let wrong = [
        ("national_id", ANA),
        ("code", "0000-0000-0000"),
        ("answer", answer.as_str()),
    ];
    let tried = browser.submit(&told, "/activate", &wrong).await;
    assert_eq!(tried.status, StatusCode::UNPROCESSABLE_ENTITY);
    let again = browser.submit(&tried, "/activate", &typed).await;
    assert_asked(&again);
    house.clock.forward(10);
    let opened = browser.submit(&again, "/activate", &typed).await;
    assert!(opened.path.starts_with("/activate/passkey?"), "{}", opened.body);
}

#[tokio::test]
async fn row_105_a_besieged_address_pays_for_each_proof_of_a_recovery() {
    let house = besieged().await;
    let mut browser = from(&house, "203.0.113.7:2");
    let page = begin(&mut browser, NUMBER).await;
    let page = browser.submit(&page, "/recover/proof/ask", &[]).await;
    let code = mailed(&house).await;
    let told = browser
        .submit(&page, "/recover/proof/code", &[("code", &code)])
        .await;
    assert_asked(&told);
    let paid = [("code", code.as_str()), ("answer", &solved(&told))];
    let second = browser.submit(&told, "/recover/proof/code", &paid).await;
    assert_eq!(second.path, "/recover/proof?done=right", "{}", second.body);
    for (action, field, value) in [
        ("/recover/proof/totp", "code", house.code()),
        ("/recover/proof/password", "password", PASSWORD.to_owned()),
    ] {
        let told = browser.submit(&second, action, &[(field, &value)]).await;
        assert_asked(&told);
    }
    house.clock.forward(10);
    let right = [("password", PASSWORD)];
    let wait = browser.submit(&second, "/recover/proof/password", &right).await;
    assert_eq!(wait.path, "/recover/wait", "{}", wait.body);
}

#[tokio::test]
async fn row_105_a_besieged_address_pays_for_blocking_an_account_with_its_password() {
    let house = besieged().await;
    let mut browser = from(&house, "203.0.113.7:2");
    let page = browser.get("/recover/block").await;
    let right = [("national_id", NUMBER), ("password", PASSWORD)];
    let told = browser.submit(&page, "/recover/block", &right).await;
    assert_asked(&told);
    let answer = solved(&told);
    let paid = [right[0], right[1], ("answer", answer.as_str())];
    let done = browser.submit(&told, "/recover/block", &paid).await;
    assert_eq!(done.path, "/recover/done?what=blocked", "{}", done.body);
}

#[tokio::test]
async fn row_105_wrong_guesses_count_wherever_they_are_tried() {
    for door in ["activation", "recovery", "block"] {
        let house = House::configured("http://localhost:8080", MORE).await;
        let mut browser = from(&house, "203.0.113.7:1");
        for _ in 0..3 {
            assert!(
                !browser.get("/account").await.body.contains("data-effort"),
                "{door}"
            );
            let tried = wrong_at(&mut browser, door).await;
            assert_eq!(tried.status, StatusCode::UNPROCESSABLE_ENTITY, "{door}");
        }
        assert!(
            browser.get("/account").await.body.contains("data-effort"),
            "{door}"
        );
        let asked = wrong_at(&mut browser, door).await;
        assert_asked(&asked);
    }
}

async fn wrong_at(browser: &mut Browser, door: &str) -> Answer {
    let number = ("national_id", NUMBER);
    match door {
        "activation" => {
            let page = browser.get("/activate").await;
            let typed = [number, ("code", "0000-0000-0000")];
            browser.submit(&page, "/activate", &typed).await
        }
        "recovery" => {
            let page = begin(browser, NUMBER).await;
            let typed = [("code", "0000-0000")];
            browser.submit(&page, "/recover/proof/code", &typed).await
        }
        _ => {
            let page = browser.get("/recover/block").await;
            let typed = [number, ("password", "verano de 2026")];
            browser.submit(&page, "/recover/block", &typed).await
        }
    }
}

#[tokio::test]
async fn a_puzzle_of_one_page_pays_at_no_other() {
    let house = besieged().await;
    let mut browser = from(&house, "203.0.113.7:2");
    let activation = browser.get("/activate").await;
    let carried = attribute(&activation.body, "data-effort").unwrap();
    let answer = solved(&activation);
    let block = browser.get("/recover/block").await;
    let typed = [
        ("national_id", NUMBER),
        ("password", PASSWORD),
        ("challenge", carried.as_str()),
        ("answer", answer.as_str()),
    ];
    assert_asked(&browser.submit(&block, "/recover/block", &typed).await);
}

#[tokio::test]
async fn row_50_a_known_browser_recovers_without_paying() {
    let house = House::configured("http://localhost:8080", MORE).await;
    let (mut own, account) = house.signed_in().await;
    own.submit(&account, "/account/logout", &[]).await;
    own.peer = Some("203.0.113.7:3".parse().unwrap());
    for _ in 0..5 {
        let now = idp::world::Clock::now(house.clock.as_ref());
        house.idp.limits.wrong_guess("203.0.113.7".parse().unwrap(), now);
    }
    let page = begin(&mut own, NUMBER).await;
    let page = own.submit(&page, "/recover/proof/ask", &[]).await;
    let code = mailed(&house).await;
    let second = own.submit(&page, "/recover/proof/code", &[("code", &code)]).await;
    assert_eq!(second.path, "/recover/proof?done=right", "{}", second.body);
}
