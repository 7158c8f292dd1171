//! What this official signed.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::page::{Frame, HistoryPage, page};
use super::who::Signatory;
use crate::error::Error;
use crate::service::Service;

pub(super) async fn history(State(service): State<Arc<Service>>, who: Signatory) -> Result<Response, Error> {
    let batches = service.store.batches(who.official.id, MOST).await?;
    let frame = Frame::of(&service, &who, &who.words.say("history-title"), "/history");
    Ok(page(who.language.tag(), &HistoryPage { frame, batches }))
}

/// One page; older ones are asked for by search, which comes with the archive.
const MOST: u32 = 200;
