//! Whether the process lives, and whether it can work.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::service::Service;

pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// 200, or 503 with what does not answer. An identity provider that is away is no reason: it is asked when needed.
pub(super) async fn ready(State(service): State<Arc<Service>>) -> Response {
    let mut reasons = Vec::new();
    if let Err(fault) = service.store.answers().await {
        tracing::warn!(%fault, "not ready");
        reasons.push("database");
    }
    if let Err(fault) = service.files.answers() {
        tracing::warn!(%fault, "not ready");
        reasons.push("documents");
    }
    let status = if reasons.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(serde_json::json!({ "ready": reasons.is_empty(), "reasons": reasons })),
    )
        .into_response()
}
