//! `/dev/mail`: the letters that nobody carried away, on a developer's machine. There is no such page unless `[mail]` has
//! a folder and shows it, which the configuration allows on a loopback issuer alone.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::pages::{Page, html};
use crate::{
    error::{Error, Fault},
    mail::{Folder, Kept},
    rules::refusal::Refusal,
    service::Idp,
};

#[derive(Template)]
#[template(path = "dev_mail.html")]
struct MailPage<'a> {
    page: &'a Page,
    letters: Vec<Letter>,
}

struct Letter {
    to: String,
    subject: String,
    lines: Vec<Line>,
}

/// A line of a letter; a link where it is one of ours.
enum Line {
    Words(String),
    Link(String),
}

/// `GET /dev/mail`.
pub async fn show(State(idp): State<Arc<Idp>>, page: Page) -> Result<Response, Error> {
    let shown = idp.config.mail.as_ref().filter(|mail| mail.show);
    let folder = shown
        .and_then(|mail| mail.folder.as_ref())
        .ok_or(Refusal::NotFound)?;
    let letters = Folder::new(folder)
        .latest(MOST)
        .map_err(|source| Fault::of("reading the folder of letters", source))?;
    let ours = idp.config.issuer.at("/");
    let letters = letters.into_iter().map(|kept| letter(kept, &ours)).collect();
    Ok(html(StatusCode::OK, &MailPage { page: &page, letters }, None))
}

fn letter(kept: Kept, ours: &str) -> Letter {
    let line = |line: &str| match line.strip_prefix(ours) {
        Some(path) => Line::Link(format!("/{path}")),
        None => Line::Words(line.to_owned()),
    };
    Letter {
        lines: kept
            .text
            .lines()
            .filter(|text| !text.is_empty())
            .map(line)
            .collect(),
        to: kept.to,
        subject: kept.subject,
    }
}

/// What is read at a glance.
const MOST: usize = 20;
