//! `/token` and `/revoke`: clients, not browsers.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{arrival::Arrived, parameters::Sent};
use crate::{
    error::Error,
    flow::{self, grant::Tokens},
    rules::{claveunica, client::Profile, oauth::OauthError, parameters::Parameters, refusal::Refusal},
    service::Idp,
};

/// `POST /token` (RFC 6749 §3.2).
pub async fn exchange(
    State(idp): State<Arc<Idp>>,
    arrived: Arrived,
    sent: Result<Sent, Error>,
) -> Result<Response, Error<OauthError>> {
    let request = body(sent)?;
    let presented = arrived.presented(&request)?;
    let tokens = flow::redeem::exchange(&idp, &presented, &request).await?;
    // RFC 6749 §5.1: both headers, for caches of either age.
    let uncached = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    Ok((uncached, Json(response(&tokens))).into_response())
}

/// `POST /revoke` (RFC 7009).
pub async fn revoke(
    State(idp): State<Arc<Idp>>,
    arrived: Arrived,
    sent: Result<Sent, Error>,
) -> Result<Response, Error<OauthError>> {
    let request = body(sent)?;
    let presented = arrived.presented(&request)?;
    flow::revoke::revoke(&idp, &presented, &request).await?;
    Ok(StatusCode::OK.into_response())
}

fn response(tokens: &Tokens) -> Value {
    // RFC 6749 §5.1: the type is case-insensitive; libraries for Clave Única compare what its manual prints.
    let (token_type, scope) = if tokens.profile == Profile::ClaveUnica {
        ("bearer", claveunica::words(&tokens.scope.of_citizen()))
    } else {
        (tokens.binding.token_type(), tokens.scope.to_string())
    };
    let mut response = json!({
        "access_token": tokens.access_token.expose(),
        "token_type": token_type,
        "expires_in": tokens.expires_in,
    });
    let mut add = |name: &str, value: Option<Value>| {
        if let (Some(value), Some(response)) = (value, response.as_object_mut()) {
            response.insert(name.to_owned(), value);
        }
    };
    add("scope", (!scope.is_empty()).then(|| json!(scope)));
    add(
        "authorization_details",
        tokens.details.as_ref().map(|details| json!(details)),
    );
    add("id_token", tokens.id_token.as_ref().map(|token| json!(token)));
    add(
        "refresh_token",
        tokens.refresh_token.as_ref().map(|token| json!(token.expose())),
    );
    add(
        "issued_token_type",
        tokens.issued_token_type.map(|kind| json!(kind)),
    );
    response
}

/// A body that cannot be read is the caller's doing, said as this endpoint says it.
pub(super) fn body(sent: Result<Sent, Error>) -> Result<Parameters, Error<OauthError>> {
    use crate::rules::oauth::Code;
    let malformed = OauthError::new(
        Code::InvalidRequest,
        "the body must be a form (application/x-www-form-urlencoded)",
    );
    let too_large = OauthError::new(Code::TooLarge, "the body is larger than any honest request");
    sent.map(|Sent(parameters)| parameters).map_err(|error| {
        error.map(|refusal| match refusal {
            Refusal::TooLarge => too_large,
            _ => malformed,
        })
    })
}

/// The one `Authorization` header; several are as good as a broken one.
pub(super) fn authorization(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    match (all.next(), all.next()) {
        (Some(only), None) => Some(only.to_str().unwrap_or_default()),
        (None, _) => None,
        (Some(_), Some(_)) => Some(""),
    }
}
