//! The one script: dropping files and showing progress. Every page works without it.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::rules::Digest;

const SCRIPT: &str = include_str!("../../assets/desk.js");

/// Its name changes with its content, so that it can be kept for ever.
pub(super) fn script_path() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| {
        let digest: String = Digest::of(SCRIPT.as_bytes())
            .to_string()
            .chars()
            .take(16)
            .collect();
        format!("/assets/desk-{digest}.js")
    });
    &PATH
}

pub(super) async fn script() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, SCRIPT).into_response()
}
