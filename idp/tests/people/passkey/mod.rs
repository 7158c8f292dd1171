//! Passkeys: added, used, kept, and everything that must not pass for one.

mod assertion;
mod counter;
mod keeping;
mod login;
mod registration;

use axum::http::StatusCode;

use crate::{
    authenticator::Authenticator,
    browser::{Answer, Browser, House},
};

pub const ORIGIN: &str = "http://localhost:8080";

/// A house whose citizen has a passkey.
pub async fn with_passkey(bend: impl FnOnce(&mut Authenticator)) -> (House, Authenticator) {
    let house = House::new().await;
    let mut key = Authenticator::new(ORIGIN);
    bend(&mut key);
    let added = add(&house, &mut key).await;
    assert_eq!(added.path, "/account/passkeys/done?what=added", "{}", added.body);
    (house, key)
}

pub async fn add(house: &House, key: &mut Authenticator) -> Answer {
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get("/account/passkeys/new").await;
    let credential = key.create(&page.options());
    browser
        .submit(
            &page,
            "/account/passkeys/new",
            &[("name", "Teléfono"), ("credential", &credential)],
        )
        .await
}

/// A login page and the answer of `key` to its challenge.
pub async fn asserted(house: &House, key: &mut Authenticator) -> (Browser, Answer) {
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let credential = key.get(&page.options());
    let answer = browser
        .submit(&page, "/login/passkey", &[("credential", &credential)])
        .await;
    (browser, answer)
}

pub fn refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.path);
    assert!(
        answer.body.contains("No reconocimos esa llave"),
        "{}",
        answer.body
    );
}
