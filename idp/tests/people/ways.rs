//! Other ways on: where a passkey does not work, where a page was printed, and where many guess from one network.

use axum::http::StatusCode;
use idp::{flow, rules::staff::Role};

use crate::browser::{Browser, House, NUMBER};

const GUESSES: &str = "[limits]\nwrong_guesses_per_minute = 3\n";

fn from(house: &House, peer: &str) -> Browser {
    let mut browser = house.browser();
    browser.peer = Some(peer.parse().unwrap());
    browser
}

fn link(page: &str, to: &str) -> String {
    let opening = format!("href=\"{to}");
    let rest = page
        .split(&opening)
        .nth(1)
        .unwrap_or_else(|| panic!("no {to} in {page}"));
    format!("{to}{}", rest.split('"').next().unwrap()).replace("&#38;", "&")
}

#[tokio::test]
async fn whose_passkey_does_not_work_is_shown_every_other_way_from_both_steps() {
    let house = House::new().await;
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    let trouble = browser.get(&link(&login.body, "/login/trouble?")).await;
    assert_eq!(trouble.status, StatusCode::OK);
    for way in ["/login?", "/login/methods?", "/recover\""] {
        assert!(
            trouble.body.contains(&format!("href=\"{way}")),
            "{way} in {}",
            trouble.body
        );
    }
    let second = browser.at_second_step(NUMBER).await;
    let interaction = second.path.split_once('?').unwrap().1;
    let trouble = browser.get(&format!("/login/trouble?{interaction}")).await;
    let back = browser.get(&link(&trouble.body, "/login/code?")).await;
    assert_eq!(
        (back.status, back.body.contains("name=\"code\"")),
        (StatusCode::OK, true)
    );
    let lost = browser.get("/login/trouble?interaction=x").await;
    assert_eq!(lost.status, StatusCode::BAD_REQUEST, "{}", lost.body);
}

#[tokio::test]
async fn the_printed_page_draws_its_link_and_no_address_carries_the_code_before_its_fragment() {
    let house = House::new().await;
    let (mut desk, _) = house.signed_in().await;
    let invitation = flow::staff::invite(&house.idp, Role::Registrar).await.unwrap();
    let page = desk.get("/staff/join").await;
    let token = invitation.text();
    desk.submit(&page, "/staff/join", &[("token", token.expose().as_str())])
        .await;
    let page = desk.get("/staff/enrol").await;
    let sent = [
        ("national_id", "7.654.321-6"),
        ("given_name", "Eva"),
        ("family_name", "Paz"),
        ("email", "eva@correo.example"),
        ("handed", "paper"),
        ("proofing", "in_person"),
    ];
    let sheet = desk.submit(&page, "/staff/enrol", &sent).await;
    let code = sheet
        .body
        .split("<b id=\"code\">")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    let drawn = idp::http::pages::qr::svg(
        &format!("http://localhost:8080/activate#{code}"),
        "Enlace para activar tu cuenta con este código",
    );
    assert!(sheet.body.contains(&drawn.unwrap()), "{}", sheet.body);
    let door = desk.get("/activate").await;
    assert!(door.body.contains("/assets/activate."), "what reads the fragment");
}

#[tokio::test]
async fn row_105_wrong_activation_and_recovery_codes_count_for_their_network() {
    for at_recovery in [false, true] {
        let house = House::configured("http://localhost:8080", GUESSES).await;
        for guess in ["ABCD-EFGH-JKM0", "ABCD-EFGH-JKM1", "ABCD-EFGH-JKM2"] {
            let mut browser = from(&house, "203.0.113.7:1");
            let answer = if at_recovery {
                let begin = browser.get("/recover/begin").await;
                let number = [("national_id", NUMBER)];
                let proof = browser.submit(&begin, "/recover/begin", &number).await;
                let typed = [("code", &guess[..9])];
                browser.submit(&proof, "/recover/proof/code", &typed).await
            } else {
                let door = browser.get("/activate").await;
                let typed = [("national_id", NUMBER), ("code", guess)];
                browser.submit(&door, "/activate", &typed).await
            };
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        }
        let here = from(&house, "203.0.113.7:2").get("/account").await;
        assert!(here.body.contains("data-effort"), "at recovery: {at_recovery}");
        let elsewhere = from(&house, "198.51.100.9:2").get("/account").await;
        assert!(!elsewhere.body.contains("data-effort"));
    }
}
