//! Getting an account back, as its citizen and as a thief.

use axum::http::StatusCode;
use idp::rules::notice::Notice;

use crate::{
    browser::{Browser, House, NUMBER, PASSWORD},
    rescue::{begin, kinds, letters, mailed, sheet, show_mailed, waiting},
};

const A_DAY: i64 = 86_400;

#[tokio::test]
async fn a_mailed_code_and_the_password_are_enough_after_a_day() {
    let house = House::new().await;
    let mut browser = house.browser();
    let wait = waiting(&house, &mut browser, PASSWORD).await;
    assert_eq!(wait.path, "/recover/wait", "{}", wait.body);
    assert!(wait.body.contains("24 horas"));
    assert_eq!(kinds(&house).await, ["recovery-waiting"]);
    house.clock.forward(A_DAY - 1);
    assert!(browser.get("/recover/wait").await.body.contains("un minuto"));
    house.clock.forward(1);
    let ready = browser.get("/recover").await;
    assert_eq!(ready.status, StatusCode::OK);
    let ready = browser.get("/recover/proof").await;
    assert_eq!(ready.path, "/recover/wait");
    assert!(ready.body.contains("La espera terminó"), "{}", ready.body);
}

#[tokio::test]
async fn row_62_the_mailbox_alone_gets_nowhere_however_often() {
    let house = House::new().await;
    let mut thief = house.browser();
    let mut page = begin(&mut thief, NUMBER).await;
    for _ in 0..2 {
        let asked = thief.submit(&page, "/recover/proof/ask", &[]).await;
        let code = mailed(&house).await;
        page = thief
            .submit(&asked, "/recover/proof/code", &[("code", &code)])
            .await;
        assert_eq!(page.path, "/recover/proof?done=right");
        // The page does not offer it again; somebody who sends it all the same is none the wiser.
        house.clock.forward(60);
        page = begin(&mut thief, NUMBER).await;
    }
    assert_eq!(thief.get("/recover/wait").await.path, "/recover/proof");
}

#[tokio::test]
async fn row_62_two_mailed_codes_are_one_method() {
    let house = House::new().await;
    let mut thief = house.browser();
    let first = begin(&mut thief, NUMBER).await;
    let second = show_mailed(&house, &mut thief, &first).await;
    house.clock.forward(60);
    let (_, hidden) = second.form("/recover/proof/code");
    let fields: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let asked = thief.post("/recover/proof/ask", &fields).await;
    let code = mailed(&house).await;
    let again = thief
        .submit(&asked, "/recover/proof/code", &[("code", &code)])
        .await;
    assert_eq!(again.path, "/recover/proof?done=right");
    assert_eq!(thief.get("/recover/wait").await.path, "/recover/proof");
}

#[tokio::test]
async fn row_62_a_sheet_of_codes_alone_gets_nowhere() {
    let house = House::new().await;
    let sheet = sheet(&house).await;
    let mut thief = house.browser();
    let mut page = begin(&mut thief, NUMBER).await;
    for code in sheet.iter().take(3) {
        page = thief
            .submit(&page, "/recover/proof/code", &[("code", code)])
            .await;
        assert_eq!(page.path, "/recover/proof?done=right", "{}", page.body);
    }
    assert_eq!(thief.get("/recover/wait").await.path, "/recover/proof");
}

#[tokio::test]
async fn row_62_a_factor_cannot_be_tried_before_a_code() {
    let house = House::new().await;
    let mut thief = house.browser();
    let page = begin(&mut thief, NUMBER).await;
    let (_, hidden) = page.form("/recover/proof/code");
    let csrf = &hidden[0].1;
    for (path, field, value) in [
        ("/recover/proof/password", "password", PASSWORD),
        ("/recover/proof/totp", "code", house.code().as_str()),
    ] {
        let answer = thief.post(path, &[("csrf", csrf), (field, value)]).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{path}");
    }
}

#[tokio::test]
async fn a_sheet_of_codes_and_the_app_are_enough() {
    let house = House::new().await;
    let sheet = sheet(&house).await;
    let mut browser = house.browser();
    let page = begin(&mut browser, NUMBER).await;
    let second = browser
        .submit(
            &page,
            "/recover/proof/code",
            &[("code", &sheet[0].to_lowercase())],
        )
        .await;
    let wait = browser
        .submit(&second, "/recover/proof/totp", &[("code", &house.code())])
        .await;
    assert_eq!(wait.path, "/recover/wait", "{}", wait.body);
}

