//! Interactions on the wire: `?interaction=` in the URL plus the browser's cookie.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Query},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{cookies, pages};
use crate::{
    error::{Error, Fault},
    flow::{
        self,
        interaction::{Moved, Next, Page, current},
    },
    rules::{
        answer::{Answer, Delivery},
        interaction::Interaction,
        refusal::Refusal,
        secret::Opaque,
        visitor::Visitor,
    },
    service::Idp,
};

/// The interaction that the URL names, begun by this very browser. Refused otherwise, with the page that offers to
/// begin again.
#[derive(Debug)]
pub struct Current {
    /// Where the conversation stands.
    pub interaction: Interaction,
    /// The browser.
    pub visitor: Visitor,
}

#[derive(Deserialize)]
struct Named {
    interaction: String,
}

impl FromRequestParts<Arc<Idp>> for Current {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, idp: &Arc<Idp>) -> Result<Self, Error> {
        let visitor = Visitor::from_request_parts(parts, idp).await?;
        let Query(named) = Query::<Named>::try_from_uri(&parts.uri).map_err(|_| Refusal::InteractionLost)?;
        let interaction = current(idp, &visitor, &named.interaction).await?;
        Ok(Self { interaction, visitor })
    }
}

/// The path of a page of an interaction, with the interaction named.
#[must_use]
pub fn path(page: Page, interaction: &Opaque) -> String {
    let page = match page {
        Page::Login => "/login",
        Page::SecondFactor => "/login/code",
        Page::Reauthenticate => "/reauthenticate",
        Page::Consent => "/consent",
        Page::Unmet => "/login/unmet",
    };
    format!("{page}?interaction={}", interaction.text().expose())
}

/// Sends the browser on: by 303, so that a form is never sent again elsewhere (RFC 9700 §4.12), or with the form that
/// takes an answer to its client. `page` is the frame of the latter.
pub async fn go(idp: &Idp, page: &pages::Page, moved: Moved) -> Response {
    let mut response = match moved.next {
        Next::Page(page) => see_other(&path(page, &moved.interaction)),
        Next::Account(path) => see_other(&path),
        Next::Client(answer) => answered(idp, page, *answer).await,
    };
    let issuer = &idp.config.issuer;
    if let Some(browser) = &moved.browser {
        cookies::set(response.headers_mut(), issuer, cookies::Named::Browser, browser);
    }
    if let Some(session) = &moved.session {
        let headers = response.headers_mut();
        cookies::set(headers, issuer, cookies::Named::Session, &session.cookie);
        cookies::set(headers, issuer, cookies::Named::State, &session.state);
    }
    response
}

/// Sends the browser to the client with its answer.
pub async fn answered(idp: &Idp, page: &pages::Page, answer: Answer) -> Response {
    match flow::answer::deliver(idp, answer).await {
        Ok(Delivery::Redirect(location)) => see_other(&location),
        Ok(Delivery::Form { action, fields }) => pages::form_post::show(page, &action, &fields),
        Err(error) => error.into_response(),
    }
}

/// 303 to `location`, never cached.
#[must_use]
pub fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return Fault::plain("a redirect that is not a header").into_response();
    };
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location), no_store]).into_response()
}
