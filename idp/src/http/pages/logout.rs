//! Leaving: the question, and the goodbye.

use askama::Template;
use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};

use super::{Page, html};
use crate::http::security::FormTarget;

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
}

/// Asks whether to leave; the form goes to `action` with the `hidden` fields (the form's token among them).
#[must_use]
pub fn confirm(page: &Page, action: &str, hidden: &[(&str, &str)], target: Option<FormTarget>) -> Response {
    html(StatusCode::OK, &LogoutPage { page, action, hidden }, target)
}

/// The session is over. `Clear-Site-Data` spares the cookies (it would take those of every site under the same
/// registrable domain) and the cache (no page of a person is ever in it).
#[must_use]
pub fn done(page: &Page) -> Response {
    let mut response = html(StatusCode::OK, &LoggedOutPage { page }, None);
    response.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"storage\""),
    );
    response
}
