//! DPoP on the wire (RFC 9449): the `DPoP-Nonce` header, and challenges of the `DPoP` scheme.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse as _, Response},
};

use super::error::{challenge, challenging};
use crate::{
    error::Error,
    flow,
    rules::{
        binding::{NOT_HELD, Scheme},
        oauth::{Code, OauthError},
    },
    service::Idp,
};

/// Gives whoever sends a proof the nonce for the next one, where nonces are required (§8.2).
pub async fn nonce<F: Future<Output = Response>>(
    idp: &Idp,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let asks = idp.config.dpop.require_nonce && request.headers().contains_key(&PROOF);
    let mut response = next(request).await;
    if asks && let Ok(nonce) = HeaderValue::from_str(&flow::possession::nonce(idp)) {
        response.headers_mut().insert(NONCE, nonce);
    }
    response
}

/// A resource's refusal of an access token, or of the proof beside it. A bound token is asked for by its own scheme,
/// whatever scheme it came by (§7.1); there, a bad proof is a 401 like a bad token.
pub fn challenged(scheme: Scheme, error: OauthError) -> Response {
    let mut response = Error::Refused(error).into_response();
    let wrong_hands = matches!(
        error.code,
        Code::InvalidDpopProof | Code::UseDpopNonce | Code::InvalidToken
    );
    if wrong_hands && (scheme == Scheme::Dpop || error == NOT_HELD) {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        challenging(&mut response, &challenge(Scheme::Dpop, error, ""));
    }
    response
}

/// The request header.
pub const PROOF: HeaderName = HeaderName::from_static("dpop");
/// The response header.
pub const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
