//! A batch: progress while it runs, signed copies when it is done.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;

use super::approve::parse;
use super::document;
use super::page::{BatchPage, Frame, page};
use super::who::Signatory;
use crate::error::{Error, Refusal};
use crate::flow::archive;
use crate::rules::batch::ItemState;
use crate::service::Service;

pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(batch): Path<String>,
    who: Signatory,
) -> Result<Response, Error> {
    let id = parse(&batch)?;
    let (summary, items) = service
        .store
        .batch(who.official.id, id)
        .await?
        .ok_or(Refusal::NotFound)?;
    let done = summary.signed.saturating_add(summary.failed);
    let title = if summary.running() {
        who.words.of("batch-title-running", &done, &summary.documents)
    } else if summary.failed == 0 {
        who.words.count("batch-title-done", &summary.signed)
    } else {
        who.words
            .of("batch-title-partly", &summary.signed, &summary.documents)
    };
    let mut frame = Frame::of(&service, &who, &title, &format!("/batches/{batch}"));
    frame.refresh = summary.running().then_some(REFRESH);
    Ok(page(
        who.language.tag(),
        &BatchPage {
            frame,
            summary,
            done,
            items: &items,
        },
    ))
}

pub(super) async fn signed(
    State(service): State<Arc<Service>>,
    Path((batch, id)): Path<(String, String)>,
    who: Signatory,
) -> Result<Response, Error> {
    let (batch, id) = (parse(&batch)?, document::parse(&id)?);
    let (_, items) = service
        .store
        .batch(who.official.id, batch)
        .await?
        .ok_or(Refusal::NotFound)?;
    let item = items
        .into_iter()
        .find(|item| item.document == id)
        .ok_or(Refusal::NotFound)?;
    match item.state {
        ItemState::Signed(_) => document::send(&service.files.signed(batch, id), &item.name.signed()).await,
        ItemState::Queued | ItemState::Signing | ItemState::Failed(_) => Err(Refusal::NotFound.into()),
    }
}

pub(super) async fn archive(
    State(service): State<Arc<Service>>,
    Path(batch): Path<String>,
    who: Signatory,
) -> Result<Response, Error> {
    let batch = parse(&batch)?;
    let receiver = archive::archive(&service, who.official.id, batch).await?;
    let stream = unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    });
    let short: String = batch.to_string().chars().take(8).collect();
    let headers = [
        (CONTENT_TYPE, "application/zip".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"firmados-{short}.zip\""),
        ),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// Seconds: often enough to see it move, seldom enough for a slow line.
const REFRESH: u32 = 2;
