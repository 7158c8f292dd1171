//! The wire, for whoever is not logged in: pages, the API, errors, headers. The desk is walked in the workspace's
//! stories, with a real identity provider.

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

fn get(path: &str) -> http::request::Builder {
    Request::get(path).header(header::ACCEPT, "text/html")
}

async fn page(path: &str) -> Answer {
    ask(&House::new().await, get(path).body(Body::empty()).unwrap()).await
}

async fn verified(house: &House, bytes: Vec<u8>) -> Answer {
    ask(
        house,
        Request::post("/api/verify").body(Body::from(bytes)).unwrap(),
    )
    .await
}

fn form(file: &str, bytes: &[u8]) -> Request<Body> {
    let mut form = submitted("/verify", &[("document", Some(file), bytes)]);
    form.headers_mut()
        .insert(header::ACCEPT, "text/html".parse().unwrap());
    form
}

#[tokio::test]
async fn public_pages_are_spanish_first_and_english_when_asked() {
    for path in ["/", "/verify", "/help", "/privacy"] {
        let answer = page(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.contains("<html lang=\"es\">"), "{path}");
        let english = page(&format!("{path}?lang=en")).await;
        assert!(english.body.contains("<html lang=\"en\">"), "{path}");
        assert!(!english.body.contains("Ayuda"), "{path}");
    }
}

