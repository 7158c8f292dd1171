//! Recovery codes: made with fresh presence, told once, spent once.

use axum::http::StatusCode;
use idp::{
    flow,
    rules::{
        ids::CitizenId,
        national_id::NationalId,
        recovery_code::{IN_A_SET, RecoveryCode},
    },
    store,
};

use crate::browser::{Answer, Browser, House, NUMBER};

const PAGE: &str = "/account/recovery-codes";

/// The codes that a page tells.
fn told(page: &Answer) -> Vec<String> {
    let parts = page.body.split("<samp>").skip(1);
    parts
        .map(|part| part.split("</samp>").next().unwrap().to_owned())
        .collect()
}

async fn make(browser: &mut Browser) -> (Answer, Answer) {
    let asked = browser.get(PAGE).await;
    let made = browser.submit(&asked, PAGE, &[]).await;
    (asked, made)
}

async fn citizen(house: &House) -> CitizenId {
    let number = NationalId::parse(NUMBER, &house.idp.people.schemes).unwrap();
    let mut read = house.idp.store.read().await.unwrap();
    let found = store::citizens::find(&mut read, &house.idp.derived.index, &number).await;
    found.unwrap().unwrap().0
}

async fn left(house: &House) -> i64 {
    let mut read = house.idp.store.read().await.unwrap();
    store::recovery_codes::left(&mut read, &citizen(house).await)
        .await
        .unwrap()
}

async fn spend(house: &House, code: &str) -> Option<RecoveryCode> {
    let code = RecoveryCode::parse(code).unwrap();
    let mut write = house.idp.store.write().await.unwrap();
    let next = flow::recovery_codes::spend(&house.idp, &mut write, &citizen(house).await, &code).await;
    write.commit().await.unwrap();
    next.unwrap()
}

#[tokio::test]
async fn row_61_ten_codes_are_told_once_and_stored_unreadable() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let (_, made) = make(&mut browser).await;
    let codes = told(&made);
    assert_eq!((made.status, codes.len()), (StatusCode::OK, IN_A_SET));
    assert_eq!(made.headers["cache-control"], "no-store");
    let again = browser.get(PAGE).await;
    assert!(told(&again).is_empty() && again.body.contains("Te quedan 10 códigos"));
    let mut read = house.idp.store.read().await.unwrap();
    let rows = sqlx::query("SELECT tag FROM recovery_codes")
        .fetch_all(&mut *read)
        .await
        .unwrap();
    for row in rows {
        let tag: String = sqlx::Row::get(&row, 0);
        assert!(!codes.contains(&tag) && tag.len() == 43);
    }
}

#[tokio::test]
async fn row_61_the_same_form_sent_twice_makes_one_set_and_tells_it_once() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let (asked, first) = make(&mut browser).await;
    let second = browser.submit(&asked, PAGE, &[]).await;
    assert!(told(&second).is_empty() && second.body.contains("ya se mostraron"));
    assert!(spend(&house, &told(&first)[3]).await.is_some());
}

#[tokio::test]
async fn row_61_one_recovery_code_used_two_hundred_times_at_once_counts_once_and_another_is_issued() {
    let house = std::sync::Arc::new(House::new().await);
    let (mut browser, _) = house.signed_in().await;
    let (_, made) = make(&mut browser).await;
    let code = told(&made)[0].clone();
    let all: Vec<_> = (0..200)
        .map(|_| {
            let (house, code) = (std::sync::Arc::clone(&house), code.clone());
            tokio::spawn(async move { spend(&house, &code).await })
        })
        .collect();
    let mut next = Vec::new();
    for one in all {
        next.extend(one.await.unwrap());
    }
    assert_eq!((next.len(), left(&house).await), (1, 10));
    let next = next[0].text();
    assert!(spend(&house, &next).await.is_some());
    assert!(spend(&house, &next).await.is_none());
}

#[tokio::test]
async fn new_codes_make_the_old_ones_worthless() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let (_, first) = make(&mut browser).await;
    let (_, second) = make(&mut browser).await;
    assert!(spend(&house, &told(&first)[0]).await.is_none());
    assert!(spend(&house, &told(&second)[0]).await.is_some());
}

#[tokio::test]
async fn row_64_new_codes_ask_for_presence_of_the_last_five_minutes() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let asked = browser.get(PAGE).await;
    house.clock.forward(301);
    let answer = browser.submit(&asked, PAGE, &[]).await;
    assert!(answer.path.starts_with("/reauthenticate?"), "{}", answer.path);
    assert_eq!(left(&house).await, 0);
}
