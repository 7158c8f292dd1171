//! The scripts: dropping files and showing progress. Every page works without them.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::rules::Digest;

/// A script with its address, whose name changes with its content, so that it can be kept for ever.
pub(super) struct Script {
    text: &'static str,
    path: String,
}

impl Script {
    fn new(name: &str, text: &'static str) -> Self {
        let digest: String = Digest::of(text.as_bytes()).to_string().chars().take(16).collect();
        Self {
            text,
            path: format!("/assets/{name}-{digest}.js"),
        }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn response(&self) -> Response {
        let headers = [
            (CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ];
        (headers, self.text).into_response()
    }
}

/// The desk's.
pub(super) static DESK: LazyLock<Script> =
    LazyLock::new(|| Script::new("desk", include_str!("../../assets/desk.js")));
/// The public verifier's.
pub(super) static VERIFY: LazyLock<Script> =
    LazyLock::new(|| Script::new("verify", include_str!("../../assets/verify.js")));
