//! "It wasn't me": `/not-me` from a letter, `/recover/block` for whoever was robbed, `/account/freeze` for whoever is
//! signed in and sees what they did not do. Opening a link does nothing; pressing the button does.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;

use super::{
    cookies, effort,
    interaction::see_other,
    limits::From,
    pages::{Number, Page, html},
    recovery::{Door, repeated},
    security::{Fields, ours, session_token},
    visitor::SignedIn,
};
use crate::{
    error::Error,
    flow::{
        self,
        effort::Place,
        freeze::{self, Wanted},
    },
    rules::{
        notice::About,
        password::{TooLong, Typed},
        recovery_code::RecoveryCode,
        refusal::Refusal,
        secret::{Opaque, Secret},
        standing::By,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "block.html")]
struct BlockPage<'a> {
    page: &'a Page,
    csrf: String,
    number: Number,
    typed: &'a str,
}

#[derive(Template)]
#[template(path = "not_me.html")]
struct NotMePage<'a> {
    page: &'a Page,
    csrf: String,
    token: &'a str,
    recovery: bool,
}

#[derive(Template)]
#[template(path = "freeze.html")]
struct FreezePage<'a> {
    page: &'a Page,
    csrf: String,
}

#[derive(Template)]
#[template(path = "frozen.html")]
struct FrozenPage<'a> {
    page: &'a Page,
    title: String,
    lead: String,
    recover: bool,
}

/// What the form for emergencies sends.
#[derive(Deserialize)]
pub struct Emergency {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    national_id: String,
    password: Option<Secret<String>>,
    code: Option<Secret<String>>,
    #[serde(default)]
    challenge: String,
    #[serde(default)]
    answer: String,
}

/// `?token=` of a letter.
#[derive(Deserialize)]
pub struct Link {
    #[serde(default)]
    token: String,
}

/// What the forms of `/not-me` send.
#[derive(Deserialize)]
pub struct Objection {
    #[serde(default)]
    csrf: String,
    token: Option<Secret<String>>,
    #[serde(default)]
    wanted: String,
}

/// What a form that only has a button sends.
#[derive(Deserialize)]
pub struct Pressed {
    #[serde(default)]
    csrf: String,
}

/// `?what=`: what was done.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    what: String,
}

/// `GET /recover/block`.
pub async fn emergency(
    State(idp): State<Arc<Idp>>,
    door: Door,
    From(from): From,
    mut page: Page,
) -> Response {
    effort::ahead(&idp, &mut page, Place::Block(&door.browser), from);
    block_page(&idp, &door, &page, "", StatusCode::OK)
}

/// `POST /recover/block`: the password, or a saved code.
pub async fn block(
    State(idp): State<Arc<Idp>>,
    door: Door,
    From(from): From,
    mut page: Page,
    Fields(sent): Fields<Emergency>,
) -> Result<Response, Error> {
    ours(&door.token(&idp), &sent.csrf)?;
    let number = page.national_id(&idp.people.schemes, &sent.national_id);
    let proof = proof(&mut page, &sent);
    let (Some(number), Some(proof)) = (number, proof) else {
        effort::ahead(&idp, &mut page, Place::Block(&door.browser), from);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(block_page(&idp, &door, &page, &sent.national_id, status));
    };
    let place = (&door.visitor, Place::Block(&door.browser));
    let paid = (sent.challenge.as_str(), sent.answer.as_str());
    if effort::owes(&idp, &mut page, place, (&number, from), paid).await? {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let response = block_page(&idp, &door, &page, &sent.national_id, status);
        return Ok(effort::asks(response));
    }
    let tried = match &proof {
        Proof::Password(typed) => freeze::by_password(&idp, &door.visitor, (&number, typed)).await,
        Proof::Saved(code) => freeze::by_saved_code(&idp, &number, code).await,
    };
    let (status, wait) = match tried {
        Ok(true) => return Ok(see_other("/recover/done?what=blocked")),
        Ok(false) => {
            flow::effort::wrong(&idp, from);
            page.problem_at("national_id", page.t("block-wrong"));
            (StatusCode::UNPROCESSABLE_ENTITY, None)
        }
        Err(Error::Refused(Refusal::Throttled { wait })) => {
            page.problem_at(None, page.with("error-throttled-do", "wait", page.wait(wait)));
            (StatusCode::TOO_MANY_REQUESTS, Some(wait))
        }
        Err(error) => return Err(error),
    };
    effort::ahead(&idp, &mut page, Place::Block(&door.browser), from);
    let mut response = block_page(&idp, &door, &page, &sent.national_id, status);
    if let Some(wait) = wait {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.0.max(1)));
    }
    Ok(response)
}

