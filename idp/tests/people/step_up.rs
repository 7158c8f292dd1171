//! Officials where the programme wants a security key: who shows one goes on, who has none is told.

use axum::http::StatusCode;
use idp::{flow, rules::staff::Role};

use crate::{
    authenticator::Authenticator,
    browser::{Browser, House},
    maker::{MODEL, Maker},
};

const ORIGIN: &str = "http://localhost:8080";

/// An operator who logged in with password and code, where pages of officials want AAL3.
async fn house(maker: &Maker) -> (House, Browser) {
    let more = format!("{}[staff]\nrequire_aal3 = true\n", maker.allowed());
    let house = House::configured(ORIGIN, &more).await;
    let (mut browser, _) = house.signed_in().await;
    let invitation = flow::staff::invite(&house.idp, Role::Operator).await.unwrap();
    let page = browser.get("/staff/join").await;
    let text = invitation.text();
    browser
        .submit(&page, "/staff/join", &[("token", text.expose().as_str())])
        .await;
    (house, browser)
}

#[tokio::test]
async fn who_has_no_key_is_told_to_add_one() {
    let maker = Maker::new();
    let (_house, mut browser) = house(&maker).await;
    let told = browser.get("/staff").await;
    assert_eq!(
        (told.status, told.path.as_str()),
        (StatusCode::FORBIDDEN, "/staff")
    );
    assert!(
        told.body
            .contains("href=\"/account/passkeys/new?kind=security-key\""),
        "{}",
        told.body
    );
}

#[tokio::test]
async fn who_has_a_key_shows_it_and_comes_back_to_the_page_that_they_wanted() {
    let maker = Maker::new();
    let (house, mut browser) = house(&maker).await;
    let mut key = Authenticator::new(ORIGIN);
    key.attestation = Some(maker.attestation(MODEL));
    let page = browser.get("/account/passkeys/new?kind=security-key").await;
    let credential = key.create(&page.options());
    let typed = [("name", "Llave azul"), ("credential", credential.as_str())];
    browser.submit(&page, "/account/passkeys/new", &typed).await;

    let forms = browser.clone().post("/staff/roles/end", &[]).await;
    assert_eq!(
        forms.status,
        StatusCode::FORBIDDEN,
        "a form is not sent into a login"
    );
    let asked = browser.get("/staff?done=x").await;
    assert!(asked.path.starts_with("/reauthenticate?"), "{}", asked.path);
    assert!(
        !asked.body.contains("name=\"code\""),
        "a code would not be enough"
    );
    let credential = key.get(&asked.options());
    let staff = browser
        .submit(&asked, "/login/passkey", &[("credential", &credential)])
        .await;
    assert_eq!(
        (staff.status, staff.path.as_str()),
        (StatusCode::OK, "/staff?done=x"),
        "{}",
        staff.body
    );

    house.clock.forward(901);
    let again = browser.get("/staff").await;
    assert!(
        again.path.starts_with("/login?"),
        "fifteen minutes without use end such a session: {}",
        again.path
    );
}

#[tokio::test]
async fn the_account_page_leads_officials_and_nobody_else_to_their_work() {
    let maker = Maker::new();
    let (_house, mut browser) = house(&maker).await;
    assert!(browser.get("/account").await.body.contains("href=\"/staff\""));
    let other = House::new().await;
    let (_, account) = other.signed_in().await;
    assert!(!account.body.contains("href=\"/staff\""));
}
