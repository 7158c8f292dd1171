//! DPoP on the wire (RFC 9449): the `DPoP-Nonce` header.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

use crate::{flow, service::Idp};

/// Gives whoever sends a proof the nonce for the next one, where nonces are required (§8.2).
pub async fn nonce(State(idp): State<Arc<Idp>>, request: Request, next: Next) -> Response {
    let asks = idp.config.dpop.require_nonce && request.headers().contains_key(&PROOF);
    let mut response = next.run(request).await;
    if asks && let Ok(nonce) = HeaderValue::from_str(&flow::possession::nonce(&idp)) {
        response.headers_mut().insert(NONCE, nonce);
    }
    response
}

/// The request header.
pub const PROOF: HeaderName = HeaderName::from_static("dpop");
/// The response header.
pub const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
