//! RFC 7591 and RFC 7592: an agency registers, reads, changes and removes its own client, within what an operator
//! allowed.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use idp::{
    flow::initial_token,
    http::router,
    rules::{dynamic::Policy, scope::Scopes, time::Seconds},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{agency::CALLBACK, browser::House, world::World};

struct Registrar {
    router: Router,
    token: String,
}

struct Told {
    status: StatusCode,
    body: Value,
}

impl Told {
    #[track_caller]
    fn is_error(&self, status: StatusCode, error: &str) {
        assert_eq!(
            (self.status, &self.body["error"]),
            (status, &json!(error)),
            "{}",
            self.body
        );
    }

    fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap()
    }
}

impl Registrar {
    async fn new(house: &House, uses: u32) -> Self {
        let policy = Policy {
            hosts: vec!["agency.example".to_owned()],
            scopes: Scopes::parse("openid profile"),
            pkce_optional: false,
        };
        let (_, value) = initial_token::create(&house.idp, policy, uses, Seconds(3_600))
            .await
            .unwrap();
        Self {
            router: router(Arc::clone(&house.idp)),
            token: value.expose().clone(),
        }
    }

    async fn send(&self, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Told {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let response = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let status = response.status();
        if status != StatusCode::NOT_FOUND && status != StatusCode::METHOD_NOT_ALLOWED {
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        }
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Told {
            status,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        }
    }

    async fn register(&self, change: Value) -> Told {
        self.send("POST", "/register", Some(&self.token), Some(&metadata(change)))
            .await
    }

    /// A request at a client's own address.
    async fn at(&self, method: &str, client: &Told, body: Option<&Value>) -> Told {
        let path = client
            .text("registration_client_uri")
            .trim_start_matches("http://localhost:8080");
        self.send(method, path, Some(client.text("registration_access_token")), body)
            .await
    }
}

fn metadata(change: Value) -> Value {
    let mut all = json!({ "client_name": "Tesorería", "redirect_uris": [CALLBACK] });
    all.as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    all
}

async fn ready() -> (House, Registrar) {
    let house = House::new().await;
    let registrar = Registrar::new(&house, 10).await;
    (house, registrar)
}

#[tokio::test]
async fn a_client_is_registered_and_told_everything_it_needs() {
    let (_house, registrar) = ready().await;
    let told = registrar
        .register(json!({ "initiate_login_uri": "https://agency.example/login", "unknown": [1] }))
        .await;
    assert_eq!(told.status, StatusCode::CREATED, "{}", told.body);
    assert_eq!(told.body["initiate_login_uri"], "https://agency.example/login");
    assert_eq!(told.body["client_secret_expires_at"], 0);
    assert_eq!(told.body["redirect_uris"], json!([CALLBACK]));
    assert_eq!(told.body["scope"], "openid profile");
    assert!(told.text("client_secret").len() >= 43);
    assert!(told.body["client_id_issued_at"].is_number());
    assert!(told.body.get("unknown").is_none());
    let again = registrar.at("GET", &told, None).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.body["initiate_login_uri"], "https://agency.example/login");
    assert_eq!(again.body["client_id"], told.body["client_id"]);
    assert_eq!(
        again.body["registration_access_token"],
        told.body["registration_access_token"]
    );
}

#[tokio::test]
async fn a_registered_client_logs_a_citizen_in() {
    let (house, registrar) = ready().await;
    let told = registrar.register(json!({})).await;
    let agency = crate::agency::Agency::of(&house, told.text("client_id"), told.text("client_secret"));
    agency.tokens(&house, &[]).await;
}

#[tokio::test]
async fn without_a_good_initial_access_token_nothing_is_registered() {
    let (house, registrar) = ready().await;
    let told = registrar
        .send("POST", "/register", None, Some(&metadata(json!({}))))
        .await;
    assert_eq!((told.status, told.body), (StatusCode::UNAUTHORIZED, Value::Null));
    for wrong in ["x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let told = registrar
            .send("POST", "/register", Some(wrong), Some(&metadata(json!({}))))
            .await;
        told.is_error(StatusCode::UNAUTHORIZED, "invalid_token");
    }
    house.clock.forward(3_600);
    registrar
        .register(json!({}))
        .await
        .is_error(StatusCode::UNAUTHORIZED, "invalid_token");
}

#[tokio::test]
async fn a_token_for_one_client_registers_one_however_many_ask_at_once() {
    let house = House::new().await;
    let registrar = Arc::new(Registrar::new(&house, 1).await);
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let registrar = Arc::clone(&registrar);
        asking.spawn(async move { registrar.register(json!({})).await.status });
    }
    let told = asking.join_all().await;
    let created = told.iter().filter(|status| **status == StatusCode::CREATED);
    assert_eq!(created.count(), 1, "{told:?}");
}

