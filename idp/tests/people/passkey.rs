//! Passkeys: added, used, and everything that must not pass for one.

use axum::http::StatusCode;

use crate::{
    authenticator::Authenticator,
    browser::{Answer, Browser, House},
};

const ORIGIN: &str = "http://localhost:8080";

/// A house whose citizen has a passkey.
async fn with_passkey(bend: impl FnOnce(&mut Authenticator)) -> (House, Authenticator) {
    let house = House::new().await;
    let mut key = Authenticator::new(ORIGIN);
    bend(&mut key);
    let added = add(&house, &mut key).await;
    assert_eq!(added.path, "/account?done=passkey-added", "{}", added.body);
    (house, key)
}

async fn add(house: &House, key: &mut Authenticator) -> Answer {
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
async fn asserted(house: &House, key: &mut Authenticator) -> (Browser, Answer) {
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let credential = key.get(&page.options());
    let answer = browser
        .submit(&page, "/login/passkey", &[("credential", &credential)])
        .await;
    (browser, answer)
}

fn refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.path);
    assert!(
        answer.body.contains("No reconocimos esa llave"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn a_passkey_logs_in_without_a_name() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let (mut browser, answer) = asserted(&house, &mut key).await;
    assert_eq!(
        (answer.status, answer.path.as_str()),
        (StatusCode::OK, "/account"),
        "{}",
        answer.body
    );
    assert!(browser.get("/account").await.body.contains("Teléfono"));
}

#[tokio::test]
async fn a_passkey_opens_an_account_whose_password_is_being_guessed() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let mut stranger = house.browser();
    let mut page = stranger.get("/account").await;
    for _ in 0..8 {
        let typed = [("national_id", crate::browser::NUMBER), ("password", "otra cosa")];
        page = stranger.submit(&page, "/login?", &typed).await;
    }
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(asserted(&house, &mut key).await.1.path, "/account");
}

#[tokio::test]
async fn registration_asks_for_a_discoverable_key_with_user_verification() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let options = browser.get("/account/passkeys/new").await.options();
    let selection = &options["publicKey"]["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["requireResidentKey"], true);
    assert_eq!(selection["userVerification"], "required");
    assert_eq!(options["publicKey"]["attestation"], "none");
}

#[tokio::test]
async fn the_user_handle_is_no_personal_datum_and_stays_the_same() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let handle = |answer: Answer| {
        answer.options()["publicKey"]["user"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let first = handle(browser.get("/account/passkeys/new").await);
    assert_eq!(first, handle(browser.get("/account/passkeys/new").await));
    assert_eq!(
        data_encoding::BASE64URL_NOPAD
            .decode(first.as_bytes())
            .unwrap()
            .len(),
        16
    );
}

#[tokio::test]
async fn an_assertion_is_accepted_once_however_often_it_is_sent_at_once() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let credential = key.get(&page.options());
    let sent: Vec<_> = (0..50)
        .map(|_| {
            let (mut browser, page, credential) = (browser.clone(), page.clone(), credential.clone());
            tokio::spawn(async move {
                browser
                    .submit(&page, "/login/passkey", &[("credential", &credential)])
                    .await
            })
        })
        .collect();
    let mut inside = 0;
    for answer in sent {
        let answer = answer.await.unwrap();
        assert!(!answer.status.is_server_error(), "{}", answer.body);
        inside += usize::from(answer.path == "/account" && answer.status == StatusCode::OK);
    }
    assert_eq!(inside, 1);
}

#[tokio::test]
async fn a_captured_assertion_does_not_answer_a_new_challenge() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let mut browser = house.browser();
    let captured = key.get(&browser.get("/account").await.options());
    let mut thief = house.browser();
    let page = thief.get("/account").await;
    refused(
        &thief
            .submit(&page, "/login/passkey", &[("credential", &captured)])
            .await,
    );
}

#[tokio::test]
async fn a_second_answer_to_the_same_challenge_finds_it_gone() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let options = page.options();
    refused(
        &browser
            .submit(&page, "/login/passkey", &[("credential", "{}")])
            .await,
    );
    let answer = browser
        .submit(&page, "/login/passkey", &[("credential", &key.get(&options))])
        .await;
    // The failed page carries a fresh challenge: the old one is not answered any more.
    assert_ne!(answer.path, "/account");
}

#[tokio::test]
async fn an_answer_from_another_origin_is_refused() {
    for origin in [
        "http://evil.example",
        "https://localhost:8080",
        "http://localhost:8081",
        "http://a.localhost:8080",
    ] {
        let (house, mut key) = with_passkey(|_| {}).await;
        key.origin = origin.to_owned();
        refused(&asserted(&house, &mut key).await.1);
    }
}

/// A verifier that compared suffixes once took `badexample.com` for `example.com`.
#[tokio::test]
async fn badexample_com_is_not_example_com() {
    let house = House::at("https://example.com").await;
    let mut key = Authenticator::new("https://example.com");
    key.origin = "https://badexample.com".to_owned();
    let answer = add(&house, &mut key).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.path);
    key.origin = "https://example.com".to_owned();
    house.clock.forward(60);
    assert_eq!(add(&house, &mut key).await.path, "/account?done=passkey-added");
    for origin in [
        "https://badexample.com",
        "https://login.example.com",
        "https://example.com.evil.example",
    ] {
        key.origin = origin.to_owned();
        refused(&asserted(&house, &mut key).await.1);
    }
}