/// `GET /not-me?token=`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    door: Door,
    Query(link): Query<Link>,
    page: Page,
) -> Result<Response, Error> {
    let about = match Opaque::parse(&link.token) {
        Some(token) => freeze::objection(&idp, &token).await?,
        None => None,
    };
    let Some(about) = about else {
        return Ok(see_other("/recover/done?what=stale"));
    };
    let template = NotMePage {
        csrf: door.token(&idp),
        token: &link.token,
        recovery: about == About::Recovery,
        page: &page,
    };
    Ok(door.keep(&idp, html(StatusCode::OK, &template, None)))
}

/// `POST /not-me`.
pub async fn object(
    State(idp): State<Arc<Idp>>,
    door: Door,
    Fields(sent): Fields<Objection>,
) -> Result<Response, Error> {
    ours(&door.token(&idp), &sent.csrf)?;
    let wanted = match sent.wanted.as_str() {
        "stop" => Wanted::Stop,
        "freeze" => Wanted::Freeze,
        _ => return Err(Refusal::RequestMalformed("wanted").into()),
    };
    let token = sent.token.and_then(|token| Opaque::parse(token.expose()));
    let done = match token {
        Some(token) => freeze::object(&idp, &token, wanted).await?,
        None => false,
    };
    Ok(see_other(match (done, wanted) {
        (false, _) => "/recover/done?what=stale",
        (true, Wanted::Stop) => "/recover/done?what=stopped",
        (true, Wanted::Freeze) => "/recover/done?what=blocked",
    }))
}

/// `GET /recover/done?what=`: what was done. It is said of no account.
pub async fn done(Query(done): Query<Done>, page: Page) -> Response {
    let (title, lead, recover) = match done.what.as_str() {
        "blocked" => (page.t("blocked-title"), page.t("blocked-lead"), true),
        "stopped" => (page.t("stopped-title"), page.t("stopped-lead"), false),
        _ => (page.t("stale-title"), page.t("stale-lead"), true),
    };
    let template = FrozenPage {
        title,
        lead,
        recover,
        page: &page,
    };
    html(StatusCode::OK, &template, None)
}

/// `GET /account/freeze`: from an entry of the activity that its citizen does not know.
pub async fn ask(State(idp): State<Arc<Idp>>, SignedIn { session, .. }: SignedIn, page: Page) -> Response {
    let csrf = session_token(&idp, &session);
    html(StatusCode::OK, &FreezePage { page: &page, csrf }, None)
}

/// `POST /account/freeze`. Nobody is asked to prove presence first: it may be the last thing that they can do.
pub async fn freeze(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    Fields(sent): Fields<Pressed>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &session), &sent.csrf)?;
    freeze::freeze(&idp, &session.citizen, By::Citizen).await?;
    let mut response = see_other("/recover/done?what=blocked");
    cookies::forget_session(response.headers_mut(), &idp.config.issuer);
    Ok(response)
}

/// `POST /account/recovery/cancel`: whoever is signed in sees that somebody recovers the account, and it is not they.
pub async fn cancel_recovery(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    Fields(sent): Fields<Pressed>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &session), &sent.csrf)?;
    flow::recovery::cancel(&idp, &session.citizen, By::Citizen).await?;
    Ok(see_other("/account?done=recovery-stopped"))
}

/// What was shown in an emergency.
enum Proof {
    Password(Typed),
    Saved(RecoveryCode),
}

/// The password if there is one, else the code; or what is wrong with them on the page.
fn proof(page: &mut Page, sent: &Emergency) -> Option<Proof> {
    let text = sent.password.as_ref().map_or("", |password| password.expose());
    match Typed::read(text) {
        Ok(typed) if !typed.is_empty() => return Some(Proof::Password(typed)),
        Ok(_) => {}
        Err(TooLong) => {
            page.problem_at("password", page.t("login-password-long"));
            return None;
        }
    }
    let code = sent.code.as_ref().map_or("", |code| code.expose());
    if code.trim().is_empty() {
        page.problem_at("password", page.t("block-empty"));
        return None;
    }
    let code = RecoveryCode::parse(code);
    if code.is_none() {
        page.problem_at("code", page.t("recover-code-shape"));
    }
    code.map(Proof::Saved)
}

fn block_page(idp: &Idp, door: &Door, page: &Page, typed: &str, status: StatusCode) -> Response {
    let template = BlockPage {
        page,
        csrf: door.token(idp),
        number: Number::of(&idp.people.schemes),
        typed: repeated(typed),
    };
    door.keep(idp, html(status, &template, None))
}
