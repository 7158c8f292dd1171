//! Cross-origin requests: scripts of registered origins may call discovery, keys, token, revocation and userinfo. Nobody
//! else's may read an answer, `/authorize` and the pages have none of this, and cookies never go along.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use crate::{flow, service::Idp};

/// Answers preflights and marks answers for registered origins.
pub async fn registered_origins<F: Future<Output = Response>>(
    idp: &Idp,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return next(request).await;
    };
    let known = match origin.to_str() {
        Ok(text) => flow::client::has_origin(idp, text).await,
        Err(_) => Ok(false),
    };
    let known = match known {
        Ok(known) => known,
        Err(fault) => return fault.into_response(),
    };
    let preflight = request.method() == Method::OPTIONS;
    let mut response = next(request).await;
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if known {
        allow(headers, origin, preflight);
    }
    response
}

/// The question itself has no answer but its headers.
pub async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue, preflight: bool) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    if preflight {
        for (name, value) in PREFLIGHT {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// What a script must read to answer a challenge (RFC 9449 §8, RFC 6750 §3).
const EXPOSED: HeaderValue = HeaderValue::from_static("DPoP-Nonce, WWW-Authenticate");
const PREFLIGHT: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "authorization, content-type, dpop",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "600"),
];
