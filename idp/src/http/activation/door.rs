//! `/activate`: a national id and a code.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;

use super::opened;
use crate::{
    error::Error,
    flow::{
        self,
        activation::open::{self, Tried},
        effort::Place,
    },
    http::{
        cookies, effort,
        limits::From,
        pages::{Number, Page, html},
        security::{Fields, ours},
        upstream::{self, Offer},
    },
    rules::{
        activation::ActivationCode,
        national_id::NationalId,
        refusal::Refusal,
        secret::{Opaque, Secret},
        visitor::Visitor,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "activate.html")]
struct CodePage<'a> {
    page: &'a Page,
    csrf: String,
    number: Number,
    typed: &'a str,
    offers: Vec<Offer>,
}

/// What the first form sends.
#[derive(Deserialize)]
pub struct Typing {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    national_id: String,
    code: Option<Secret<String>>,
    #[serde(default)]
    challenge: String,
    #[serde(default)]
    answer: String,
}

/// `GET /activate`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    visitor: Visitor,
    From(from): From,
    mut page: Page,
) -> Response {
    let browser = visitor.browser.clone().unwrap_or_else(|| idp.opaque());
    effort::ahead(&idp, &mut page, Place::Activation(&browser), from);
    let mut response = ask(&idp, &page, &browser, "", StatusCode::OK);
    cookies::set(
        response.headers_mut(),
        &idp.config.issuer,
        cookies::Named::Browser,
        &browser,
    );
    response
}

/// `POST /activate`.
pub async fn open(
    State(idp): State<Arc<Idp>>,
    visitor: Visitor,
    From(from): From,
    mut page: Page,
    Fields(sent): Fields<Typing>,
) -> Result<Response, Error> {
    let browser = visitor.browser.clone().ok_or(Refusal::Forged)?;
    ours(&door_token(&idp, &browser), &sent.csrf)?;
    let Some((number, code)) = typed(&idp, &mut page, &sent) else {
        effort::ahead(&idp, &mut page, Place::Activation(&browser), from);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(ask(&idp, &page, &browser, &sent.national_id, status));
    };
    let place = (&visitor, Place::Activation(&browser));
    let paid = (sent.challenge.as_str(), sent.answer.as_str());
    if effort::owes(&idp, &mut page, place, (&number, from), paid).await? {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let response = ask(&idp, &page, &browser, &sent.national_id, status);
        return Ok(effort::asks(response));
    }
    match open::with_code(&idp, &visitor, (&number, &code)).await {
        Ok(Tried::Opened { ticket, browser }) => {
            let mut response = opened(&ticket);
            let issuer = &idp.config.issuer;
            cookies::set(response.headers_mut(), issuer, cookies::Named::Browser, &browser);
            Ok(response)
        }
        Ok(Tried::Wrong) => {
            flow::effort::wrong(&idp, from);
            effort::ahead(&idp, &mut page, Place::Activation(&browser), from);
            page.problem_at("code", page.t("activate-wrong"));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(ask(&idp, &page, &browser, &sent.national_id, status))
        }
        Err(Error::Refused(Refusal::Throttled { wait })) => {
            effort::ahead(&idp, &mut page, Place::Activation(&browser), from);
            page.problem_at(None, page.with("activate-throttled", "wait", page.wait(wait)));
            let status = StatusCode::TOO_MANY_REQUESTS;
            let mut response = ask(&idp, &page, &browser, &sent.national_id, status);
            let wait = HeaderValue::from(wait.0.max(1));
            response.headers_mut().insert(header::RETRY_AFTER, wait);
            Ok(response)
        }
        Err(error) => Err(error),
    }
}

/// The token of the form before anybody is known: bound to the browser.
fn door_token(idp: &Idp, browser: &Opaque) -> String {
    idp.derived
        .csrf
        .tag_text(&[b"activate", browser.digest().bytes()])
}

/// Both fields, or what is wrong with them on the page. What cannot be a code is said to be none: that tells nothing of
/// anybody.
fn typed(idp: &Idp, page: &mut Page, sent: &Typing) -> Option<(NationalId, ActivationCode)> {
    page.here = "/activate".to_owned();
    let number = page.national_id(&idp.people.schemes, &sent.national_id);
    let text = sent.code.as_ref().map_or("", |code| code.expose());
    let code = ActivationCode::parse(text);
    if code.is_none() {
        let key = if text.trim().is_empty() {
            "activate-code-empty"
        } else {
            "activate-code-shape"
        };
        page.problem_at("code", page.t(key));
    }
    Some((number?, code?))
}

fn ask(idp: &Idp, page: &Page, browser: &Opaque, typed: &str, status: StatusCode) -> Response {
    let template = CodePage {
        page,
        csrf: door_token(idp, browser),
        number: Number::of(&idp.people.schemes),
        // What cannot be a number is not worth repeating in full.
        typed: typed.get(..MAX_REPEATED).unwrap_or(typed),
        offers: upstream::offers(idp, browser),
    };
    html(status, &template, None)
}

/// Longer than any number with its separators.
const MAX_REPEATED: usize = 40;
