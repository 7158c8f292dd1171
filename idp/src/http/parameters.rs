//! Extracting protocol parameters: from the query of a GET, from the form body of a POST.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, Method, header},
};

use crate::{
    error::Error,
    rules::{parameters::Parameters, refusal::Refusal},
    service::Idp,
};

/// The parameters of a request, wherever its method puts them.
#[derive(Debug)]
pub struct Sent(pub Parameters);

/// The form body of a POST as it came; refused when it is anything else.
#[derive(Debug)]
pub struct FormBody(pub Bytes);

impl FromRequest<Arc<Idp>> for FormBody {
    type Rejection = Error;

    async fn from_request(request: Request, idp: &Arc<Idp>) -> Result<Self, Error> {
        if !is_form(request.headers()) {
            return Err(
                Refusal::RequestMalformed("content-type must be application/x-www-form-urlencoded").into(),
            );
        }
        match Bytes::from_request(request, idp).await {
            Ok(body) => Ok(Self(body)),
            Err(_) => Err(Refusal::TooLarge.into()),
        }
    }
}

impl FromRequest<Arc<Idp>> for Sent {
    type Rejection = Error;

    async fn from_request(request: Request, idp: &Arc<Idp>) -> Result<Self, Error> {
        if request.method() == Method::POST {
            let FormBody(body) = FormBody::from_request(request, idp).await?;
            return Ok(Self(Parameters::parse(&body)));
        }
        Ok(Self(Parameters::parse(
            request.uri().query().unwrap_or_default().as_bytes(),
        )))
    }
}

/// The body says that it is a form.
pub fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split_once(';').map_or(kind, |(kind, _)| kind);
    kind.trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
