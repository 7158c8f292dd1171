//! Rows 64 and 65: keys are renamed and removed.

use axum::http::StatusCode;

use super::{asserted, refused, with_passkey};
use crate::browser::{Answer, House, attribute};

#[tokio::test]
async fn a_removed_key_opens_nothing_and_keeps_its_record() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let (mut browser, account) = house.signed_in().await;
    let link = account
        .body
        .split("/account/passkeys/remove?key=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let page = browser.get(&format!("/account/passkeys/remove?key={link}")).await;
    assert!(page.body.contains("Es tu única llave"));
    let gone = browser.submit(&page, "/account/passkeys/remove", &[]).await;
    assert_eq!(gone.path, "/account/passkeys/done?what=removed");
    assert!(
        browser
            .get("/account")
            .await
            .body
            .contains("Quitaste una llave de acceso")
    );
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn a_key_can_be_renamed_by_its_owner_only() {
    let (house, _) = with_passkey(|_| {}).await;
    let (mut browser, account) = house.signed_in().await;
    let id = account
        .body
        .split("/account/passkeys/rename?key=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let page = browser.get(&format!("/account/passkeys/rename?key={id}")).await;
    let answer = browser
        .submit(&page, "/account/passkeys/rename", &[("name", "Llave azul")])
        .await;
    assert!(answer.body.contains("Llave azul") && !answer.body.contains("Teléfono"));
    house.citizen("12.345.678-5", "Ana", "Soto").await;
    house.clock.forward(60);
    let mut ana = house.browser();
    let second = ana.at_second_step("12.345.678-5").await;
    ana.submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    let answer = ana.get(&format!("/account/passkeys/rename?key={id}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn row_64_a_key_is_added_or_removed_only_after_presence_just_proven() {
    let (house, _) = with_passkey(|_| {}).await;
    let (mut browser, account) = house.signed_in().await;
    let key = removable(&account);
    house.clock.forward(301);
    for path in [
        "/account/passkeys/new",
        &format!("/account/passkeys/remove?key={key}"),
    ] {
        let asked = browser.clone().get(path).await;
        assert!(asked.path.starts_with("/reauthenticate?"), "{}", asked.path);
    }
    let (_, fields) = account.form("/account/logout");
    let csrf = &fields.iter().find(|(name, _)| name == "csrf").unwrap().1;
    let fields = [("csrf", csrf.as_str()), ("key", key.as_str())];
    let forced = browser.post("/account/passkeys/remove", &fields).await;
    assert!(forced.path.starts_with("/reauthenticate?"), "{}", forced.path);
    assert!(browser.get("/account").await.body.contains(&key));
}

#[tokio::test]
async fn row_65_the_last_phishing_resistant_key_is_removed_after_a_warning() {
    let (house, _) = with_passkey(|_| {}).await;
    let (mut browser, account) = house.signed_in().await;
    let key = removable(&account);
    let page = browser.get(&format!("/account/passkeys/remove?key={key}")).await;
    assert!(page.body.contains("Es tu única llave"), "{}", page.body);
}

#[tokio::test]
async fn row_65_the_last_way_in_is_not_removed_at_all() {
    let (house, mut key) = with_passkey(|_| {}).await;
    forget_the_rest(&house).await;
    let (mut browser, _) = asserted(&house, &mut key).await;
    let account = browser.get("/account").await;
    let only = removable(&account);
    let page = browser.get(&format!("/account/passkeys/remove?key={only}")).await;
    assert!(page.body.contains("única forma de ingresar"), "{}", page.body);
    let (_, fields) = account.form("/account/logout");
    let csrf = &fields.iter().find(|(name, _)| name == "csrf").unwrap().1;
    let fields = [("csrf", csrf.as_str()), ("key", only.as_str())];
    let forced = browser.post("/account/passkeys/remove", &fields).await;
    assert_eq!(forced.status, StatusCode::FORBIDDEN, "{}", forced.path);
    assert_eq!(asserted(&house, &mut key).await.1.path, "/account");
}

#[tokio::test]
async fn the_phone_hears_which_keys_are_left() {
    let (house, key) = with_passkey(|_| {}).await;
    let (mut browser, account) = house.signed_in().await;
    let signal = |page: &Answer| -> serde_json::Value {
        serde_json::from_str(&attribute(&page.body, "data-signal").unwrap()).unwrap()
    };
    let done = browser.get("/account/passkeys/done?what=added").await;
    let id = data_encoding::BASE64URL_NOPAD.encode(&key.credential_id);
    assert_eq!(signal(&done)["allAcceptedCredentialIds"], serde_json::json!([id]));
    assert_eq!(signal(&done)["rpId"], "localhost");
    let page = browser
        .get(&format!("/account/passkeys/remove?key={}", removable(&account)))
        .await;
    let done = browser.submit(&page, "/account/passkeys/remove", &[]).await;
    assert_eq!(signal(&done)["allAcceptedCredentialIds"], serde_json::json!([]));
}

/// The id of the citizen's key, as the account page links it.
fn removable(account: &Answer) -> String {
    let link = account
        .body
        .split("/account/passkeys/remove?key=")
        .nth(1)
        .unwrap();
    link.split('"').next().unwrap().to_owned()
}

/// The citizen has neither password nor codes any more.
async fn forget_the_rest(house: &House) {
    let mut write = house.idp.store.write().await.unwrap();
    for table in ["passwords", "totp"] {
        let statement = sqlx::AssertSqlSafe(format!("DELETE FROM {table}"));
        sqlx::query(statement).execute(&mut *write).await.unwrap();
    }
    write.commit().await.unwrap();
}
