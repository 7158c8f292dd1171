//! `/account/codes/…`: add an app for one-time codes, or remove one. The seed is on the page until a code of it was right,
//! and never again.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::{
    interaction::see_other,
    pages::{Page, html, qr},
    presence::prove_presence,
    security::{Fields, ours, session_token},
    visitor::SignedIn,
};
use crate::{
    error::Error,
    flow::{
        self,
        totp::{Confirmed, Removed},
    },
    rules::{
        passkey::{NameRefused, PasskeyName},
        refusal::Refusal,
        totp::{Code, Listed, Seed},
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "codes_new.html")]
struct NewPage<'a> {
    page: &'a Page,
    csrf: String,
    qr: String,
    link: &'a str,
    key: String,
    typed: String,
}

#[derive(Template)]
#[template(path = "codes_full.html")]
struct FullPage<'a> {
    page: &'a Page,
    apps: Vec<App>,
}

#[derive(Template)]
#[template(path = "codes_remove.html")]
struct RemovePage<'a> {
    page: &'a Page,
    csrf: String,
    app: &'a str,
    name: String,
}

struct App {
    id: String,
    name: String,
}

/// Which app: `?app=`.
#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    app: String,
}

/// What the forms of these pages send.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    app: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    code: String,
}

/// `GET /account/codes/new`.
pub async fn new(State(idp): State<Arc<Idp>>, signed_in: SignedIn, page: Page) -> Result<Response, Error> {
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, NEW).await? {
        return Ok(elsewhere);
    }
    let typed = page.t("codes-name-default");
    offer(&idp, &signed_in, page, typed).await
}

/// `POST /account/codes/new`.
pub async fn confirm(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    mut page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    let session = &signed_in.session;
    ours(&session_token(&idp, session), &sent.csrf)?;
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, NEW).await? {
        return Ok(elsewhere);
    }
    let (name, code) = (named(&mut page, &sent.name), Code::parse(&sent.code));
    let filled = name.as_ref().zip(code.as_ref());
    match flow::totp::confirm(&idp, session, filled).await? {
        Confirmed::Added => Ok(see_other("/account?done=code-app-added")),
        Confirmed::Full => Ok(see_other(NEW)),
        Confirmed::Wrong(seed) => {
            if !page.wrong() {
                page.problem_at("code", page.t("codes-wrong"));
            }
            render(&idp, &signed_in, page, (&seed, sent.name)).await
        }
        Confirmed::Stale => {
            page.problem_at(None, page.t("codes-stale"));
            offer(&idp, &signed_in, page, sent.name).await
        }
    }
}

/// `GET /account/codes/remove?app=`.
pub async fn ask_remove(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    Query(which): Query<Which>,
    page: Page,
) -> Result<Response, Error> {
    let app = owned(&idp, &signed_in, &which.app).await?;
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, &remove_path(&app)).await? {
        return Ok(elsewhere);
    }
    Ok(render_remove(&idp, &signed_in, page, &app, StatusCode::OK))
}

/// `POST /account/codes/remove`.
pub async fn remove(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    mut page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &signed_in.session), &sent.csrf)?;
    let app = owned(&idp, &signed_in, &sent.app).await?;
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, &remove_path(&app)).await? {
        return Ok(elsewhere);
    }
    let called = called(&page, &app);
    match flow::totp::remove(&idp, &signed_in.session, (&app.id, &called)).await? {
        Removed::Done => Ok(see_other("/account?done=code-app-removed")),
        Removed::Last => {
            page.problem_at(None, page.t("codes-last"));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(render_remove(&idp, &signed_in, page, &app, status))
        }
    }
}

/// Shows a new seed, or why there is none.
async fn offer(idp: &Idp, signed_in: &SignedIn, mut page: Page, typed: String) -> Result<Response, Error> {
    let apps = flow::totp::all(idp, &signed_in.session.citizen).await?;
    if flow::totp::full(&apps) {
        page.here = NEW.to_owned();
        let rows = apps.iter().map(|app| App {
            id: app.id.as_str().to_owned(),
            name: called(&page, app),
        });
        let template = FullPage {
            apps: rows.collect(),
            page: &page,
        };
        return Ok(html(StatusCode::OK, &template, None));
    }
    let seed = flow::totp::offer(idp, &signed_in.session).await?;
    render(idp, signed_in, page, (&seed, typed)).await
}

async fn render(
    idp: &Idp,
    signed_in: &SignedIn,
    mut page: Page,
    (seed, typed): (&Seed, String),
) -> Result<Response, Error> {
    page.here = NEW.to_owned();
    let person = flow::account::person(idp, &signed_in.session.citizen).await?;
    let uri = seed.uri(&page.programme, &person.national_id.display());
    let status = if page.wrong() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let template = NewPage {
        csrf: session_token(idp, &signed_in.session),
        qr: qr::svg(&uri, &page.t("codes-qr"))?,
        link: &uri,
        key: in_fours(&seed.to_base32()),
        typed,
        page: &page,
    };
    Ok(html(status, &template, None))
}

fn render_remove(
    idp: &Idp,
    signed_in: &SignedIn,
    mut page: Page,
    app: &Listed,
    status: StatusCode,
) -> Response {
    page.here = remove_path(app);
    let template = RemovePage {
        csrf: session_token(idp, &signed_in.session),
        app: app.id.as_str(),
        name: called(&page, app),
        page: &page,
    };
    html(status, &template, None)
}

/// The app, if it is theirs.
async fn owned(idp: &Idp, signed_in: &SignedIn, app: &str) -> Result<Listed, Error> {
    let all = flow::totp::all(idp, &signed_in.session.citizen).await?;
    let found = all.into_iter().find(|one| one.id.as_str() == app);
    Ok(found.ok_or(Refusal::NotFound)?)
}

/// Its name, or what an app without one is called.
/// What its owner calls an app, or what we call one without a name.
pub(super) fn called(page: &Page, app: &Listed) -> String {
    match &app.name {
        Some(name) => name.as_str().to_owned(),
        None => page.t("codes-name-default"),
    }
}

fn named(page: &mut Page, typed: &str) -> Option<PasskeyName> {
    match PasskeyName::parse(typed) {
        Ok(name) => Some(name),
        Err(NameRefused::Empty) => {
            page.problem_at("name", page.t("codes-name-empty"));
            None
        }
        Err(NameRefused::TooLong) => {
            page.problem_at("name", page.t("codes-name-long"));
            None
        }
    }
}

/// For eyes that read a key and fingers that type it.
fn in_fours(key: &str) -> String {
    let mut out = String::new();
    for (at, character) in key.chars().enumerate() {
        if at > 0 && at.is_multiple_of(4) {
            out.push(' ');
        }
        out.push(character);
    }
    out
}

fn remove_path(app: &Listed) -> String {
    format!("/account/codes/remove?app={}", app.id)
}

const NEW: &str = "/account/codes/new";
