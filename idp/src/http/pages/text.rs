//! Pages of plain words: help, privacy, accessibility.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{Page, html};

#[derive(Template)]
#[template(path = "text.html")]
struct TextPage<'a> {
    page: &'a Page,
    title: String,
    lead: String,
    parts: Vec<(String, String)>,
}

/// `/help`.
pub async fn help(page: Page) -> Response {
    show(
        &page,
        "help",
        &["number", "password", "code", "passkey", "throttle", "fraud"],
    )
}

/// `/privacy`.
pub async fn privacy(page: Page) -> Response {
    show(&page, "privacy", &["what", "share", "log", "cookies", "rights"])
}

/// `/accessibility`.
pub async fn accessibility(page: Page) -> Response {
    show(&page, "accessibility", &["what", "goal", "tell"])
}

/// `/logged-out`.
pub async fn logged_out(page: Page) -> Response {
    super::logout::done(&page, &crate::flow::logout::Goodbye::default())
}

fn show(page: &Page, name: &str, parts: &[&str]) -> Response {
    let (title, lead) = (page.t(&format!("{name}-title")), page.t(&format!("{name}-lead")));
    let part = |part: &&str| {
        (
            page.t(&format!("{name}-{part}-title")),
            page.t(&format!("{name}-{part}")),
        )
    };
    let parts = parts.iter().map(part).collect();
    html(
        StatusCode::OK,
        &TextPage {
            page,
            title,
            lead,
            parts,
        },
        None,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::pages::tests::page;

    #[tokio::test]
    async fn no_part_of_them_lacks_its_words() {
        for response in [
            help(page()).await,
            privacy(page()).await,
            accessibility(page()).await,
        ] {
            let body = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            for key in ["help-", "privacy-", "accessibility-"] {
                assert!(!text.contains(&format!(">{key}")), "{text}");
            }
        }
    }
}
