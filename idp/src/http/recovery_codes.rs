//! `/account/recovery-codes`: how many are left, and ten new ones, told once. The answer to the form is the page with
//! the codes: it is nowhere to be asked for again, and the same form sent again makes no others.

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
    flow::recovery_codes::{self, Renewed},
    rules::ids::RecoverySetId,
    service::Idp,
};

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct AskPage<'a> {
    page: &'a Page,
    csrf: String,
    set: String,
    standing: String,
    again: bool,
    already: bool,
}

#[derive(Template)]
#[template(path = "recovery_codes_told.html")]
struct ToldPage<'a> {
    page: &'a Page,
    codes: Vec<String>,
    made: String,
}

/// `?already=1`: the codes of the form that was sent were told before.
#[derive(Deserialize)]
pub struct Noticed {
    already: Option<String>,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    set: String,
}

/// `GET /account/recovery-codes`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    Query(noticed): Query<Noticed>,
    page: Page,
) -> Result<Response, Error> {
    let saved = recovery_codes::saved(&idp, &session.citizen).await?;
    let standing = match &saved {
        Some(saved) => {
            let made = page.when(saved.made_at, idp.now());
            let left = page.with_number("recovery-codes-left", "n", saved.left);
            format!("{left} {}", page.with("recovery-codes-made", "when", made))
        }
        None => page.t("recovery-codes-none"),
    };
    let template = AskPage {
        csrf: session_token(&idp, &session),
        again: saved.is_some(),
        set: saved.map_or_else(String::new, |saved| saved.set.as_str().to_owned()),
        standing,
        already: noticed.already.is_some(),
        page: &page,
    };
    Ok(html(StatusCode::OK, &template, None))
}

/// `POST /account/recovery-codes`.
pub async fn renew(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    mut page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    let session = &signed_in.session;
    ours(&session_token(&idp, session), &sent.csrf)?;
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, HERE).await? {
        return Ok(elsewhere);
    }
    let knew = Some(RecoverySetId::known(sent.set)).filter(|set| !set.as_str().is_empty());
    let codes = match recovery_codes::renew(&idp, session, knew.as_ref()).await? {
        Renewed::Codes(codes) => codes,
        Renewed::Already => return Ok(see_other(ALREADY)),
    };
    // Switching the language leads to a page that can be asked for, without the codes.
    page.here = HERE.to_owned();
    let now = idp.now();
    let template = ToldPage {
        codes: codes.iter().map(|code| code.text().to_string()).collect(),
        made: page.date(now),
        page: &page,
    };
    Ok(html(StatusCode::OK, &template, None))
}

const HERE: &str = "/account/recovery-codes";
const ALREADY: &str = "/account/recovery-codes?already=1";
