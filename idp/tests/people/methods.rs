//! Second factors and other ways: security keys, "use another method", and people who have only a password.

use axum::http::StatusCode;

use crate::{
    authenticator::Authenticator,
    browser::{Answer, Browser, House, NUMBER, PASSWORD},
    passkey::ORIGIN,
};

const NEW: &str = "/account/passkeys/new?kind=security-key";

/// A key without PIN, as U2F keys are, added as a security key.
async fn with_security_key(house: &House, name: &str) -> Authenticator {
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get(NEW).await;
    let mut key = Authenticator::new(ORIGIN);
    key.user_verified = false;
    let credential = key.create(&page.options());
    let typed = [("name", name), ("credential", credential.as_str())];
    let added = browser.submit(&page, "/account/passkeys/new", &typed).await;
    assert_eq!(added.path, "/account/passkeys/done?what=added", "{}", added.body);
    key
}

async fn touch(browser: &mut Browser, page: &Answer, key: &mut Authenticator) -> Answer {
    let credential = key.get(&page.options());
    browser
        .submit(page, "/login/passkey", &[("credential", &credential)])
        .await
}

async fn forget(house: &House, table: &str) {
    let mut write = house.idp.store.write().await.unwrap();
    let statement = sqlx::AssertSqlSafe(format!("DELETE FROM {table}"));
    sqlx::query(statement).execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
}

#[tokio::test]
async fn a_security_key_without_a_pin_completes_a_password() {
    let house = House::new().await;
    let mut key = with_security_key(&house, "Llave azul").await;
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    let inside = touch(&mut browser, &second, &mut key).await;
    assert_eq!(inside.path, "/account", "{}", inside.body);
}

#[tokio::test]
async fn a_security_key_without_a_pin_is_nobody_by_itself() {
    let house = House::new().await;
    let mut key = with_security_key(&house, "Llave azul").await;
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    let answer = touch(&mut browser, &login, &mut key).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!browser.cookies.contains_key("aval_idp_session"));
}

