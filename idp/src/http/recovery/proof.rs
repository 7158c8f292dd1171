//! `/recover/proof`: a code first, then another code or a factor.

use std::{net::IpAddr, sync::Arc};

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;

use super::Ongoing;
use crate::{
    error::Error,
    flow::{
        self,
        effort::Place,
        recovery::proof::{Asked, Shown},
    },
    http::{
        effort,
        interaction::see_other,
        limits::From,
        pages::{Page, html},
        security::{Fields, ours},
    },
    rules::{
        password,
        recovery::{Evidence, Stage, Sufficiency, Typed, judge},
        refusal::Refusal,
        secret::Secret,
        standing::Standing,
        totp,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "recover_proof.html")]
struct ProofPage<'a> {
    page: &'a Page,
    csrf: String,
    done: Option<String>,
    /// A code was shown.
    second: bool,
    saved: bool,
    issued: bool,
    /// A factor counts.
    factors: bool,
    frozen: bool,
}

/// `?done=`: what the last form did.
#[derive(Deserialize)]
pub struct Noticed {
    done: Option<String>,
}

/// What the forms send.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    csrf: String,
    code: Option<Secret<String>>,
    password: Option<Secret<String>>,
    #[serde(default)]
    challenge: String,
    #[serde(default)]
    answer: String,
}

/// `GET /recover/proof`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    ongoing: Ongoing,
    Query(noticed): Query<Noticed>,
    From(from): From,
    mut page: Page,
) -> Result<Response, Error> {
    if ongoing.recovery.stage != Stage::Collecting {
        return Ok(see_other(ongoing.place()));
    }
    let done = match noticed.done.as_deref() {
        Some("sent") => Some(page.t("recover-sent")),
        Some("right") => Some(page.t("recover-right")),
        _ => None,
    };
    effort::ahead(&idp, &mut page, Place::Recovery(&ongoing.recovery), from);
    render(&idp, &ongoing, &page, done, StatusCode::OK).await
}

/// `POST /recover/proof/ask`: a code by mail.
pub async fn ask(
    State(idp): State<Arc<Idp>>,
    ongoing: Ongoing,
    From(from): From,
    mut page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&ongoing.token(&idp), &sent.csrf)?;
    match flow::recovery::proof::ask(&idp, &ongoing.recovery).await? {
        Asked::OnItsWay => Ok(see_other("/recover/proof?done=sent")),
        Asked::TooSoon => {
            page.problem_at(None, page.t("recover-too-soon"));
            again((&idp, from), &ongoing, page, StatusCode::TOO_MANY_REQUESTS).await
        }
    }
}

