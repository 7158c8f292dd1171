//! `/par`: a client pushes an authorization request (RFC 9126).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{arrival::Arrived, parameters::Sent, token::body};
use crate::{error::Error, flow, rules::oauth::OauthError, service::Idp};

/// `POST /par`.
pub async fn push(
    State(idp): State<Arc<Idp>>,
    arrived: Arrived,
    sent: Result<Sent, Error>,
) -> Result<Response, Error<OauthError>> {
    let request = body(sent)?;
    let presented = arrived.presented(&request)?;
    let pushed = flow::push::push(&idp, &presented, &request).await?;
    let response = json!({
        "request_uri": pushed.request_uri.expose(),
        "expires_in": pushed.expires_in.0,
    });
    // RFC 9126 §2.2.
    let uncached = [(header::CACHE_CONTROL, "no-cache, no-store")];
    Ok((StatusCode::CREATED, uncached, Json(response)).into_response())
}
