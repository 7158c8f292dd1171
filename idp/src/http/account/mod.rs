//! `/account`: who you are, what opens your account, where it is open, what happened.

pub mod activity;
pub mod close;
pub mod contacts;
pub mod data;
pub mod language;
pub mod looks;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::{
    cookies,
    interaction::see_other,
    logout::left,
    pages::{Page, consent::label, html},
    security::{Fields, ours, session_token},
    totp::called,
    visitor::SignedIn,
};
use crate::{
    error::Error,
    flow::{self, logout::Goodbye},
    rules::{
        ids::{CitizenId, ClientId, Sid},
        language::Language,
        logout::Farewell,
        passkey::Listed,
        person::Person,
        session::Session,
        time::Timestamp,
        totp,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    /// How long until somebody who recovers the account has it.
    recovery: Option<String>,
    page: &'a Page,
    csrf: String,
    done: Option<String>,
    you: You,
    passkeys: Vec<PasskeyRow>,
    apps: Vec<AppRow>,
    sessions: Vec<SessionRow>,
    agencies: Vec<AgencyRow>,
    activity: Vec<activity::Happened>,
    /// They hold a role in the programme.
    official: bool,
    languages: Vec<LanguageRow>,
    codes: i64,
}

struct You {
    given_name: String,
    name: String,
    number_label: &'static str,
    number: String,
    email: String,
}

struct PasskeyRow {
    id: String,
    name: String,
    synced: bool,
    created: String,
    used: Option<String>,
}

struct AppRow {
    id: String,
    name: String,
    created: String,
    used: Option<String>,
}

struct SessionRow {
    id: String,
    device: String,
    this: bool,
    since: String,
    seen: String,
}

struct AgencyRow {
    id: String,
    name: String,
    data: String,
    since: String,
}

struct LanguageRow {
    tag: &'static str,
    name: String,
    chosen: bool,
}

/// `?done=`: what the last form did.
#[derive(Deserialize)]
pub struct Noticed {
    done: Option<String>,
}

/// What the form that ends a session sends.
#[derive(Deserialize)]
pub struct Ended {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    session: String,
}

/// What the form that takes an agency's access back sends.
#[derive(Deserialize)]
pub struct Withdrawn {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    client: String,
}

/// What a form that only has a button sends.
#[derive(Deserialize)]
pub struct Pressed {
    #[serde(default)]
    csrf: String,
}

/// `GET /account`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, visitor }: SignedIn,
    Query(noticed): Query<Noticed>,
    mut page: Page,
) -> Result<Response, Error> {
    let now = idp.now();
    let account = flow::account::overview(&idp, &session.citizen).await?;
    let latest = flow::activity::activity(&idp, &session.citizen, None, LATEST).await?;
    let person = &account.person;
    page.here = "/account".to_owned();
    let template = AccountPage {
        csrf: session_token(&idp, &session),
        done: noticed.done.and_then(|done| notice(&page, &done)),
        you: You {
            given_name: person.given_name.as_str().to_owned(),
            name: person.full_name(),
            number_label: person.national_id.scheme().label(),
            number: person.national_id.display(),
            email: person.email.as_str().to_owned(),
        },
        passkeys: account
            .passkeys
            .iter()
            .map(|stored| passkey_row(&page, stored, now))
            .collect(),
        apps: account.apps.iter().map(|app| app_row(&page, app, now)).collect(),
        sessions: account
            .sessions
            .iter()
            .map(|open| session_row(&page, open, &session, now))
            .collect(),
        agencies: agencies(&idp, &page, (&session.citizen, person)).await?,
        activity: activity::in_words(&idp, &page, &visitor, &latest.happenings).await?,
        official: !account.roles.is_empty(),
        recovery: flow::recovery::waiting(&idp, &session.citizen)
            .await?
            .map(|at| page.wait(at.since(now))),
        languages: Language::ALL
            .iter()
            .map(|one| language_row(&page, *one))
            .collect(),
        codes: account.recovery_codes,
        page: &page,
    };
    Ok(html(StatusCode::OK, &template, None))
}

/// `POST /account/sessions/end`.
pub async fn end_session(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    Fields(sent): Fields<Ended>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &session), &sent.csrf)?;
    flow::session::end(&idp, &session.citizen, &Sid::known(sent.session)).await?;
    Ok(see_other("/account?done=session-ended"))
}

