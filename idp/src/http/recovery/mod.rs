//! `/recover…`: what to do when the way in is lost. Whoever knows a number sees the same pages as its owner.

pub mod proof;
pub mod wait;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderMap, Method, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    cookies,
    interaction::see_other,
    pages::{Number, Page, html},
    security::{Fields, ours},
};
use crate::{
    error::Error,
    flow,
    rules::{
        recovery::{Recovery, Stage},
        refusal::Refusal,
        secret::Opaque,
        visitor::Visitor,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "recover.html")]
struct DecidePage<'a> {
    page: &'a Page,
    wait: String,
}

#[derive(Template)]
#[template(path = "recover_begin.html")]
struct BeginPage<'a> {
    page: &'a Page,
    csrf: String,
    number: Number,
    typed: &'a str,
}

/// What the form that begins sends.
#[derive(Deserialize)]
pub struct Numbered {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    national_id: String,
}

/// `GET /recover`: what happened?
pub async fn decide(State(idp): State<Arc<Idp>>, page: Page) -> Response {
    let wait = page.wait(idp.config.recovery.cooling_off());
    html(StatusCode::OK, &DecidePage { page: &page, wait }, None)
}

/// `GET /recover/begin`: whose account?
pub async fn ask(State(idp): State<Arc<Idp>>, door: Door, page: Page) -> Response {
    begin_page(&idp, &door, &page, "", StatusCode::OK)
}

/// `POST /recover/begin`.
pub async fn begin(
    State(idp): State<Arc<Idp>>,
    door: Door,
    mut page: Page,
    Fields(sent): Fields<Numbered>,
) -> Result<Response, Error> {
    ours(&door.token(&idp), &sent.csrf)?;
    let Some(number) = page.national_id(&idp.people.schemes, &sent.national_id) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(begin_page(&idp, &door, &page, &sent.national_id, status));
    };
    let secret = flow::recovery::begin(&idp, &number).await?;
    let mut response = see_other("/recover/proof");
    let issuer = &idp.config.issuer;
    cookies::set(response.headers_mut(), issuer, cookies::Named::Recovery, &secret);
    Ok(response)
}

fn begin_page(idp: &Idp, door: &Door, page: &Page, typed: &str, status: StatusCode) -> Response {
    let template = BeginPage {
        page,
        csrf: door.token(idp),
        number: Number::of(&idp.people.schemes),
        typed: repeated(typed),
    };
    door.keep(idp, html(status, &template, None))
}

/// What cannot be what was asked for is not worth repeating in full.
pub(super) fn repeated(typed: &str) -> &str {
    typed.get(..MAX_REPEATED).unwrap_or(typed)
}

/// A browser in which nobody is signed in. Its forms are bound to its cookie, which it gets here if it has none.
pub struct Door {
    /// Who stands there.
    pub visitor: Visitor,
    /// The cookie.
    pub browser: Opaque,
}

impl Door {
    /// The token of every form that this browser is shown before anybody is known.
    #[must_use]
    pub fn token(&self, idp: &Idp) -> String {
        let digest = self.browser.digest();
        idp.derived.csrf.tag_text(&[b"browser", digest.bytes()])
    }

    /// The response, with the browser's cookie if it had none.
    #[must_use]
    pub fn keep(&self, idp: &Idp, mut response: Response) -> Response {
        if self.visitor.browser.is_none() {
            let issuer = &idp.config.issuer;
            let headers: &mut HeaderMap = response.headers_mut();
            cookies::set(headers, issuer, cookies::Named::Browser, &self.browser);
        }
        response
    }
}

impl FromRequestParts<Arc<Idp>> for Door {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, idp: &Arc<Idp>) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, idp)
            .await
            .map_err(IntoResponse::into_response)?;
        let browser = visitor.browser.clone().unwrap_or_else(|| idp.opaque());
        Ok(Self { visitor, browser })
    }
}

/// The recovery whose cookie this browser has. Without one a GET goes to the beginning, and a form is told so.
pub struct Ongoing {
    /// Where it stands.
    pub recovery: Recovery,
    /// The browser.
    pub visitor: Visitor,
}

impl Ongoing {
    /// The token of every form of this recovery.
    #[must_use]
    pub fn token(&self, idp: &Idp) -> String {
        let id = self.recovery.id.as_str().as_bytes();
        idp.derived.csrf.tag_text(&[b"recovery", id])
    }

    /// The page where this recovery stands.
    #[must_use]
    pub fn place(&self) -> &'static str {
        match self.recovery.stage {
            Stage::Collecting => "/recover/proof",
            Stage::Waiting { .. } | Stage::Ready { .. } => "/recover/wait",
        }
    }
}

impl FromRequestParts<Arc<Idp>> for Ongoing {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, idp: &Arc<Idp>) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, idp)
            .await
            .map_err(IntoResponse::into_response)?;
        let issuer = &idp.config.issuer;
        let found = match cookies::read(&parts.headers, issuer, cookies::Named::Recovery) {
            Some(secret) => flow::recovery::current(idp, &secret)
                .await
                .map_err(IntoResponse::into_response)?,
            None => None,
        };
        match found {
            Some(recovery) => Ok(Self { recovery, visitor }),
            None if parts.method == Method::GET => Err(see_other("/recover")),
            None => Err(Refusal::InteractionLost.into_response()),
        }
    }
}

/// Longer than any number with its separators.
const MAX_REPEATED: usize = 40;
