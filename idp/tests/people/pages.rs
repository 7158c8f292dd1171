//! What every page has.

use axum::http::{Request, StatusCode};

use crate::browser::{House, NUMBER};

const EVERYWHERE: [&str; 9] = [
    "/account",
    "/help",
    "/privacy",
    "/accessibility",
    "/logged-out",
    "/nowhere",
    "/assets/nothing.css",
    "/login",
    "/login/passkey",
];

#[tokio::test]
async fn row_83_every_response_carries_the_security_headers_errors_included() {
    let house = House::new().await;
    for path in EVERYWHERE {
        let answer = house.browser().get(path).await;
        let header = |name: &str| {
            answer
                .headers
                .get(name)
                .map(|v| v.to_str().unwrap().to_owned())
                .unwrap_or_default()
        };
        let policy = header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert!(!header("permissions-policy").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn row_85_on_https_browsers_are_told_to_stay_there() {
    let house = House::at("https://id.example.org").await;
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    assert!(
        login.headers["strict-transport-security"]
            .to_str()
            .unwrap()
            .contains("max-age=63072000")
    );
    assert!(browser.cookies.keys().any(|name| name.starts_with("__Host-")));
}

#[tokio::test]
async fn row_84_no_page_has_script_or_style_in_it_and_every_link_leads_somewhere() {
    let house = House::new().await;
    let (mut citizen, account) = house.signed_in().await;
    let mut visitor = house.browser();
    let passkey = citizen.get("/account/passkeys/new").await;
    let pages = [
        (&mut citizen.clone(), account),
        (&mut citizen, passkey),
        (&mut visitor.clone(), visitor.get("/help").await),
        (&mut visitor.clone(), visitor.get("/privacy").await),
    ];
    let login = visitor.get("/account").await;
    for (browser, page) in pages.into_iter().chain([(&mut visitor, login)]) {
        for part in page.body.split("<script").skip(1) {
            assert!(
                part.starts_with(" src=\"/assets/") && part.contains("></script>"),
                "{part}"
            );
        }
        assert!(
            !page.body.contains("<style")
                && !page.body.contains(" style=")
                && !page.body.contains(" onclick=")
        );
        for link in page
            .body
            .split(" href=\"/")
            .skip(1)
            .chain(page.body.split(" src=\"/").skip(1))
        {
            let path = format!("/{}", link.split('"').next().unwrap().replace("&#38;", "&"));
            assert_eq!(browser.get(&path).await.status, StatusCode::OK, "{path}");
        }
    }
}

#[tokio::test]
async fn a_login_page_weighs_less_than_twenty_four_kilobytes_in_all() {
    let house = House::new().await;
    let mut browser = house.browser();
    browser.headers.push(("accept-encoding", "br".to_owned()));
    let page = browser.get("/account").await;
    let mut weight = page.weight;
    for asset in page.body.split("\"/assets/").skip(1) {
        let asset = browser
            .get(&format!("/assets/{}", asset.split('"').next().unwrap()))
            .await;
        assert!(
            asset.headers["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        weight += asset.weight;
    }
    assert!(weight < 24_576, "{weight}");
}

#[tokio::test]
async fn assets_are_compressed_and_pages_with_secrets_are_not() {
    let house = House::new().await;
    let mut browser = house.browser();
    browser.headers.push(("accept-encoding", "br, gzip".to_owned()));
    let page = browser.get("/account").await;
    assert!(!page.headers.contains_key("content-encoding"));
    let asset = page
        .body
        .split("\"/assets/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let asset = browser.get(&format!("/assets/{asset}")).await;
    assert_eq!(asset.headers["content-encoding"], "br");
    assert!(
        asset.headers["vary"]
            .to_str()
            .unwrap()
            .contains("accept-encoding")
    );
}

#[tokio::test]
async fn titles_are_unique() {
    let house = House::new().await;
    let mut browser = house.browser();
    let mut titles = std::collections::BTreeSet::new();
    let second = browser.at_second_step(NUMBER).await;
    for page in [
        second,
        house.browser().get("/account").await,
        browser.get("/help").await,
        browser.get("/privacy").await,
    ] {
        let title = page
            .body
            .split("<title>")
            .nth(1)
            .unwrap()
            .split("</title>")
            .next()
            .unwrap()
            .to_owned();
        assert!(titles.insert(title.clone()), "{title}");
    }
}

#[tokio::test]
async fn the_language_follows_the_browser_until_the_person_chooses() {
    let house = House::new().await;
    let mut browser = house.browser();
    browser
        .headers
        .push(("accept-language", "en-GB,en;q=0.9".to_owned()));
    assert!(browser.get("/help").await.body.contains("<html lang=\"en\">"));
    assert!(
        browser
            .get("/help?lang=es")
            .await
            .body
            .contains("<html lang=\"es\">")
    );
    assert!(browser.get("/privacy").await.body.contains("<html lang=\"es\">"));
}

#[tokio::test]
async fn row_90_an_error_says_what_happened_and_gives_a_number_and_nothing_else() {
    let house = House::new().await;
    let answer = house.browser().get("/nowhere").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("Esa página no existe") && answer.body.contains("entrega este número"));
}

#[tokio::test]
async fn a_program_gets_one_line_and_not_a_page() {
    use tower::ServiceExt as _;
    let house = House::new().await;
    let request = Request::builder()
        .uri("/nowhere")
        .header("accept", "application/json");
    let response = idp::http::router(house.idp.clone())
        .oneshot(request.body(axum::body::Body::empty()).unwrap())
        .await
        .unwrap();
    let body = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
    assert!(body.starts_with(b"not-found ") && body.len() < 64);
}
