//! `/account/contacts`: where notices go. Adding sends a code to the new address; every address hears of a change.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::Noticed;
use crate::{
    error::Error,
    flow::{
        self,
        contacts::{Added, Addresses},
    },
    http::{
        interaction::see_other,
        pages::{Page, html},
        presence::prove_presence,
        security::{Fields, ours, session_token},
        visitor::SignedIn,
    },
    rules::{contact::Contact, ids::ContactId, person::Email, refusal::Refusal},
    service::Idp,
};

#[derive(Template)]
#[template(path = "account_contacts.html")]
struct ContactsPage<'a> {
    page: &'a Page,
    csrf: String,
    done: Option<String>,
    first: String,
    /// The first one is what the registry says, and nobody has shown that they read it.
    unconfirmed: bool,
    others: Vec<Row>,
    alone: bool,
}

struct Row {
    id: String,
    address: String,
    counts: bool,
}

#[derive(Template)]
#[template(path = "account_contact_new.html")]
struct NewPage<'a> {
    page: &'a Page,
    csrf: String,
    /// The first address is to be confirmed, not another one added.
    first: bool,
    typed: &'a str,
}

/// `?first=`: not another address.
#[derive(Deserialize)]
pub struct Meant {
    first: Option<String>,
}

#[derive(Template)]
#[template(path = "account_contact_code.html")]
struct CodePage<'a> {
    page: &'a Page,
    csrf: String,
    id: &'a str,
    address: &'a str,
}

/// Which address: `?contact=`.
#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    contact: String,
}

/// What the forms of these pages send.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    code: String,
}

/// `GET /account/contacts`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    Query(noticed): Query<Noticed>,
    mut page: Page,
) -> Result<Response, Error> {
    let has = flow::contacts::all(&idp, &session.citizen).await?;
    page.here = CONTACTS.to_owned();
    let template = ContactsPage {
        csrf: session_token(&idp, &session),
        done: noticed.done.and_then(|done| notice(&page, &done)),
        alone: has.counting() == 1,
        first: has.first.as_str().to_owned(),
        unconfirmed: !has.first_confirmed,
        others: has.further().map(row).collect(),
        page: &page,
    };
    Ok(html(StatusCode::OK, &template, None))
}

/// `GET /account/contacts/new`.
pub async fn ask_new(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    Query(meant): Query<Meant>,
    page: Page,
) -> Result<Response, Error> {
    let place = if meant.first.is_some() { FIRST } else { NEW };
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, place).await? {
        return Ok(elsewhere);
    }
    if meant.first.is_none() {
        return Ok(render_new(&idp, &signed_in, &page, (false, "")));
    }
    let has = flow::contacts::all(&idp, &signed_in.session.citizen).await?;
    Ok(render_new(&idp, &signed_in, &page, (true, has.first.as_str())))
}

/// `POST /account/contacts/new`.
pub async fn add(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    mut page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &signed_in.session), &sent.csrf)?;
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, NEW).await? {
        return Ok(elsewhere);
    }
    let problem = match Email::parse(&sent.email) {
        Ok(address) => match flow::contacts::add(&idp, &signed_in.session, &address).await? {
            Added::Asked(id) => return Ok(see_other(&code_path(id.as_str()))),
            Added::Known => "contact-known",
            Added::TooMany => "contact-too-many",
            Added::TooManyLetters => "contact-too-many-letters",
        },
        Err(_) => "contact-malformed",
    };
    page.problem_at("email", page.t(problem));
    Ok(render_new(&idp, &signed_in, &page, (false, &sent.email)))
}

/// `GET /account/contacts/code?contact=`.
pub async fn ask_code(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    Query(which): Query<Which>,
    page: Page,
) -> Result<Response, Error> {
    let has = flow::contacts::all(&idp, &signed_in.session.citizen).await?;
    render_code(&idp, &signed_in, &page, &has, &which.contact)
}

/// `POST /account/contacts/code`.
pub async fn confirm(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    mut page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &signed_in.session), &sent.csrf)?;
    let has = flow::contacts::all(&idp, &signed_in.session.citizen).await?;
    let done = if has.is_first(&waiting(&has, &sent.contact)?.address) {
        "confirmed"
    } else {
        "added"
    };
    let id = ContactId::known(sent.contact.as_str());
    if flow::contacts::confirm(&idp, &signed_in.session, &id, &sent.code).await? {
        return Ok(see_other(&format!("{CONTACTS}?done={done}")));
    }
    page.here = code_path(&sent.contact);
    page.problem_at("code", page.t("contact-code-wrong"));
    render_code(&idp, &signed_in, &page, &has, &sent.contact)
}

/// `POST /account/contacts/prefer`.
pub async fn prefer(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &signed_in.session), &sent.csrf)?;
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, CONTACTS).await? {
        return Ok(elsewhere);
    }
    flow::contacts::prefer(&idp, &signed_in.session, &ContactId::known(sent.contact)).await?;
    Ok(see_other(&format!("{CONTACTS}?done=preferred")))
}

/// `POST /account/contacts/remove`.
pub async fn remove(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &signed_in.session), &sent.csrf)?;
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, CONTACTS).await? {
        return Ok(elsewhere);
    }
    flow::contacts::remove(&idp, &signed_in.session, &ContactId::known(sent.contact)).await?;
    Ok(see_other(&format!("{CONTACTS}?done=removed")))
}

fn render_new(idp: &Idp, signed_in: &SignedIn, page: &Page, (first, typed): (bool, &str)) -> Response {
    let template = NewPage {
        page,
        csrf: session_token(idp, &signed_in.session),
        first,
        typed,
    };
    html(page.status(), &template, None)
}

fn render_code(
    idp: &Idp,
    signed_in: &SignedIn,
    page: &Page,
    has: &Addresses,
    id: &str,
) -> Result<Response, Error> {
    let asked = waiting(has, id)?;
    let template = CodePage {
        page,
        csrf: session_token(idp, &signed_in.session),
        id,
        address: asked.address.as_str(),
    };
    Ok(html(page.status(), &template, None))
}

/// The address, if it is theirs and waits for its code.
fn waiting<'a>(has: &'a Addresses, id: &str) -> Result<&'a Contact, Refusal> {
    let mut others = has.others.iter();
    let found = others.find(|contact| contact.id.as_str() == id && !contact.counts());
    found.ok_or(Refusal::NotFound)
}

fn row(contact: &Contact) -> Row {
    Row {
        id: contact.id.as_str().to_owned(),
        address: contact.address.as_str().to_owned(),
        counts: contact.counts(),
    }
}

fn notice(page: &Page, done: &str) -> Option<String> {
    match done {
        "added" => Some(page.t("contact-done-added")),
        "confirmed" => Some(page.t("contact-done-confirmed")),
        "removed" => Some(page.t("contact-done-removed")),
        "preferred" => Some(page.t("contact-done-preferred")),
        _ => None,
    }
}

/// `id` is one of ours: 32 hexadecimal digits.
fn code_path(id: &str) -> String {
    format!("/account/contacts/code?contact={id}")
}

const CONTACTS: &str = "/account/contacts";
const NEW: &str = "/account/contacts/new";
const FIRST: &str = "/account/contacts/new?first=yes";
