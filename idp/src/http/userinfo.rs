//! `/userinfo`: the data behind an access token (OpenID Connect Core §5.3, RFC 6750).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

use super::{
    arrival::Arrived,
    dpop,
    error::{no_token, step_up},
    parameters::{Sent, is_form},
    token::body,
};
use crate::{
    error::Error,
    flow::{
        self,
        userinfo::{Answer, Shut},
    },
    rules::{
        binding::Scheme,
        oauth::{Code, OauthError},
        parameters::Parameters,
    },
    service::Idp,
};

/// `GET /userinfo`: the token in the header. One in the query is not looked at (RFC 6750 §2.3: logs).
pub async fn get(State(idp): State<Arc<Idp>>, arrived: Arrived) -> Result<Response, Error<OauthError>> {
    answer(&idp, arrived, &Parameters::default()).await
}

/// `POST /userinfo`: the token in the header or in the body, not in both (RFC 6750 §2).
pub async fn post(
    State(idp): State<Arc<Idp>>,
    headers: HeaderMap,
    arrived: Arrived,
    sent: Result<Sent, Error>,
) -> Result<Response, Error<OauthError>> {
    // Libraries post an empty body of whatever type they are used to, with the token in the header.
    let parameters = if is_form(&headers) {
        body(sent)?
    } else {
        Parameters::default()
    };
    answer(&idp, arrived, &parameters).await
}

async fn answer(idp: &Idp, arrived: Arrived, parameters: &Parameters) -> Result<Response, Error<OauthError>> {
    let (authorization, arrival) = arrived.parts();
    let by_header = authorization.as_deref().map(by_scheme).transpose()?;
    let (scheme, token) = match (by_header, parameters.value("access_token")) {
        (Some(_), Some(_)) => {
            return Err(Error::Refused(OauthError::new(
                Code::InvalidRequest,
                "two ways of sending a token at once",
            )));
        }
        (Some(sent), None) => sent,
        (None, Some(token)) => (Scheme::Bearer, token),
        (None, None) => return Ok(no_token()),
    };
    let uncached = [(header::CACHE_CONTROL, "no-store")];
    match flow::userinfo::claims(idp, &arrival, (scheme, token)).await {
        Ok(Answer::Claims(claims)) => Ok((uncached, Json(claims)).into_response()),
        Ok(Answer::Token(token)) => {
            let jwt = [(header::CONTENT_TYPE, "application/jwt")];
            Ok((uncached, jwt, token).into_response())
        }
        Err(Error::Refused(Shut::Token(error))) => Ok(dpop::challenged(scheme, error)),
        Err(Error::Refused(Shut::Login(challenge))) => Ok(step_up(scheme, &challenge)),
        Err(Error::Fault(fault)) => Err(fault.into()),
    }
}

fn by_scheme(header: &str) -> Result<(Scheme, &str), Error<OauthError>> {
    let malformed = OauthError::new(
        Code::InvalidToken,
        "the Authorization header is neither Bearer nor DPoP",
    );
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok((Scheme::Bearer, token.trim())),
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("dpop") => Ok((Scheme::Dpop, token.trim())),
        Some(_) | None => Err(Error::Refused(malformed)),
    }
}
