//! The whole story, in each of its variants, and client authentication.

use axum::http::{StatusCode, header};
use sdk_jose::{Algorithm, hash::half_hash};
use serde_json::json;

use crate::{
    agency::{Agency, CALLBACK, VERIFIER, returned},
    browser::House,
};

#[tokio::test]
async fn a_citizen_logs_into_an_agency() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, answer) = agency
        .login(&house, &[("scope", "openid profile email national_id")])
        .await;
    assert_eq!(returned(&answer, "state").as_deref(), Some("estado"));
    assert_eq!(returned(&answer, "iss").as_deref(), Some("http://localhost:8080"));
    let tokens = agency.redeem(&returned(&answer, "code").unwrap()).await;
    assert_eq!(tokens.status, StatusCode::OK);
    assert_eq!(tokens.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(tokens.text("token_type"), "Bearer");
    assert_eq!(tokens.text("scope"), "openid profile national_id email");

    let claims = agency.claims(tokens.text("id_token"), Algorithm::ES256).await;
    assert_eq!(claims["iss"], "http://localhost:8080");
    assert_eq!(claims["aud"], agency.id);
    assert_eq!(claims["nonce"], "una vez");
    assert_eq!(claims["acr"], "urn:aval:aal2");
    assert_eq!(claims["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(
        claims["at_hash"],
        half_hash(Algorithm::ES256, tokens.text("access_token"))
    );
    assert!(claims["auth_time"].is_i64() && claims["sid"].is_string());

    let info = agency.userinfo(tokens.text("access_token")).await;
    assert_eq!(info.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(
        info.json,
        json!({
            "sub": claims["sub"],
            "name": "María José Muñoz Ñancupil", "given_name": "María José", "family_name": "Muñoz Ñancupil",
            "email": "alguien@correo.example", "email_verified": false,
            "national_id": "11111111-1", "national_id_scheme": "CL-RUN",
        })
    );
}

#[tokio::test]
async fn each_client_gets_id_tokens_by_its_own_algorithm() {
    let house = House::new().await;
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256] {
        let agency = Agency::with(
            &house,
            json!({ "id_token_signed_response_alg": algorithm.as_str() }),
        )
        .await;
        let (_, tokens) = agency.tokens(&house, &[]).await;
        let claims = agency.claims(tokens.text("id_token"), algorithm).await;
        assert_eq!(
            claims["at_hash"],
            half_hash(algorithm, tokens.text("access_token"))
        );
    }
}

#[tokio::test]
async fn a_client_may_send_its_secret_in_the_body() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let code = agency.code(&house).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", &agency.id),
        ("client_secret", &agency.secret),
    ];
    assert_eq!(
        agency.send("POST", "/token", Some(&fields), &[]).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_public_client_redeems_by_its_verifier_alone() {
    let house = House::new().await;
    let agency = Agency::with(&house, json!({ "token_endpoint_auth_method": "none" })).await;
    let code = agency.code(&house).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", agency.id.as_str()),
    ];
    let reply = agency.send("POST", "/token", Some(&fields), &[]).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.json.get("refresh_token"), None);
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_client_look_the_same() {
    let house = House::new().await;
    let mut agency = Agency::new(&house).await;
    let code = agency.code(&house).await;
    agency.secret.push('x');
    let wrong = agency.redeem(&code).await;
    agency.id = "nobody".to_owned();
    let unknown = agency.redeem(&code).await;
    wrong.is_error("invalid_client");
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(
        wrong.headers[header::WWW_AUTHENTICATE]
            .to_str()
            .unwrap()
            .starts_with("Basic")
    );
    assert_eq!((wrong.status, &wrong.json), (unknown.status, &unknown.json));
}

#[tokio::test]
async fn a_secret_is_needed_where_there_is_one() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let code = agency.code(&house).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("client_id", &agency.id),
    ];
    agency
        .send("POST", "/token", Some(&fields), &[])
        .await
        .is_error("invalid_client");
}

#[tokio::test]
async fn grants_that_are_absent_are_refused_by_name() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for grant in [
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ] {
        agency
            .post("/token", &[("grant_type", grant)])
            .await
            .is_error("unsupported_grant_type");
    }
    agency.post("/token", &[]).await.is_error("invalid_request");
}

#[tokio::test]
async fn a_grant_that_a_client_is_not_registered_for_is_refused_by_name() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    for grant in [
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ] {
        agency
            .post("/token", &[("grant_type", grant)])
            .await
            .is_error("unauthorized_client");
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_refused() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let code = agency.code(&house).await;
    agency
        .redeem_with(&code, &[("extra", "1"), ("extra", "2")])
        .await
        .is_error("invalid_request");
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused_in_json() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    agency
        .send("POST", "/token", None, &[("content-type", "application/json")])
        .await
        .is_error("invalid_request");
    assert_eq!(
        agency.send("GET", "/token", None, &[]).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn userinfo_takes_the_token_from_header_or_body_and_nowhere_else() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let token = tokens.text("access_token");
    let bearer = format!("Bearer {token}");
    let header = [("authorization", bearer.as_str())];
    let body = [("access_token", token)];
    assert_eq!(
        agency.send("POST", "/userinfo", None, &header).await.status,
        StatusCode::OK
    );
    assert_eq!(
        agency.send("POST", "/userinfo", Some(&body), &[]).await.status,
        StatusCode::OK
    );
    agency
        .send("POST", "/userinfo", Some(&body), &header)
        .await
        .is_error("invalid_request");
    let query = agency
        .send("GET", &format!("/userinfo?access_token={token}"), None, &[])
        .await;
    assert_eq!(query.status, StatusCode::UNAUTHORIZED);
    assert_eq!(query.headers[header::WWW_AUTHENTICATE], "Bearer");
}

#[tokio::test]
async fn userinfo_refuses_tokens_that_are_none_of_ours_or_too_old() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    agency
        .userinfo(tokens.text("id_token"))
        .await
        .is_error("invalid_token");
    agency.userinfo(&"A".repeat(43)).await.is_error("invalid_token");
    house.clock.forward(599);
    assert_eq!(
        agency.userinfo(tokens.text("access_token")).await.status,
        StatusCode::OK
    );
    house.clock.forward(1);
    agency
        .userinfo(tokens.text("access_token"))
        .await
        .is_error("invalid_token");
}

