//! The page that posts an answer to its client (OAuth 2.0 Form Post Response Mode §2): by itself where scripts run, by
//! a button where they do not.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{Page, html};
use crate::http::{assets, security::FormTarget};

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPostPage<'a> {
    page: &'a Page,
    script: &'static str,
    action: &'a str,
    fields: &'a [(&'static str, String)],
}

/// The page; `action` is a registered redirect URI of http or https, and the only other place where its form may go.
#[must_use]
pub fn show(page: &Page, action: &str, fields: &[(&'static str, String)]) -> Response {
    let template = FormPostPage {
        page,
        script: assets::submit_path(),
        action,
        fields,
    };
    html(StatusCode::OK, &template, FormTarget::of(action))
}
