//! What every answer carries and what no request can change, at the endpoints of clients and in errors of every kind.

use axum::http::{StatusCode, header};

use crate::{
    agency::{Agency, Reply},
    browser::House,
};

/// One request for each kind of answer: good, refused, unknown, wrong method, too large.
const ASKED: [(&str, &str, StatusCode); 12] = [
    ("GET", "/.well-known/openid-configuration", StatusCode::OK),
    ("GET", "/jwks", StatusCode::OK),
    ("GET", "/livez", StatusCode::OK),
    ("GET", "/help", StatusCode::OK),
    ("GET", "/", StatusCode::SEE_OTHER),
    ("GET", "/authorize", StatusCode::BAD_REQUEST),
    ("POST", "/token", StatusCode::BAD_REQUEST),
    ("GET", "/token", StatusCode::METHOD_NOT_ALLOWED),
    ("GET", "/userinfo", StatusCode::UNAUTHORIZED),
    ("OPTIONS", "/token", StatusCode::NO_CONTENT),
    ("GET", "/nowhere", StatusCode::NOT_FOUND),
    ("POST", "/login", StatusCode::BAD_REQUEST),
];

const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
];

fn is_armoured(reply: &Reply, what: &str) {
    for (name, value) in ALWAYS {
        assert_eq!(reply.headers[name], value, "{what}");
    }
    let policy = reply.headers["content-security-policy"].to_str().unwrap();
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(directive), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    assert!(reply.headers.contains_key("permissions-policy"), "{what}");
    assert!(reply.headers.contains_key(header::CACHE_CONTROL), "{what}");
}

#[tokio::test]
async fn row_83_nothing_that_is_answered_can_be_framed_sniffed_or_read_by_others() {
    let house = House::at("https://id.example.org").await;
    let agency = Agency::new(&house).await;
    for (method, path, status) in ASKED {
        let reply = agency.send(method, path, None, &[]).await;
        assert_eq!(reply.status, status, "{method} {path}");
        is_armoured(&reply, path);
    }
    let large = "x".repeat(10 << 20);
    for path in ["/token", "/authorize", "/userinfo", "/revoke"] {
        let reply = agency.send("POST", path, Some(&[("code", &large)]), &[]).await;
        assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        is_armoured(&reply, path);
    }
    house.idp.store.close().await;
    let reply = agency
        .post("/token", &[("grant_type", "authorization_code")])
        .await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.text("error"), "temporarily_unavailable");
    assert!(reply.headers.contains_key(header::RETRY_AFTER));
    is_armoured(&reply, "a fault");
}

#[tokio::test]
async fn row_89_forwarded_headers_of_strangers_change_nothing() {
    let house = House::at("https://id.example.org").await;
    let agency = Agency::new(&house).await;
    let forged = [
        ("host", "evil.example"),
        ("forwarded", "for=10.0.0.1;host=evil.example;proto=http"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-port", "81"),
        ("x-original-url", "/nowhere"),
        ("x-rewrite-url", "/nowhere"),
        ("x-http-method-override", "DELETE"),
    ];
    let request = agency.request(&[("prompt", "none")]);
    for path in [
        "/.well-known/openid-configuration",
        "/jwks",
        "/",
        &request,
        "/help",
        "/nowhere",
    ] {
        let (plain, told) = (
            agency.send("GET", path, None, &[]).await,
            agency.send("GET", path, None, &forged).await,
        );
        assert_eq!((plain.status, &plain.json), (told.status, &told.json), "{path}");
        assert_eq!(
            plain.headers.get(header::LOCATION),
            told.headers.get(header::LOCATION),
            "{path}"
        );
        for value in told.headers.values() {
            assert!(!value.to_str().unwrap().contains("evil"), "{path}");
        }
    }
}

#[tokio::test]
async fn row_88_what_a_proxy_may_have_read_otherwise_ends_the_connection() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let chunked = agency
        .send("POST", "/token", Some(&[]), &[("transfer-encoding", "chunked")])
        .await;
    assert_eq!(chunked.headers[header::CONNECTION], "close");
    let plain = agency.send("POST", "/token", Some(&[]), &[]).await;
    assert!(!plain.headers.contains_key(header::CONNECTION));
}
