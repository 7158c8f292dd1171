//! "It wasn't me": from a letter, from the page for emergencies, from the own account.

use axum::http::StatusCode;
use idp::{flow::notify, rules::notice::Notice};

use crate::{
    browser::{Answer, House, NUMBER, PASSWORD},
    rescue::{begin, citizen, kinds, letters, mailed, sheet},
};

/// Logs in as far as it goes.
async fn try_to_enter(house: &House) -> Answer {
    house.clock.forward(60);
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await
}

#[tokio::test]
async fn the_link_of_a_notice_freezes_the_account_once_and_only_when_pressed() {
    let house = House::new().await;
    let (mut thief, _) = house.signed_in().await;
    let owner = citizen(&house).await;
    let mut write = house.idp.store.write().await.unwrap();
    notify::tell(&house.idp, &mut write, &owner, Notice::PasswordChanged)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let letter = letters(&house).await.pop().unwrap();
    let link = format!("/not-me?token={}", letter.not_me.as_ref().unwrap().expose());
    let mut reader = house.browser();
    let question = reader.get(&link).await;
    assert_eq!(thief.get("/account").await.path, "/account");
    let blocked = reader.submit(&question, "/not-me", &[("wanted", "freeze")]).await;
    assert_eq!(blocked.path, "/recover/done?what=blocked");
    assert!(thief.get("/account").await.path.starts_with("/login?"));
    assert_eq!(try_to_enter(&house).await.status, StatusCode::FORBIDDEN);
    let again = reader.submit(&question, "/not-me", &[("wanted", "freeze")]).await;
    assert_eq!(again.path, "/recover/done?what=stale");
}

#[tokio::test]
async fn a_link_that_nobody_sent_does_nothing() {
    let house = House::new().await;
    let mut stranger = house.browser();
    let made_up = house.idp.opaque().text().expose().clone();
    let answer = stranger.get(&format!("/not-me?token={made_up}")).await;
    assert_eq!(answer.path, "/recover/done?what=stale");
}

#[tokio::test]
async fn whoever_was_robbed_blocks_with_the_password_alone() {
    let house = House::new().await;
    let (mut thief, _) = house.signed_in().await;
    let mut citizen = house.browser();
    let page = citizen.get("/recover/block").await;
    let typed = [("national_id", NUMBER), ("password", PASSWORD)];
    let done = citizen.submit(&page, "/recover/block", &typed).await;
    assert_eq!(done.path, "/recover/done?what=blocked", "{}", done.body);
    assert!(thief.get("/account").await.path.starts_with("/login?"));
    assert_eq!(try_to_enter(&house).await.status, StatusCode::FORBIDDEN);
    assert!(kinds(&house).await.contains(&"account-frozen"));
}

#[tokio::test]
async fn whoever_was_robbed_blocks_with_a_saved_code() {
    let house = House::new().await;
    let sheet = sheet(&house).await;
    let mut citizen = house.browser();
    let page = citizen.get("/recover/block").await;
    let typed = [("national_id", NUMBER), ("code", sheet[9].as_str())];
    let done = citizen.submit(&page, "/recover/block", &typed).await;
    assert_eq!(done.path, "/recover/done?what=blocked", "{}", done.body);
    assert_eq!(try_to_enter(&house).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nobody_is_blocked_with_a_wrong_password_or_code() {
    let house = House::new().await;
    let mut stranger = house.browser();
    let page = stranger.get("/recover/block").await;
    for proof in [
        ("password", "otra cosa"),
        ("code", "0000-0000-0000-0000-0000-0000"),
        ("code", ""),
    ] {
        let typed = [("national_id", NUMBER), proof];
        let answer = stranger.submit(&page, "/recover/block", &typed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(try_to_enter(&house).await.path, "/account");
}

#[tokio::test]
async fn whoever_is_signed_in_freezes_their_account_and_is_out() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let asked = browser.get("/account/freeze").await;
    let done = browser.submit(&asked, "/account/freeze", &[]).await;
    assert_eq!(done.path, "/recover/done?what=blocked");
    assert!(!browser.cookies.contains_key("aval_idp_session"));
    assert_eq!(try_to_enter(&house).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn freezing_ends_every_recovery_that_goes_on() {
    let house = House::new().await;
    let mut thief = house.browser();
    crate::rescue::waiting(&house, &mut thief, PASSWORD).await;
    let mut citizen = house.browser();
    let page = citizen.get("/recover/block").await;
    let typed = [("national_id", NUMBER), ("password", PASSWORD)];
    citizen.submit(&page, "/recover/block", &typed).await;
    assert_eq!(thief.get("/recover/wait").await.path, "/recover");
}

#[tokio::test]
async fn in_a_frozen_account_a_factor_counts_for_nothing_and_two_codes_are_needed() {
    let house = House::new().await;
    let sheet = sheet(&house).await;
    let mut citizen = house.browser();
    let page = citizen.get("/recover/block").await;
    let typed = [("national_id", NUMBER), ("password", PASSWORD)];
    citizen.submit(&page, "/recover/block", &typed).await;
    let proof = begin(&mut citizen, NUMBER).await;
    let second = citizen
        .submit(&proof, "/recover/proof/code", &[("code", &sheet[0])])
        .await;
    assert!(
        second.body.contains("Tu cuenta está bloqueada"),
        "{}",
        second.body
    );
    assert!(!second.body.contains("/recover/proof/password"));
    let csrf = second.form("/recover/proof/code").1[0].1.clone();
    let tried = citizen
        .post(
            "/recover/proof/password",
            &[("csrf", &csrf), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(tried.status, StatusCode::CONFLICT);
    let asked = citizen.submit(&second, "/recover/proof/ask", &[]).await;
    let code = mailed(&house).await;
    let wait = citizen
        .submit(&asked, "/recover/proof/code", &[("code", &code)])
        .await;
    assert_eq!(wait.path, "/recover/wait", "{}", wait.body);
}
