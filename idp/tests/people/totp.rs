//! Apps for one-time codes: added with a right code, two at most, removed.

use axum::http::StatusCode;
use idp::rules::totp::Seed;

use crate::browser::{Answer, Browser, House, NUMBER};

const NEW: &str = "/account/codes/new";

/// The seed that a page shows as text.
fn seed(page: &Answer) -> Seed {
    let shown = page.body.split("<samp>").nth(1).unwrap();
    Seed::from_base32(shown.split("</samp>").next().unwrap()).unwrap()
}

async fn add(house: &House, browser: &mut Browser) -> (Seed, Answer) {
    let page = browser.get(NEW).await;
    let seed = seed(&page);
    let code = seed.code_for(house.idp.now().0);
    let typed = [("name", "Tableta"), ("code", code.as_str())];
    (seed, browser.submit(&page, NEW, &typed).await)
}

async fn logs_in(house: &House, code: &str) -> bool {
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    let answer = browser.submit(&second, "/login/code", &[("code", code)]).await;
    answer.path == "/account"
}

#[tokio::test]
async fn an_app_counts_after_its_first_right_code_which_is_spent_by_that() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let (seed, done) = add(&house, &mut browser).await;
    assert!(done.body.contains("Agregaste la aplicación de códigos."));
    assert!(!logs_in(&house, &seed.code_for(house.idp.now().0)).await);
    house.clock.forward(30);
    assert!(logs_in(&house, &seed.code_for(house.idp.now().0)).await);
}

#[tokio::test]
async fn a_seed_that_was_only_shown_does_not_open_anything() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let shown = seed(&browser.get(NEW).await);
    assert!(!logs_in(&house, &shown.code_for(house.idp.now().0)).await);
}

#[tokio::test]
async fn a_wrong_first_code_keeps_the_seed_on_the_page_and_adds_nothing() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get(NEW).await;
    let right = seed(&page).code_for(house.idp.now().0);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let again = browser
        .submit(&page, NEW, &[("name", "X"), ("code", wrong)])
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(seed(&again).expose(), seed(&page).expose());
    let done = browser
        .submit(&again, NEW, &[("name", "X"), ("code", &right)])
        .await;
    assert!(done.path.starts_with("/account?"), "{}", done.body);
}

#[tokio::test]
async fn row_57_a_seed_is_sealed_and_not_shown_again() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let (added, _) = add(&house, &mut browser).await;
    let text = added.to_base32();
    let account = browser.get("/account").await;
    let next = browser.get(NEW).await;
    assert!(!account.body.contains(&*text) && !next.body.replace(' ', "").contains(&*text));
    let mut read = house.idp.store.read().await.unwrap();
    let rows = sqlx::query("SELECT sealed FROM totp")
        .fetch_all(&mut *read)
        .await
        .unwrap();
    for row in rows {
        let sealed: Vec<u8> = sqlx::Row::get(&row, 0);
        assert!(!sealed.windows(20).any(|part| part == added.expose()));
    }
}

#[tokio::test]
async fn a_third_app_is_not_added_and_one_is_removed_instead() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let before = browser.get(NEW).await;
    let (mine, _) = add(&house, &mut browser).await;
    let full = browser.get(NEW).await;
    assert!(full.body.contains("Ya tienes dos") && full.body.contains("Tableta"));
    // The form from before is worth nothing now.
    let code = seed(&before).code_for(house.idp.now().0);
    let late = browser
        .submit(&before, NEW, &[("name", "X"), ("code", &code)])
        .await;
    assert!(late.body.contains("Ya tienes dos"), "{}", late.body);
    let link = full.body.split("/account/codes/remove?app=").nth(2).unwrap();
    let ask = format!("/account/codes/remove?app={}", link.split('"').next().unwrap());
    let page = browser.get(&ask).await;
    let gone = browser.submit(&page, "/account/codes/remove", &[]).await;
    assert!(gone.body.contains("Quitaste la aplicación"), "{}", gone.body);
    house.clock.forward(30);
    assert!(!logs_in(&house, &mine.code_for(house.idp.now().0)).await);
}

#[tokio::test]
async fn row_65_the_only_second_step_is_not_removed() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let mut read = house.idp.store.read().await.unwrap();
    let row = sqlx::query("SELECT id FROM totp").fetch_one(&mut *read).await;
    let id: String = sqlx::Row::get(&row.unwrap(), 0);
    drop(read);
    let page = browser.get(&format!("/account/codes/remove?app={id}")).await;
    let answer = browser.submit(&page, "/account/codes/remove", &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("tu único segundo paso"));
    house.clock.forward(30);
    assert!(logs_in(&house, &house.code()).await);
}

#[tokio::test]
async fn nobody_removes_anothers_app() {
    let house = House::new().await;
    house.citizen("12.345.678-5", "Ana", "Soto").await;
    let (mut browser, account) = house.signed_in().await;
    let mut read = house.idp.store.read().await.unwrap();
    let rows = sqlx::query("SELECT id FROM totp")
        .fetch_all(&mut *read)
        .await
        .unwrap();
    drop(read);
    let (_, hidden) = account.form("/account/logout");
    let csrf = &hidden.iter().find(|(name, _)| name == "csrf").unwrap().1;
    let mut refused = 0_usize;
    for row in rows {
        let id: String = sqlx::Row::get(&row, 0);
        let sent = [("csrf", csrf.as_str()), ("app", id.as_str())];
        let answer = browser.post("/account/codes/remove", &sent).await;
        refused = refused.saturating_add(usize::from(answer.status == StatusCode::NOT_FOUND));
    }
    assert_eq!(refused, 1);
}

#[tokio::test]
async fn row_64_an_app_is_not_added_without_presence_of_the_last_five_minutes() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    house.clock.forward(301);
    let answer = browser.get(NEW).await;
    assert!(answer.path.starts_with("/reauthenticate?"), "{}", answer.path);
}
