//! `POST /api/verify`: the bytes of a PDF → the report as JSON; with `?pages=compare`, what is seen, too. Nothing is
//! kept.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_LENGTH};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt};
use sdk_document::Report;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncWriteExt, BufWriter};

use super::peer::Peer;
use crate::error::{Error, Fault, Refusal};
use crate::flow;
use crate::rules::seen::Since;
use crate::service::Service;

pub(super) async fn verify(
    State(service): State<Arc<Service>>,
    Peer(address): Peer,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mut stream = body.into_data_stream();
    let compare = asked.pages.as_deref() == Some("compare");
    let answer = answered(&service, address, &headers, &mut stream, compare).await;
    match answer {
        Ok(told) => ([(CACHE_CONTROL, "no-store")], Json(told)).into_response(),
        Err(error) => {
            // A client that is still sending must not find the connection reset before it has read why.
            tokio::spawn(drain(stream));
            let mut response = error.into_response();
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}

/// What may be asked beside the verdict.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// `compare`: the pages of the signed revisions are drawn beside today's, and the report names those that
    /// differ.
    pages: Option<String>,
}

/// The report, with what is seen if that was asked.
#[derive(Debug, Serialize)]
struct Told {
    #[serde(flatten)]
    report: Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<Vec<Since>>,
}

/// A place is taken before the document is read, a turn when it is there: who sends slowly keeps nobody waiting.
async fn answered(
    service: &Service,
    address: Option<IpAddr>,
    headers: &HeaderMap,
    stream: &mut BodyDataStream,
    compare: bool,
) -> Result<Told, Error> {
    let place = service.shares.place(address)?;
    let file = spool_announced(service, headers, stream).await?;
    let _turn = place.turn().await?;
    judged(service, file, compare).await
}

async fn judged(service: &Service, file: File, compare: bool) -> Result<Told, Error> {
    let again = file
        .try_clone()
        .map_err(Fault::when("reading an uploaded file"))?;
    let report = flow::verify::verify(service, file).await?;
    let seen = match compare {
        true => {
            let seen = flow::compare::compare(service, &again, &report).await?;
            let plain = |since: Since| Since {
                seen: since.seen.without_pictures(),
                ..since
            };
            Some(seen.into_iter().map(plain).collect())
        }
        false => None,
    };
    Ok(Told { report, seen })
}

/// Refuses an announced length before reading a byte.
async fn spool_announced(
    service: &Service,
    headers: &HeaderMap,
    stream: &mut BodyDataStream,
) -> Result<File, Error> {
    let limit = service.config.limits.document_bytes;
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Refusal::TooLarge(limit).into());
    }
    spool(service, stream).await
}

/// Streams a body into a file without a name. Only the beginning is looked at: the verifier judges the rest.
///
/// # Errors
/// [`Refusal::NotAPdf`] as soon as the beginning shows it, [`Refusal::TooLarge`], [`Refusal::UploadBroken`], a fault.
pub(super) async fn spool<E>(
    service: &Service,
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<File, Error> {
    let doing = "writing an uploaded file";
    let limit = service.config.limits.document_bytes;
    let name = data_encoding::HEXLOWER.encode(&service.chance.bytes::<16>()?);
    let file = service.files.nameless(&name)?;
    let writer = tokio::fs::File::from_std(file.try_clone().map_err(Fault::when(doing))?);
    let mut writer = BufWriter::with_capacity(BUFFER, writer);
    let (mut size, mut head, mut checked) = (0_u64, Vec::new(), false);
    loop {
        let next = tokio::time::timeout(SILENCE, body.next())
            .await
            .map_err(|_| Refusal::UploadBroken)?;
        let Some(chunk) = next else { break };
        let chunk = chunk.map_err(|_| Refusal::UploadBroken)?;
        size = size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if size > limit {
            return Err(Refusal::TooLarge(limit).into());
        }
        if !checked {
            head.extend(chunk.iter().take(HEAD.saturating_sub(head.len())));
            if head.len() == HEAD {
                begins_as_pdf(&head)?;
                checked = true;
            }
        }
        writer.write_all(&chunk).await.map_err(Fault::when(doing))?;
    }
    if !checked {
        begins_as_pdf(&head)?;
    }
    writer.flush().await.map_err(Fault::when(doing))?;
    drop(writer);
    let mut file = file;
    file.seek(SeekFrom::Start(0)).map_err(Fault::when(doing))?;
    Ok(file)
}

fn begins_as_pdf(head: &[u8]) -> Result<(), Refusal> {
    let signature = crate::rules::intake::SIGNATURE;
    if head.windows(signature.len()).any(|window| window == signature) {
        Ok(())
    } else {
        Err(Refusal::NotAPdf)
    }
}

/// Reads on for a while without keeping anything.
async fn drain(mut stream: BodyDataStream) {
    let reading = async { while let Some(Ok(_)) = stream.next().await {} };
    let _ = tokio::time::timeout(LINGER, reading).await;
}

/// Readers accept the header within the first kilobyte (ISO 32000-1 implementation note 13), so an older file with
/// something before it still gets its report.
const HEAD: usize = 1024;
const BUFFER: usize = 256 << 10;
/// A sender that is silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(60);
/// As long as a slow sender needs to notice.
const LINGER: Duration = Duration::from_secs(30);
