//! Letters: who changes what opens their account is told, in words, with a way to object.

use crate::{authenticator::Authenticator, browser::House};

#[tokio::test]
async fn row_64_adding_and_removing_a_passkey_is_told_within_a_minute() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    house.letters().await;
    let page = browser.get("/account/passkeys/new").await;
    let credential = Authenticator::new("http://localhost:8080").create(&page.options());
    let typed = [("name", "Teléfono"), ("credential", credential.as_str())];
    browser.submit(&page, "/account/passkeys/new", &typed).await;
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].to, "alguien@correo.example");
    assert_eq!(letters[0].subject, "Agregaste una forma de ingresar");
    assert!(letters[0].text.contains("Hola, María José:"));
    assert!(letters[0].text.contains("«Teléfono» abre tu cuenta"));
    let link = letters[0].link("/not-me?token=");
    assert_eq!(link.len(), "/not-me?token=".len() + 43);

    let account = browser.get("/account").await;
    let remove = account
        .body
        .split("href=\"")
        .find(|rest| rest.starts_with("/account/passkeys/remove?"))
        .and_then(|rest| rest.split('"').next())
        .unwrap()
        .to_owned();
    let page = browser.get(&remove).await;
    browser.submit(&page, "/account/passkeys/remove", &[]).await;
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].subject, "Quitaste una forma de ingresar");
    assert!(letters[0].text.contains("«Teléfono»"));
    assert_ne!(letters[0].link("/not-me?token="), link);
}

#[tokio::test]
async fn an_outbox_keeps_no_address_and_no_link_readable() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    house.letters().await;
    let page = browser.get("/account/passkeys/new").await;
    let credential = Authenticator::new("http://localhost:8080").create(&page.options());
    let typed = [("name", "Teléfono"), ("credential", credential.as_str())];
    browser.submit(&page, "/account/passkeys/new", &typed).await;
    let mut read = house.idp.store.read().await.unwrap();
    let row = sqlx::query("SELECT sealed FROM notices")
        .fetch_one(&mut *read)
        .await;
    let sealed = String::from_utf8_lossy(&sqlx::Row::get::<Vec<u8>, _>(&row.unwrap(), 0)).into_owned();
    drop(read);
    let letters = house.letters().await;
    let token = letters[0].link("/not-me?token=");
    for secret in [
        "alguien@",
        "María",
        "Teléfono",
        token.trim_start_matches("/not-me?token="),
    ] {
        assert!(!sealed.contains(secret), "{secret}");
    }
}
