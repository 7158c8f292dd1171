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
        logout::{Goodbye, LoggedOut, confirmed},
    },
    rules::{parameters::Parameters, refusal::Refusal, visitor::Visitor},
    service::Idp,
};

/// `GET /logout`.
pub async fn get(
    State(idp): State<Arc<Idp>>,
    visitor: Visitor,
    mut page: Page,
    Sent(parameters): Sent,
) -> Result<Response, Error> {
    page.suggest(&locales(&parameters));
    match flow::logout::request(&idp, &visitor, &parameters).await? {
        LoggedOut::Done(goodbye) => Ok(left(&idp, &page, &goodbye)),
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
    mut page: Page,
    _: FromHere,
    Sent(parameters): Sent,
) -> Result<Response, Error> {
    page.suggest(&locales(&parameters));
    // It ended between the question and the answer (another tab, the end of the day): the browser is led on all the same.
    let Some(session) = &visitor.session else {
        return Ok(left(&idp, &page, &flow::logout::over(&idp, &parameters).await?));
    };
    ours(
        &session_token(&idp, session),
        parameters.value("csrf").unwrap_or_default(),
    )?;
    let goodbye = confirmed(&idp, session, &parameters).await?;
    Ok(left(&idp, &page, &goodbye))
}

/// Where the browser goes now, without its session cookie: to the agency, or to our page when there is something to
/// read or other agencies hear of it in its frames.
pub(super) fn left(idp: &Idp, page: &Page, goodbye: &Goodbye) -> Response {
    let mut response = match &goodbye.destination {
        Some(address) if goodbye.farewell.frames.is_empty() => see_other(address),
        Some(_) | None => pages::logout::done(page, goodbye),
    };
    cookies::forget_session(response.headers_mut(), &idp.config.issuer);
    response
}

/// RP-initiated logout §2: what the agency thinks the citizen reads, best first.
fn locales(parameters: &Parameters) -> Vec<String> {
    let tags = parameters.value("ui_locales").unwrap_or_default();
    tags.split_whitespace()
        .take(MOST_LOCALES)
        .map(str::to_owned)
        .collect()
}

/// Parameters that the confirmation repeats (RP-initiated logout §2). `logout_hint` is not among them: it says who the
/// agency thinks is here, and the page asks whoever is.
const KEPT: [&str; 5] = [
    "id_token_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
];
/// Nobody reads more.
const MOST_LOCALES: usize = 8;