#[tokio::test]
async fn every_response_has_the_security_headers() {
    for path in ["/", "/nowhere", "/api/verify", "/livez", "/assets/nothing.js"] {
        let headers = page(path).await.headers;
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn no_page_has_inline_script_or_style() {
    for path in ["/", "/verify", "/help", "/privacy", "/nowhere"] {
        let body = page(path).await.body;
        assert!(
            !body.contains("<style") && !body.contains(" style=") && !body.contains("onclick"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_unknown_address_gets_a_page_that_says_what_to_do() {
    let answer = page("/nowhere").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("Aquí no hay nada") && answer.body.contains("Ir al inicio"));
}

#[tokio::test]
async fn a_program_gets_the_same_error_as_json() {
    let house = House::new().await;
    let request = Request::get("/nowhere")
        .header(header::ACCEPT, "application/json")
        .body(Body::empty())
        .unwrap();
    let answer = ask(&house, request).await;
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        (answer.status, body["error"].as_str()),
        (StatusCode::NOT_FOUND, Some("not_found"))
    );
    assert!(body["reference"].as_str().is_some_and(|r| r.len() == 8));
}

#[tokio::test]
async fn a_wrong_method_is_said_to_be_one() {
    assert_eq!(page("/api/verify").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn whoever_is_not_logged_in_changes_nothing() {
    let house = House::new().await;
    for path in [
        "/desk/documents",
        "/approvals",
        "/documents/00000000000000000000000000000000/remove",
    ] {
        let answer = ask(&house, Request::post(path).body(Body::from("x")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn the_api_reports_a_signed_document_as_valid() {
    let house = House::new().await;
    let signed = house.one_signed().await;
    let answer = verified(&house, signed).await;
    let report: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        (answer.status, report["verdict"].as_str()),
        (StatusCode::OK, Some("valid"))
    );
    assert_eq!(
        report["signatures"][0]["signer"]["common_name"],
        "María José Muñoz del Río"
    );
    assert_eq!(report["signatures"][0]["trust"], "trusted");
}

#[tokio::test]
async fn the_api_reports_a_truncated_document_without_an_error() {
    let house = House::new().await;
    let whole = pdf::simple(Xref::Table);
    let answer = verified(&house, whole[..whole.len() / 2].to_vec()).await;
    let report: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        (answer.status, report["verdict"].as_str()),
        (StatusCode::OK, Some("indeterminate"))
    );
}

#[tokio::test]
async fn the_api_refuses_what_is_no_pdf() {
    let house = House::new().await;
    for bytes in [Vec::new(), b"hello".to_vec(), vec![0; 100_000]] {
        let answer = verified(&house, bytes).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert!(answer.body.contains("\"not_a_pdf\""));
    }
}

#[tokio::test]
async fn the_api_refuses_an_announced_length_beyond_the_limit_before_reading() {
    let house = House::new().await;
    let request = Request::post("/api/verify")
        .header(header::CONTENT_LENGTH, "2000000000")
        .body(Body::from_stream(futures_util::stream::pending::<
            Result<bytes::Bytes, std::io::Error>,
        >()))
        .unwrap();
    let answer = ask(&house, request).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn row_66_nothing_is_kept_of_a_verified_file() {
    let house = House::new().await;
    verified(&house, pdf::simple(Xref::Table)).await;
    ask(&house, form("a.pdf", &pdf::simple(Xref::Table))).await;
    for part in ["work", "source", "signed", "picture"] {
        let folder = house.folder.path().join("documents").join(part);
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "{part}");
    }
}

#[tokio::test]
async fn row_66_no_byte_of_a_verified_file_is_on_the_disk_afterwards() {
    const MARKER: &[u8] = b"8c1f5e0a-this-was-never-here";
    let house = House::new().await;
    let mut document = pdf::simple(Xref::Table);
    document.extend_from_slice(MARKER);
    assert_eq!(verified(&house, document.clone()).await.status, StatusCode::OK);
    assert_eq!(ask(&house, form("a.pdf", &document)).await.status, StatusCode::OK);
    let (mut folders, mut files) = (vec![house.folder.path().to_owned()], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(MARKER.len()).any(|window| window == MARKER);
            assert!(!found, "{}", path.display());
            files += 1;
        }
    }
    assert!(files > 0, "the database at least");
}

#[tokio::test]
async fn row_67_the_same_file_gets_the_same_report_but_for_its_time() {
    let house = House::new().await;
    let signed = house.one_signed().await;
    let mut reports = Vec::new();
    for _ in 0..3 {
        let body = verified(&house, signed.clone()).await.body;
        let mut report: serde_json::Value = serde_json::from_str(&body).unwrap();
        report["at"] = serde_json::Value::Null;
        // Without a timestamp, nothing older than the verification is proven.
        report["signatures"][0]["best_time"] = serde_json::Value::Null;
        reports.push(report);
    }
    assert_eq!(reports[0]["verdict"], "valid");
    assert!(reports.iter().all(|report| *report == reports[0]));
}

#[tokio::test]
async fn row_64_the_page_names_whom_the_certificate_names() {
    let house = House::new().await;
    let signed = house.one_signed().await;
    let answer = ask(&house, form("permiso.pdf", &signed)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("Este documento es auténtico"));
    assert!(
        answer
            .body
            .contains("María José Muñoz del Río, Directora de Obras, Municipalidad de Temuco")
    );
    assert!(answer.body.contains("Nadie lo ha modificado desde entonces"));
}

#[tokio::test]
async fn the_page_warns_of_a_changed_document() {
    let house = House::new().await;
    let mut signed = house.one_signed().await;
    let at = signed.windows(6).position(|w| w == b"Oficio").unwrap();
    signed[at] = b'o';
    let answer = ask(&house, form("permiso.pdf", &signed)).await;
    assert!(answer.body.contains("No confíes en este documento"));
    assert!(!answer.body.contains("verdict good"));
}

#[tokio::test]
async fn the_page_asks_again_for_a_file_that_is_no_pdf_and_says_why_at_the_field() {
    let answer = ask(&House::new().await, form("a.docx", b"PK")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("<title>Error: "));
    assert!(
        answer
            .body
            .contains("aria-describedby=\"document-hint document-error\"")
    );
}

#[tokio::test]
async fn row_64_a_name_in_a_file_cannot_bring_markup() {
    let house = House::new().await;
    let answer = ask(
        &house,
        form("<img src=x onerror=alert(1)>.pdf", &pdf::simple(Xref::Table)),
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.body.contains("<img"));
}

#[tokio::test]
async fn readiness_tells_what_does_not_answer() {
    let house = House::new().await;
    let ready = |answer: Answer| (answer.status, answer.body);
    let (status, _) = ready(ask(&house, get("/readyz").body(Body::empty()).unwrap()).await);
    assert_eq!(status, StatusCode::OK);
    std::fs::remove_dir_all(house.folder.path().join("documents")).unwrap();
    let (status, body) = ready(ask(&house, get("/readyz").body(Body::empty()).unwrap()).await);
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("documents"));
    assert_eq!(
        ask(&house, get("/livez").body(Body::empty()).unwrap())
            .await
            .status,
        StatusCode::OK
    );
}
