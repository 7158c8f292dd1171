//! OpenID Connect Back-Channel Logout 1.0: every agency of a session hears that it ended, sooner or later.

use std::sync::Arc;

use idp::{
    fetch::Unfetched,
    flow::{backchannel, sweep},
};
use sdk_jose::{Algorithm, Expected, JwkSet, Typ, Unverified};
use serde_json::{Value, json};

use crate::{
    agency::Agency,
    browser::{Browser, House},
    world::World,
};

const TOLD_AT: &str = "https://agency.example/backchannel";

async fn ready() -> (Arc<World>, House, Agency) {
    let world = World::new();
    let house = House::reaching(&world).await;
    let agency = Agency::with(&house, json!({ "backchannel_logout_uri": TOLD_AT })).await;
    (world, house, agency)
}

async fn carry(house: &House) -> usize {
    backchannel::once(&house.idp).await.unwrap()
}

/// The claims of the one token that was posted, checked as an agency checks them (§2.6).
async fn heard(agency: &Agency, posted: &[(String, String)]) -> Value {
    let [(address, form)] = posted else {
        panic!("{posted:?}");
    };
    assert_eq!(address, TOLD_AT);
    let token = form.strip_prefix("logout_token=").unwrap();
    let published = agency.send("GET", "/jwks", None, &[]).await;
    let keys = JwkSet::parse(published.json.to_string().as_bytes()).unwrap();
    let expected = Expected {
        algorithms: &[Algorithm::ES256],
        typ: Typ::Required("logout+jwt"),
    };
    Unverified::parse(token)
        .unwrap()
        .verify(&keys, &expected)
        .unwrap()
        .claims()
        .unwrap()
}

async fn leave(browser: &mut Browser) {
    let account = browser.get("/account").await;
    browser.submit(&account, "/account/logout", &[]).await;
}

#[tokio::test]
async fn the_agency_hears_of_the_session_and_the_citizen_that_it_knows() {
    let (world, house, agency) = ready().await;
    let (mut browser, tokens) = agency.tokens(&house, &[]).await;
    let known = agency.claims(tokens.text("id_token"), Algorithm::ES256).await;
    leave(&mut browser).await;
    assert_eq!(carry(&house).await, 1);
    let told = heard(&agency, &world.posted()).await;
    for claim in ["iss", "sub", "sid"] {
        assert_eq!(told[claim], known[claim], "{claim}");
    }
    assert_eq!(told["aud"], agency.id.as_str());
    assert!(told.get("nonce").is_none());
    let lifetime = told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap();
    assert!((1..=120).contains(&lifetime));
    // Once delivered, it is over.
    house.clock.forward(3_600);
    assert_eq!((carry(&house).await, world.posted().len()), (0, 0));
}

#[tokio::test]
async fn every_way_of_leaving_is_told() {
    let ways = [
        "hint",
        "confirmed",
        "one session",
        "all sessions",
        "another login",
    ];
    for way in ways {
        let (world, house, agency) = ready().await;
        let (mut browser, tokens) = agency.tokens(&house, &[]).await;
        let account = browser.get("/account").await;
        match way {
            "hint" => {
                let hint = tokens.text("id_token");
                browser.get(&format!("/logout?id_token_hint={hint}")).await;
            }
            "confirmed" => {
                let page = browser.get("/logout").await;
                browser.submit(&page, "/logout/confirm", &[]).await;
            }
            "one session" => {
                browser.submit(&account, "/account/sessions/end", &[]).await;
            }
            "all sessions" => {
                browser.submit(&account, "/account/sessions/end-all", &[]).await;
            }
            _ => {
                // Somebody logs in anew in the same browser: the session before is over.
                house.clock.forward(60);
                let login = browser
                    .get(&agency.request(&[("prompt", "select_account")]))
                    .await;
                let typed = [
                    ("national_id", crate::browser::NUMBER),
                    ("password", crate::browser::PASSWORD),
                ];
                let second = browser.submit(&login, "/login?", &typed).await;
                browser
                    .submit(&second, "/login/code", &[("code", &house.code())])
                    .await;
            }
        }
        carry(&house).await;
        assert_eq!(world.posted().len(), 1, "{way}");
    }
}

