//! Pages: the frame, and what each template is given.

use askama::Template;
use axum::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use super::who::Signatory;
use super::words::Words;
use crate::error::Error;
use crate::rules::batch::Item;
use crate::rules::document::Document;
use crate::rules::stamp::Place;
use crate::rules::{BatchId, Moment};
use crate::service::Service;
use crate::store::BatchSummary;
use crate::zone::Zone;

/// What stands around every page.
pub(super) struct Frame<'a> {
    pub(super) w: &'static Words,
    pub(super) programme: &'a str,
    zone: &'a Zone,
    pub(super) title: String,
    /// The official who is logged in.
    pub(super) official: Option<String>,
    /// Where the language switch leads: this page, when it can be asked for again.
    pub(super) path: String,
    /// Reload after so many seconds.
    pub(super) refresh: Option<u32>,
}

impl<'a> Frame<'a> {
    pub(super) fn public(service: &'a Service, w: &'static Words, title: &str, path: &str) -> Self {
        let programme = &service.config.programme;
        Self {
            w,
            programme,
            zone: &service.config.time_zone,
            title: title.to_owned(),
            official: None,
            path: path.to_owned(),
            refresh: None,
        }
    }

    pub(super) fn of(service: &'a Service, who: &Signatory, title: &str, path: &str) -> Self {
        let mut frame = Self::public(service, who.words, title, path);
        frame.official = Some(who.official.profile.full_name());
        frame
    }

    /// A day and time by the service's clocks.
    pub(super) fn moment(&self, at: &Moment) -> String {
        self.w.moment(self.zone, at)
    }

    pub(super) fn stylesheet(&self) -> &'static str {
        sdk::look::stylesheet_path()
    }

    pub(super) fn mark(&self) -> &'static str {
        sdk::look::MARK
    }

    pub(super) fn switch(&self) -> String {
        format!("{}?lang={}", self.path, self.w.language().other().0.tag())
    }

    pub(super) fn tag(&self) -> &'static str {
        self.w.language().tag()
    }

    pub(super) fn other_tag(&self) -> &'static str {
        self.w.language().other().0.tag()
    }

    pub(super) fn other_name(&self) -> &'static str {
        self.w.language().other().1
    }
}

/// Writes a page. Pages are about one person at one moment: never stored by anyone.
pub(super) fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => {
            let mut response = (status, Html(text)).into_response();
            response
                .headers_mut()
                .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(error) => Error::Fault(error.into()).into_response(),
    }
}

/// As [`html`], with the language said in the header too.
pub(super) fn page(frame_language: &str, page: &impl Template) -> Response {
    let mut response = html(StatusCode::OK, page);
    if let Ok(value) = HeaderValue::from_str(frame_language) {
        response.headers_mut().insert(CONTENT_LANGUAGE, value);
    }
    response
}

#[derive(Template)]
#[template(path = "home.html")]
pub(super) struct HomePage<'a> {
    pub(super) frame: Frame<'a>,
}

/// A page of prose: headings and paragraphs from the catalogue.
#[derive(Template)]
#[template(path = "prose.html")]
pub(super) struct ProsePage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) lead: String,
    pub(super) parts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "error.html")]
pub(super) struct ErrorPage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) what: &'a str,
    pub(super) then: &'a str,
    pub(super) reference: &'a str,
}

#[derive(Template)]
#[template(path = "desk.html")]
pub(super) struct DeskPage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) position: &'a str,
    pub(super) institution: &'a str,
    pub(super) token: String,
    pub(super) script: &'static str,
    pub(super) limit: u64,
    pub(super) limit_words: String,
    pub(super) ready: Vec<&'a Document>,
    pub(super) refused: Vec<(&'a Document, &'static str)>,
    pub(super) running: Vec<BatchSummary>,
    pub(super) recent: Option<BatchSummary>,
    pub(super) places: [Place; 9],
    /// Why nothing can be signed at all.
    pub(super) certificate_problem: Option<String>,
    /// What was wrong with the choice that was just sent.
    pub(super) wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "document.html")]
pub(super) struct DocumentPage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) document: &'a Document,
    pub(super) refused: Option<&'static str>,
    pub(super) removable: bool,
    pub(super) token: String,
}

#[derive(Template)]
#[template(path = "approve.html")]
pub(super) struct ApprovePage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) position: &'a str,
    pub(super) institution: &'a str,
    pub(super) token: String,
    pub(super) batch: BatchId,
    pub(super) documents: &'a [Document],
    pub(super) count: u32,
    pub(super) stamp: String,
    /// Presence was not proven: the person came back without it.
    pub(super) not_proven: bool,
}

#[derive(Template)]
#[template(path = "batch.html")]
pub(super) struct BatchPage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) summary: BatchSummary,
    pub(super) done: u32,
    pub(super) items: &'a [Item],
}

#[derive(Template)]
#[template(path = "history.html")]
pub(super) struct HistoryPage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) batches: Vec<BatchSummary>,
}

#[derive(Template)]
#[template(path = "verify.html")]
pub(super) struct VerifyPage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) limit_words: String,
    /// What was wrong with the file that was just sent.
    pub(super) wrong: Option<String>,
    pub(super) script: &'static str,
}