/// `POST /account/sessions/end-all`: this one, too.
pub async fn end_all_sessions(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    page: Page,
    Fields(sent): Fields<Pressed>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &session), &sent.csrf)?;
    let ended = flow::session::end_all(&idp, &session.citizen, "ended-all").await?;
    // Only the agencies of this browser's own session can be told by it.
    let here = ended.into_iter().find(|(sid, _)| *sid == session.sid);
    Ok(goodbye(
        &idp,
        &page,
        here.map(|(_, farewell)| farewell).unwrap_or_default(),
    ))
}

/// `POST /account/agencies/withdraw`: its tokens die with it.
pub async fn withdraw(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    Fields(sent): Fields<Withdrawn>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &session), &sent.csrf)?;
    flow::consent::withdraw(&idp, &session, &ClientId::known(sent.client)).await?;
    Ok(see_other("/account?done=access-withdrawn"))
}

/// `POST /account/logout`.
pub async fn logout(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    page: Page,
    Fields(sent): Fields<Pressed>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &session), &sent.csrf)?;
    let farewell = flow::session::end(&idp, &session.citizen, &session.sid).await?;
    Ok(goodbye(&idp, &page, farewell))
}

/// Agencies that hear of it through the browser need a page with them on it; otherwise one that can be asked for again.
fn goodbye(idp: &Idp, page: &Page, farewell: Farewell) -> Response {
    if !farewell.frames.is_empty() {
        let goodbye = Goodbye {
            farewell,
            ..Goodbye::default()
        };
        // Switching its language must lead to a page that can be asked for.
        let mut page = page.clone();
        page.here = "/logged-out".to_owned();
        return left(idp, &page, &goodbye);
    }
    let mut response = see_other("/logged-out");
    cookies::forget_session(response.headers_mut(), &idp.config.issuer);
    response
}

fn notice(page: &Page, done: &str) -> Option<String> {
    match done {
        "passkey-added" => Some(page.t("account-done-passkey-added")),
        "passkey-removed" => Some(page.t("account-done-passkey-removed")),
        "passkey-renamed" => Some(page.t("account-done-passkey-renamed")),
        "recovery-stopped" => Some(page.t("account-done-recovery-stopped")),
        "password-changed" => Some(page.t("account-done-password-changed")),
        "code-app-added" => Some(page.t("account-done-code-app-added")),
        "code-app-removed" => Some(page.t("account-done-code-app-removed")),
        "session-ended" => Some(page.t("account-done-session-ended")),
        "language-chosen" => Some(page.t("account-done-language-chosen")),
        "access-withdrawn" => Some(page.t("account-done-access-withdrawn")),
        _ => None,
    }
}

fn passkey_row(page: &Page, key: &Listed, now: Timestamp) -> PasskeyRow {
    PasskeyRow {
        id: key.id.as_str().to_owned(),
        name: key.name.as_str().to_owned(),
        synced: key.synced,
        created: page.when(key.created_at, now),
        used: key.used_at.map(|used| page.when(used, now)),
    }
}

fn app_row(page: &Page, app: &totp::Listed, now: Timestamp) -> AppRow {
    AppRow {
        id: app.id.as_str().to_owned(),
        name: called(page, app),
        created: page.when(app.created_at, now),
        used: app.used_at.map(|used| page.when(used, now)),
    }
}

fn session_row(page: &Page, open: &Session, this: &Session, now: Timestamp) -> SessionRow {
    let device = if open.device.is_empty() {
        page.t("account-unknown-device")
    } else {
        open.device.clone()
    };
    SessionRow {
        id: open.sid.as_str().to_owned(),
        device,
        this: open.sid == this.sid,
        since: page.when(open.started_at, now),
        seen: page.when(open.seen_at, now),
    }
}

/// Agencies that may read something, and what.
async fn agencies(
    idp: &Idp,
    page: &Page,
    (citizen, person): (&CitizenId, &Person),
) -> Result<Vec<AgencyRow>, Error> {
    let (given, now) = (flow::consent::given(idp, citizen).await?, idp.now());
    let rows = given.into_iter().map(|(client, consent)| {
        let data = consent.scopes.iter().map(|scope| label(page, scope, person));
        AgencyRow {
            id: client.id.as_str().to_owned(),
            data: data.collect::<Vec<_>>().join(", "),
            since: page.when(consent.given_at, now),
            name: client.name,
        }
    });
    Ok(rows.collect())
}

/// A language by its own name.
fn language_row(page: &Page, language: Language) -> LanguageRow {
    LanguageRow {
        tag: language.tag(),
        name: page.t(match language {
            Language::Es => "language-es",
            Language::En => "language-en",
        }),
        chosen: language == page.language,
    }
}

/// What is seen without asking for more.
const LATEST: usize = 5;