#[tokio::test]
async fn a_refused_request_does_not_use_the_token_up() {
    let house = House::new().await;
    let registrar = Registrar::new(&house, 1).await;
    let refused = registrar.register(json!({ "redirect_uris": [] })).await;
    refused.is_error(StatusCode::BAD_REQUEST, "invalid_redirect_uri");
    assert_eq!(registrar.register(json!({})).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (_house, registrar) = ready().await;
    for (change, error) in [
        (
            json!({ "redirect_uris": ["https://agency.example/cb#x"] }),
            "invalid_redirect_uri",
        ),
        (
            json!({ "redirect_uris": ["https://other.example/cb"] }),
            "invalid_redirect_uri",
        ),
        (
            json!({ "redirect_uris": "https://agency.example/cb" }),
            "invalid_redirect_uri",
        ),
        (
            json!({ "initiate_login_uri": "http://agency.example/login" }),
            "invalid_client_metadata",
        ),
        (
            json!({ "id_token_signed_response_alg": "none" }),
            "invalid_client_metadata",
        ),
        (json!({ "grant_types": ["implicit"] }), "invalid_client_metadata"),
        (
            json!({ "jwks_uri": "https://other.example/jwks" }),
            "invalid_client_metadata",
        ),
        (
            json!({ "logo_uri": "http://169.254.169.254/x" }),
            "invalid_client_metadata",
        ),
        (
            json!({ "backchannel_logout_uri": "https://127.0.0.1/x" }),
            "invalid_client_metadata",
        ),
        (json!({ "client_name": "" }), "invalid_client_metadata"),
        (
            json!({ "software_statement": "e30.e30.x" }),
            "unapproved_software_statement",
        ),
    ] {
        registrar
            .register(change)
            .await
            .is_error(StatusCode::BAD_REQUEST, error);
    }
    let told = registrar
        .send("POST", "/register", Some(&registrar.token), Some(&json!(["x"])))
        .await;
    told.is_error(StatusCode::BAD_REQUEST, "invalid_client_metadata");
}

#[tokio::test]
async fn a_sector_document_must_list_every_redirect_uri() {
    let world = World::new();
    let house = House::reaching(&world).await;
    let registrar = Registrar::new(&house, 10).await;
    let sector = json!({ "sector_identifier_uri": "https://agency.example/sector.json" });
    let told = registrar.register(sector.clone()).await;
    told.is_error(StatusCode::BAD_REQUEST, "invalid_client_metadata");
    for document in ["[]", "{}", "[\"https://agency.example/cb2\"]", "[1]", "<html>"] {
        world.put("https://agency.example/sector.json", document);
        let told = registrar.register(sector.clone()).await;
        told.is_error(StatusCode::BAD_REQUEST, "invalid_client_metadata");
    }
    world.put(
        "https://agency.example/sector.json",
        &json!(["https://agency.example/x", CALLBACK]).to_string(),
    );
    assert_eq!(registrar.register(sector).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_change_replaces_everything_and_keeps_the_secret() {
    let (house, registrar) = ready().await;
    let told = registrar
        .register(json!({ "client_uri": "https://agency.example/" }))
        .await;
    let id = told.text("client_id");
    let change = metadata(json!({ "client_id": id, "client_name": "Otra" }));
    let changed = registrar.at("PUT", &told, Some(&change)).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(changed.body["client_name"], "Otra");
    assert!(changed.body.get("client_uri").is_none());
    let agency = crate::agency::Agency::of(&house, id, told.text("client_secret"));
    agency.tokens(&house, &[]).await;
}

#[tokio::test]
async fn a_change_is_held_to_the_same_rules() {
    let (_house, registrar) = ready().await;
    let told = registrar.register(json!({})).await;
    let id = told.text("client_id");
    for (change, error) in [
        (json!({}), "invalid_client_metadata"),
        (json!({ "client_id": "other" }), "invalid_client_metadata"),
        (
            json!({ "client_id": id, "client_secret": "other" }),
            "invalid_client_metadata",
        ),
        (
            json!({ "client_id": id, "redirect_uris": ["https://other.example/cb"] }),
            "invalid_redirect_uri",
        ),
        (
            json!({ "client_id": id, "require_pkce": false }),
            "invalid_client_metadata",
        ),
    ] {
        let changed = registrar.at("PUT", &told, Some(&metadata(change))).await;
        changed.is_error(StatusCode::BAD_REQUEST, error);
    }
}

#[tokio::test]
async fn row_101_another_clients_token_opens_nothing() {
    let (_house, registrar) = ready().await;
    let (one, other) = (
        registrar.register(json!({})).await,
        registrar.register(json!({})).await,
    );
    let path = one
        .text("registration_client_uri")
        .trim_start_matches("http://localhost:8080");
    for token in [other.text("registration_access_token"), registrar.token.as_str()] {
        for method in ["GET", "DELETE"] {
            let told = registrar.send(method, path, Some(token), None).await;
            told.is_error(StatusCode::UNAUTHORIZED, "invalid_token");
        }
    }
    assert_eq!(registrar.at("GET", &one, None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_removed_client_is_gone_with_everything_of_its() {
    let (house, registrar) = ready().await;
    let told = registrar.register(json!({})).await;
    let agency = crate::agency::Agency::of(&house, told.text("client_id"), told.text("client_secret"));
    let (_, tokens) = agency.tokens(&house, &[]).await;
    assert_eq!(
        registrar.at("DELETE", &told, None).await.status,
        StatusCode::NO_CONTENT
    );
    let again = registrar.at("GET", &told, None).await;
    again.is_error(StatusCode::UNAUTHORIZED, "invalid_token");
    agency
        .userinfo(tokens.text("access_token"))
        .await
        .is_error("invalid_token");
    agency
        .refresh(tokens.text("refresh_token"))
        .await
        .is_error("invalid_client");
}
