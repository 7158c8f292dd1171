//! `/account/passkeys/…`: add, rename, remove. Adding and removing ask for presence at most five minutes old.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::{
    interaction::{go, see_other},
    pages::{Page, html},
    security::{Fields, ours, session_token},
    visitor::SignedIn,
};
use crate::{
    error::Error,
    flow::{
        self,
        passkeys::{self, Registered},
    },
    rules::{
        ids::AuthenticatorId,
        interaction::{Purpose, Stage},
        passkey::{Listed, NameRefused, PasskeyName},
        refusal::Refusal,
        session::FRESH,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "passkey_new.html")]
struct NewPage<'a> {
    page: &'a Page,
    csrf: String,
    typed: &'a str,
    options: String,
}

#[derive(Template)]
#[template(path = "passkey_rename.html")]
struct RenamePage<'a> {
    page: &'a Page,
    csrf: String,
    key: &'a str,
    typed: &'a str,
}

#[derive(Template)]
#[template(path = "passkey_remove.html")]
struct RemovePage<'a> {
    page: &'a Page,
    csrf: String,
    key: &'a str,
    name: &'a str,
    last: bool,
}

/// Which passkey: `?key=`.
#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    key: String,
}

/// What the forms of these pages send.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    credential: String,
}

/// `GET /account/passkeys/new`.
pub async fn new(State(idp): State<Arc<Idp>>, signed_in: SignedIn, page: Page) -> Result<Response, Error> {
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, NEW).await? {
        return Ok(elsewhere);
    }
    let suggested = signed_in.session.device.clone();
    render_new(&idp, &signed_in, page, &suggested).await
}

/// `POST /account/passkeys/new`.
pub async fn add(
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
    let name = match named(&mut page, &sent.name) {
        Some(name) => name,
        None => return render_new(&idp, &signed_in, page, &sent.name).await,
    };
    let problem = match passkeys::register(&idp, session, name, &sent.credential).await? {
        Registered::Added => return Ok(see_other("/account?done=passkey-added")),
        Registered::Exists => "passkey-exists",
        Registered::Refused => "passkey-bad",
        Registered::Stale => "passkey-stale",
    };
    page.problem_at(None, page.t(problem));
    render_new(&idp, &signed_in, page, &sent.name).await
}

/// `GET /account/passkeys/rename?key=`.
pub async fn ask_rename(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    Query(which): Query<Which>,
    page: Page,
) -> Result<Response, Error> {
    let (stored, _) = owned(&idp, &signed_in, &which.key).await?;
    Ok(render_rename(
        &idp,
        &signed_in,
        &page,
        (&which.key, stored.name.as_str()),
    ))
}

/// `POST /account/passkeys/rename`.
pub async fn rename(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    mut page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &signed_in.session), &sent.csrf)?;
    let Some(name) = named(&mut page, &sent.name) else {
        owned(&idp, &signed_in, &sent.key).await?;
        page.here = format!("/account/passkeys/rename?key={}", sent.key);
        return Ok(render_rename(&idp, &signed_in, &page, (&sent.key, &sent.name)));
    };
    passkeys::rename(&idp, &signed_in.session, &AuthenticatorId::known(sent.key), name).await?;
    Ok(see_other("/account?done=passkey-renamed"))
}

/// `GET /account/passkeys/remove?key=`.
pub async fn ask_remove(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    Query(which): Query<Which>,
    page: Page,
) -> Result<Response, Error> {
    let (stored, last) = owned(&idp, &signed_in, &which.key).await?;
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, &remove_path(&which.key)).await? {
        return Ok(elsewhere);
    }
    let csrf = session_token(&idp, &signed_in.session);
    let template = RemovePage {
        page: &page,
        csrf,
        key: &which.key,
        name: stored.name.as_str(),
        last,
    };
    Ok(html(StatusCode::OK, &template, None))
}

/// `POST /account/passkeys/remove`.
pub async fn remove(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &signed_in.session), &sent.csrf)?;
    owned(&idp, &signed_in, &sent.key).await?;
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, &remove_path(&sent.key)).await? {
        return Ok(elsewhere);
    }
    passkeys::remove(&idp, &signed_in.session, &AuthenticatorId::known(sent.key)).await?;
    Ok(see_other("/account?done=passkey-removed"))
}

/// Sends somebody whose presence is too old to prove it and come back to `return_to`.
pub(super) async fn prove_presence(
    idp: &Idp,
    page: &Page,
    signed_in: &SignedIn,
    return_to: &str,
) -> Result<Option<Response>, Error> {
    let session = &signed_in.session;
    if session.fresh(idp.now(), FRESH) {
        return Ok(None);
    }
    let purpose = Purpose::Account {
        return_to: return_to.to_owned(),
    };
    let stage = Stage::Reauthenticate {
        citizen: session.citizen.clone(),
        session: session.sid.clone(),
    };
    let moved = flow::interaction::start(idp, &signed_in.visitor, purpose, stage).await?;
    Ok(Some(go(idp, page, moved).await))
}

/// The passkey, if it is theirs, and whether it is their only one.
async fn owned(idp: &Idp, signed_in: &SignedIn, key: &str) -> Result<(Listed, bool), Error> {
    let all = passkeys::all(idp, &signed_in.session.citizen).await?;
    let last = all.len() == 1;
    let found = all.into_iter().find(|stored| stored.id.as_str() == key);
    Ok((found.ok_or(Refusal::NotFound)?, last))
}

fn named(page: &mut Page, typed: &str) -> Option<PasskeyName> {
    match PasskeyName::parse(typed) {
        Ok(name) => Some(name),
        Err(NameRefused::Empty) => {
            page.problem_at("name", page.t("passkey-name-empty"));
            None
        }
        Err(NameRefused::TooLong) => {
            page.problem_at("name", page.t("passkey-name-long"));
            None
        }
    }
}

async fn render_new(idp: &Idp, signed_in: &SignedIn, page: Page, typed: &str) -> Result<Response, Error> {
    let session = &signed_in.session;
    let person = flow::account::person(idp, &session.citizen).await?;
    let options = passkeys::registration(idp, session, &person).await?;
    let status = if page.wrong() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let template = NewPage {
        page: &page,
        csrf: session_token(idp, session),
        typed,
        options,
    };
    Ok(html(status, &template, None))
}

fn render_rename(idp: &Idp, signed_in: &SignedIn, page: &Page, (key, typed): (&str, &str)) -> Response {
    let status = if page.wrong() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let csrf = session_token(idp, &signed_in.session);
    html(
        status,
        &RenamePage {
            page,
            csrf,
            key,
            typed,
        },
        None,
    )
}

/// `key` was found among the citizen's passkeys: 32 hexadecimal digits.
fn remove_path(key: &str) -> String {
    format!("/account/passkeys/remove?key={key}")
}

const NEW: &str = "/account/passkeys/new";
