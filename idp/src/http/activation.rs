//! `/activate…`: a national id and a code open an account; its owner sets up how they will log in.

mod door;

pub use door::{open, show};

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{FromRequestParts, Query, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use serde::Deserialize;

use super::{
    cookies,
    interaction::see_other,
    pages::{Page, html, qr},
    security::{Fields, ours},
    visitor::SignedIn,
};
use crate::{
    error::Error,
    flow::{
        self,
        activation::{
            open,
            secure::{self, ByPasskey, ByPassword},
        },
        interaction::Begun,
        passkeys::Registered,
    },
    rules::{
        activation::Opened,
        passkey::{NameRefused, PasskeyName},
        password::{self, TooLong, Typed},
        person::Person,
        refusal::Refusal,
        secret::{Opaque, Secret},
        totp::Code,
        visitor::Visitor,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "activate_passkey.html")]
struct PasskeyPage<'a> {
    page: &'a Page,
    form: Form,
    name: String,
    typed: &'a str,
    options: String,
}

#[derive(Template)]
#[template(path = "activate_password.html")]
struct PasswordPage<'a> {
    page: &'a Page,
    form: Form,
    number: String,
    qr: String,
    key: String,
    link: String,
}

#[derive(Template)]
#[template(path = "activate_done.html")]
struct DonePage<'a> {
    page: &'a Page,
    name: String,
}

/// What every form of an activation carries.
struct Form {
    ticket: String,
    csrf: String,
}

impl Form {
    fn action(&self, path: &str) -> String {
        format!("{path}?activation={}", self.ticket)
    }
}

/// What the form of the passkey sends.
#[derive(Deserialize)]
pub struct Credential {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    credential: String,
}

/// What the form of password and code sends.
#[derive(Deserialize)]
pub struct Chosen {
    #[serde(default)]
    csrf: String,
    password: Option<Secret<String>>,
    #[serde(default)]
    code: String,
}

/// `GET /activate/passkey`: the first thing that is offered.
pub async fn ask_passkey(State(idp): State<Arc<Idp>>, held: Held, page: Page) -> Result<Response, Error> {
    let suggested = held.visitor.device.clone();
    passkey_page(&idp, &held, &page, &suggested).await
}

/// `POST /activate/passkey`.
pub async fn passkey(
    State(idp): State<Arc<Idp>>,
    held: Held,
    mut page: Page,
    Fields(sent): Fields<Credential>,
) -> Result<Response, Error> {
    ours(&held.form(&idp).csrf, &sent.csrf)?;
    page.here = path("/activate/passkey", &held.ticket);
    let name = match PasskeyName::parse(&sent.name) {
        Ok(name) => name,
        Err(why) => {
            let key = match why {
                NameRefused::Empty => "passkey-name-empty",
                NameRefused::TooLong => "passkey-name-long",
            };
            page.problem_at("name", page.t(key));
            return passkey_page(&idp, &held, &page, &sent.name).await;
        }
    };
    let answer = (name, sent.credential.as_str());
    let problem = match secure::by_passkey(&idp, &held.visitor, &held.opened, answer).await? {
        ByPasskey::Done(begun) => return Ok(logged_in(&idp, &begun)),
        ByPasskey::Not(Registered::Exists) => "passkey-exists",
        ByPasskey::Not(Registered::Stale) => "passkey-stale",
        ByPasskey::Not(Registered::Refused | Registered::Added) => "passkey-bad",
    };
    page.problem_at(None, page.t(problem));
    passkey_page(&idp, &held, &page, &sent.name).await
}

/// `GET /activate/password`: for whoever cannot or will not have a passkey.
pub async fn ask_password(State(idp): State<Arc<Idp>>, held: Held, page: Page) -> Result<Response, Error> {
    password_page(&idp, &held, &page).await
}

/// `POST /activate/password`.
pub async fn password(
    State(idp): State<Arc<Idp>>,
    held: Held,
    mut page: Page,
    Fields(sent): Fields<Chosen>,
) -> Result<Response, Error> {
    ours(&held.form(&idp).csrf, &sent.csrf)?;
    page.here = path("/activate/password", &held.ticket);
    let Some((typed, code)) = chosen(&mut page, &sent) else {
        return password_page(&idp, &held, &page).await;
    };
    let person = flow::account::person(&idp, &held.opened.citizen).await?;
    match secure::by_password(&idp, &held.visitor, &held.opened, (&person, typed, &code)).await? {
        ByPassword::Done(begun) => return Ok(logged_in(&idp, &begun)),
        ByPassword::Password(why) => page.problem_at("password", refused(&page, why)),
        ByPassword::Code => page.problem_at("code", page.t("activate-code-wrong")),
    }
    password_page(&idp, &held, &page).await
}

