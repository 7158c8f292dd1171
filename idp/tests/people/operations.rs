//! Operators at their pages: keys are changed by two of them; a client is forbidden by one, and allowed by two where it may
//! ask for sensitive data.

use axum::http::StatusCode;
use idp::{
    flow::{self, manage},
    rules::{
        ids::ClientId,
        keys::{KeyUse, Stage, active, waiting},
        staff::Role,
    },
};
use sdk_jose::Algorithm;
use serde_json::json;

use crate::{
    browser::{Answer, Browser, House, NUMBER},
    staff::{BEA, house, token},
};

const ES256: KeyUse = KeyUse::Signing(Algorithm::ES256);

async fn two(house: &House) -> (Browser, Browser) {
    let one = house.official(NUMBER, &[Role::Operator]).await;
    let two = house.official(BEA, &[Role::Operator]).await;
    (one, two)
}

async fn send(browser: &mut Browser, path: &str, field: (&str, &str)) -> Answer {
    let right = token(&browser.get("/staff").await);
    browser.post(path, &[("csrf", &right), field]).await
}

/// The first proposal that waits on this operator's page.
fn first(home: &Answer) -> String {
    let part = home.body.split("name=\"approval\" value=\"").nth(1);
    let part = part.unwrap_or_else(|| panic!("nothing waits: {}", home.body));
    part.split('"').next().unwrap().to_owned()
}

async fn approve(browser: &mut Browser, approval: &str) -> Answer {
    let right = token(&browser.get("/staff").await);
    let sent = [
        ("csrf", right.as_str()),
        ("approval", approval),
        ("decision", "approve"),
    ];
    browser.post("/staff/approvals/decide", &sent).await
}

/// A client of its own with these scopes.
async fn client(house: &House, scope: &str) -> ClientId {
    let registration = json!({ "client_id": format!("with-{}", scope.len()), "client_name": "Otra agencia",
        "redirect_uris": ["https://other.example/cb"], "scope": scope });
    let registration = serde_json::from_value(registration).unwrap();
    let made = flow::client::register(&house.idp, &registration).await;
    made.unwrap().client.id
}

async fn may_act(house: &House, id: &ClientId) -> bool {
    let listed = manage::show(&house.idp, id).await.unwrap();
    listed.disabled_at.is_none()
}

#[tokio::test]
async fn row_100_a_key_is_rotated_when_a_second_operator_agrees() {
    let house = house().await;
    let (mut one, mut two) = two(&house).await;
    let proposed = send(&mut one, "/staff/keys/propose", ("rotate", "ES256")).await;
    assert_eq!(proposed.path, "/staff/keys?done=proposed", "{}", proposed.body);
    let waits = || {
        let keys = house.idp.signing.now();
        waiting(keys.records(), ES256, house.idp.now()).is_some()
    };
    assert!(!waits(), "one alone changes nothing");
    let home = two.get("/staff").await;
    assert!(home.body.contains("Renovar la llave ES256"), "{}", home.body);
    let approval = first(&home);
    assert_eq!(
        approve(&mut one, &approval).await.status,
        StatusCode::FORBIDDEN,
        "the same eyes"
    );
    assert!(!waits());
    assert_eq!(approve(&mut two, &approval).await.path, "/staff?done=decided");
    assert!(waits());
    assert!(two.get("/staff/keys").await.body.contains("Anunciada"));
    assert_eq!(
        approve(&mut two, &approval).await.status,
        StatusCode::NOT_FOUND,
        "once"
    );
}

#[tokio::test]
async fn row_104_a_key_is_revoked_when_a_second_operator_agrees() {
    let house = house().await;
    let (mut one, mut two) = two(&house).await;
    let held = house.idp.signing.now();
    let kid = active(held.records(), ES256, house.idp.now())
        .unwrap()
        .kid
        .clone();
    let unknown = send(&mut one, "/staff/keys/propose", ("revoke", "made-up")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    send(&mut one, "/staff/keys/propose", ("revoke", &kid)).await;
    let stage = || {
        let (keys, now) = (house.idp.signing.now(), house.idp.now());
        let key = keys.records().iter().find(|key| key.kid == kid).unwrap();
        key.stage(keys.records(), now)
    };
    assert_eq!(stage(), Stage::Active);
    let approval = first(&two.get("/staff").await);
    assert_eq!(approve(&mut two, &approval).await.path, "/staff?done=decided");
    assert_eq!(stage(), Stage::Revoked);
    let again = send(&mut one, "/staff/keys/propose", ("revoke", &kid)).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "it is over");
}

#[tokio::test]
async fn row_100_a_client_with_sensitive_scopes_is_forbidden_by_one_and_allowed_by_two() {
    let house = house().await;
    let (mut one, mut two) = two(&house).await;
    let id = client(&house, "openid national_id").await;
    let field = ("client", id.as_str());
    let done = send(&mut one, "/staff/clients/disable", field).await;
    assert!(done.path.ends_with("&done=forbidden"), "{}", done.body);
    assert!(!may_act(&house, &id).await);
    let asked = send(&mut one, "/staff/clients/enable", field).await;
    assert!(asked.path.ends_with("&done=proposed"), "{}", asked.body);
    assert!(!may_act(&house, &id).await, "one alone does not allow it");
    let approval = first(&two.get("/staff").await);
    assert_eq!(approve(&mut one, &approval).await.status, StatusCode::FORBIDDEN);
    assert_eq!(approve(&mut two, &approval).await.path, "/staff?done=decided");
    assert!(may_act(&house, &id).await);
}

#[tokio::test]
async fn a_client_without_sensitive_scopes_is_allowed_by_one() {
    let house = house().await;
    let mut one = house.official(NUMBER, &[Role::Operator]).await;
    let id = client(&house, "openid profile").await;
    let field = ("client", id.as_str());
    let early = send(&mut one, "/staff/clients/enable", field).await;
    assert_eq!(early.status, StatusCode::NOT_FOUND, "it may act already");
    send(&mut one, "/staff/clients/disable", field).await;
    assert!(!may_act(&house, &id).await);
    let page = one
        .get(&format!("/staff/clients/one?client={}", id.as_str()))
        .await;
    assert!(page.body.contains("Suspendida"), "{}", page.body);
    let done = send(&mut one, "/staff/clients/enable", field).await;
    assert!(done.path.ends_with("&done=allowed"), "{}", done.body);
    assert!(may_act(&house, &id).await);
    assert!(one.get("/staff/clients").await.body.contains("Otra agencia"));
}

#[tokio::test]
async fn row_100_an_operator_whose_presence_is_too_old_proves_it_first() {
    let house = house().await;
    let mut one = house.official(NUMBER, &[Role::Operator]).await;
    let id = client(&house, "openid profile").await;
    let right = token(&one.get("/staff").await);
    house.clock.forward(301);
    for (path, field) in [
        ("/staff/keys/propose", ("rotate", "ES256")),
        ("/staff/clients/disable", ("client", id.as_str())),
    ] {
        let answer = one.post(path, &[("csrf", &right), field]).await;
        assert!(
            answer.path.starts_with("/reauthenticate"),
            "{path}: {}",
            answer.path
        );
    }
    assert!(may_act(&house, &id).await);
}
