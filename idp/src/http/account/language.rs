//! `POST /account/language`: in which language pages and letters speak to this citizen.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Deserialize;

use crate::{
    error::Error,
    flow,
    http::{
        interaction::see_other,
        security::{Fields, ours, session_token},
        visitor::SignedIn,
    },
    rules::{language::Language, refusal::Refusal},
    service::Idp,
};

/// What the form sends.
#[derive(Deserialize)]
pub struct Chosen {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    language: String,
}

/// `POST /account/language`. The page that follows is asked for in that language, which this browser remembers.
pub async fn choose(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    Fields(sent): Fields<Chosen>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &session), &sent.csrf)?;
    let language = Language::named(&sent.language).ok_or(Refusal::RequestMalformed("language"))?;
    flow::account::choose_language(&idp, &session, language).await?;
    let tag = language.tag();
    Ok(see_other(&format!("/account?done=language-chosen&lang={tag}")))
}
