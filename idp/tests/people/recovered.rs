//! The end of a recovery: new factors open the account, and nothing else does any more.

use axum::http::StatusCode;
use idp::{
    flow,
    rules::{ids::CitizenId, notice::Notice, totp::Seed},
};

use crate::{
    authenticator::Authenticator,
    browser::{Answer, Browser, House, NUMBER, PASSWORD},
    rescue::{begin, citizen, kinds, letters, mailed, sheet, show_mailed, waiting},
};

const NEW_PASSWORD: &str = "otra lluvia sobre otro techo";
const A_DAY: i64 = 86_400;

/// A browser whose recovery is ready.
async fn ready(house: &House) -> (Browser, Answer) {
    let mut browser = house.browser();
    waiting(house, &mut browser, PASSWORD).await;
    house.clock.forward(A_DAY);
    let page = browser.get("/recover/wait").await;
    (browser, page)
}

/// The form that ends it: a password and a code of the app that took the key of the page.
async fn last_form(house: &House, browser: &mut Browser, ready: &Answer) -> (Answer, String) {
    let first = browser.submit(ready, "/recover/open", &[]).await;
    assert!(first.path.starts_with("/activate/passkey?"), "{}", first.body);
    let path = first.path.replace("/activate/passkey", "/activate/password");
    let page = browser.get(&path).await;
    let key = page.body.split("otpauth://").nth(1).unwrap();
    let key = key.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    let code = Seed::from_base32(key).unwrap().code_for(house.idp.now().0);
    (page, code)
}

async fn finish(house: &House, browser: &mut Browser, ready: &Answer) -> Answer {
    let (page, code) = last_form(house, browser, ready).await;
    let typed = [("password", NEW_PASSWORD), ("code", code.as_str())];
    browser.submit(&page, "/activate/password", &typed).await
}

/// What comes after a password at the login.
async fn at_login(house: &House, password: &str) -> Answer {
    house.clock.forward(900);
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    let typed = [("national_id", NUMBER), ("password", password)];
    browser.submit(&login, "/login?", &typed).await
}

