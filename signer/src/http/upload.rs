//! Files arrive at the desk: a plain multipart form, or one file at a time from the script.

use std::sync::Arc;

use axum::Json;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};

use super::error::wants_json;
use super::form::{TOKEN, genuine};
use super::who::Signatory;
use crate::error::{Error, Refusal};
use crate::flow::receive::receive;
use crate::rules::document::{Document, DocumentState, Warning};
use crate::service::Service;

/// The token comes first in the form, so that nothing is read from a forged one.
pub(super) async fn upload(
    State(service): State<Arc<Service>>,
    who: Signatory,
    headers: HeaderMap,
    mut form: Multipart,
) -> Result<Response, Error> {
    let broken = |_: MultipartError| Refusal::UploadBroken;
    let mut checked = false;
    let mut received = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some(TOKEN) => {
                genuine(&service, &who, &headers, &short(field).await?)?;
                checked = true;
            }
            Some("documents") if !checked => return Err(Refusal::ForgedForm.into()),
            Some("documents") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                // What a refused file leaves unread is skipped by the next turn of the loop, without being kept.
                received.push(receive(&service, who.official.id, &name, field).await?);
            }
            _ => {}
        }
    }
    if received.is_empty() {
        return Err(Refusal::NothingChosen.into());
    }
    if wants_json("", &headers) {
        let documents: Vec<_> = received.iter().map(|document| said(document, &who)).collect();
        return Ok(Json(serde_json::json!({ "documents": documents })).into_response());
    }
    Ok(Redirect::to("/desk").into_response())
}

fn said(document: &Document, who: &Signatory) -> serde_json::Value {
    let refused = match document.state {
        DocumentState::Refused(unfit) => Some(unfit.code()),
        _ => None,
    };
    let warning =
        |w: &Warning| serde_json::json!({ "code": w.code, "page": w.page, "text": who.words.warning(w) });
    let warnings = document
        .state
        .facts()
        .map(|facts| facts.warnings.iter().map(warning).collect::<Vec<_>>());
    serde_json::json!({
        "id": document.id.to_string(),
        "name": document.name.as_str(),
        "size": document.size,
        "sha256": document.digest.to_string(),
        "pages": document.state.facts().map(|facts| facts.pages),
        "warnings": warnings,
        "refused": refused,
        "reason": refused.map(|code| who.words.say(&format!("unfit-{code}"))),
    })
}

/// A field that is not a file: a few bytes, or not ours.
async fn short(mut field: Field<'_>) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|_| Refusal::UploadBroken)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > SHORT {
            return Err(Refusal::BadForm);
        }
    }
    String::from_utf8(bytes).map_err(|_| Refusal::BadForm)
}

const SHORT: usize = 256;
