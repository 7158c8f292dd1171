//! One-time codes.

use axum::http::StatusCode;

use crate::browser::{House, NUMBER, PASSWORD};

#[tokio::test]
async fn row_55_one_code_sent_sixty_times_at_once_logs_in_once() {
    let house = House::new().await;
    let mut sent = Vec::new();
    for _ in 0..6 {
        let mut browser = house.browser();
        let second = browser.at_second_step(NUMBER).await;
        for _ in 0..10 {
            let (mut browser, second, code) = (browser.clone(), second.clone(), house.code());
            sent.push(tokio::spawn(async move {
                browser.submit(&second, "/login/code", &[("code", &code)]).await
            }));
        }
    }
    let mut inside = 0;
    for answer in sent {
        let answer = answer.await.unwrap();
        inside += usize::from(answer.path == "/account" && answer.status == StatusCode::OK);
        assert!(!answer.status.is_server_error(), "{}", answer.body);
    }
    assert_eq!(inside, 1);
}

#[tokio::test]
async fn row_55_a_code_that_was_used_is_refused_in_another_login() {
    let house = House::new().await;
    let (_, _) = house.signed_in().await;
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    let answer = browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("ya se usó"));
}

#[tokio::test]
async fn an_older_code_is_refused_after_a_newer_one() {
    let house = House::new().await;
    let old = house.code();
    house.clock.forward(30);
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    assert_eq!(
        browser
            .submit(&second, "/login/code", &[("code", &house.code())])
            .await
            .path,
        "/account"
    );
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    let answer = browser.submit(&second, "/login/code", &[("code", &old)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn letters_and_short_codes_are_told_apart_from_wrong_ones() {
    let house = House::new().await;
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    for (typed, said) in [
        ("", "Escribe el código"),
        ("12345", "tiene seis dígitos"),
        ("000000", "no es correcto"),
    ] {
        let answer = browser.submit(&second, "/login/code", &[("code", typed)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(said), "{typed}: {}", answer.body);
    }
}

#[tokio::test]
async fn guessing_codes_is_slowed_down() {
    let house = House::new().await;
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    let mut last = StatusCode::OK;
    for guess in 0..8 {
        let code = format!("{guess:06}");
        last = browser
            .submit(&second, "/login/code", &[("code", &code)])
            .await
            .status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_code_that_is_sent_twice_lands_where_the_first_did() {
    let house = House::new().await;
    let path = house.client("openid profile").await;
    let mut browser = house.browser();
    let login = browser.get(&path).await;
    let typed = [("national_id", NUMBER), ("password", PASSWORD)];
    let second = browser.submit(&login, "/login?", &typed).await;
    let shown = house.code();
    let code = [("code", shown.as_str())];
    let first = browser.submit(&second, "/login/code", &code).await;
    let again = browser.submit(&second, "/login/code", &code).await;
    assert_eq!((again.status, &again.path), (StatusCode::OK, &first.path));
    assert!(again.path.starts_with("/consent?"), "{}", again.path);
}

#[tokio::test]
async fn adding_a_passkey_long_after_the_login_asks_for_presence_and_goes_on() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    house.clock.forward(301);
    let asked = browser.get("/account/passkeys/new").await;
    assert!(asked.path.starts_with("/reauthenticate?"), "{}", asked.path);
    assert!(asked.body.contains("María José, antes de seguir"));
    let before = browser.cookies.clone();
    let answer = browser
        .submit(&asked, "/login/code", &[("code", &house.code())])
        .await;
    assert_eq!(answer.path, "/account/passkeys/new");
    // A new session id after presence was proven.
    assert_ne!(before["aval_idp_session"], browser.cookies["aval_idp_session"]);
}
