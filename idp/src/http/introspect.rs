//! `/introspect`: resource servers, not browsers (RFC 7662).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

use super::{arrival::Arrived, parameters::Sent, token::body};
use crate::{error::Error, flow, rules::oauth::OauthError, service::Idp};

/// `POST /introspect`. The answer is a signed JWT where the caller accepts one by its name (RFC 9701 §4).
pub async fn introspect(
    State(idp): State<Arc<Idp>>,
    headers: HeaderMap,
    arrived: Arrived,
    sent: Result<Sent, Error>,
) -> Result<Response, Error<OauthError>> {
    let request = body(sent)?;
    let presented = arrived.presented(&request)?;
    let answer = flow::introspect::introspect(&idp, &presented, &request).await?;
    let uncached = [(header::CACHE_CONTROL, "no-store")];
    if accepts_jwt(&headers) {
        let token = answer.protected(&idp).await?;
        return Ok((uncached, [(header::CONTENT_TYPE, JWT)], token).into_response());
    }
    Ok((uncached, Json(answer.plain())).into_response())
}

fn accepts_jwt(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|kind| kind.split(';').next().unwrap_or_default().trim())
        .any(|kind| kind.eq_ignore_ascii_case(JWT))
}

const JWT: &str = "application/token-introspection+jwt";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jwt_is_asked_for_by_its_name() {
        let asks = |accept: &'static str| {
            let value = header::HeaderValue::from_static(accept);
            accepts_jwt(&HeaderMap::from_iter([(header::ACCEPT, value)]))
        };
        assert!(asks(JWT) && asks("text/html, application/token-introspection+jwt;q=0.9"));
        assert!(!asks("application/json") && !asks("*/*"));
        assert!(!accepts_jwt(&HeaderMap::new()));
    }
}
