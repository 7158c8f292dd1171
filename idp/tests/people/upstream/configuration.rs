//! What the operator configured is what is asked, believed and recorded.

use axum::http::StatusCode;
use serde_json::json;

use super::{ANA, Bridge};

#[tokio::test]
async fn how_the_person_was_proven_is_recorded_as_the_operator_says() {
    for (setting, level) in [("", "ial1"), ("identity_assurance = \"ial2\"", "ial2")] {
        let bridge = Bridge::with(setting).await;
        let answer = bridge.activate(&mut bridge.house.browser()).await;
        assert!(answer.path.contains("activation="), "{}", answer.body);
        let entries = bridge.entries(ANA).await;
        for event in ["activation.vouched", "activation.opened"] {
            let entry = entries.iter().find(|entry| entry.event == event).unwrap();
            assert!(
                entry.detail.contains(&format!("\"ial\":\"{level}\"")),
                "{}",
                entry.detail
            );
            assert!(entry.detail.contains("\"upstream\":\"otra\""), "{}", entry.detail);
        }
    }
}

#[tokio::test]
async fn clave_unicas_object_is_read_from_userinfo_and_the_secret_goes_in_the_form() {
    let bridge = Bridge::with(
        "client_authentication = \"client_secret_post\"\nscope = \"openid run name\"\nfresh_login = false",
    )
    .await;
    bridge.other.says(json!({}));
    bridge.other.lies(json!({ "auth_time": null }));
    let run = json!({ "numero": 12_345_678, "DV": "5", "tipo": "RUN" });
    *bridge.other.userinfo.lock().unwrap() = json!({ "sub": "s-1", "rut": run });
    let answer = bridge.activate(&mut bridge.house.browser()).await;
    assert!(answer.path.contains("activation="), "{}", answer.body);
    assert_eq!(bridge.other.parameter("prompt"), "");
    let posted = bridge.other.posted.lock().unwrap().clone();
    assert!(posted[0].2.contains("client_secret=s3creto") && posted[0].1.is_empty());
    assert_eq!(
        (posted[1].0.as_str(), posted[1].1.as_str()),
        ("/userinfo", "Bearer llave")
    );
}

#[tokio::test]
async fn by_default_the_secret_goes_in_a_header_and_userinfo_is_not_asked() {
    let bridge = Bridge::new().await;
    bridge.activate(&mut bridge.house.browser()).await;
    let posted = bridge.other.posted.lock().unwrap().clone();
    let basic = data_encoding::BASE64.encode(b"aval:s3creto");
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0].1, format!("Basic {basic}"));
    assert!(!posted[0].2.contains("s3creto"));
}

#[tokio::test]
async fn a_claim_that_the_operator_requires_must_be_there() {
    let bridge = Bridge::with("required = { pais = \"cl\" }").await;
    let mut browser = bridge.house.browser();
    let answer = bridge.activate(&mut browser).await;
    bridge.nothing(&mut browser, &answer, StatusCode::FORBIDDEN).await;
    bridge.other.says(json!({ "rut": "12345678-5", "pais": "cl" }));
    let answer = bridge.activate(&mut browser).await;
    assert!(answer.path.contains("activation="), "{}", answer.body);
}
