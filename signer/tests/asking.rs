//! The verifier as programs and people ask it: bytes or a form, a password, a time, JSON or XML, and what the page
//! then asks for.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod support;

use axum::body::Body;
use http::{Request, StatusCode, header};
use support::House;
use support::pdf::{self, Xref};
use support::wire::{Answer, ask, submitted};

fn json(answer: &Answer) -> serde_json::Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|e| panic!("{e}: {}", answer.body))
}

async fn asked(house: &House, query: &str, accept: &str, document: &[u8]) -> Answer {
    let request = Request::post(format!("/api/verify{query}"))
        .header(header::ACCEPT, accept)
        .body(Body::from(document.to_vec()))
        .unwrap();
    ask(house, request).await
}

#[tokio::test]
async fn the_api_takes_a_form_as_it_takes_bytes() {
    let house = House::new().await;
    let signed = house.one_signed().await;
    let form = submitted("/api/verify", &[("document", Some("a.pdf"), &signed)]);
    let (form, bytes) = (ask(&house, form).await, asked(&house, "", "*/*", &signed).await);
    assert_eq!(json(&form)["verdict"], "valid");
    assert_eq!(json(&form)["signatures"], json(&bytes)["signatures"]);
}

#[tokio::test]
async fn a_form_with_something_else_in_it_is_refused() {
    let house = House::new().await;
    let pdf = pdf::simple(Xref::Table);
    for fields in [
        &[("document", Some("a.pdf"), &*pdf), ("at", None, b"2026")][..],
        &[
            ("document", Some("a.pdf"), &*pdf),
            ("document", Some("b.pdf"), &*pdf),
        ],
        &[("password", None, &[b'x'; 2000])],
    ] {
        let answer = ask(&house, submitted("/api/verify", fields)).await;
        assert_eq!(json(&answer)["error"], "bad_form");
    }
    let answer = ask(&house, submitted("/api/verify", &[("document", Some(""), b"")])).await;
    assert_eq!(json(&answer)["error"], "nothing_chosen");
}

#[tokio::test]
async fn the_answer_holds_for_the_time_that_was_asked_about() {
    let house = House::new().await;
    let signed = house.one_signed().await;
    let answer = asked(&house, "?at=2060-01-01T00:00:00Z", "*/*", &signed).await;
    let report = json(&answer);
    assert_eq!(report["at"], "2060-01-01T00:00:00Z");
    assert_eq!(report["verdict"], "indeterminate");
}

#[tokio::test]
async fn a_question_that_is_not_understood_is_refused_by_rfc_9457() {
    let house = House::new().await;
    let answer = asked(&house, "?at=hoy", "*/*", &pdf::simple(Xref::Table)).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
    let problem = json(&answer);
    assert_eq!(
        (answer.status, &problem["status"]),
        (StatusCode::BAD_REQUEST, &400.into())
    );
    assert_eq!(problem["type"], "urn:aval:error:bad_question");
    assert!(problem["title"].is_string() && problem["detail"].is_string());
}

#[tokio::test]
async fn who_accepts_xml_gets_xml() {
    let house = House::new().await;
    let signed = house.one_signed().await;
    let answer = asked(&house, "", "application/xml", &signed).await;
    assert_eq!(
        answer.headers[header::CONTENT_TYPE],
        "application/xml; charset=utf-8"
    );
    assert!(
        answer.body.contains("mainindication:total-passed"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn the_api_describes_itself() {
    let house = House::new().await;
    for path in ["/api/openapi.json", "/api/report.schema.json"] {
        let answer = ask(&house, Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json", "{path}");
        assert!(json(&answer).is_object());
    }
}

/// AES-256, opened by this password.
const LOCKED: &[u8] = include_bytes!("../../sdk/document/tests/data/pdf/r6.pdf");

#[tokio::test]
async fn an_encrypted_document_opens_by_its_password() {
    let house = House::new().await;
    for (password, locked) in [("usuaria", false), ("another", true), ("", true)] {
        let fields = [
            ("password", None, password.as_bytes()),
            ("document", Some("a.pdf"), LOCKED),
        ];
        let report = json(&ask(&house, submitted("/api/verify", &fields)).await);
        let codes: Vec<&str> = report["problems"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|p| p["code"].as_str())
            .collect();
        assert_eq!(codes.contains(&"encrypted"), locked, "{password}: {codes:?}");
    }
}

#[tokio::test]
async fn the_page_asks_for_the_password_of_an_encrypted_document() {
    let house = House::new().await;
    let page = ask(
        &house,
        submitted("/verify", &[("document", Some("a.pdf"), LOCKED)]),
    )
    .await
    .body;
    assert!(page.contains("name=\"password\"") && !page.contains("password-error"));
    for (password, asks) in [("another", true), ("usuaria", false)] {
        let fields = [
            ("password", None, password.as_bytes()),
            ("document", Some("a.pdf"), LOCKED),
        ];
        let page = ask(&house, submitted("/verify", &fields)).await.body;
        assert_eq!(page.contains("password-error"), asks, "{password}");
        assert_eq!(page.contains("name=\"password\""), asks, "{password}");
        assert!(!page.contains(password), "it is not shown");
    }
}

#[tokio::test]
async fn the_page_says_nothing_twice_and_no_code() {
    let house = House::new().await;
    let page = ask(
        &house,
        submitted(
            "/verify",
            &[("document", Some("a.pdf"), &pdf::simple(Xref::Table))],
        ),
    )
    .await
    .body;
    let people = page.split("<details").next().unwrap();
    assert_eq!(
        people.matches("no está firmado").count(),
        2,
        "in the title and in the heading"
    );
    let page = ask(
        &house,
        submitted("/verify", &[("document", Some("a.pdf"), LOCKED)]),
    )
    .await
    .body;
    assert!(!page.split("<details").next().unwrap().contains("<code"));
}
