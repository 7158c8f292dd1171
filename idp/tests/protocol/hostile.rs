//! Hostile authorization requests: text that wants to be markup, oversized and repeated parameters, floods.

use axum::http::StatusCode;

use crate::{
    agency::{Agency, CALLBACK, returned},
    browser::House,
};

/// What a stranger can put into a link.
const PARAMETERS: [&str; 18] = [
    "state",
    "nonce",
    "scope",
    "login_hint",
    "ui_locales",
    "claims_locales",
    "display",
    "prompt",
    "max_age",
    "acr_values",
    "claims",
    "id_token_hint",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "authorization_details",
    "unknown",
];

const MARKUP: [&str; 6] = [
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "</form><form action=https://evil.example>",
    "{{7*7}}${7*7}",
    "%0d%0aSet-Cookie:%20a=b\r\nX: y",
];

#[tokio::test]
async fn no_reflected_parameter_becomes_markup() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for name in PARAMETERS {
        for markup in MARKUP {
            for mode in ["query", "form_post"] {
                let changes: &[(&str, &str)] = if name == "response_mode" {
                    &[(name, markup)]
                } else {
                    &[(name, markup), ("response_mode", mode)]
                };
                let answer = house.browser().get(&agency.request(changes)).await;
                for raw in [
                    "<script>alert",
                    "<img src=x",
                    "<form action=https",
                    "onerror=alert(1)>",
                ] {
                    assert!(!answer.body.contains(raw), "{name} {mode} {markup}");
                }
                assert!(answer.headers.get("x").is_none(), "{name} {markup}");
            }
        }
    }
}

#[tokio::test]
async fn row_88_what_is_too_long_is_refused_and_nothing_of_it_is_kept() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for (name, length) in [
        ("state", 4_097),
        ("nonce", 1_025),
        ("claims", 4_097),
        ("authorization_details", 16_385),
        ("request", 20_000),
    ] {
        let long = "x".repeat(length);
        let answer = house.browser().get(&agency.request(&[(name, &long)])).await;
        assert!(answer.path.starts_with(CALLBACK), "{name}");
        assert!(returned(&answer, "error").is_some(), "{name}");
    }
    let mut read = house.idp.store.read().await.unwrap();
    let (rows,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM interactions")
        .fetch_one(&mut *read)
        .await
        .unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn row_88_a_parameter_that_comes_twice_is_refused_whichever_it_is() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for name in ["state", "nonce", "scope", "code_challenge", "prompt", "claims"] {
        let changes = [(name, "one"), (name, "two")];
        let answer = house.browser().get(&agency.request(&changes)).await;
        assert_eq!(
            returned(&answer, "error").as_deref(),
            Some("invalid_request"),
            "{name}"
        );
    }
    for name in ["client_id", "redirect_uri", "request", "request_uri"] {
        let changes = [(name, "one"), (name, "two")];
        let answer = house.browser().get(&agency.request(&changes)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
        assert!(!answer.headers.contains_key("location"), "{name}");
    }
}

#[tokio::test]
async fn somebody_without_a_credential_reads_where_one_is_handed_out() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let page = house
        .browser()
        .get(&agency.request(&[("prompt", "create")]))
        .await;
    assert!(page.path.starts_with("/login?"));
    assert!(page.body.contains("id=\"create\""), "{}", page.body);
    let usual = house.browser().get(&agency.request(&[])).await;
    assert!(!usual.body.contains("id=\"create\""));
}