#[tokio::test]
async fn a_thief_with_mailbox_and_sheet_has_to_wait_and_is_stopped_from_a_letter() {
    let house = House::new().await;
    let sheet = sheet(&house).await;
    let mut thief = house.browser();
    let page = begin(&mut thief, NUMBER).await;
    let second = thief
        .submit(&page, "/recover/proof/code", &[("code", &sheet[0])])
        .await;
    let wait = show_mailed(&house, &mut thief, &second).await;
    assert_eq!(wait.path, "/recover/wait");
    let told = letters(&house).await;
    let letter = told
        .iter()
        .find(|letter| matches!(letter.notice, Notice::RecoveryWaiting { .. }))
        .unwrap();
    let mut citizen = house.browser();
    let link = format!("/not-me?token={}", letter.not_me.as_ref().unwrap().expose());
    let question = citizen.get(&link).await;
    assert!(question.body.contains("Detener la recuperación"));
    assert_eq!(thief.get("/recover/wait").await.path, "/recover/wait");
    let stopped = citizen.submit(&question, "/not-me", &[("wanted", "stop")]).await;
    assert_eq!(stopped.path, "/recover/done?what=stopped");
    assert_eq!(thief.get("/recover/wait").await.path, "/recover");
    // Once: the link is spent, and the account goes on.
    assert_eq!(citizen.get(&link).await.path, "/recover/done?what=stale");
    house.signed_in().await;
}

#[tokio::test]
async fn whoever_is_signed_in_stops_it() {
    let house = House::new().await;
    let (mut own, account) = house.signed_in().await;
    let mut thief = house.browser();
    waiting(&house, &mut thief, PASSWORD).await;
    let (_, hidden) = account.form("/account/logout");
    let answer = own
        .post("/account/recovery/cancel", &[("csrf", &hidden[0].1)])
        .await;
    assert_eq!(answer.path, "/account?done=recovery-stopped");
    assert_eq!(thief.get("/recover/wait").await.path, "/recover");
}

#[tokio::test]
async fn whoever_recovers_gives_up() {
    let house = House::new().await;
    let mut browser = house.browser();
    let wait = waiting(&house, &mut browser, PASSWORD).await;
    browser.submit(&wait, "/recover/give-up", &[]).await;
    assert!(!browser.cookies.contains_key("aval_idp_recovery"));
    assert_eq!(browser.get("/recover/wait").await.path, "/recover");
}

