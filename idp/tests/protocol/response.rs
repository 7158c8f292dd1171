//! How answers travel: form posts, signed answers (JARM), and errors by the same way.

use axum::http::{StatusCode, header};
use sdk_jose::Algorithm;
use serde_json::{Value, json};

use crate::{
    agency::{Agency, CALLBACK, returned},
    browser::{Answer, House},
};

const ISSUER: &str = "http://localhost:8080";

/// The fields of the form that a page posts to the client.
#[track_caller]
fn posted(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let (action, fields) = answer.form(CALLBACK);
    assert_eq!(action, CALLBACK);
    fields
}

fn field(fields: &[(String, String)], name: &str) -> Option<String> {
    let found = fields.iter().find(|(known, _)| known == name)?;
    Some(found.1.clone())
}

#[tokio::test]
async fn form_post_takes_the_code_by_a_form() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let state = "<script>\"'&";
    let (_, answer) = agency
        .login(&house, &[("response_mode", "form_post"), ("state", state)])
        .await;
    let fields = posted(&answer);
    assert_eq!(field(&fields, "state").as_deref(), Some(state));
    assert_eq!(field(&fields, "iss").as_deref(), Some(ISSUER));
    let reply = agency.redeem(&field(&fields, "code").unwrap()).await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn the_page_of_a_form_post_runs_only_our_script_and_posts_only_there() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let request = agency.request(&[("response_mode", "form_post"), ("prompt", "none")]);
    let answer = house.browser().get(&request).await;
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("script-src 'self';"), "{policy}");
    assert!(
        policy.contains("form-action 'self' https://agency.example;"),
        "{policy}"
    );
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert!(!answer.body.contains("<script>") && !answer.body.contains("onload"));
    let script = answer.body.split("<script src=\"").nth(1).unwrap();
    let script = house.browser().get(script.split('"').next().unwrap()).await;
    assert_eq!(script.status, StatusCode::OK);
    assert!(answer.body.contains("<button"), "works without script, too");
}

#[tokio::test]
async fn an_error_is_posted_as_well() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for (changes, error) in [
        (
            [("response_mode", "form_post"), ("prompt", "none")],
            "login_required",
        ),
        (
            [("response_mode", "form_post"), ("response_type", "token")],
            "unsupported_response_type",
        ),
    ] {
        let answer = house.browser().get(&agency.request(&changes)).await;
        let fields = posted(&answer);
        assert_eq!(field(&fields, "error").as_deref(), Some(error));
        assert_eq!(field(&fields, "state").as_deref(), Some("estado"));
    }
}

/// The claims of a signed answer.
async fn opened(agency: &Agency, token: &str) -> Value {
    agency.claims(token, Algorithm::ES256).await
}

#[tokio::test]
async fn a_signed_answer_holds_everything_and_repeats_nothing_outside() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for mode in ["jwt", "query.jwt", "form_post.jwt"] {
        let (_, answer) = agency.login(&house, &[("response_mode", mode)]).await;
        let token = if mode == "form_post.jwt" {
            let fields = posted(&answer);
            assert_eq!(fields.len(), 1);
            fields[0].1.clone()
        } else {
            for outside in ["code", "state", "iss"] {
                assert_eq!(returned(&answer, outside), None, "{outside}");
            }
            returned(&answer, "response").unwrap()
        };
        let claims = opened(&agency, &token).await;
        assert_eq!(claims["iss"], ISSUER);
        assert_eq!(claims["aud"], agency.id.as_str());
        assert_eq!(claims["state"], "estado");
        let left = claims["exp"].as_i64().unwrap() - house.idp.now().0;
        assert!((1..=600).contains(&left), "{left}");
        let reply = agency.redeem(claims["code"].as_str().unwrap()).await;
        assert_eq!(reply.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_signed_error_is_signed() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let request = agency.request(&[("response_mode", "jwt"), ("prompt", "none")]);
    let answer = house.browser().get(&request).await;
    assert_eq!(returned(&answer, "error"), None);
    let claims = opened(&agency, &returned(&answer, "response").unwrap()).await;
    assert_eq!(claims["error"], "login_required");
    assert_eq!(claims["state"], "estado");
}

#[tokio::test]
async fn an_answer_is_signed_as_the_client_registered() {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "authorization_signed_response_alg": "EdDSA" })).await;
    let (_, answer) = agency.login(&house, &[("response_mode", "jwt")]).await;
    let token = returned(&answer, "response").unwrap();
    let claims = agency.claims(&token, Algorithm::EdDSA).await;
    assert!(claims["code"].is_string());
}
