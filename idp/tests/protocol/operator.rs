//! What operators do with a client, as its agency feels it.

use axum::http::StatusCode;
use idp::{
    flow::manage::{self, Unchanged},
    rules::{ids::ClientId, registration::Registration, time::Seconds},
};
use serde_json::{Value, json};

use crate::{agency::Agency, browser::House};

async fn ready() -> (House, Agency, ClientId) {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let id = ClientId::known(agency.id.as_str());
    (house, agency, id)
}

#[tokio::test]
async fn a_disabled_client_is_dead_in_the_same_moment() {
    let (house, agency, id) = ready().await;
    let (mut browser, tokens) = agency.tokens(&house, &[]).await;
    let code = agency.code(&house).await;
    manage::disable(&house.idp, &id).await.unwrap();
    agency
        .userinfo(tokens.text("access_token"))
        .await
        .is_error("invalid_token");
    agency
        .refresh(tokens.text("refresh_token"))
        .await
        .is_error("invalid_client");
    agency.redeem(&code).await.is_error("invalid_client");
    let page = browser.get(&agency.request(&[])).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.body.contains("no está habilitado"), "{}", page.body);
    let again = manage::disable(&house.idp, &id).await;
    assert!(matches!(
        again,
        Err(idp::error::Error::Refused(Unchanged::Already(_)))
    ));
}

#[tokio::test]
async fn what_a_citizen_gave_a_disabled_client_can_still_be_taken_back() {
    let (house, agency, id) = ready().await;
    let (mut browser, _) = agency.tokens(&house, &[]).await;
    manage::disable(&house.idp, &id).await.unwrap();
    let account = browser.get("/account").await;
    assert!(account.body.contains("Servicio de Impuestos"));
    assert!(
        !account.body.contains(&format!(">{}<", agency.id)),
        "by its name, not its id"
    );
    let after = browser.submit(&account, "/account/agencies/withdraw", &[]).await;
    assert_eq!(
        (after.status, after.path.as_str()),
        (StatusCode::OK, "/account?done=access-withdrawn")
    );
}

#[tokio::test]
async fn a_client_that_is_enabled_again_begins_anew() {
    let (house, agency, id) = ready().await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    manage::disable(&house.idp, &id).await.unwrap();
    manage::enable(&house.idp, &id).await.unwrap();
    agency
        .userinfo(tokens.text("access_token"))
        .await
        .is_error("invalid_token");
    agency.tokens(&house, &[]).await;
}

#[tokio::test]
async fn a_rotated_secret_overlaps_with_the_one_before_and_then_it_is_over() {
    let (house, mut agency, id) = ready().await;
    let before = agency.secret.clone();
    let secret = manage::rotate_secret(&house.idp, &id, Seconds(3_600))
        .await
        .unwrap();
    agency.tokens(&house, &[]).await;
    agency.secret = secret.expose().clone();
    agency.tokens(&house, &[]).await;
    house.clock.forward(3_600);
    agency.tokens(&house, &[]).await;
    agency.secret = before;
    agency.redeem("x").await.is_error("invalid_client");
}

#[tokio::test]
async fn a_secret_that_leaked_is_dead_at_once() {
    let (house, agency, id) = ready().await;
    manage::rotate_secret(&house.idp, &id, Seconds(0)).await.unwrap();
    agency.redeem("x").await.is_error("invalid_client");
}

#[tokio::test]
async fn two_rotations_leave_two_secrets_and_not_three() {
    let (house, agency, id) = ready().await;
    for _ in 0..2 {
        manage::rotate_secret(&house.idp, &id, Seconds(3_600))
            .await
            .unwrap();
    }
    agency.redeem("x").await.is_error("invalid_client");
}

fn changed(id: &ClientId, change: Value) -> Registration {
    let mut all = json!({ "client_id": id.as_str(), "client_name": "Tesorería",
        "redirect_uris": [crate::agency::CALLBACK] });
    all.as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

#[tokio::test]
async fn a_change_holds_from_the_next_request_on() {
    let (house, agency, id) = ready().await;
    let elsewhere = json!({ "redirect_uris": ["https://agency.example/other"] });
    manage::update(&house.idp, &id, &changed(&id, elsewhere), false)
        .await
        .unwrap();
    let page = house.browser().get(&agency.request(&[])).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.path);
}

#[tokio::test]
async fn a_change_that_makes_strangers_of_citizens_must_be_meant() {
    let (house, _, id) = ready().await;
    let elsewhere = changed(&id, json!({ "redirect_uris": ["https://other.example/cb"] }));
    let refused = manage::update(&house.idp, &id, &elsewhere, false).await;
    assert!(matches!(
        refused,
        Err(idp::error::Error::Refused(Unchanged::Sector { .. }))
    ));
    assert!(manage::update(&house.idp, &id, &elsewhere, true).await.is_ok());
}

#[tokio::test]
async fn a_client_that_gets_a_secret_by_a_change_is_told_it_and_one_that_loses_it_has_none() {
    let (house, mut agency, id) = ready().await;
    let public = changed(&id, json!({ "token_endpoint_auth_method": "none" }));
    assert!(
        manage::update(&house.idp, &id, &public, false)
            .await
            .unwrap()
            .1
            .is_none()
    );
    agency.redeem("x").await.is_error("invalid_client");
    let again = manage::update(&house.idp, &id, &changed(&id, json!({})), false)
        .await
        .unwrap();
    agency.secret = again.1.unwrap().expose().clone();
    agency.tokens(&house, &[]).await;
}

#[tokio::test]
async fn what_is_shown_of_a_client_can_be_registered_again() {
    let house = House::new().await;
    let agency = Agency::with(
        &house,
        json!({ "backchannel_logout_uri": "https://agency.example/out", "default_max_age": 60,
            "contacts": ["a@agency.example"], "initiate_login_uri": "https://agency.example/in" }),
    )
    .await;
    let id = ClientId::known(agency.id.as_str());
    let before = manage::show(&house.idp, &id).await.unwrap().client;
    let registration: Registration = serde_json::from_value(Value::Object(before.metadata())).unwrap();
    let (after, _) = manage::update(&house.idp, &id, &registration, false)
        .await
        .unwrap();
    assert_eq!(before, after);
}