#[tokio::test]
async fn an_answer_for_another_relying_party_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    key.rp_id = "evil.example".to_owned();
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn an_answer_without_the_person_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    key.user_present = false;
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn an_answer_without_user_verification_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    key.user_verified = false;
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn an_answer_given_inside_another_sites_frame_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    key.cross_origin = true;
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn a_registration_passed_off_as_an_assertion_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    key.ceremony = Some("webauthn.create");
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn a_key_with_another_persons_handle_is_refused() {
    let (house, mut key) = with_passkey(|_| {}).await;
    key.handle[0] ^= 1;
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn an_unknown_key_is_refused_with_the_same_words() {
    let house = House::new().await;
    let mut key = Authenticator::new(ORIGIN);
    key.handle = vec![1; 16];
    refused(&asserted(&house, &mut key).await.1);
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_and_noted() {
    let (house, mut key) = with_passkey(|_| {}).await;
    assert_eq!(asserted(&house, &mut key).await.1.path, "/account");
    key.counter = 1;
    refused(&asserted(&house, &mut key).await.1);
    let (_, account) = house.signed_in().await;
    assert!(account.body.contains("pudo ser copiada"));
}

#[tokio::test]
async fn a_key_that_does_not_count_goes_on_working() {
    let (house, mut key) = with_passkey(|key| (key.synced, key.counter) = (true, 0)).await;
    for _ in 0..2 {
        key.counter = 0;
        let (mut browser, answer) = asserted(&house, &mut key).await;
        assert_eq!(answer.path, "/account", "{}", answer.body);
        assert!(browser.get("/account").await.body.contains("Sincronizada"));
    }
}

#[tokio::test]
async fn the_same_key_is_not_added_twice_nor_to_another_account() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let answer = add(&house, &mut key).await;
    assert!(answer.body.contains("ya está registrada"), "{}", answer.body);
}

#[tokio::test]
async fn what_is_no_registration_is_refused_and_the_service_lives_on() {
    let house = House::new().await;
    let bomb = data_encoding::BASE64URL_NOPAD.encode(&[0x81; 9_000]);
    let client = data_encoding::BASE64URL_NOPAD.encode(b"{}");
    let bomb = serde_json::json!({ "id": "AA", "rawId": "AA", "type": "public-key",
        "response": { "clientDataJSON": client, "attestationObject": bomb } });
    for sent in [
        String::new(),
        "{}".to_owned(),
        "[".repeat(10_000),
        "x".repeat(60_000),
        bomb.to_string(),
    ] {
        let (mut browser, _) = house.signed_in().await;
        let page = browser.get("/account/passkeys/new").await;
        let answer = browser
            .submit(
                &page,
                "/account/passkeys/new",
                &[("name", "x"), ("credential", &sent)],
            )
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    }
    let bends: [fn(&mut Authenticator); 6] = [
        |key| key.user_verified = false,
        |key| key.user_present = false,
        |key| key.ceremony = Some("webauthn.get"),
        |key| key.rp_id = "evil.example".to_owned(),
        |key| key.cross_origin = true,
        |key| key.trailing = vec![0; 8],
    ];
    for bend in bends {
        let mut key = Authenticator::new(ORIGIN);
        bend(&mut key);
        assert_eq!(
            add(&house, &mut key).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    assert_eq!(house.browser().get("/livez").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_registration_challenge_dies_after_five_minutes() {
    let house = House::new().await;
    let (mut browser, _) = house.signed_in().await;
    let page = browser.get("/account/passkeys/new").await;
    let credential = Authenticator::new(ORIGIN).create(&page.options());
    house.clock.forward(300);
    let answer = browser
        .submit(
            &page,
            "/account/passkeys/new",
            &[("name", "Teléfono"), ("credential", &credential)],
        )
        .await;
    assert!(
        answer.body.contains("estuvo abierta mucho tiempo"),
        "{}",
        answer.body
    );
}

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
    assert_eq!(gone.path, "/account?done=passkey-removed");
    assert!(gone.body.contains("Quitaste una llave de acceso"));
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
async fn presence_is_proven_with_a_passkey_of_the_known_person_and_no_other() {
    let (house, mut key) = with_passkey(|_| {}).await;
    let (mut browser, _) = asserted(&house, &mut key).await;
    house.clock.forward(301);
    let asked = browser.get("/account/passkeys/new").await;
    assert!(asked.path.starts_with("/reauthenticate?"));
    let mut stranger = Authenticator::new(ORIGIN);
    stranger.handle = key.handle.clone();
    let credential = stranger.get(&asked.options());
    let asked = browser
        .submit(&asked, "/login/passkey", &[("credential", &credential)])
        .await;
    refused(&asked);
    let credential = key.get(&asked.options());
    let answer = browser
        .submit(&asked, "/login/passkey", &[("credential", &credential)])
        .await;
    assert_eq!(answer.path, "/account/passkeys/new", "{}", answer.body);
}
