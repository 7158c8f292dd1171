//! What somebody can do who reads a citizen's mailbox: nothing at a login.

use axum::http::StatusCode;
use idp::rules::contact::MailedCode;

use crate::{
    browser::{Answer, Browser, House, NUMBER},
    rescue::{begin, mailed},
};

/// The digits of the letter that an address is confirmed with.
async fn digits(house: &House, own: &mut Browser) -> String {
    house.letters().await;
    let page = own.get("/account/contacts/new?first=yes").await;
    let typed = [("email", "alguien@correo.example")];
    own.submit(&page, "/account/contacts/new", &typed).await;
    let letter = house.letters().await.remove(0).text;
    let mut words = letter.split_whitespace();
    let code = words.find_map(|word| MailedCode::parse(word.trim_matches('.')));
    code.unwrap().expose().to_owned()
}

async fn typed(thief: &mut Browser, second: &Answer, code: &str) -> Answer {
    thief.submit(second, "/login/code?", &[("code", code)]).await
}

#[tokio::test]
async fn row_59_whoever_knows_the_password_and_reads_every_letter_logs_in_to_nothing() {
    let house = House::new().await;
    let (mut own, _) = house.signed_in().await;
    let mut thief = house.browser();
    let second = thief.at_second_step(NUMBER).await;
    let ways = thief
        .get(&second.path.replace("/login/code", "/login/methods"))
        .await;
    assert_eq!(ways.status, StatusCode::OK);
    for page in [&second, &ways] {
        let main = page.body.split("<main").nth(1).unwrap();
        let main = main.split("</main>").next().unwrap().to_lowercase();
        assert!(!main.contains("correo") && !main.contains("sms"), "{main}");
    }
    let confirms = digits(&house, &mut own).await;
    let mut elsewhere = house.browser();
    let page = begin(&mut elsewhere, NUMBER).await;
    elsewhere.submit(&page, "/recover/proof/ask", &[]).await;
    let recovers = mailed(&house).await;
    for code in [confirms, recovers] {
        let answer = typed(&mut thief, &second, &code).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{code}");
        assert!(thief.get("/account").await.path.starts_with("/login"), "{code}");
    }
    let right = typed(&mut thief, &second, &house.code()).await;
    assert_ne!(right.path, "/account", "the step that its owner used is spent");
    house.clock.forward(60);
    let right = typed(&mut thief, &second, &house.code()).await;
    assert_eq!(right.path, "/account", "the app opens what letters did not");
}
