//! `GET /api/v1/accounts/app/logout?redirect=…`, reached by a navigation of the whole window.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::Response,
};

use crate::{
    error::Error,
    flow::claveunica::leave as end_and_go,
    http::{logout::left, pages::Page, parameters::Sent},
    rules::visitor::Visitor,
    service::Idp,
};

/// Ends the session without a question and sends the browser on, always with a page or a redirect: integrators call this
/// after each login, and a question would stand in the way of every one of them. What a hostile link can do with it is
/// end a session.
pub async fn leave(
    State(idp): State<Arc<Idp>>,
    visitor: Visitor,
    page: Page,
    headers: HeaderMap,
    Sent(parameters): Sent,
) -> Result<Response, Error> {
    // The second name is OpenID Connect's, which many of them send here.
    let asked: Vec<&str> = ["redirect", "post_logout_redirect_uri"]
        .into_iter()
        .filter_map(|name| parameters.value(name))
        .collect();
    let referrer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let goodbye = end_and_go(&idp, &visitor, &asked, referrer).await?;
    Ok(left(&idp, &page, &goodbye))
}
