//! `/session/check`: the frame of OpenID Connect Session Management 1.0 (§3.3). Agencies' pages ask it whether the session
//! goes on; it answers from a cookie and calls nobody.

use axum::response::{Html, IntoResponse as _, Response};

use super::{assets, security::Framed};

/// `GET /session/check`: the only page of ours that others may frame. It shows nothing, takes nothing and says one word.
pub async fn show() -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>session</title>\
         <script src=\"{}\"></script></html>",
        assets::session_script_path()
    );
    let mut response = Html(page).into_response();
    response.extensions_mut().insert(Framed);
    response
}