#[tokio::test]
async fn a_key_that_checked_a_pin_once_must_always_check_it() {
    let house = House::new().await;
    let mut key = Authenticator::new(ORIGIN);
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get(NEW).await;
    let credential = key.create(&page.options());
    let typed = [("name", "Llave azul"), ("credential", credential.as_str())];
    browser.submit(&page, "/account/passkeys/new", &typed).await;
    key.user_verified = false;
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    let answer = touch(&mut browser, &second, &mut key).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn several_security_keys_are_told_apart_by_name_and_use() {
    let house = House::new().await;
    let mut blue = with_security_key(&house, "Llave azul").await;
    with_security_key(&house, "Llave roja").await;
    house.clock.forward(86_400);
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    assert_eq!(
        second.options()["publicKey"]["allowCredentials"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    touch(&mut browser, &second, &mut blue).await;
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    let query = second.path.split_once('?').unwrap().1;
    let methods = browser.get(&format!("/login/methods?{query}")).await;
    let at = |name: &str| methods.body.find(name).unwrap();
    assert!(
        at("Llave azul") < at("Llave roja"),
        "the one used last comes first"
    );
    assert!(methods.body.contains("Llave usada") && methods.body.contains("sin uso todavía"));
}

#[tokio::test]
async fn another_method_can_be_chosen_at_every_step() {
    let house = House::new().await;
    with_security_key(&house, "Llave azul").await;
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    let query = login.path.split_once('?').unwrap().1.to_owned();
    assert!(login.body.contains("/login/methods?interaction="));
    let anybody = browser.get(&format!("/login/methods?{query}")).await;
    assert!(anybody.body.contains("Contraseña") && !anybody.body.contains("Llave azul"));
    let second = browser
        .submit(
            &login,
            "/login?",
            &[("national_id", NUMBER), ("password", PASSWORD)],
        )
        .await;
    assert!(second.body.contains("/login/methods?interaction="));
    let code = browser.get(&format!("/login/code?{query}&with=code")).await;
    assert!(code.body.contains("name=\"code\"") && !code.body.contains("data-options"));
    let key = browser.get(&format!("/login/code?{query}&with=key")).await;
    assert!(!key.body.contains("name=\"code\"") && key.body.contains("data-options"));
    house.clock.forward(60);
    let code = browser
        .submit(&code, "/login/code", &[("code", &house.code())])
        .await;
    assert_eq!(code.path, "/account");
    house.clock.forward(301);
    let presence = browser.get("/account/passkeys/new").await;
    assert!(presence.path.starts_with("/reauthenticate?"));
    assert!(presence.body.contains("/login/methods?interaction="));
}

#[tokio::test]
async fn nobody_learns_the_methods_of_a_conversation_that_is_not_theirs() {
    let house = House::new().await;
    with_security_key(&house, "Llave azul").await;
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    let query = second.path.split_once('?').unwrap().1;
    let answer = house.browser().get(&format!("/login/methods?{query}")).await;
    assert!(answer.status.is_client_error() && !answer.body.contains("Llave azul"));
}

#[tokio::test]
async fn whoever_has_only_a_password_gets_in_to_add_a_second_factor_and_nowhere_else() {
    let house = House::new().await;
    forget(&house, "totp").await;
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    let typed = [("national_id", NUMBER), ("password", PASSWORD)];
    let page = browser.submit(&login, "/login?", &typed).await;
    assert_eq!(page.path, "/account/passkeys/new", "{}", page.body);
    assert_eq!(
        browser.get("/account/recovery-codes").await.path,
        "/account/passkeys/new"
    );
    // Their agency hears of it, after they were told.
    let agency = house.client("openid profile").await;
    let unmet = browser.get(&agency).await;
    assert!(unmet.path.starts_with("/login/unmet?") && unmet.body.contains("solo tiene contraseña"));
    let page = browser.get("/account/passkeys/new").await;
    let mut key = Authenticator::new(ORIGIN);
    let credential = key.create(&page.options());
    let typed = [("name", "Teléfono"), ("credential", credential.as_str())];
    let done = browser.submit(&page, "/account/passkeys/new", &typed).await;
    assert!(done.path.starts_with("/account/passkeys/done") || done.path.starts_with("/reauthenticate"));
    // From now on two factors are asked, as of everybody.
    let asked = browser.get("/account").await;
    assert!(asked.path.starts_with("/reauthenticate?"), "{}", asked.path);
    let inside = touch(&mut browser, &asked, &mut key).await;
    assert_eq!(inside.path, "/account", "{}", inside.body);
}

#[tokio::test]
async fn whoever_has_no_code_is_not_asked_for_one() {
    let house = House::new().await;
    with_security_key(&house, "Llave azul").await;
    forget(&house, "totp").await;
    let second = house.browser().at_second_step(NUMBER).await;
    assert!(!second.body.contains("name=\"code\""), "{}", second.body);
    assert!(second.body.contains("Usa tu llave"));
}

#[tokio::test]
async fn what_browsers_look_for_is_where_they_look_for_it() {
    let related = "[passkeys]\nrelated_origins = [\"https://otra.example\"]\n";
    let house = House::configured(ORIGIN, related).await;
    let mut browser = house.browser();
    let origins = browser.get("/.well-known/webauthn").await;
    assert_eq!(origins.headers["content-type"], "application/json");
    assert_eq!(
        origins.body,
        r#"{"origins":["http://localhost:8080","https://otra.example"]}"#
    );
    let endpoints = browser.get("/.well-known/passkey-endpoints").await;
    assert!(
        endpoints
            .body
            .contains("http://localhost:8080/account/passkeys/new")
    );
    let changed = browser.get("/.well-known/change-password").await;
    assert!(!changed.path.starts_with("/.well-known"), "{}", changed.path);
}
