//! `/account/close`: the citizen closes their account, told before what that means.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{Pressed, goodbye};
use crate::{
    error::Error,
    flow,
    http::{
        pages::{Page, html},
        presence::prove_presence,
        security::{Fields, ours, session_token},
        visitor::SignedIn,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "account_close.html")]
struct ClosePage<'a> {
    page: &'a Page,
    csrf: String,
}

/// `GET /account/close`.
pub async fn ask(State(idp): State<Arc<Idp>>, signed_in: SignedIn, page: Page) -> Result<Response, Error> {
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, CLOSE).await? {
        return Ok(elsewhere);
    }
    let csrf = session_token(&idp, &signed_in.session);
    Ok(html(StatusCode::OK, &ClosePage { page: &page, csrf }, None))
}

/// `POST /account/close`.
pub async fn close(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    page: Page,
    Fields(sent): Fields<Pressed>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &signed_in.session), &sent.csrf)?;
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, CLOSE).await? {
        return Ok(elsewhere);
    }
    let farewell = flow::close_account::close(&idp, &signed_in.session).await?;
    Ok(goodbye(&idp, &page, farewell))
}

const CLOSE: &str = "/account/close";
