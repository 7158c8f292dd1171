//! Leaving: the question, and the goodbye.

use askama::Template;
use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};

use super::{Page, html};
use crate::{
    flow::logout::Goodbye,
    http::security::{FormTarget, Frames},
};

#[derive(Template)]
#[template(path = "logout.html")]
struct LogoutPage<'a> {
    page: &'a Page,
    action: &'a str,
    hidden: &'a [(&'a str, &'a str)],
}

#[derive(Template)]
#[template(path = "logged_out.html")]
struct LoggedOutPage<'a> {
    page: &'a Page,
    goodbye: &'a Goodbye,
}

/// Asks whether to leave; the form goes to `action` with the `hidden` fields (the form's token among them).
#[must_use]
pub fn confirm(page: &Page, action: &str, hidden: &[(&str, &str)], target: Option<FormTarget>) -> Response {
    html(StatusCode::OK, &LogoutPage { page, action, hidden }, target)
}

/// The session is over. Agencies that hear of it through the browser are in frames, and nothing else may be; then the
/// browser goes on by itself: as soon as they are there where scripts run, after some seconds where not. `Clear-Site-Data`
/// spares the cookies (it would take those of every site under the same registrable domain) and the cache (no page of a
/// person is ever in it).
#[must_use]
pub fn done(page: &Page, goodbye: &Goodbye) -> Response {
    let mut response = html(StatusCode::OK, &LoggedOutPage { page, goodbye }, None);
    response.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"storage\""),
    );
    let onward = goodbye.destination.as_deref();
    if let Some(refresh) = onward.and_then(|to| HeaderValue::from_str(&format!("{PATIENCE}; url={to}")).ok())
    {
        response.headers_mut().insert("refresh", refresh);
    }
    response
        .extensions_mut()
        .insert(Frames::of(&goodbye.farewell.frames));
    response
}

/// Seconds for agencies' frames where no script tells that they are there.
const PATIENCE: u32 = 4;
