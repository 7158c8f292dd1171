//! Who is at the desk: a citizen logged in with two factors, who is registered as an official.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use sdk::login::{Citizen, Login, RequireAal};
use sdk::look::Language;

use super::words::{Words, words};
use crate::error::{Error, Refusal};
use crate::rules::official::Official;
use crate::service::Service;

/// An official at their desk.
pub(super) struct Signatory {
    pub(super) official: Official,
    pub(super) citizen: Citizen,
    pub(super) login: Login,
    pub(super) language: Language,
    pub(super) words: &'static Words,
}

impl FromRequestParts<Arc<Service>> for Signatory {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Response> {
        let RequireAal(citizen) = RequireAal::<2>::from_request_parts(parts, service)
            .await
            .map_err(IntoResponse::into_response)?;
        let login = Login::from_request_parts(parts, service)
            .await
            .map_err(IntoResponse::into_response)?;
        let Ok(language) = Language::from_request_parts(parts, service).await;
        let official = find(service, &citizen)
            .await
            .map_err(IntoResponse::into_response)?;
        Ok(Self {
            official,
            citizen,
            login,
            language,
            words: words(language),
        })
    }
}

async fn find(service: &Service, citizen: &Citizen) -> Result<Official, Error> {
    let person = citizen
        .national_id()
        .and_then(|id| id.parse().ok())
        .ok_or(Refusal::NotAnOfficial)?;
    Ok(service
        .store
        .official_by_person(&person)
        .await?
        .ok_or(Refusal::NotAnOfficial)?)
}
