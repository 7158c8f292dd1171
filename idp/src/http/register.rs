//! `/register`: agencies register, read, change and remove their own clients (RFC 7591, RFC 7592). JSON in and out.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::token::authorization;
use crate::{
    error::Error,
    flow::{
        self,
        register::{Told, Unregistered},
    },
    rules::{dynamic::Unacceptable, ids::ClientId},
    service::Idp,
};

/// A JSON object as it came.
#[derive(Debug)]
pub struct Metadata(Map<String, Value>);

impl FromRequest<Arc<Idp>> for Metadata {
    type Rejection = Error<Unregistered>;

    async fn from_request(request: Request, idp: &Arc<Idp>) -> Result<Self, Error<Unregistered>> {
        let wrong = |problem: &str| {
            let problem = Unacceptable::Metadata(problem.to_owned());
            Error::Refused(Unregistered::Metadata(problem))
        };
        let body = Bytes::from_request(request, idp).await;
        let body = body.map_err(|_| wrong("the body is too large"))?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|_| wrong("the body is not a JSON object"))
    }
}

/// `POST /register` (RFC 7591 §3.1).
pub async fn create(
    State(idp): State<Arc<Idp>>,
    headers: HeaderMap,
    Metadata(sent): Metadata,
) -> Result<Response, Error<Unregistered>> {
    let told = flow::register::register(&idp, bearer(&headers), sent).await?;
    Ok(answer(&idp, StatusCode::CREATED, &told))
}

/// `GET /register/{client}` (RFC 7592 §2.1).
pub async fn read(
    State(idp): State<Arc<Idp>>,
    Path(client): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error<Unregistered>> {
    let told = flow::register::read(&idp, &ClientId::known(client), bearer(&headers)).await?;
    Ok(answer(&idp, StatusCode::OK, &told))
}

/// `PUT /register/{client}` (RFC 7592 §2.2).
pub async fn replace(
    State(idp): State<Arc<Idp>>,
    Path(client): Path<String>,
    headers: HeaderMap,
    Metadata(sent): Metadata,
) -> Result<Response, Error<Unregistered>> {
    let told = flow::register::replace(&idp, &ClientId::known(client), bearer(&headers), sent).await?;
    Ok(answer(&idp, StatusCode::OK, &told))
}

/// `DELETE /register/{client}` (RFC 7592 §2.3).
pub async fn remove(
    State(idp): State<Arc<Idp>>,
    Path(client): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error<Unregistered>> {
    flow::register::remove(&idp, &ClientId::known(client), bearer(&headers)).await?;
    Ok((StatusCode::NO_CONTENT, NO_STORE).into_response())
}

/// RFC 7591 §3.2.1 and RFC 7592 §3.
fn answer(idp: &Idp, status: StatusCode, told: &Told) -> Response {
    let id = told.client.id.as_str();
    let mut metadata = told.client.metadata();
    let mut put = |name: &str, value: Value| metadata.insert(name.to_owned(), value);
    put("client_id_issued_at", json!(told.issued_at.0));
    put("registration_access_token", json!(told.token.expose()));
    put(
        "registration_client_uri",
        json!(idp.config.issuer.at(&format!("/register/{id}"))),
    );
    if let Some(secret) = &told.secret {
        put("client_secret", json!(secret.expose()));
        // It does not expire.
        put("client_secret_expires_at", json!(0));
    }
    (status, NO_STORE, Json(Value::Object(metadata))).into_response()
}

/// RFC 6750 §2.1: the header and nothing else.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = authorization(headers)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];
