//! What surrounds every route, from outside in.
//!
//! One layer of functions and not a layer for each: axum clones a layer with everything inside it for every request, so
//! that ten of them cost more than most answers.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{DefaultBodyLimit, Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{cors, dpop, error, language, limits, security, trace};
use crate::service::Idp;

/// Around what people and clients ask. The names below are said from inside out.
pub async fn everything(State(idp): State<Arc<Idp>>, mut request: Request, next: Next) -> Response {
    DefaultBodyLimit::max(BODY_LIMIT).apply(&mut request);
    let idp = &*idp;
    let counted = |request| limits::by_network(idp, request, |request| next.run(request));
    let caught = |request| error::caught(counted(request));
    let rendered = |request| error::render(idp, request, caught);
    let spoken = |request| language::choose(idp, request, rendered);
    let timely = |request| in_time(spoken(request));
    let traced = |request| trace::trace(request, timely);
    let protected = |request| security::headers(idp, request, traced);
    security::one_request(request, protected).await
}

/// Around what scripts of registered origins may call, inside of [`everything`].
pub async fn scripts(State(idp): State<Arc<Idp>>, request: Request, next: Next) -> Response {
    let idp = &*idp;
    let given_nonce = |request| dpop::nonce(idp, request, |request| next.run(request));
    cors::registered_origins(idp, request, given_nonce).await
}

/// Around the published documents, which have their headers already and pass by everything else.
pub async fn documents(State(idp): State<Arc<Idp>>, request: Request, next: Next) -> Response {
    let idp = &*idp;
    let readable = |request| cors::registered_origins(idp, request, |request| next.run(request));
    security::one_request(request, readable).await
}

async fn in_time(answering: impl Future<Output = Response>) -> Response {
    let answered = tokio::time::timeout(REQUEST_TIMEOUT, answering).await;
    answered.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
}

/// No honest form or token request comes near; a request object (RFC 9101) will need tens of kilobytes.
const BODY_LIMIT: usize = 64 * 1024;
/// Longer than the longest wait for the database (ten seconds) and for a password hash in the queue.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