#[tokio::test]
async fn another_browser_goes_on_with_the_code_on_paper_and_the_first_one_does_not() {
    let house = House::new().await;
    let mut first = house.browser();
    let wait = waiting(&house, &mut first, PASSWORD).await;
    let written = wait.body.split("id=\"resume-code\">").nth(1).unwrap();
    let code = written.split('<').next().unwrap().to_lowercase();
    let mut second = house.browser();
    let asked = second.get("/recover/resume").await;
    let wrong = second
        .submit(
            &asked,
            "/recover/resume",
            &[("code", "0000-0000-0000-0000-0000-0000")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let resumed = second.submit(&wrong, "/recover/resume", &[("code", &code)]).await;
    assert_eq!(resumed.path, "/recover/wait");
    assert_eq!(first.get("/recover/wait").await.path, "/recover");
    let mut third = house.browser();
    let asked = third.get("/recover/resume").await;
    let again = third.submit(&asked, "/recover/resume", &[("code", &code)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn row_58_a_mailed_code_is_good_for_the_recovery_that_asked_and_once() {
    let house = House::new().await;
    let (mut citizen, mut thief) = (house.browser(), house.browser());
    let page = begin(&mut citizen, NUMBER).await;
    let theirs = begin(&mut thief, NUMBER).await;
    citizen.submit(&page, "/recover/proof/ask", &[]).await;
    let code = mailed(&house).await;
    let typed = [("code", code.as_str())];
    let refused = thief.submit(&theirs, "/recover/proof/code", &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = citizen.submit(&page, "/recover/proof/code", &typed).await;
    assert_eq!(right.path, "/recover/proof?done=right");
    let again = citizen.submit(&right, "/recover/proof/code", &typed).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn row_58_a_mailed_code_ends_after_a_day_and_with_the_next_one() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = begin(&mut browser, NUMBER).await;
    browser.submit(&page, "/recover/proof/ask", &[]).await;
    let first = mailed(&house).await;
    let soon = browser.submit(&page, "/recover/proof/ask", &[]).await;
    assert_eq!(soon.status, StatusCode::TOO_MANY_REQUESTS);
    house.clock.forward(30);
    browser.submit(&page, "/recover/proof/ask", &[]).await;
    let second = mailed(&house).await;
    let void = browser
        .submit(&page, "/recover/proof/code", &[("code", &first)])
        .await;
    assert_eq!(void.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.clock.forward(A_DAY);
    let late = browser
        .submit(&page, "/recover/proof/code", &[("code", &second)])
        .await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn row_58_asking_again_does_not_forgive_wrong_codes() {
    let house = House::new().await;
    let mut browser = house.browser();
    let mut page = begin(&mut browser, NUMBER).await;
    for _ in 0..6 {
        page = browser
            .submit(&page, "/recover/proof/code", &[("code", "0000-0000")])
            .await;
    }
    browser.submit(&page, "/recover/proof/ask", &[]).await;
    let code = mailed(&house).await;
    // Nor does a new recovery in another browser.
    let mut another = house.browser();
    let fresh = begin(&mut another, NUMBER).await;
    let wrong = another
        .submit(&fresh, "/recover/proof/code", &[("code", "0000-0000")])
        .await;
    assert_eq!(wrong.status, StatusCode::TOO_MANY_REQUESTS);
    let right = browser
        .submit(&page, "/recover/proof/code", &[("code", &code)])
        .await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS);
    house.clock.forward(900);
    let right = browser
        .submit(&page, "/recover/proof/code", &[("code", &code)])
        .await;
    assert_eq!(right.path, "/recover/proof?done=right");
}

#[tokio::test]
async fn a_mailbox_is_not_flooded_by_recoveries_that_a_stranger_begins() {
    let house = House::new().await;
    for _ in 0..12 {
        let mut stranger = house.browser();
        let page = begin(&mut stranger, NUMBER).await;
        let asked = stranger.submit(&page, "/recover/proof/ask", &[]).await;
        assert_eq!(asked.path, "/recover/proof?done=sent");
    }
    let mut sent = 0;
    for _ in 0..80 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        sent += letters(&house).await.len();
    }
    assert_eq!(sent, 8);
}

/// What a browser sees of one recovery, without what is by chance.
async fn seen(house: &House, number: &str) -> Vec<(StatusCode, Vec<String>, String)> {
    let mut browser: Browser = house.browser();
    let mut all = Vec::new();
    let asked = browser.get("/recover/begin").await;
    let mut page = browser
        .submit(&asked, "/recover/begin", &[("national_id", number)])
        .await;
    for (action, typed) in [
        ("/recover/proof/ask", vec![]),
        ("/recover/proof/ask", vec![]),
        ("/recover/proof/code", vec![("code", "0000-0000")]),
        (
            "/recover/proof/code",
            vec![("code", "0000-0000-0000-0000-0000-0000")],
        ),
        ("/recover/proof/code", vec![("code", "x")]),
        ("/recover/proof/code", vec![("code", "0000-0000")]),
        ("/recover/proof/code", vec![("code", "0000-0000")]),
        ("/recover/proof/code", vec![("code", "0000-0000")]),
        ("/recover/proof/code", vec![("code", "0000-0000")]),
        ("/recover/proof/code", vec![("code", "0000-0000")]),
        ("/recover/proof/code", vec![("code", "0000-0000")]),
    ] {
        let answer = browser.submit(&page, action, &typed).await;
        let (_, hidden) = answer.form("/recover/proof/code");
        let names = answer
            .headers
            .keys()
            .map(|name| name.as_str().to_owned())
            .collect();
        all.push((answer.status, names, answer.body.replace(&hidden[0].1, "TOKEN")));
        page = answer;
    }
    for (path, typed) in [
        ("/recover/proof/password", ("password", PASSWORD)),
        ("/recover/proof/totp", ("code", "123456")),
    ] {
        let csrf = page.form("/recover/proof/code").1[0].1.clone();
        let answer = browser.post(path, &[("csrf", &csrf), typed]).await;
        let body = answer.body.split("número").next().unwrap().to_owned();
        all.push((answer.status, Vec::new(), body));
    }
    all
}

#[tokio::test]
async fn row_48_a_strangers_number_and_a_citizens_look_the_same() {
    let house = House::new().await;
    let (citizen, nobody) = (seen(&house, NUMBER).await, seen(&house, "7.654.321-6").await);
    for (at, (one, other)) in citizen.iter().zip(&nobody).enumerate() {
        assert_eq!(one, other, "step {at}");
    }
    let mut frozen = house.browser();
    let page = frozen.get("/recover/block").await;
    let typed = |number| [("national_id", number), ("password", "otra cosa")];
    let one = frozen.submit(&page, "/recover/block", &typed(NUMBER)).await;
    let other = frozen
        .submit(&page, "/recover/block", &typed("7.654.321-6"))
        .await;
    assert_eq!(one.status, other.status);
    assert_eq!(
        one.body.replace(NUMBER, ""),
        other.body.replace("7.654.321-6", "")
    );
}

#[tokio::test]
async fn the_end_of_the_wait_is_told_once() {
    let house = House::new().await;
    let mut browser = house.browser();
    waiting(&house, &mut browser, PASSWORD).await;
    letters(&house).await;
    assert_eq!(
        idp::flow::recovery::letters::announce(&house.idp).await.unwrap(),
        0
    );
    house.clock.forward(A_DAY);
    for told in [1, 0] {
        let announced = idp::flow::recovery::letters::announce(&house.idp).await.unwrap();
        assert_eq!(announced, told);
    }
    assert_eq!(kinds(&house).await, ["recovery-ready"]);
}