/// `POST /recover/proof/code`: a code from a letter or from paper.
pub async fn code(
    State(idp): State<Arc<Idp>>,
    ongoing: Ongoing,
    From(from): From,
    mut page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&ongoing.token(&idp), &sent.csrf)?;
    let text = sent.code.as_ref().map_or("", |code| code.expose());
    let Some(typed) = Typed::parse(text) else {
        page.problem_at("code", page.t("recover-code-shape"));
        return again((&idp, from), &ongoing, page, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    if owes((&idp, from), &ongoing, &mut page, &sent).await? {
        return pay((&idp, from), &ongoing, page).await;
    }
    let shown = flow::recovery::proof::code(&idp, &ongoing.recovery, &typed).await;
    answer(
        (&idp, from),
        &ongoing,
        page,
        (shown, "code", "recover-code-wrong"),
    )
    .await
}

/// `POST /recover/proof/password`.
pub async fn password(
    State(idp): State<Arc<Idp>>,
    ongoing: Ongoing,
    From(from): From,
    mut page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&ongoing.token(&idp), &sent.csrf)?;
    let text = sent.password.as_ref().map_or("", |password| password.expose());
    let typed = match password::Typed::read(text) {
        Ok(typed) if !typed.is_empty() => typed,
        Ok(_) | Err(password::TooLong) => {
            page.problem_at("password", page.t("login-password-empty"));
            return again((&idp, from), &ongoing, page, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    if owes((&idp, from), &ongoing, &mut page, &sent).await? {
        return pay((&idp, from), &ongoing, page).await;
    }
    let (visitor, recovery) = (&ongoing.visitor, &ongoing.recovery);
    let shown = flow::recovery::proof::password(&idp, visitor, recovery, &typed).await;
    answer(
        (&idp, from),
        &ongoing,
        page,
        (shown, "password", "recover-password-wrong"),
    )
    .await
}

/// `POST /recover/proof/totp`: a code of the app.
pub async fn totp(
    State(idp): State<Arc<Idp>>,
    ongoing: Ongoing,
    From(from): From,
    mut page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&ongoing.token(&idp), &sent.csrf)?;
    let text = sent.code.as_ref().map_or("", |code| code.expose());
    let Some(code) = totp::Code::parse(text) else {
        page.problem_at("app", page.t("code-shape"));
        return again((&idp, from), &ongoing, page, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    if owes((&idp, from), &ongoing, &mut page, &sent).await? {
        return pay((&idp, from), &ongoing, page).await;
    }
    let (visitor, recovery) = (&ongoing.visitor, &ongoing.recovery);
    let shown = flow::recovery::proof::totp(&idp, visitor, recovery, &code).await;
    answer((&idp, from), &ongoing, page, (shown, "app", "code-wrong")).await
}

/// What came of showing something: forward, or the same page with what was wrong.
async fn answer(
    (idp, from): (&Idp, Option<IpAddr>),
    ongoing: &Ongoing,
    mut page: Page,
    (shown, field, wrong): (Result<Shown, Error>, &'static str, &str),
) -> Result<Response, Error> {
    match shown {
        Ok(Shown::Right(Sufficiency::Enough)) => Ok(see_other("/recover/wait")),
        Ok(Shown::Right(Sufficiency::NeedsCode | Sufficiency::NeedsSecond)) => {
            Ok(see_other("/recover/proof?done=right"))
        }
        Ok(Shown::Wrong) => {
            flow::effort::wrong(idp, from);
            page.problem_at(field, page.t(wrong));
            again((idp, from), ongoing, page, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(Error::Refused(Refusal::Throttled { wait })) => {
            page.problem_at(None, page.with("error-throttled-do", "wait", page.wait(wait)));
            let mut response = again((idp, from), ongoing, page, StatusCode::TOO_MANY_REQUESTS).await?;
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.0.max(1)));
            Ok(response)
        }
        Err(error) => Err(error),
    }
}

/// Whether the puzzle of this guess is still to be solved.
async fn owes(
    (idp, from): (&Idp, Option<IpAddr>),
    ongoing: &Ongoing,
    page: &mut Page,
    sent: &Sent,
) -> Result<bool, Error> {
    let place = (&ongoing.visitor, Place::Recovery(&ongoing.recovery));
    let guess = (&ongoing.recovery.national_id, from);
    let paid = (sent.challenge.as_str(), sent.answer.as_str());
    Ok(effort::owes(idp, page, place, guess, paid).await?)
}

async fn pay(from: (&Idp, Option<IpAddr>), ongoing: &Ongoing, page: Page) -> Result<Response, Error> {
    let response = again(from, ongoing, page, StatusCode::TOO_MANY_REQUESTS).await?;
    Ok(effort::asks(response))
}

async fn again(
    (idp, from): (&Idp, Option<IpAddr>),
    ongoing: &Ongoing,
    mut page: Page,
    status: StatusCode,
) -> Result<Response, Error> {
    "/recover/proof".clone_into(&mut page.here);
    // One that was asked for just now stays: waiting for it was not in vain.
    if page.effort.is_none() {
        effort::ahead(idp, &mut page, Place::Recovery(&ongoing.recovery), from);
    }
    render(idp, ongoing, &page, None, status).await
}

async fn render(
    idp: &Idp,
    ongoing: &Ongoing,
    page: &Page,
    done: Option<String>,
    status: StatusCode,
) -> Result<Response, Error> {
    let shown = &ongoing.recovery.shown;
    let second = judge(shown, Standing::Open) != Sufficiency::NeedsCode;
    // Whether an account is frozen is told to whoever has shown a code of it, and to nobody else.
    let frozen = second && flow::recovery::standing(idp, &ongoing.recovery).await? != Standing::Open;
    let template = ProofPage {
        csrf: ongoing.token(idp),
        done,
        second,
        saved: shown.contains(&Evidence::SavedCode),
        issued: shown.contains(&Evidence::IssuedCode),
        factors: second && !frozen,
        frozen,
        page,
    };
    Ok(html(status, &template, None))
}
