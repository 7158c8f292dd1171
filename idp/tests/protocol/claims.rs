//! Single claims, authorization details and resources: asked, shown, agreed to, kept.

use sdk_jose::Algorithm;
use serde_json::json;

use crate::{
    agency::{Agency, returned},
    browser::{House, NUMBER, PASSWORD},
};

#[tokio::test]
async fn claims_essential() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let claims = r#"{"userinfo":{"name":{"essential":true}},"id_token":{"given_name":null,"auth_time":{"essential":true}}}"#;
    let (_, tokens) = agency
        .tokens(&house, &[("scope", "openid"), ("claims", claims)])
        .await;
    let userinfo = agency.userinfo(tokens.text("access_token")).await;
    assert_eq!(userinfo.text("name"), "María José Muñoz Ñancupil");
    assert_eq!(userinfo.json.get("given_name"), None, "only what was asked");
    let id_token = agency.claims(tokens.text("id_token"), Algorithm::ES256).await;
    assert_eq!(id_token["given_name"], "María José");
    assert_eq!(id_token.get("name"), None);
    assert!(id_token["auth_time"].is_i64());
}

#[tokio::test]
async fn single_claims_are_in_the_history_before_they_are_released() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let claims = r#"{"userinfo":{"email":null},"id_token":{"given_name":null}}"#;
    let (_, tokens) = agency.tokens(&house, &[("claims", claims)]).await;
    agency.userinfo(tokens.text("access_token")).await;
    let mut read = house.idp.store.read().await.unwrap();
    let kept: Vec<(String,)> =
        sqlx::query_as("SELECT detail FROM audit WHERE event = 'claims.released' ORDER BY seq")
            .fetch_all(&mut *read)
            .await
            .unwrap();
    let details: Vec<serde_json::Value> = kept
        .iter()
        .map(|(detail,)| serde_json::from_str(detail).unwrap())
        .collect();
    assert_eq!(details[0]["claims"], "given_name");
    assert_eq!(details[1]["claims"], "email");
}

#[tokio::test]
async fn a_single_claim_is_shown_and_asked_before_it_is_released() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, _) = agency.login(&house, &[("scope", "openid")]).await;
    let claims = r#"{"userinfo":{"email":null}}"#;
    let asked = [("scope", "openid"), ("claims", claims)];
    let silent = [asked[0], asked[1], ("prompt", "none")];
    let answer = browser.get(&agency.request(&silent)).await;
    assert_eq!(returned(&answer, "error").as_deref(), Some("consent_required"));
    let page = browser.get(&agency.request(&asked)).await;
    assert!(page.path.starts_with("/consent?") && page.body.contains("alguien@correo.example"));
}

#[tokio::test]
async fn a_client_gets_no_single_claim_beyond_its_registration() {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "scope": "openid profile" })).await;
    let claims = r#"{"userinfo":{"email":{"essential":true},"national_id":null}}"#;
    let (_, tokens) = agency.tokens(&house, &[("claims", claims)]).await;
    let userinfo = agency.userinfo(tokens.text("access_token")).await;
    assert_eq!(userinfo.json.get("email"), None);
    assert_eq!(userinfo.json.get("national_id"), None);
}

#[tokio::test]
async fn a_narrowed_token_opens_no_single_claims() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let claims = r#"{"userinfo":{"email":null}}"#;
    let (_, tokens) = agency.tokens(&house, &[("claims", claims)]).await;
    let narrowed = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.text("refresh_token")),
        ("scope", "openid"),
    ];
    let narrowed = agency.post("/token", &narrowed).await;
    let userinfo = agency.userinfo(narrowed.text("access_token")).await;
    assert_eq!(userinfo.json.get("email"), None);
}

#[tokio::test]
async fn a_subject_among_the_claims_is_a_hint() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (mut browser, tokens) = agency.tokens(&house, &[]).await;
    let sub = agency.claims(tokens.text("id_token"), Algorithm::ES256).await["sub"]
        .as_str()
        .unwrap()
        .to_owned();
    for (sub, expected) in [(sub.as_str(), None), ("somebody-else", Some("login_required"))] {
        let claims = json!({ "id_token": { "sub": { "value": sub } } }).to_string();
        let request = agency.request(&[("claims", &claims), ("prompt", "none")]);
        let answer = browser.get(&request).await;
        assert_eq!(returned(&answer, "error").as_deref(), expected);
    }
}

const TYPES: &str = r#"
[authorization_details.signature]
es = "Firmar documentos <b>"
en = "Sign documents"
fields.documents = { es = "Documentos", en = "Documents" }

[[resources]]
uri = "https://archive.example"
name = "Archivo"
client = "archivo"
"#;

async fn signing(house: &House) -> Agency {
    let registration = json!({
        "authorization_details_types": ["signature"], "resources": ["https://archive.example"],
    });
    Agency::with(house, registration).await
}

