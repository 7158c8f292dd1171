//! The puzzle of a form that takes guesses, and the page that asks for it.

use std::net::IpAddr;

use axum::{
    http::{HeaderValue, header},
    response::Response,
};

use super::pages::Page;
use crate::{
    error::Fault,
    flow::effort::{self, Place},
    rules::{national_id::NationalId, visitor::Visitor},
    service::Idp,
};

/// Puts on `page` what the next guess from here owes.
pub(super) fn ahead(idp: &Idp, page: &mut Page, place: Place<'_>, from: Option<IpAddr>) {
    page.effort = effort::ahead(idp, place, from).challenge();
}

/// Whether this guess at what `number` has is still to be paid for: then `page` holds the puzzle and says so.
///
/// # Errors
/// A fault of the database.
pub(super) async fn owes(
    idp: &Idp,
    page: &mut Page,
    (visitor, place): (&Visitor, Place<'_>),
    guess: (&NationalId, Option<IpAddr>),
    paid: (&str, &str),
) -> Result<bool, Fault> {
    page.effort = effort::judge(idp, (visitor, place), guess, paid)
        .await?
        .challenge();
    if page.effort.is_none() {
        return Ok(false);
    }
    page.problem_at(None, page.t("effort"));
    Ok(true)
}

/// The page that asks for it, with how long whoever has no script should wait.
pub(super) fn asks(mut response: Response) -> Response {
    let wait = HeaderValue::from(SECONDS);
    response.headers_mut().insert(header::RETRY_AFTER, wait);
    response
}

/// What the page says that a puzzle takes without script.
const SECONDS: u32 = 10;
