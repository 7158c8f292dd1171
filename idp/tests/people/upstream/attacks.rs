//! Words that prove nothing: forged, stolen, late, doubled, or somebody else's.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use serde_json::json;

use super::{Bridge, link};

#[tokio::test]
async fn an_id_token_that_is_wrong_in_one_thing_opens_nothing() {
    let bridge = Bridge::with("acr_values = [\"alto\"]").await;
    let now = bridge.house.idp.now().0;
    for lie in [
        json!({ "iss": "https://mala.example" }),
        json!({ "aud": "otra-agencia" }),
        json!({ "aud": ["aval", "otra-agencia"] }),
        json!({ "azp": "otra-agencia" }),
        json!({ "exp": now - 120 }),
        json!({ "iat": now + 600 }),
        json!({ "nonce": "otro" }),
        json!({ "nonce": null }),
        json!({ "auth_time": now - 86_400 }),
        json!({ "auth_time": null }),
        json!({ "acr": "bajo" }),
        json!({ "at_hash": "otra" }),
        json!({ "sub": "" }),
        json!({ "rut": "12345678-6" }),
        json!({ "rut": null }),
    ] {
        bridge.other.lies(lie.clone());
        let mut browser = bridge.house.browser();
        let answer = bridge.activate(&mut browser).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{lie}");
        bridge.nothing(&mut browser, &answer, StatusCode::FORBIDDEN).await;
    }
    bridge.other.lies(json!({}));
    let answer = bridge.activate(&mut bridge.house.browser()).await;
    assert!(answer.path.contains("activation="), "{}", answer.body);
}

#[tokio::test]
async fn an_id_token_under_a_key_that_is_not_published_opens_nothing() {
    let bridge = Bridge::new().await;
    *bridge.other.forges.lock().unwrap() = true;
    let mut browser = bridge.house.browser();
    let answer = bridge.activate(&mut browser).await;
    bridge.nothing(&mut browser, &answer, StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn userinfo_of_another_person_opens_nothing() {
    let bridge = Bridge::new().await;
    bridge.other.says(json!({}));
    *bridge.other.userinfo.lock().unwrap() = json!({ "sub": "s-2", "rut": "12345678-5" });
    let mut browser = bridge.house.browser();
    let answer = bridge.activate(&mut browser).await;
    bridge.nothing(&mut browser, &answer, StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn an_answer_of_another_provider_is_refused_before_its_code_is_shown_to_anybody() {
    let bridge = Bridge::new().await;
    for iss in ["", "&iss=https%3A%2F%2Fmala.example"] {
        let mut browser = bridge.house.browser();
        bridge.sent(&mut browser).await;
        let back = bridge.way_back().replace("&iss=https%3A%2F%2Fotra.example", iss);
        let answer = browser.get(&back).await;
        bridge.nothing(&mut browser, &answer, StatusCode::FORBIDDEN).await;
    }
    // The other provider of this house has an address of its own for its answers.
    let mut browser = bridge.house.browser();
    bridge.sent(&mut browser).await;
    let answer = browser
        .get(&bridge.way_back().replace("/otra/", "/segunda/"))
        .await;
    bridge
        .nothing(&mut browser, &answer, StatusCode::BAD_REQUEST)
        .await;
    assert!(bridge.other.posted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_is_taken_once_in_time_from_the_browser_that_asked_under_its_own_state() {
    let bridge = Bridge::new().await;
    let mut browser = bridge.house.browser();
    bridge.sent(&mut browser).await;
    let back = bridge.way_back();
    // Another browser.
    let mut other = bridge.house.browser();
    other.get("/activate").await;
    let answer = other.get(&back).await;
    bridge.nothing(&mut other, &answer, StatusCode::BAD_REQUEST).await;
    let answer = bridge.house.browser().get(&back).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    // Another state, and none.
    let state = bridge.other.parameter("state");
    for wrong in [state.replace(&state[..4], "AAAA"), String::new()] {
        let answer = browser.get(&back.replace(&state, &wrong)).await;
        bridge
            .nothing(&mut browser, &answer, StatusCode::BAD_REQUEST)
            .await;
    }
    assert!(bridge.other.posted.lock().unwrap().is_empty());
    // Too late.
    let mut late = browser.clone();
    bridge.house.clock.forward(600);
    let answer = late.get(&back).await;
    bridge.nothing(&mut late, &answer, StatusCode::BAD_REQUEST).await;
    bridge.house.clock.forward(-1);
    let answer = browser.get(&bridge.way_back()).await;
    assert!(answer.path.contains("activation="), "{}", answer.body);
    // Again.
    let again = browser.get(&back).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(bridge.other.redeemed.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_answers_at_once_one_is_redeemed() {
    let bridge = Bridge::new().await;
    let mut browser = bridge.house.browser();
    bridge.sent(&mut browser).await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (mut browser, back) = (browser.clone(), bridge.way_back());
        all.spawn(async move { browser.get(&back).await.path });
    }
    let paths = all.join_all().await;
    assert_eq!(
        paths.iter().filter(|path| path.contains("activation=")).count(),
        1
    );
    assert_eq!(bridge.other.redeemed.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_code_that_was_stolen_from_another_question_is_not_redeemed() {
    let bridge = Bridge::new().await;
    let mut victim = bridge.house.browser();
    bridge.sent(&mut victim).await;
    let theirs = bridge.other.asked.lock().unwrap().clone();
    let mut thief = bridge.house.browser();
    bridge.sent(&mut thief).await;
    let back = bridge.way_back();
    // The code belongs to the victim's question: another challenge, another nonce.
    *bridge.other.asked.lock().unwrap() = theirs;
    let answer = thief.get(&back).await;
    bridge.nothing(&mut thief, &answer, StatusCode::FORBIDDEN).await;
    assert_eq!(bridge.other.redeemed.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_ticket_of_an_activation_opens_nothing_in_another_browser() {
    let bridge = Bridge::new().await;
    let mut browser = bridge.house.browser();
    let answer = bridge.activate(&mut browser).await;
    assert!(answer.path.contains("activation="));
    let mut other = bridge.house.browser();
    other.get("/activate").await;
    assert_eq!(other.get(&answer.path).await.status, StatusCode::BAD_REQUEST);
    // Nor after its half hour.
    bridge.house.clock.forward(1_800);
    assert_eq!(browser.get(&answer.path).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn row_82_the_way_to_the_other_provider_begins_on_our_own_page() {
    let bridge = Bridge::new().await;
    let mut browser = bridge.house.browser();
    let door = browser.get("/activate").await;
    let another = link(&bridge.house.browser().get("/activate").await, "otra");
    let elsewhere = link(&door, "segunda").replace("segunda", "otra");
    for path in ["/activate/with/otra", another.as_str(), elsewhere.as_str()] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(
        browser.get("/activate/with/nadie").await.status,
        StatusCode::NOT_FOUND
    );
}