/// `GET /activate/done`: logged in; a second way of logging in is offered.
pub async fn done(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    page: Page,
) -> Result<Response, Error> {
    let person = flow::account::person(&idp, &session.citizen).await?;
    let name = person.given_name.as_str().to_owned();
    Ok(html(StatusCode::OK, &DonePage { page: &page, name }, None))
}

/// The activation that the URL names, opened by this very browser. Refused otherwise, with the page that offers to
/// begin again.
#[derive(Debug)]
pub struct Held {
    opened: Opened,
    visitor: Visitor,
    ticket: Opaque,
}

#[derive(Deserialize)]
struct Named {
    activation: String,
}

impl FromRequestParts<Arc<Idp>> for Held {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, idp: &Arc<Idp>) -> Result<Self, Error> {
        let visitor = Visitor::from_request_parts(parts, idp).await?;
        let Query(named) = Query::<Named>::try_from_uri(&parts.uri).map_err(|_| Refusal::InteractionLost)?;
        let opened = open::current(idp, &visitor, &named.activation).await?;
        let ticket = Opaque::parse(&named.activation).ok_or(Refusal::InteractionLost)?;
        Ok(Self {
            opened,
            visitor,
            ticket,
        })
    }
}

impl Held {
    fn form(&self, idp: &Idp) -> Form {
        let ticket = self.ticket.digest();
        Form {
            ticket: self.ticket.text().expose().clone(),
            csrf: idp.derived.csrf.tag_text(&[b"activation", ticket.bytes()]),
        }
    }
}

fn chosen(page: &mut Page, sent: &Chosen) -> Option<(Typed, Code)> {
    let typed = match Typed::read(sent.password.as_ref().map_or("", |password| password.expose())) {
        Ok(typed) => Some(typed),
        Err(TooLong) => {
            page.problem_at("password", refused(page, password::Refusal::TooLong));
            None
        }
    };
    let code = Code::parse(&sent.code);
    if code.is_none() {
        page.problem_at("code", page.t("code-shape"));
    }
    Some((typed?, code?))
}

fn refused(page: &Page, why: password::Refusal) -> String {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    match why {
        password::Refusal::TooShort { least } => {
            page.with_number("activate-password-short", "n", number(least))
        }
        password::Refusal::TooLong => page.with_number("activate-password-long", "n", number(password::MOST)),
        password::Refusal::Common => page.t("activate-password-common"),
        password::Refusal::OwnData => page.t("activate-password-own"),
    }
}

async fn passkey_page(idp: &Idp, held: &Held, page: &Page, typed: &str) -> Result<Response, Error> {
    let person = flow::account::person(idp, &held.opened.citizen).await?;
    let template = PasskeyPage {
        page,
        form: held.form(idp),
        name: person.given_name.as_str().to_owned(),
        typed,
        options: secure::passkey_options(idp, &held.opened, &person).await?,
    };
    Ok(html(status(page), &template, None))
}

async fn password_page(idp: &Idp, held: &Held, page: &Page) -> Result<Response, Error> {
    let person: Person = flow::account::person(idp, &held.opened.citizen).await?;
    let seed = secure::seed(idp, &held.opened).await?;
    let key = seed.to_base32();
    let link = flow::enrol::otpauth(idp, &person, &seed);
    let template = PasswordPage {
        page,
        form: held.form(idp),
        number: person.national_id.display(),
        qr: qr::svg(&link, &page.t("codes-qr"))?,
        key: in_fours(&key),
        link,
    };
    Ok(html(status(page), &template, None))
}

fn status(page: &Page) -> StatusCode {
    if page.wrong() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    }
}

/// A long key as an eye can follow it.
fn in_fours(key: &str) -> String {
    let characters: Vec<char> = key.chars().collect();
    let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

fn logged_in(idp: &Idp, begun: &Begun) -> Response {
    let mut response = see_other("/activate/done");
    let (headers, issuer) = (response.headers_mut(), &idp.config.issuer);
    cookies::set(headers, issuer, cookies::Named::Session, &begun.cookie);
    cookies::set(headers, issuer, cookies::Named::State, &begun.state);
    response
}

/// The way on for whoever holds an open activation.
pub(super) fn opened(ticket: &Opaque) -> Response {
    see_other(&path("/activate/passkey", ticket))
}

fn path(path: &str, ticket: &Opaque) -> String {
    format!("{path}?activation={}", ticket.text().expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_in_fours() {
        assert_eq!(in_fours("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }
}
