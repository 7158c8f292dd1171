//! Addresses that must never be redirected to (RFC 9700 §4.1; each line broke somebody's provider).

use axum::http::{StatusCode, header};

use crate::{
    agency::{Agency, CALLBACK},
    browser::House,
};

/// Variations on `https://agency.example/cb`.
const HOSTILE: &[&str] = &[
    "https://evil.example/cb",
    "https://evil.example",
    "//evil.example/cb",
    "//evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https:/evil.example/cb",
    "https:///evil.example/cb",
    "https://agency.example@evil.example/cb",
    "https://agency.example:cb@evil.example/cb",
    "https://agency.example%40evil.example/cb",
    "https://agency.example\\@evil.example/cb",
    "https://evil.example\\@agency.example/cb",
    "https://evil.example#@agency.example/cb",
    "https://evil.example?@agency.example/cb",
    "https://user@agency.example/cb",
    "https://a@b@agency.example/cb",
    "https://user:password@agency.example/cb",
    "https://agency.example.evil.example/cb",
    "https://evil-agency.example/cb",
    "https://evil.agency.example/cb",
    "https://*.agency.example/cb",
    "https://agency.example./cb",
    "https://agency.example:443/cb",
    "https://agency.example:8443/cb",
    "https://agency.example:80/cb",
    "http://agency.example/cb",
    "HTTPS://agency.example/cb",
    "https://AGENCY.example/cb",
    "https://agency.example/CB",
    "https://agency.example/cb/",
    "https://agency.example/cb/..",
    "https://agency.example/cb/../cb",
    "https://agency.example/cb/../../evil",
    "https://agency.example/x/../cb",
    "https://agency.example/./cb",
    "https://agency.example//cb",
    "https://agency.example/cb//",
    "https://agency.example/cb%2f",
    "https://agency.example/cb/%2e%2e/evil",
    "https://agency.example/cb/%2e%2e%2fevil",
    "https://agency.example/cb/%252e%252e/evil",
    "https://agency.example/cb/..;/evil",
    "https://agency.example/cb;jsessionid=1",
    "https://agency.example/%63%62",
    "https://agency.example/cb%00",
    "https://agency.example/cb%0d%0aSet-Cookie:a=b",
    "https://agency.example/cb\u{a0}",
    " https://agency.example/cb",
    "https://agency.example/cb ",
    "https://agency.example/cb?",
    "https://agency.example/cb?code=evil",
    "https://agency.example/cb?x=1",
    "https://agency.example/cb#",
    "https://agency.example/cb#fragment",
    "https://agency.example",
    "https://agency.example/",
    "https://ągency.example/cb",
    "https://xn--gency-95a.example/cb",
    "https://agency。example/cb",
    "https://agency.example\u{ff0f}cb",
    "javascript:alert(1)",
    "JaVaScript:alert(1)",
    "javascript://agency.example/cb%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "http://localhost/cb",
    "http://127.0.0.1/cb",
    "http://[::1]/cb",
    "com.example.app:/cb",
    "cb",
    "/cb",
];

#[tokio::test]
async fn none_of_them_is_redirected_to() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    assert!(HOSTILE.len() > 60);
    for uri in HOSTILE {
        for more in [("x", "y"), ("prompt", "none"), ("response_type", "token")] {
            let path = agency.request(&[("redirect_uri", uri), more]);
            let reply = agency.send("GET", &path, None, &[]).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{uri}");
            assert!(!reply.headers.contains_key(header::LOCATION), "{uri}");
        }
    }
}

#[tokio::test]
async fn none_of_them_can_be_pushed() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for uri in HOSTILE {
        let reply = agency.push(&[("redirect_uri", uri)]).await;
        reply.is_error("invalid_request");
        assert_eq!(reply.text("request_uri"), "", "{uri}");
    }
}

#[tokio::test]
async fn a_missing_or_doubled_redirect_uri_stays_here() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for path in [
        agency.request(&[("redirect_uri", "")]),
        agency.request(&[("redirect_uri", CALLBACK), ("redirect_uri", CALLBACK)]),
        agency.request(&[
            ("redirect_uri", CALLBACK),
            ("redirect_uri", "https://evil.example/cb"),
        ]),
        agency.request(&[("client_id", "nobody")]),
        agency.request(&[("client_id", "")]),
        agency.request(&[("client_id", &agency.id), ("client_id", &agency.id)]),
    ] {
        let reply = agency.send("GET", &path, None, &[]).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(!reply.headers.contains_key(header::LOCATION), "{path}");
    }
}

#[tokio::test]
async fn the_registered_one_works() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let reply = agency
        .send("GET", &agency.request(&[("redirect_uri", CALLBACK)]), None, &[])
        .await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_registered_query_is_kept_and_cannot_be_changed() {
    let house = House::new().await;
    let uri = "https://agency.example/cb?system=7";
    let agency = Agency::with(&house, serde_json::json!({ "redirect_uris": [uri] })).await;
    let (_, answer) = agency.login(&house, &[("redirect_uri", uri)]).await;
    assert!(
        answer.path.starts_with(&format!("{uri}&code=")),
        "{}",
        answer.path
    );
    let other = agency.request(&[("redirect_uri", "https://agency.example/cb?system=8")]);
    assert_eq!(
        agency.send("GET", &other, None, &[]).await.status,
        StatusCode::BAD_REQUEST
    );
}
