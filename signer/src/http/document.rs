//! One document on the desk.

use std::path::Path;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path as UrlPath, State};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use tokio_util::io::ReaderStream;

use super::form::{self, Fields, TOKEN, genuine};
use super::page::{DocumentPage, Frame, page};
use super::who::Signatory;
use crate::error::{Error, Fault, Refusal};
use crate::flow::desk;
use crate::rules::DocumentId;
use crate::rules::document::DocumentState;
use crate::rules::filename::FileName;
use crate::service::Service;

pub(super) async fn show(
    State(service): State<Arc<Service>>,
    UrlPath(id): UrlPath<String>,
    who: Signatory,
) -> Result<Response, Error> {
    let document = desk::document(&service, who.official.id, parse(&id)?).await?;
    let refused = match document.state {
        DocumentState::Refused(unfit) => Some(unfit.code()),
        _ => None,
    };
    let frame = Frame::of(
        &service,
        &who,
        document.name.as_str(),
        &format!("/documents/{id}"),
    );
    let token = form::token(&service, &who);
    Ok(page(
        who.language.tag(),
        &DocumentPage {
            frame,
            document: &document,
            removable: matches!(document.state, DocumentState::Ready(_)),
            refused,
            token,
        },
    ))
}

pub(super) async fn picture(
    State(service): State<Arc<Service>>,
    UrlPath(id): UrlPath<String>,
    who: Signatory,
) -> Result<Response, Error> {
    let (kind, bytes) = match desk::picture(&service, who.official.id, parse(&id)?).await? {
        Some(png) => ("image/png", png),
        None => ("image/svg+xml", NO_PICTURE.as_bytes().to_vec()),
    };
    // Only this person's browser may keep it.
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "private, max-age=3600")];
    Ok((headers, bytes).into_response())
}

pub(super) async fn source(
    State(service): State<Arc<Service>>,
    UrlPath(id): UrlPath<String>,
    who: Signatory,
) -> Result<Response, Error> {
    let document = desk::document(&service, who.official.id, parse(&id)?).await?;
    if matches!(document.state, DocumentState::Refused(_)) {
        return Err(Refusal::NotFound.into());
    }
    send(&service.files.source(document.id), &document.name).await
}

pub(super) async fn remove(
    State(service): State<Arc<Service>>,
    UrlPath(id): UrlPath<String>,
    who: Signatory,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Error> {
    genuine(&service, &who, &headers, Fields::parse(&body).one(TOKEN))?;
    desk::remove(&service, who.official.id, parse(&id)?).await?;
    Ok(Redirect::to("/desk").into_response())
}

/// A PDF as a download, streamed.
pub(super) async fn send(path: &Path, name: &FileName) -> Result<Response, Error> {
    let doing = "opening a document";
    let file = tokio::fs::File::open(path).await.map_err(Fault::when(doing))?;
    let length = file.metadata().await.map_err(Fault::when(doing))?.len();
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_LENGTH, length.to_string()),
        (CONTENT_DISPOSITION, name.attachment()),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((
        headers,
        Body::from_stream(ReaderStream::with_capacity(file, CHUNK)),
    )
        .into_response())
}

/// An address that is not an identifier leads nowhere.
pub(super) fn parse(id: &str) -> Result<DocumentId, Refusal> {
    id.parse().map_err(|_| Refusal::NotFound)
}

const CHUNK: usize = 128 << 10;

/// A blank page, for documents that cannot be drawn.
const NO_PICTURE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 210 297"><path fill="#f4f6f8" d="M0 0h210v297H0z"/><path fill="none" stroke="#8896a5" stroke-width="4" d="M65 95h80v107H65zm18 32h44m-44 20h44m-44 20h28"/></svg>"##;
