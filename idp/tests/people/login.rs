//! National id and password.

use axum::http::{StatusCode, header};

use crate::browser::{House, NUMBER, PASSWORD};

#[tokio::test]
async fn a_citizen_logs_in_with_password_and_code_without_script() {
    let house = House::new().await;
    let (mut browser, account) = house.signed_in().await;
    assert!(account.body.contains("Muñoz Ñancupil") && account.body.contains("11.111.111-1"));
    assert_eq!(browser.get("/account").await.path, "/account");
}

#[tokio::test]
async fn the_password_alone_is_no_session() {
    let house = House::new().await;
    let mut browser = house.browser();
    browser.at_second_step(NUMBER).await;
    assert!(browser.get("/account").await.path.starts_with("/login?"));
}

#[tokio::test]
async fn row_48_a_wrong_password_and_an_unknown_number_look_the_same() {
    let house = House::new().await;
    let mut seen = Vec::new();
    for number in [NUMBER, "7.654.321-6"] {
        let mut browser = house.browser();
        let page = browser.get("/account").await;
        let answer = browser
            .submit(
                &page,
                "/login?",
                &[("national_id", number), ("password", "otra cosa")],
            )
            .await;
        let (_, hidden) = answer.form("/login?");
        let options = crate::browser::attribute(&answer.body, "data-options").unwrap();
        let challenge =
            serde_json::from_str::<serde_json::Value>(&options).unwrap()["publicKey"]["challenge"].clone();
        let mut body = answer
            .body
            .replace(number, "NUMBER")
            .replace(challenge.as_str().unwrap(), "CHALLENGE");
        for (_, value) in hidden.iter().filter(|(_, value)| !value.is_empty()) {
            body = body.replace(value.as_str(), "TOKEN");
        }
        let interaction = answer.path.split_once('=').unwrap().1;
        let names: Vec<_> = answer
            .headers
            .keys()
            .map(|name| name.as_str().to_owned())
            .collect();
        seen.push((answer.status, names, body.replace(interaction, "INTERACTION")));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn input_is_kept_and_the_password_is_not() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let answer = browser
        .submit(
            &page,
            "/login?",
            &[("national_id", NUMBER), ("password", "otra cosa")],
        )
        .await;
    assert!(answer.body.contains(&format!("value=\"{NUMBER}\"")) && !answer.body.contains("otra cosa"));
}

#[tokio::test]
async fn what_is_wrong_is_said_on_top_and_at_the_field() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let answer = browser
        .submit(
            &page,
            "/login?",
            &[("national_id", "11.111.111-2"), ("password", "")],
        )
        .await;
    assert!(answer.body.contains("<title>Error: "));
    assert!(answer.body.contains("class=\"summary\"") && answer.body.contains("href=\"#national_id\""));
    assert!(
        answer
            .body
            .contains("aria-describedby=\"national_id-hint national_id-error\" aria-invalid=\"true\"")
    );
    assert!(answer.body.contains("aria-describedby=\"password-error\""));
    // Never a guess of the right digit.
    assert!(!answer.body.contains("11.111.111-1"));
}

#[tokio::test]
async fn markup_in_a_number_stays_text() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let sent = [("national_id", "\"><script>alert(1)</script>"), ("password", "x")];
    let answer = browser.submit(&page, "/login?", &sent).await;
    assert!(!answer.body.contains("<script>alert"));
}