#[tokio::test]
async fn each_agency_of_the_session_hears_it_once_and_others_not_at_all() {
    let (world, house, first) = ready().await;
    let second = Agency::with(
        &house,
        json!({ "backchannel_logout_uri": "https://agency.example/second" }),
    )
    .await;
    let _silent = Agency::new(&house).await;
    let _absent = Agency::with(
        &house,
        json!({ "backchannel_logout_uri": "https://agency.example/x" }),
    )
    .await;
    let (mut browser, _) = first.tokens(&house, &[]).await;
    for agency in [&second, &first, &second] {
        let consent = browser.get(&agency.request(&[])).await;
        if consent.path.starts_with("/consent?") {
            browser
                .submit(&consent, "/consent?", &[("decision", "allow")])
                .await;
        }
    }
    leave(&mut browser).await;
    carry(&house).await;
    let mut told: Vec<String> = world.posted().into_iter().map(|(address, _)| address).collect();
    told.sort();
    assert_eq!(told, [TOLD_AT, "https://agency.example/second"]);
}

#[tokio::test]
async fn an_agency_that_was_down_hears_it_with_a_fresh_token() {
    let (world, house, agency) = ready().await;
    let (mut browser, _) = agency.tokens(&house, &[]).await;
    world.answers(Err(Unfetched::Unreachable));
    leave(&mut browser).await;
    for _ in 0..10 {
        carry(&house).await;
        house.clock.forward(30);
    }
    assert!(world.posted().len() >= 4);
    world.answers(Ok(200));
    house.clock.forward(450);
    carry(&house).await;
    let told = heard(&agency, &world.posted()).await;
    let now = idp::world::Clock::now(house.clock.as_ref()).0;
    assert_eq!(told["iat"], now, "made when it is carried");
}

#[tokio::test]
async fn a_notice_that_failed_is_not_carried_again_at_once() {
    let (world, house, agency) = ready().await;
    let (mut browser, _) = agency.tokens(&house, &[]).await;
    world.answers(Ok(503));
    leave(&mut browser).await;
    carry(&house).await;
    carry(&house).await;
    assert_eq!(world.posted().len(), 1);
}

#[tokio::test]
async fn an_agency_that_refuses_is_asked_a_few_times_and_the_audit_says_so() {
    let (world, house, agency) = ready().await;
    let (mut browser, _) = agency.tokens(&house, &[]).await;
    world.answers(Ok(400));
    leave(&mut browser).await;
    for _ in 0..20 {
        carry(&house).await;
        house.clock.forward(450);
    }
    assert_eq!(world.posted().len(), 8);
    let mut read = house.idp.store.read().await.unwrap();
    assert_eq!(idp::store::outbox::waiting(&mut read).await.unwrap(), 0);
    let citizen = citizen(&house).await;
    let log = idp::store::audit::of_citizen(&mut read, &citizen, 50)
        .await
        .unwrap();
    let record = log.iter().find(|entry| entry.event == "logout.notified").unwrap();
    assert_eq!(
        (record.outcome.as_str(), record.reason.as_str()),
        ("refused", "refused")
    );
    assert_eq!(record.client, agency.id);
}

#[tokio::test]
async fn a_session_that_ends_by_its_age_is_told_once() {
    let (world, house, agency) = ready().await;
    agency.tokens(&house, &[]).await;
    house.clock.forward(86_400 - 120);
    sweep::once(&house.idp).await.unwrap();
    assert_eq!(carry(&house).await, 0);
    house.clock.forward(240);
    for _ in 0..2 {
        sweep::once(&house.idp).await.unwrap();
        carry(&house).await;
    }
    let told = heard(&agency, &world.posted()).await;
    assert!(told["sid"].is_string() && told["sub"].is_string());
}

async fn citizen(house: &House) -> idp::rules::ids::CitizenId {
    let number = idp::rules::national_id::NationalId::parse(
        crate::browser::NUMBER,
        &[idp::rules::national_id::Scheme::ClRun],
    )
    .unwrap();
    let mut read = house.idp.store.read().await.unwrap();
    let found = idp::store::citizens::find(&mut read, &house.idp.derived.index, &number).await;
    found.unwrap().unwrap().0
}
