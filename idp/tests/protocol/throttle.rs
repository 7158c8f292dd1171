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

/// Guesses at the password, none of them right, each after the wait of the one before.
async fn wrong_passwords(house: &House, count: usize) {
    for _ in 0..count {
        house.clock.forward(900);
        assert_eq!(guess(house, "otra cosa").await, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

/// Guesses at the one-time code by somebody who knows the password.
async fn wrong_codes(house: &House, count: usize) {
    for _ in 0..count {
        house.clock.forward(900);
        let mut browser = house.browser();
        let second = browser.at_second_step(NUMBER).await;
        let wrong = if house.code() == "000000" {
            "000001"
        } else {
            "000000"
        };
        let answer = browser.submit(&second, "/login/code", &[("code", wrong)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn row_49_passwords_and_codes_share_the_hundred_of_an_account() {
    let house = House::new().await;
    wrong_codes(&house, 40).await;
    wrong_passwords(&house, 60).await;
    house.clock.forward(86_400);
    assert_eq!(guess(&house, PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn row_51_a_right_password_forgives_passwords_and_not_codes() {
    let house = House::new().await;
    wrong_codes(&house, 40).await;
    wrong_passwords(&house, 59).await;
    house.clock.forward(900);
    assert_eq!(
        guess(&house, PASSWORD).await,
        StatusCode::OK,
        "ninety-nine are not a hundred"
    );
    // Forgiven, or these would be too many; the forty codes are not, or these would be too few.
    wrong_passwords(&house, 60).await;
    house.clock.forward(86_400);
    assert_eq!(guess(&house, PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
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
