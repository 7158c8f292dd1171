//! Guessing: one account, many browsers; the citizen's own device stays open.

use axum::http::StatusCode;
use idp::rules::national_id::{NationalId, Scheme};

use crate::browser::{House, NUMBER, PASSWORD};

/// Tries a password in a browser of its own; the status.
async fn guess(house: &House, password: &str) -> StatusCode {
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let typed = [("national_id", NUMBER), ("password", password)];
    browser.submit(&page, "/login?", &typed).await.status
}

#[tokio::test]
async fn row_49_a_hundred_wrong_guesses_close_the_account_until_an_operator_opens_it() {
    let house = House::new().await;
    // The citizen's own browser, known from a login before.
    let (mut own, _) = house.signed_in().await;
    for _ in 0..100 {
        house.clock.forward(900);
        assert_eq!(guess(&house, "otra cosa").await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    house.clock.forward(86_400);
    assert_eq!(guess(&house, PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
    let page = own.get("/account").await;
    let typed = [("national_id", NUMBER), ("password", PASSWORD)];
    let second = own.submit(&page, "/login?", &typed).await;
    assert!(
        second.path.starts_with("/login/code?"),
        "the known browser is open"
    );

    let number = NationalId::parse(NUMBER, &[Scheme::ClRun]).unwrap();
    idp::flow::throttle::unlock(&house.idp, &number).await.unwrap();
    assert_eq!(guess(&house, PASSWORD).await, StatusCode::OK);
}

#[tokio::test]
async fn a_wait_is_told_and_then_over() {
    let house = House::new().await;
    for _ in 0..8 {
        guess(&house, "otra cosa").await;
    }
    assert_eq!(guess(&house, PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
    house.clock.forward(900);
    assert_eq!(guess(&house, PASSWORD).await, StatusCode::OK);
}