#[tokio::test]
async fn details_are_shown_in_words_each_time_and_kept_with_the_grant() {
    let house = House::configured("http://localhost:8080", TYPES).await;
    let agency = signing(&house).await;
    let (mut browser, _) = agency.login(&house, &[]).await;
    let details = r#"[{"type":"signature","documents":["contrato.pdf","<script>alert(1)</script>"]}]"#;
    let asked = [
        ("authorization_details", details),
        ("resource", "https://archive.example"),
    ];
    for _ in 0..2 {
        let page = browser.get(&agency.request(&asked)).await;
        assert!(
            page.path.starts_with("/consent?"),
            "asked each time: {}",
            page.path
        );
        assert!(page.body.contains("Firmar documentos &#60;b&#62;") && page.body.contains("contrato.pdf"));
        assert!(!page.body.contains("<script>alert"));
        let answer = browser.submit(&page, "/consent?", &[("decision", "allow")]).await;
        assert!(returned(&answer, "code").is_some());
    }
    let mut read = house.idp.store.read().await.unwrap();
    let kept: Vec<(String,)> = sqlx::query_as("SELECT asked FROM grants WHERE asked LIKE '%contrato.pdf%'")
        .fetch_all(&mut *read)
        .await
        .unwrap();
    assert_eq!(kept.len(), 2);
    assert!(kept[0].0.contains("https://archive.example"));
}

#[tokio::test]
async fn details_and_resources_that_nobody_registered_are_refused_by_name() {
    let house = House::configured("http://localhost:8080", TYPES).await;
    let (registered, other) = (signing(&house).await, Agency::new(&house).await);
    let signature = r#"[{"type":"signature"}]"#;
    for (agency, name, value, error) in [
        (
            &registered,
            "authorization_details",
            r#"[{"type":"payment"}]"#,
            "invalid_authorization_details",
        ),
        (
            &registered,
            "authorization_details",
            "{",
            "invalid_authorization_details",
        ),
        (
            &other,
            "authorization_details",
            signature,
            "invalid_authorization_details",
        ),
        (&registered, "resource", "https://other.example", "invalid_target"),
        (&other, "resource", "https://archive.example", "invalid_target"),
    ] {
        let answer = house.browser().get(&agency.request(&[(name, value)])).await;
        assert_eq!(returned(&answer, "error").as_deref(), Some(error), "{value}");
    }
}

#[tokio::test]
async fn telephone_and_address_are_shown_and_then_released() {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "scope": "openid phone address" })).await;
    let asked = [("scope", "openid phone address")];
    let mut browser = house.browser();
    let login = browser.get(&agency.request(&asked)).await;
    let typed = [("national_id", NUMBER), ("password", PASSWORD)];
    let second = browser.submit(&login, "/login?", &typed).await;
    let page = browser
        .submit(&second, "/login/code", &[("code", &house.code())])
        .await;
    assert!(page.path.starts_with("/consent?"), "{}", page.path);
    assert!(page.body.contains("+56226904000") && page.body.contains("Av. Matta 123, Santiago, Chile"));
    let answer = browser.submit(&page, "/consent?", &[("decision", "allow")]).await;
    let tokens = agency.redeem(&returned(&answer, "code").unwrap()).await;
    let told = agency.userinfo(tokens.text("access_token")).await.json;
    assert_eq!(told["phone_number"], "+56226904000");
    assert_eq!(told["phone_number_verified"], false);
    assert_eq!(told["address"]["formatted"], "Av. Matta 123\nSantiago\nChile");
    assert_eq!(told.get("email"), None);
}

#[tokio::test]
async fn one_part_of_a_scope_can_be_asked_alone() {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "scope": "openid phone address" })).await;
    let claims = r#"{"userinfo":{"phone_number":null}}"#;
    let (_, tokens) = agency
        .tokens(&house, &[("scope", "openid"), ("claims", claims)])
        .await;
    let told = agency.userinfo(tokens.text("access_token")).await.json;
    assert_eq!(told["phone_number"], "+56226904000");
    assert_eq!(told.get("phone_number_verified"), None);
    assert_eq!(told.get("address"), None);
}

#[tokio::test]
async fn a_registration_without_scope_gets_neither_telephone_nor_address() {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "scope": null })).await;
    let (_, tokens) = agency
        .tokens(&house, &[("scope", "openid email phone address")])
        .await;
    assert_eq!(tokens.text("scope"), "openid email");
}

#[tokio::test]
async fn email_verified_is_true_once_the_citizen_has_typed_the_code_that_was_sent_there() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let claims = r#"{"id_token":{"email_verified":null}}"#;
    let asked = [("scope", "openid email"), ("claims", claims)];
    let (mut browser, before) = agency.tokens(&house, &asked).await;
    let token = before.text("access_token");
    assert_eq!(agency.userinfo(token).await.json["email_verified"], false);
    let told = agency.claims(before.text("id_token"), Algorithm::ES256).await;
    assert_eq!(told["email_verified"], false);

    house.letters().await;
    let page = browser.get("/account/contacts/new?first=yes").await;
    let typed = [("email", "alguien@correo.example")];
    let page = browser.submit(&page, "/account/contacts/new", &typed).await;
    let letter = house.letters().await.remove(0).text;
    let mut words = letter.split(|c: char| !c.is_ascii_digit());
    let code = words.find(|word| word.len() == 6).unwrap();
    let typed = [("code", code)];
    browser.submit(&page, "/account/contacts/code", &typed).await;

    let now = agency.userinfo(token).await;
    assert_eq!(now.json["email_verified"], true, "{:?}", now.json);
    let answer = browser.get(&agency.request(&asked)).await;
    let after = agency.redeem(&returned(&answer, "code").unwrap()).await;
    let told = agency.claims(after.text("id_token"), Algorithm::ES256).await;
    assert_eq!(told["email_verified"], true);
}