#[tokio::test]
async fn row_49_what_guessing_has_closed_is_still_recovered() {
    let house = House::new().await;
    let sheet = sheet(&house).await;
    for _ in 0..100 {
        at_login(&house, "otra cosa").await;
    }
    assert_eq!(
        at_login(&house, PASSWORD).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    let mut browser = house.browser();
    let proof = begin(&mut browser, NUMBER).await;
    let shown = browser
        .submit(&proof, "/recover/proof/code", &[("code", &sheet[0])])
        .await;
    assert_eq!(shown.path, "/recover/proof?done=right", "{}", shown.body);
    show_mailed(&house, &mut browser, &shown).await;
    house.clock.forward(A_DAY);
    let page = browser.get("/recover/wait").await;
    finish(&house, &mut browser, &page).await;
    let second = at_login(&house, NEW_PASSWORD).await;
    assert!(second.path.starts_with("/login/code?"), "{}", second.body);
}

#[tokio::test]
async fn new_factors_open_the_account_and_the_old_ones_do_not() {
    let house = House::new().await;
    let sheet = sheet(&house).await;
    let (mut before, _) = house.signed_in().await;
    let (mut browser, page) = ready(&house).await;
    letters(&house).await;
    let done = finish(&house, &mut browser, &page).await;
    assert_eq!(done.status, StatusCode::OK, "{} {}", done.path, done.body);
    assert_eq!(browser.get("/account").await.path, "/account");
    assert!(before.get("/account").await.path.starts_with("/login?"));
    assert!(kinds(&house).await.contains(&"account-recovered"));
    let old = at_login(&house, PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = at_login(&house, NEW_PASSWORD).await;
    assert!(new.path.starts_with("/login/code?"));
    // The app of before is not the app of now, and the sheet is void.
    let mut other = house.browser();
    let login = other.get("/account").await;
    let typed = [("national_id", NUMBER), ("password", NEW_PASSWORD)];
    let second = other.submit(&login, "/login?", &typed).await;
    let refused = other
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let proof = begin(&mut other, NUMBER).await;
    let void = other
        .submit(&proof, "/recover/proof/code", &[("code", &sheet[5])])
        .await;
    assert_eq!(void.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_passkey_takes_the_place_of_everything() {
    let house = House::new().await;
    let (mut browser, page) = ready(&house).await;
    let first = browser.submit(&page, "/recover/open", &[]).await;
    let mut phone = Authenticator::new("http://localhost:8080");
    let credential = phone.create(&first.options());
    let sent = [("name", "Teléfono"), ("credential", credential.as_str())];
    let done = browser.submit(&first, "/activate/passkey", &sent).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let old = at_login(&house, PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut elsewhere = house.browser();
    let login = elsewhere.get("/account").await;
    let credential = phone.get(&login.options());
    let account = elsewhere
        .submit(&login, "/login/passkey", &[("credential", credential.as_str())])
        .await;
    assert_eq!(account.path, "/account");
}

#[tokio::test]
async fn nothing_can_be_made_before_the_wait_is_over() {
    let house = House::new().await;
    let mut browser = house.browser();
    let wait = waiting(&house, &mut browser, PASSWORD).await;
    house.clock.forward(A_DAY - 1);
    let (_, hidden) = wait.form("/recover/give-up");
    let answer = browser.post("/recover/open", &[("csrf", &hidden[0].1)]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_recovery_that_is_stopped_at_its_last_step_does_not_complete() {
    let house = House::new().await;
    let (mut thief, page) = ready(&house).await;
    let (last, code) = last_form(&house, &mut thief, &page).await;
    let owner = citizen(&house).await;
    let by = idp::rules::standing::By::Citizen;
    flow::recovery::cancel(&house.idp, &owner, by).await.unwrap();
    let typed = [("password", NEW_PASSWORD), ("code", code.as_str())];
    let refused = thief.submit(&last, "/activate/password", &typed).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(at_login(&house, PASSWORD).await.path.starts_with("/login/code?"));
}

#[tokio::test]
async fn of_two_hundred_who_complete_at_once_one_does() {
    let house = House::new().await;
    let (mut browser, page) = ready(&house).await;
    let (last, code) = last_form(&house, &mut browser, &page).await;
    let (action, hidden) = last.form("/activate/password");
    let sent: Vec<_> = (0..200)
        .map(|_| {
            let mut browser = browser.clone();
            let (action, hidden, code) = (action.clone(), hidden.clone(), code.clone());
            tokio::spawn(async move {
                let mut fields: Vec<(&str, &str)> =
                    hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                fields.extend([("password", NEW_PASSWORD), ("code", code.as_str())]);
                browser.post(&action, &fields).await
            })
        })
        .collect();
    let mut done = 0;
    for answer in sent {
        done += usize::from(answer.await.unwrap().path == "/activate/done");
    }
    assert_eq!(done, 1);
}

#[tokio::test]
async fn a_frozen_account_is_open_again_when_it_is_recovered() {
    let house = House::new().await;
    let sheet = sheet(&house).await;
    let owner = citizen(&house).await;
    let by = idp::rules::standing::By::Citizen;
    flow::freeze::freeze(&house.idp, &owner, by).await.unwrap();
    let mut browser = house.browser();
    let proof = begin(&mut browser, NUMBER).await;
    let second = browser
        .submit(&proof, "/recover/proof/code", &[("code", &sheet[0])])
        .await;
    show_mailed(&house, &mut browser, &second).await;
    house.clock.forward(A_DAY);
    let page = browser.get("/recover/wait").await;
    let done = finish(&house, &mut browser, &page).await;
    assert_eq!(done.status, StatusCode::OK, "{} {}", done.path, done.body);
    assert_eq!(browser.get("/account").await.path, "/account");
}

#[tokio::test]
async fn a_pause_that_a_guesser_caused_is_over_with_the_recovery() {
    let house = House::new().await;
    let (mut browser, page) = ready(&house).await;
    let mut guesser = house.browser();
    let mut login = guesser.get("/account").await;
    for _ in 0..8 {
        let typed = [("national_id", NUMBER), ("password", "otra cosa")];
        login = guesser.submit(&login, "/login?", &typed).await;
    }
    assert_eq!(login.status, StatusCode::TOO_MANY_REQUESTS);
    finish(&house, &mut browser, &page).await;
    let mut fresh = house.browser();
    let login = fresh.get("/account").await;
    let typed = [("national_id", NUMBER), ("password", NEW_PASSWORD)];
    let second = fresh.submit(&login, "/login?", &typed).await;
    assert!(second.path.starts_with("/login/code?"), "{}", second.body);
}

#[tokio::test]
async fn row_63_help_desk_staff_begin_a_recovery_and_cannot_go_on_with_it() {
    let house = House::new().await;
    let (owner, staff) = (citizen(&house).await, CitizenId::known("staff"));
    // All that they are given back is nothing.
    let () = flow::recovery::start_for(&house.idp, &owner, &staff)
        .await
        .unwrap();
    let letter = letters(&house).await.pop().unwrap();
    let Notice::RecoveryOffered { code } = &letter.notice else {
        panic!("{:?}", letter.notice)
    };
    let mut browser = house.browser();
    let asked = browser.get("/recover/resume").await;
    let resumed = browser
        .submit(&asked, "/recover/resume", &[("code", code.expose())])
        .await;
    // The citizen shows what everybody shows; the mailed code is void from here on.
    assert_eq!(resumed.path, "/recover/proof");
    let mut reader = house.browser();
    let asked = reader.get("/recover/resume").await;
    let again = reader
        .submit(&asked, "/recover/resume", &[("code", code.expose())])
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let asked = browser.submit(&resumed, "/recover/proof/ask", &[]).await;
    let code = mailed(&house).await;
    let second = browser
        .submit(&asked, "/recover/proof/code", &[("code", &code)])
        .await;
    assert_eq!(second.path, "/recover/proof?done=right");
    let nobody = flow::recovery::start_for(&house.idp, &CitizenId::known("nobody"), &staff).await;
    assert!(nobody.is_err());
}
