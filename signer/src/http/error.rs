//! The one place where refusals and faults become responses.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sdk::look::Language;

use super::certificate::{self, Told};
use super::page::{ErrorPage, Frame, html};
use super::words::{Words, words};
use crate::error::{Error, Fault, Refusal};
use crate::service::Service;
use crate::zone::Zone;

/// An error on its way to [`tell`], which knows who asked and how.
#[derive(Clone)]
struct Untold(Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, _) = told(&self);
        let mut response = status.into_response();
        response.extensions_mut().insert(Untold(Arc::new(self)));
        response
    }
}

/// Turns errors into a page for people and JSON for programs.
pub(super) async fn tell(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(language) = Language::from_request_parts(&mut parts, &()).await;
    let as_json = wants_json(parts.uri.path(), &parts.headers);
    let path = parts.uri.path().to_owned();
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(Untold(error)) = response.extensions().get::<Untold>().cloned() else {
        return response;
    };
    let reference = reference(&service);
    let (status, code) = told(&error);
    match &*error {
        Error::Refused(refusal) => tracing::debug!(reference, code, %refusal, path, "refused"),
        Error::Fault(fault) => tracing::error!(reference, code, %fault, path, "failed"),
    }
    let words = words(language);
    let told = in_words(words, &service.config.time_zone, code, &error);
    let mut response = if as_json {
        let title = words.say(&format!("error-{code}-title"));
        json(status, code, &title, &told.what, &reference)
    } else {
        let frame = Frame::public(&service, words, &words.say(&format!("error-{code}-title")), &path);
        let page = ErrorPage {
            frame,
            what: &told.what,
            then: &told.then,
            reference: &reference,
        };
        html(status, &page)
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// Status and stable code of every error.
fn told(error: &Error) -> (StatusCode, &'static str) {
    match error {
        Error::Refused(refusal) => refused(refusal),
        Error::Fault(fault) if fault.is_storage_full() => (StatusCode::INSUFFICIENT_STORAGE, "storage_full"),
        Error::Fault(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}

fn refused(refusal: &Refusal) -> (StatusCode, &'static str) {
    match refusal {
        Refusal::NotFound => (StatusCode::NOT_FOUND, "not_found"),
        Refusal::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        Refusal::NotAnOfficial => (StatusCode::FORBIDDEN, "not_an_official"),
        Refusal::NotCertified => (StatusCode::FORBIDDEN, "not_certified"),
        Refusal::Certificate(_) => (StatusCode::FORBIDDEN, "certificate"),
        Refusal::NothingChosen => (StatusCode::UNPROCESSABLE_ENTITY, "nothing_chosen"),
        Refusal::TooManyChosen(_) => (StatusCode::UNPROCESSABLE_ENTITY, "too_many_chosen"),
        Refusal::DeskFull(_) => (StatusCode::CONFLICT, "desk_full"),
        Refusal::NotReady => (StatusCode::CONFLICT, "not_ready"),
        Refusal::ProposalSpent => (StatusCode::CONFLICT, "approval_spent"),
        Refusal::PresenceMismatch => (StatusCode::FORBIDDEN, "presence_mismatch"),
        Refusal::PresenceStale => (StatusCode::FORBIDDEN, "presence_stale"),
        Refusal::AssuranceTooLow => (StatusCode::FORBIDDEN, "assurance"),
        Refusal::AnotherPerson => (StatusCode::FORBIDDEN, "another_person"),
        Refusal::ForgedForm => (StatusCode::FORBIDDEN, "forged_form"),
        Refusal::BadForm => (StatusCode::BAD_REQUEST, "bad_form"),
        Refusal::BadQuestion => (StatusCode::BAD_REQUEST, "bad_question"),
        Refusal::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        Refusal::NotAPdf => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_pdf"),
        Refusal::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        Refusal::UploadBroken => (StatusCode::BAD_REQUEST, "upload_broken"),
        Refusal::OfficialExists
        | Refusal::OfficialUnknown
        | Refusal::NotANationalId
        | Refusal::BadField(_) => (StatusCode::BAD_REQUEST, "bad_form"),
    }
}

/// What happened, with the number that a bound has, and what to do about it.
fn in_words(words: &Words, zone: &Zone, code: &str, error: &Error) -> Told {
    let key = format!("error-{code}-what");
    let what = match error {
        Error::Refused(Refusal::Certificate(refusal)) => return certificate::told(words, zone, refusal),
        Error::Refused(Refusal::TooLarge(bytes)) => words.with(&key, "limit", &words.bytes(*bytes)),
        Error::Refused(Refusal::TooManyChosen(n) | Refusal::DeskFull(n)) => {
            words.with(&key, "limit", &n.to_string())
        }
        _ => words.say(&key),
    };
    Told {
        what,
        then: words.say(&format!("error-{code}-do")),
    }
}

/// RFC 9457, with the stable code and the reference to the log beside.
fn json(status: StatusCode, code: &str, title: &str, what: &str, reference: &str) -> Response {
    let body = serde_json::json!({
        "type": format!("urn:aval:error:{code}"),
        "title": title,
        "status": status.as_u16(),
        "detail": what,
        "error": code,
        "reference": reference,
    });
    let mut response = (status, Json(body)).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Programs ask for JSON, or use the API.
pub(super) fn wants_json(path: &str, headers: &HeaderMap) -> bool {
    let accept = headers
        .get(ACCEPT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    path.starts_with("/api/") || (accept.contains("application/json") && !accept.contains("text/html"))
}

/// Ties what the person sees to what the log says. Not a secret.
fn reference(service: &Service) -> String {
    data_encoding::HEXLOWER.encode(&service.chance.bytes::<4>().unwrap_or_default())
}

/// A mistake of ours in a handler costs one request its answer, not the person an explanation.
pub(super) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Error::Fault(Fault::new("a handler panicked; its message is above in the log")).into_response()
}

pub(super) async fn not_found() -> Error {
    Refusal::NotFound.into()
}

pub(super) async fn method_not_allowed() -> Error {
    Refusal::MethodNotAllowed.into()
}

/// Every code that a page may need words for.
#[cfg(test)]
pub(super) const CODES: [&str; 23] = [
    "not_found",
    "method_not_allowed",
    "not_an_official",
    "not_certified",
    "certificate",
    "nothing_chosen",
    "too_many_chosen",
    "desk_full",
    "not_ready",
    "approval_spent",
    "presence_mismatch",
    "presence_stale",
    "assurance",
    "another_person",
    "forged_form",
    "bad_form",
    "bad_question",
    "too_large",
    "not_a_pdf",
    "busy",
    "upload_broken",
    "storage_full",
    "internal",
];

impl From<askama::Error> for Fault {
    fn from(error: askama::Error) -> Self {
        Self::caused("writing a page", error)
    }
}
