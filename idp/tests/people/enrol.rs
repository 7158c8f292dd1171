//! Citizens as operators enrol them.

use idp::{
    error::Error,
    flow::enrol::{Enrolled, enrol},
};
use serde_json::{Value, json};

use crate::browser::{House, NUMBER};

fn ana() -> Value {
    json!({ "national_id": "12.345.678-5", "given_name": "Ana", "family_name": "Soto", "email": "ana@correo.example" })
}

async fn tried(house: &House, new: Value) -> Result<Enrolled, String> {
    match enrol(&house.idp, &serde_json::from_value(new).unwrap()).await {
        Ok(enrolled) => Ok(enrolled),
        Err(Error::Refused(refusal)) => Err(refusal.to_string()),
        Err(Error::Fault(fault)) => panic!("{fault}"),
    }
}

#[tokio::test]
async fn missing_secrets_are_made_and_open_the_account() {
    let house = House::new().await;
    let enrolled = tried(&house, ana()).await.unwrap();
    assert!(enrolled.otpauth_uri.contains(&enrolled.totp_secret));
    let mut browser = house.browser();
    let login = browser.get("/account").await;
    let typed = [
        ("national_id", "12.345.678-5"),
        ("password", enrolled.password.as_str()),
    ];
    let second = browser.submit(&login, "/login?", &typed).await;
    let seed = idp::rules::totp::Seed::from_base32(&enrolled.totp_secret).unwrap();
    let code = seed.code_for(house.idp.now().0);
    assert_eq!(
        browser
            .submit(&second, "/login/code", &[("code", &code)])
            .await
            .path,
        "/account"
    );
}

#[tokio::test]
async fn each_wrong_field_is_named_with_what_is_wrong() {
    let house = House::new().await;
    for (field, wrong, said) in [
        ("national_id", "", "national_id: is empty"),
        (
            "national_id",
            "12.345.678-6",
            "national_id: the check digit is wrong",
        ),
        (
            "national_id",
            "ana",
            "national_id: has the shape of no accepted scheme",
        ),
        (
            "national_id",
            NUMBER,
            "national_id: somebody with this number is enrolled",
        ),
        ("given_name", " ", "given_name: is empty"),
        ("family_name", "So\u{202e}to", "family_name: has a character"),
        ("email", "ana", "email: is not an address"),
        ("phone_number", "226904000", "phone_number: is not + and a number"),
        ("password", "corta", "password: takes at least 8"),
        ("password", "contraseña", "password: is one that everybody tries"),
        ("password", "12.345.678-5", "password: is the person's own"),
        ("totp_secret", "no base32!", "totp_secret: is not base32"),
        ("totp_secret", "GEZDGNBV", "totp_secret: takes 16 to 64 bytes"),
    ] {
        let mut new = ana();
        new[field] = json!(wrong);
        let refusal = tried(&house, new).await.unwrap_err();
        assert!(refusal.starts_with(said), "{refusal}");
    }
    // Nothing of those attempts was kept.
    assert!(tried(&house, ana()).await.is_ok());
}

#[tokio::test]
async fn an_unknown_field_is_refused() {
    let mut new = ana();
    new["pasword"] = json!("misspelt");
    assert!(serde_json::from_value::<idp::flow::enrol::NewCitizen>(new).is_err());
}

#[tokio::test]
async fn a_postal_address_with_a_part_that_is_empty_is_refused() {
    let house = House::new().await;
    let mut new = ana();
    new["address"] = json!({ "street_address": "Av. Matta 123", "locality": " ", "country": "Chile" });
    let refusal = tried(&house, new).await.unwrap_err();
    assert_eq!(refusal, "address: a part is empty");
}
