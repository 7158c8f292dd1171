//! `/authorize`: a client sends a browser with a request.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use super::{
    interaction::{answered, go, see_other},
    pages::Page,
    parameters::{FormBody, Sent},
};
use crate::{
    error::Error,
    flow::authorize::{Authorized, authorize},
    rules::{refusal::Refusal, visitor::Visitor},
    service::Idp,
};

/// `GET /authorize`.
pub async fn get(
    State(idp): State<Arc<Idp>>,
    visitor: Visitor,
    page: Page,
    Sent(parameters): Sent,
) -> Result<Response, Error> {
    match authorize(&idp, &visitor, &parameters).await? {
        Authorized::Asked(moved) => Ok(go(&idp, &page, moved).await),
        Authorized::Answered(answer) => Ok(answered(&idp, &page, answer).await),
    }
}

/// `POST /authorize` (OpenID Connect Core §3.1.2.1). Our cookies are `SameSite=Lax`, so another site's POST comes
/// without them: the browser is sent to the same request by GET, and the session is found.
pub async fn post(FormBody(body): FormBody) -> Result<Response, Error> {
    let query = std::str::from_utf8(&body).map_err(|_| Refusal::RequestMalformed("body"))?;
    // Only what a form-encoded body can hold; anything else would not be a query.
    let plain = query
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'"' | b'<' | b'>'));
    if !plain || query.len() > LONGEST_QUERY {
        return Err(Refusal::RequestMalformed("body").into());
    }
    Ok(see_other(&format!("/authorize?{query}")))
}

/// Servers accept 64 kB in a request line; ours does.
const LONGEST_QUERY: usize = 32 * 1024;
