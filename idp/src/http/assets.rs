//! The stylesheet and the scripts, under names that change with their content, so that browsers may keep them forever.

use std::sync::LazyLock;

use axum::{
    Router,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::rules::{refusal::Refusal, secret::Digest};

/// `/assets/{name}`. Compressed here and only here: pages hold secrets, and compressing a secret beside what a
/// stranger can choose tells it (BREACH).
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/{name}", get(asset))
        .layer(tower_http::compression::CompressionLayer::new())
}

/// Address of the stylesheet.
#[must_use]
pub fn stylesheet_path() -> &'static str {
    &STYLESHEET.path
}

/// Address of the script.
#[must_use]
pub fn script_path() -> &'static str {
    &SCRIPT.path
}

/// Address of the script that goes on from the page that says goodbye.
#[must_use]
pub fn leave_script_path() -> &'static str {
    &LEAVE.path
}

/// Address of the script that sends a page's one form.
#[must_use]
pub fn submit_path() -> &'static str {
    &SUBMIT.path
}

/// Address of the script of the frame that says whether a session goes on.
#[must_use]
pub fn session_script_path() -> &'static str {
    &SESSION.path
}

/// Address of the script that shows and hides what is typed into a field.
#[must_use]
pub fn reveal_path() -> &'static str {
    &REVEAL.path
}

/// Address of the script that pays for a login while many guess.
#[must_use]
pub fn effort_path() -> &'static str {
    &EFFORT.path
}

/// Address of the script that takes the code of a printed page out of the address.
#[must_use]
pub fn activate_path() -> &'static str {
    &ACTIVATE.path
}

async fn asset(Path(name): Path<String>) -> Response {
    let Some(asset) = [
        &*STYLESHEET,
        &*SCRIPT,
        &*SUBMIT,
        &*LEAVE,
        &*SESSION,
        &*REVEAL,
        &*EFFORT,
        &*ACTIVATE,
    ]
    .into_iter()
    .find(|asset| asset.path.ends_with(&format!("/{name}"))) else {
        return Refusal::NotFound.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.media_type.clone()),
        (header::CACHE_CONTROL, FOREVER),
    ];
    (headers, asset.body).into_response()
}

struct Asset {
    path: String,
    media_type: HeaderValue,
    body: &'static str,
}

impl Asset {
    fn new(name: &str, extension: &str, media_type: &'static str, body: &'static str) -> Self {
        let hash: String = Digest::of(body.as_bytes())
            .text()
            .chars()
            .take(HASH_CHARACTERS)
            .collect();
        Self {
            path: format!("/assets/{name}.{hash}.{extension}"),
            media_type: HeaderValue::from_static(media_type),
            body,
        }
    }
}

static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "aval",
        "css",
        "text/css; charset=utf-8",
        include_str!("../../../sdk/assets/aval.css"),
    )
});
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "passkey",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../assets/passkey.js"),
    )
});
static LEAVE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "leave",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../assets/leave.js"),
    )
});
static SUBMIT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "submit",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../assets/submit.js"),
    )
});
static SESSION: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "session",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../assets/session.js"),
    )
});

static REVEAL: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "reveal",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../assets/reveal.js"),
    )
});

static ACTIVATE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "activate",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../assets/activate.js"),
    )
});

static EFFORT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "effort",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../assets/effort.js"),
    )
});

/// RFC 8246; a year, as RFC 9111 §5.2.2.1 suggests for "never changes".
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// 72 bits: versions of one file do not meet by accident.
const HASH_CHARACTERS: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_stays_under_four_kilobytes_and_the_stylesheet_under_sixteen() {
        assert!(SCRIPT.body.len() <= 4_096, "{}", SCRIPT.body.len());
        assert!(EFFORT.body.len() <= 1_024, "{}", EFFORT.body.len());
        assert!(STYLESHEET.body.len() <= 16_384, "{}", STYLESHEET.body.len());
    }

    #[test]
    fn a_name_carries_the_hash_of_its_content() {
        assert!(script_path().starts_with("/assets/passkey.") && script_path().ends_with(".js"));
        assert_ne!(
            Asset::new("a", "css", "text/css", "x").path,
            Asset::new("a", "css", "text/css", "y").path
        );
    }
}
