//! A citizen sets and changes their password.

use axum::http::StatusCode;

use crate::browser::{Answer, Browser, House, NUMBER, PASSWORD};

const PAGE: &str = "/account/password";

async fn set(browser: &mut Browser, password: &str) -> Answer {
    let page = browser.get(PAGE).await;
    browser.submit(&page, PAGE, &[("password", password)]).await
}

/// A login with this password in a browser of its own comes to the second step.
async fn opens(house: &House, password: &str) -> bool {
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let typed = [("national_id", NUMBER), ("password", password)];
    let answer = browser.submit(&page, "/login?", &typed).await;
    answer.path.starts_with("/login/code?")
}

#[tokio::test]
async fn a_new_password_opens_and_the_old_one_does_not() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let done = set(&mut browser, "viento en la ventana").await;
    assert!(done.path.starts_with("/account") && done.body.contains("Cambiaste tu contraseña."));
    assert!(opens(&house, "viento en la ventana").await);
    assert!(!opens(&house, PASSWORD).await);
}

#[tokio::test]
async fn row_43_eight_characters_are_enough_beside_a_second_factor_and_seven_are_not() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let short = set(&mut browser, "siete 7").await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.body.contains("al menos 8 caracteres"));
    assert_eq!(set(&mut browser, "ocho och").await.status, StatusCode::OK);
    assert!(opens(&house, "ocho och").await);
}

#[tokio::test]
async fn row_45_a_long_password_with_emoji_is_typed_composed_or_decomposed_and_nothing_is_cut_off() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let long = format!("{}\u{f1}🦙", "a".repeat(254));
    assert_eq!(set(&mut browser, &long).await.status, StatusCode::OK);
    assert!(opens(&house, &long.replace('\u{f1}', "n\u{303}")).await);
    assert!(!opens(&house, &long.replace('🦙', "🦩")).await);
}

#[tokio::test]
async fn row_45_a_password_of_a_megabyte_is_refused_at_once() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let queue: Vec<_> = std::iter::from_fn(|| house.idp.people.passwords.turn().ok()).collect();
    // Nobody could hash anything now: the answer comes before.
    let huge = set(&mut browser, &"a".repeat(1 << 20)).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
    let long = set(&mut browser, &"a".repeat(257)).await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    drop(queue);
}

#[tokio::test]
async fn row_47_what_everybody_tries_or_is_ones_own_is_refused_with_its_reason() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    for (password, reason) in [
        ("Password1", "las listas que prueba cualquiera"),
        ("Muñoz Ñancupil", "tu nombre, tu número o tu correo"),
        ("alguien@correo.example", "tu nombre, tu número o tu correo"),
    ] {
        let answer = set(&mut browser, password).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
        assert!(answer.body.contains(reason), "{password}");
        assert!(!answer.body.contains(&format!("value=\"{password}\"")));
    }
    assert_eq!(
        set(&mut browser, "mi Password1 de verano").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn other_sessions_end_with_the_old_password_and_this_one_goes_on() {
    let house = House::new().await;
    let (mut elsewhere, _) = house.signed_in().await;
    let (mut here, _) = house.signed_in().await;
    let page = here.get(PAGE).await;
    let typed = [("password", "viento en la ventana"), ("others", "end")];
    here.submit(&page, PAGE, &typed).await;
    assert!(elsewhere.get("/account").await.path.starts_with("/login?"));
    assert_eq!(here.get("/account").await.path, "/account");
}

#[tokio::test]
async fn row_64_a_password_is_not_changed_without_presence_of_the_last_five_minutes() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get(PAGE).await;
    house.clock.forward(301);
    let typed = [("password", "viento en la ventana")];
    let answer = browser.submit(&page, PAGE, &typed).await;
    assert!(answer.path.starts_with("/reauthenticate?"), "{}", answer.path);
    assert!(!opens(&house, "viento en la ventana").await);
}

#[tokio::test]
async fn row_53_a_pepper_is_exchanged_while_citizens_log_in() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pepper");
    std::fs::write(&file, data_encoding::BASE64.encode(&[9; 32])).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let more = format!("[passwords]\npepper_files = [\"{}\"]\n", file.display());
    // The citizen's hash is from before there was a file.
    let house = House::configured("http://localhost:8080", &more).await;
    for _ in 0..2 {
        assert!(opens(&house, PASSWORD).await);
        let mut read = house.idp.store.read().await.unwrap();
        let row = sqlx::query("SELECT hash FROM passwords")
            .fetch_one(&mut *read)
            .await;
        let hash: String = sqlx::Row::get(&row.unwrap(), 0);
        assert!(hash.contains(",keyid="), "{hash}");
    }
}
