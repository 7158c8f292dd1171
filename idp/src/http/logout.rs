//! `/logout`: RP-initiated logout 1.0, by GET and by POST.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use super::{
    cookies,
    interaction::see_other,
    pages::{self, Page},
    parameters::{FormBody, Sent},
    security::{FormTarget, FromHere, ours, session_token},
};
use crate::{
    error::Error,
    flow::{
        self,
        logout::{LoggedOut, confirmed},
    },
    rules::{refusal::Refusal, visitor::Visitor},
    service::Idp,
};

/// `GET /logout`.
pub async fn get(
    State(idp): State<Arc<Idp>>,
    visitor: Visitor,
    page: Page,
    Sent(parameters): Sent,
) -> Result<Response, Error> {
    match flow::logout::request(&idp, &visitor, &parameters).await? {
        LoggedOut::Done { destination } => Ok(left(&idp, &page, destination)),
        LoggedOut::Ask { destination } => {
            let session = visitor.session.as_ref().ok_or(Refusal::OutOfTurn)?;
            let csrf = session_token(&idp, session);
            let mut hidden: Vec<(&str, &str)> = vec![("csrf", &csrf)];
            for name in KEPT {
                hidden.extend(parameters.value(name).map(|value| (name, value)));
            }
            let target = destination.as_deref().and_then(FormTarget::of);
            Ok(pages::logout::confirm(&page, "/logout/confirm", &hidden, target))
        }
    }
}

/// `POST /logout`: the same request by GET, where the session's cookie comes along (`SameSite=Lax`).
pub async fn post(FormBody(body): FormBody) -> Result<Response, Error> {
    let query = std::str::from_utf8(&body).map_err(|_| Refusal::RequestMalformed("body"))?;
    if !query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return Err(Refusal::RequestMalformed("body").into());
    }
    Ok(see_other(&format!("/logout?{query}")))
}

/// `POST /logout/confirm`: our own form.
pub async fn confirm(
    State(idp): State<Arc<Idp>>,
    visitor: Visitor,
    page: Page,
    _: FromHere,
    Sent(parameters): Sent,
) -> Result<Response, Error> {
    let Some(session) = &visitor.session else {
        return Ok(left(&idp, &page, None));
    };
    ours(
        &session_token(&idp, session),
        parameters.value("csrf").unwrap_or_default(),
    )?;
    let destination = confirmed(&idp, session, &parameters).await?;
    Ok(left(&idp, &page, destination))
}

/// Where the browser goes now, without its session cookie.
pub(super) fn left(idp: &Idp, page: &Page, destination: Option<String>) -> Response {
    let mut response = match destination {
        Some(address) => see_other(&address),
        None => pages::logout::done(page),
    };
    cookies::forget_session(response.headers_mut(), &idp.config.issuer);
    response
}

/// Parameters that the confirmation repeats (RP-initiated logout §2).
const KEPT: [&str; 4] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];
