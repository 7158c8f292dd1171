//! Every route of the service, on one page.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use super::{error, health, trace};
use crate::service::Idp;

/// The whole service as one router.
pub fn router(idp: Arc<Idp>) -> Router {
    Router::new()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(Arc::clone(&idp), error::render))
        .layer(from_fn(trace::trace))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            REQUEST_TIMEOUT,
        ))
        .with_state(idp)
}

/// No honest form or token request comes near; a request object (RFC 9101) will need tens of kilobytes.
const BODY_LIMIT: usize = 64 * 1024;
/// Longer than the longest wait for the database (ten seconds) and for a password hash in the queue.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
