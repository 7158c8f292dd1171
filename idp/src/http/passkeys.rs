//! `/account/passkeys/…`: passkeys and security keys are added, renamed, removed. Adding and removing ask for presence at
//! most five minutes old, at the highest level that the citizen can reach.

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
    pages::{Page, html},
    presence::prove_presence,
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
        passkey::{KeyKind, Listed, NameRefused, PasskeyName},
        refusal::Refusal,
        secret::Opaque,
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
    kind: KeyKind,
    then: &'a str,
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
    /// No other key is left.
    last: bool,
    /// What is left, where one can still log in.
    left: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "passkey_done.html")]
struct DonePage<'a> {
    page: &'a Page,
    added: bool,
    /// Keys that are left.
    keys: usize,
    signal: String,
}

/// Which passkey: `?key=`.
#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    key: String,
}

/// What to add, and where to go on afterwards: `?kind=`, `?then=`.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    then: String,
}

/// What was done: `?what=`.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    what: String,
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
    #[serde(default)]
    kind: String,
    #[serde(default)]
    then: String,
}

/// `GET /account/passkeys/new`.
pub async fn new(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
    page: Page,
) -> Result<Response, Error> {
    let adding = Adding::of(&wanted.kind, &wanted.then);
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, &adding.path()).await? {
        return Ok(elsewhere);
    }
    let suggested = match adding.kind {
        KeyKind::Passkey => signed_in.session.device.clone(),
        KeyKind::SecurityKey => page.t("security-key-suggested"),
    };
    render_new(&idp, &signed_in, page, (&adding, &suggested)).await
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
    let adding = Adding::of(&sent.kind, &sent.then);
    page.here = adding.path();
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, &adding.path()).await? {
        return Ok(elsewhere);
    }
    let name = match named(&mut page, &sent.name) {
        Some(name) => name,
        None => return render_new(&idp, &signed_in, page, (&adding, &sent.name)).await,
    };
    let problem = match passkeys::register(&idp, session, name, &sent.credential).await? {
        Registered::Added => return Ok(see_other(&adding.onward())),
        Registered::Exists => "passkey-exists",
        Registered::Refused => "passkey-bad",
        Registered::Stale => "passkey-stale",
    };
    page.problem_at(None, page.t(problem));
    render_new(&idp, &signed_in, page, (&adding, &sent.name)).await
}

/// `GET /account/passkeys/done`: it is done; the browser hears which keys there are now, and the person what would be
/// good to do next.
pub async fn done(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    Query(done): Query<Done>,
    page: Page,
) -> Result<Response, Error> {
    let citizen = &signed_in.session.citizen;
    let template = DonePage {
        added: done.what != "removed",
        keys: passkeys::all(&idp, citizen).await?.len(),
        signal: passkeys::signal(&idp, citizen).await?,
        page: &page,
    };
    Ok(html(StatusCode::OK, &template, None))
}

/// What is being added, and for which conversation.
struct Adding {
    kind: KeyKind,
    then: String,
}

impl Adding {
    fn of(kind: &str, then: &str) -> Self {
        Self {
            kind: KeyKind::named(kind).unwrap_or(KeyKind::Passkey),
            // The id of a conversation, and nothing that could lead elsewhere.
            then: Opaque::parse(then).map_or(String::new(), |_| then.to_owned()),
        }
    }

    fn path(&self) -> String {
        match (self.kind, self.then.as_str()) {
            (KeyKind::Passkey, "") => NEW.to_owned(),
            (kind, "") => format!("{NEW}?kind={}", kind.name()),
            (kind, then) => format!("{NEW}?kind={}&then={then}", kind.name()),
        }
    }

    fn onward(&self) -> String {
        if self.then.is_empty() {
            "/account/passkeys/done?what=added".to_owned()
        } else {
            format!("/login/unmet?interaction={}", self.then)
        }
    }
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
    let left = left(&idp, &signed_in, &stored).await?;
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
        left,
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
    Ok(see_other("/account/passkeys/done?what=removed"))
}

/// The passkey, if it is theirs, and whether it is their only one.
async fn owned(idp: &Idp, signed_in: &SignedIn, key: &str) -> Result<(Listed, bool), Error> {
    let all = passkeys::all(idp, &signed_in.session.citizen).await?;
    let last = all.len() == 1;
    let found = all.into_iter().find(|stored| stored.id.as_str() == key);
    Ok((found.ok_or(Refusal::NotFound)?, last))
}

/// How they would log in without this key, in a message's key; none when they could not.
async fn left(idp: &Idp, signed_in: &SignedIn, key: &Listed) -> Result<Option<&'static str>, Error> {
    let left = passkeys::without(idp, &signed_in.session.citizen, &key.id).await?;
    Ok(left.map(|phishing_resistant| {
        if phishing_resistant {
            "passkey-remove-others"
        } else {
            "passkey-remove-last"
        }
    }))
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

async fn render_new(
    idp: &Idp,
    signed_in: &SignedIn,
    page: Page,
    (adding, typed): (&Adding, &str),
) -> Result<Response, Error> {
    let session = &signed_in.session;
    let person = flow::account::person(idp, &session.citizen).await?;
    let options = passkeys::registration(idp, session, &person, adding.kind).await?;
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
        kind: adding.kind,
        then: &adding.then,
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
