//! `/recover/wait`: the wait and its end; `/recover/resume`: going on in another browser.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{Door, Ongoing, repeated};
use crate::{
    error::Error,
    flow,
    http::{
        cookies,
        interaction::see_other,
        pages::{Page, html},
        security::{Fields, ours},
    },
    rules::{
        recovery::{ResumeCode, Stage},
        secret::Secret,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "recover_wait.html")]
struct WaitPage<'a> {
    page: &'a Page,
    csrf: String,
    /// How long it still takes; nothing when it is ready.
    left: Option<String>,
    code: String,
}

#[derive(Template)]
#[template(path = "recover_resume.html")]
struct ResumePage<'a> {
    page: &'a Page,
    csrf: String,
    typed: &'a str,
}

/// What the forms send.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    csrf: String,
    code: Option<Secret<String>>,
}

/// `GET /recover/wait`.
pub async fn show(State(idp): State<Arc<Idp>>, ongoing: Ongoing, page: Page) -> Response {
    let left = match ongoing.recovery.stage {
        Stage::Collecting => return see_other(ongoing.place()),
        Stage::Waiting { until } => Some(page.wait(until.since(idp.now()))),
        Stage::Ready { .. } => None,
    };
    let template = WaitPage {
        csrf: ongoing.token(&idp),
        left,
        code: flow::recovery::resume_code(&idp, &ongoing.recovery)
            .text()
            .to_string(),
        page: &page,
    };
    html(StatusCode::OK, &template, None)
}

/// `POST /recover/open`: the wait is over; new factors are made where accounts are activated.
pub async fn open(
    State(idp): State<Arc<Idp>>,
    ongoing: Ongoing,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&ongoing.token(&idp), &sent.csrf)?;
    let handed = flow::recovery::complete::hand_over(&idp, &ongoing.visitor, &ongoing.recovery).await?;
    let ticket = handed.ticket.text();
    let mut response = see_other(&format!("/activate/passkey?activation={}", ticket.expose()));
    let headers = response.headers_mut();
    cookies::set(
        headers,
        &idp.config.issuer,
        cookies::Named::Browser,
        &handed.browser,
    );
    Ok(response)
}

/// `POST /recover/give-up`: whoever recovers stops.
pub async fn give_up(
    State(idp): State<Arc<Idp>>,
    ongoing: Ongoing,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&ongoing.token(&idp), &sent.csrf)?;
    flow::recovery::give_up(&idp, &ongoing.recovery).await?;
    let mut response = see_other("/recover");
    cookies::forget_recovery(response.headers_mut(), &idp.config.issuer);
    Ok(response)
}

/// `GET /recover/resume`.
pub async fn ask(State(idp): State<Arc<Idp>>, door: Door, page: Page) -> Response {
    resume_page(&idp, &door, &page, "", StatusCode::OK)
}

/// `POST /recover/resume`.
pub async fn resume(
    State(idp): State<Arc<Idp>>,
    door: Door,
    mut page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&door.token(&idp), &sent.csrf)?;
    let text = sent.code.as_ref().map_or("", |code| code.expose());
    let secret = match ResumeCode::parse(text) {
        Some(code) => flow::recovery::resume(&idp, &code).await?,
        None => None,
    };
    let Some(secret) = secret else {
        page.problem_at("code", page.t("recover-resume-wrong"));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(resume_page(&idp, &door, &page, repeated(text), status));
    };
    let mut response = see_other("/recover/proof");
    let headers = response.headers_mut();
    cookies::set(headers, &idp.config.issuer, cookies::Named::Recovery, &secret);
    Ok(response)
}

fn resume_page(idp: &Idp, door: &Door, page: &Page, typed: &str, status: StatusCode) -> Response {
    let csrf = door.token(idp);
    door.keep(idp, html(status, &ResumePage { page, csrf, typed }, None))
}
