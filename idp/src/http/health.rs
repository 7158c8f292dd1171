//! `/livez`: the process answers. `/readyz`: it can serve.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::service::Idp;

/// The process answers.
pub async fn live() -> &'static str {
    "ok\n"
}

/// 200 when the database answers and has the expected schema; 503 with the reasons otherwise.
pub async fn ready(State(idp): State<Arc<Idp>>) -> Response {
    let database = match idp.store.is_current().await {
        Ok(true) => "ok",
        Ok(false) => "the schema is older than this program: run idp migrate",
        Err(fault) => {
            tracing::warn!(%fault, "not ready");
            "does not answer"
        }
    };
    let status = if database == "ok" {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(json!({ "ready": status.is_success(), "checks": { "database": database } })),
    )
        .into_response()
}
