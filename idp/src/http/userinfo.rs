//! `/userinfo`: the data behind an access token (OpenID Connect Core §5.3, RFC 6750).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

use super::{
    error::no_token,
    parameters::{Sent, is_form},
    token::{authorization, body},
};
use crate::{
    error::Error,
    flow::{self, userinfo::Answer},
    rules::{
        oauth::{Code, OauthError},
        parameters::Parameters,
    },
    service::Idp,
};

/// `GET /userinfo`: the token in the header. One in the query is not looked at (RFC 6750 §2.3: logs).
pub async fn get(State(idp): State<Arc<Idp>>, headers: HeaderMap) -> Result<Response, Error<OauthError>> {
    answer(&idp, &headers, &Parameters::default()).await
}

/// `POST /userinfo`: the token in the header or in the body, not in both (RFC 6750 §2).
pub async fn post(
    State(idp): State<Arc<Idp>>,
    headers: HeaderMap,
    sent: Result<Sent, Error>,
) -> Result<Response, Error<OauthError>> {
    // Libraries post an empty body of whatever type they are used to, with the token in the header.
    let parameters = if is_form(&headers) {
        body(sent)?
    } else {
        Parameters::default()
    };
    answer(&idp, &headers, &parameters).await
}

async fn answer(
    idp: &Idp,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Response, Error<OauthError>> {
    let by_header = authorization(headers).map(bearer).transpose()?;
    let token = match (by_header, parameters.value("access_token")) {
        (Some(_), Some(_)) => {
            return Err(Error::Refused(OauthError::new(
                Code::InvalidRequest,
                "two ways of sending a token at once",
            )));
        }
        (Some(token), None) | (None, Some(token)) => token,
        (None, None) => return Ok(no_token()),
    };
    let uncached = [(header::CACHE_CONTROL, "no-store")];
    Ok(match flow::userinfo::claims(idp, token).await? {
        Answer::Claims(claims) => (uncached, Json(claims)).into_response(),
        Answer::Token(token) => {
            let jwt = [(header::CONTENT_TYPE, "application/jwt")];
            (uncached, jwt, token).into_response()
        }
    })
}

fn bearer(header: &str) -> Result<&str, Error<OauthError>> {
    let malformed = OauthError::new(Code::InvalidToken, "the Authorization header is not Bearer");
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        Some(_) | None => Err(Error::Refused(malformed)),
    }
}