#[tokio::test]
async fn two_agencies_cannot_compare_notes() {
    let house = House::new().await;
    let tax = Agency::new(&house).await;
    let uri = "https://health.example/cb";
    let health = Agency::with(&house, json!({ "redirect_uris": [uri] })).await;
    let (_, tokens) = tax.tokens(&house, &[]).await;
    let tax_sub = tax
        .userinfo(tokens.text("access_token"))
        .await
        .text("sub")
        .to_owned();
    // The same browser: the session is known, consent is not.
    let (mut browser, _) = tax.login(&house, &[]).await;
    let consent = browser.get(&health.request(&[("redirect_uri", uri)])).await;
    let answer = browser
        .submit(&consent, "/consent?", &[("decision", "allow")])
        .await;
    let reply = health
        .redeem_with(&returned(&answer, "code").unwrap(), &[("redirect_uri", uri)])
        .await;
    let health_sub = health
        .userinfo(reply.text("access_token"))
        .await
        .text("sub")
        .to_owned();
    assert!(!tax_sub.is_empty() && !health_sub.is_empty() && tax_sub != health_sub);
}

#[tokio::test]
async fn a_client_revokes_its_own_tokens_and_nobody_elses() {
    let house = House::new().await;
    let (agency, other) = (Agency::new(&house).await, Agency::new(&house).await);
    let (_, tokens) = agency.tokens(&house, &[]).await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    assert_eq!(
        other.post("/revoke", &[("token", refresh)]).await.status,
        StatusCode::OK
    );
    assert_eq!(agency.userinfo(access).await.status, StatusCode::OK);
    assert_eq!(
        agency.post("/revoke", &[("token", refresh)]).await.status,
        StatusCode::OK
    );
    agency.userinfo(access).await.is_error("invalid_token");
    agency.refresh(refresh).await.is_error("invalid_grant");
    assert_eq!(
        agency.post("/revoke", &[("token", "unknown")]).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn what_an_agency_reads_is_in_the_citizens_history() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    agency.userinfo(tokens.text("access_token")).await;
    let mut read = house.idp.store.read().await.unwrap();
    let released = sqlx::query("SELECT client, detail FROM audit WHERE event = 'claims.released'")
        .fetch_all(&mut *read)
        .await
        .unwrap();
    use sqlx::Row as _;
    assert_eq!(released.len(), 1);
    assert_eq!(released[0].get::<String, _>(0), agency.id);
    assert!(released[0].get::<String, _>(1).contains("openid profile"));
    assert!(idp::store::audit::verify(&mut read).await.unwrap().is_ok());
}

#[tokio::test]
async fn what_an_agency_reads_again_is_counted_in_the_citizens_history() {
    use sqlx::Row as _;
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    for _ in 0..3 {
        let answer = agency.userinfo(tokens.text("access_token")).await;
        assert_eq!(answer.text("name"), "María José Muñoz Ñancupil");
    }
    idp::flow::tally::write_down(&house.idp).await.unwrap();
    idp::flow::tally::write_down(&house.idp).await.unwrap();
    let mut read = house.idp.store.read().await.unwrap();
    let released =
        sqlx::query("SELECT client, detail FROM audit WHERE event = 'claims.released' ORDER BY seq")
            .fetch_all(&mut *read)
            .await
            .unwrap();
    let details: Vec<serde_json::Value> = released
        .iter()
        .map(|row| serde_json::from_str(row.get(1)).unwrap())
        .collect();
    assert_eq!(details.len(), 2, "{details:?}");
    assert_eq!(
        details[0].get("times"),
        None,
        "the first has its own record at once"
    );
    assert_eq!(details[1]["times"], "2");
    assert_eq!(details[1]["scope"], details[0]["scope"]);
    assert_eq!(released[1].get::<String, _>(0), agency.id);
    assert!(idp::store::audit::verify(&mut read).await.unwrap().is_ok());
}

#[tokio::test]
async fn another_token_of_the_same_grant_has_a_record_of_its_own() {
    let house = House::new().await;
    let agency = Agency::new(&house).await;
    let (_, tokens) = agency.tokens(&house, &[]).await;
    agency.userinfo(tokens.text("access_token")).await;
    let again = agency.refresh(tokens.text("refresh_token")).await;
    agency.userinfo(again.text("access_token")).await;
    let mut read = house.idp.store.read().await.unwrap();
    let released = sqlx::query("SELECT seq FROM audit WHERE event = 'claims.released'")
        .fetch_all(&mut *read)
        .await
        .unwrap();
    assert_eq!(released.len(), 2);
}