#[tokio::test]
async fn row_45_a_password_of_a_megabyte_is_refused_before_any_hash() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let long = "a".repeat(257);
    let answer = browser
        .submit(&page, "/login?", &[("national_id", NUMBER), ("password", &long)])
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("256"));
    let huge = "a".repeat(1 << 20);
    let answer = browser
        .submit(&page, "/login?", &[("national_id", NUMBER), ("password", &huge)])
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn row_45_composed_and_decomposed_letters_are_the_same_password() {
    let house = House::new().await;
    let sent = serde_json::json!({ "national_id": "12.345.678-5", "given_name": "Ana", "family_name": "Soto",
        "email": "ana@correo.example", "password": "el ma\u{f1}io del ba\u{f1}o" });
    idp::flow::enrol::enrol(&house.idp, &serde_json::from_value(sent).unwrap())
        .await
        .unwrap();
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let typed = [
        ("national_id", "12345678-5"),
        ("password", "el man\u{303}io del ban\u{303}o"),
    ];
    assert!(
        browser
            .submit(&page, "/login?", &typed)
            .await
            .path
            .starts_with("/login/code?")
    );
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_right_password_has_to_wait_too() {
    let house = House::new().await;
    let mut browser = house.browser();
    let mut page = browser.get("/account").await;
    for _ in 0..7 {
        page = browser
            .submit(
                &page,
                "/login?",
                &[("national_id", NUMBER), ("password", "otra cosa")],
            )
            .await;
    }
    let answer = browser
        .submit(
            &page,
            "/login?",
            &[("national_id", NUMBER), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers.contains_key(header::RETRY_AFTER) && answer.body.contains("Espera un minuto"));
    house.clock.forward(900);
    let answer = browser
        .submit(
            &answer,
            "/login?",
            &[("national_id", NUMBER), ("password", PASSWORD)],
        )
        .await;
    assert!(answer.path.starts_with("/login/code?"), "{}", answer.body);
}

#[tokio::test]
async fn row_50_a_stranger_who_guesses_does_not_lock_the_citizen_out_of_their_own_browser() {
    let house = House::new().await;
    let (mut own, account) = house.signed_in().await;
    own.submit(&account, "/account/logout", &[]).await;
    let mut stranger = house.browser();
    let mut page = stranger.get("/account").await;
    for _ in 0..8 {
        page = stranger
            .submit(
                &page,
                "/login?",
                &[("national_id", NUMBER), ("password", "otra cosa")],
            )
            .await;
    }
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    own.at_second_step(NUMBER).await;
}

#[tokio::test]
async fn row_52_more_logins_than_the_machine_bears_are_told_to_come_back() {
    let house = House::new().await;
    let mut waiting = Vec::new();
    for body in 10_000_000_u32..10_000_060 {
        let mut browser = house.browser();
        let page = browser.get("/account").await;
        let number = "0123456789K"
            .chars()
            .map(|check| format!("{body}-{check}"))
            .find(|number| {
                idp::rules::national_id::NationalId::parse(number, &house.idp.people.schemes).is_ok()
            });
        waiting.push((browser, page, number.unwrap()));
    }
    let sent: Vec<_> = waiting
        .into_iter()
        .map(|(mut browser, page, number)| {
            tokio::spawn(async move {
                browser
                    .submit(
                        &page,
                        "/login?",
                        &[("national_id", &number), ("password", "una frase")],
                    )
                    .await
            })
        })
        .collect();
    let mut busy = 0;
    for answer in sent {
        let answer = answer.await.unwrap();
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            assert!(
                answer.headers.contains_key(header::RETRY_AFTER) && answer.body.contains("muchas personas")
            );
            busy += 1;
        } else {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
    let queue = 9 * std::thread::available_parallelism().unwrap().get();
    assert!(queue >= 60 || busy > 0, "nobody was turned away");
}

#[tokio::test]
async fn row_54_a_password_under_older_parameters_is_hashed_again_at_login() {
    use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher as _};
    use idp::{rules::national_id::NationalId, store};
    let house = House::new().await;
    let number = NationalId::parse(NUMBER, &house.idp.people.schemes).unwrap();
    let peppered = house.idp.derived.pepper.tag(&[b"password", PASSWORD.as_bytes()]);
    let weak = Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(8 * 1024, 1, 1, None).unwrap(),
    );
    let weak = weak
        .hash_password_with_salt(&peppered, &[1; 16])
        .unwrap()
        .to_string();
    let mut write = house.idp.store.write().await.unwrap();
    let (citizen, _) = store::citizens::find(&mut write, &house.idp.derived.index, &number)
        .await
        .unwrap()
        .unwrap();
    store::passwords::set(&mut write, &citizen, &weak, house.idp.now())
        .await
        .unwrap();
    write.commit().await.unwrap();
    house.signed_in().await;
    let mut read = house.idp.store.read().await.unwrap();
    let found = store::citizens::find(&mut read, &house.idp.derived.index, &number)
        .await
        .unwrap()
        .unwrap();
    assert!(found.1.unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test]
async fn row_82_a_form_without_its_token_is_refused() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    let (action, _) = page.form("/login?");
    let answer = browser
        .post(&action, &[("national_id", NUMBER), ("password", PASSWORD)])
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn row_82_a_form_with_the_token_of_another_conversation_is_refused() {
    let house = House::new().await;
    let mut browser = house.browser();
    let (first, second) = (browser.get("/account").await, browser.get("/account").await);
    let (_, hidden) = second.form("/login?");
    let (_, csrf) = hidden.iter().find(|(name, _)| name == "csrf").unwrap();
    let typed = [
        ("csrf", csrf.as_str()),
        ("national_id", NUMBER),
        ("password", PASSWORD),
    ];
    assert_eq!(
        browser.submit(&first, "/login?", &typed).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn row_82_a_form_that_another_site_sent_is_refused() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    browser.headers.push(("sec-fetch-site", "cross-site".to_owned()));
    let answer = browser
        .submit(
            &page,
            "/login?",
            &[("national_id", NUMBER), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn another_browser_cannot_go_on_with_the_conversation() {
    let house = House::new().await;
    let second = house.browser().at_second_step(NUMBER).await;
    let mut thief = house.browser();
    thief.get("/account").await;
    let answer = thief
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("ya venció"));
}

#[tokio::test]
async fn an_expired_conversation_says_so() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.get("/account").await;
    house.clock.forward(1_800);
    let answer = browser
        .submit(
            &page,
            "/login?",
            &[("national_id", NUMBER), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("ya venció"));
}

#[tokio::test]
async fn the_back_button_after_the_password_leads_forward_again() {
    let house = House::new().await;
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    let login = second.path.replace("/login/code", "/login");
    assert_eq!(browser.get(&login).await.path, second.path);
}

#[tokio::test]
async fn starting_again_returns_to_the_first_step() {
    let house = House::new().await;
    let mut browser = house.browser();
    let second = browser.at_second_step(NUMBER).await;
    let login = browser.submit(&second, "/login/restart", &[]).await;
    assert!(login.path.starts_with("/login?"));
    // The password that was right before counts no more.
    let answer = browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn row_79_leaving_ends_the_session_on_the_server() {
    let house = House::new().await;
    let (mut browser, account) = house.signed_in().await;
    let mut copy = browser.clone();
    let goodbye = browser.submit(&account, "/account/logout", &[]).await;
    assert_eq!(goodbye.path, "/logged-out");
    assert!(goodbye.headers.contains_key("clear-site-data"));
    assert!(copy.get("/account").await.path.starts_with("/login?"));
}

#[tokio::test]
async fn row_80_ending_all_sessions_ends_those_elsewhere() {
    let house = House::new().await;
    let (mut elsewhere, _) = house.signed_in().await;
    let (mut here, account) = house.signed_in().await;
    here.submit(&account, "/account/sessions/end-all", &[]).await;
    assert!(elsewhere.get("/account").await.path.starts_with("/login?"));
}

#[tokio::test]
async fn one_citizen_cannot_end_anothers_session() {
    let house = House::new().await;
    house.citizen("12.345.678-5", "Ana", "Soto").await;
    let (mut first, _) = house.signed_in().await;
    let (_, account) = house.signed_in().await;
    let (_, fields) = account.form("/account/sessions/end");
    let sid = fields
        .iter()
        .find(|(name, _)| name == "session")
        .unwrap()
        .1
        .clone();
    let mut ana = house.browser();
    let second = ana.at_second_step("12.345.678-5").await;
    let account = ana
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    let (_, fields) = account.form("/account/logout");
    let csrf = fields.iter().find(|(name, _)| name == "csrf").unwrap().1.clone();
    let answer = ana
        .post("/account/sessions/end", &[("csrf", &csrf), ("session", &sid)])
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(first.get("/account").await.path, "/account");
}

#[tokio::test]
async fn whoever_finds_the_queue_full_has_not_used_up_a_guess() {
    let house = House::new().await;
    let mut browser = house.browser();
    let mut page = browser.get("/account").await;
    let typed = [("national_id", NUMBER), ("password", PASSWORD)];
    let queue: Vec<_> = std::iter::from_fn(|| house.idp.people.passwords.turn().ok()).collect();
    for _ in 0..8 {
        page = browser.submit(&page, "/login?", &typed).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    }
    drop(queue);
    let second = browser.submit(&page, "/login?", &typed).await;
    assert!(second.path.starts_with("/login/code?"), "{}", second.status);
}

#[tokio::test]
async fn made_up_browsers_leave_one_counter_for_the_account_and_no_more() {
    let house = House::new().await;
    for _ in 0..4 {
        let mut browser = house.browser();
        let page = browser.get("/account").await;
        let wrong = [("national_id", NUMBER), ("password", "otra cosa")];
        browser.submit(&page, "/login?", &wrong).await;
    }
    let mut read = house.idp.store.read().await.unwrap();
    let counters: i64 = sqlx::Row::get(
        &sqlx::query("SELECT COUNT(*) FROM throttles")
            .fetch_one(&mut *read)
            .await
            .unwrap(),
        0,
    );
    assert_eq!(counters, 1);
}
