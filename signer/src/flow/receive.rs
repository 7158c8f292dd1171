//! A file arrives: streamed to disk while hashing, looked at, put on the desk. A file that will not do is put on the
//! desk as a refusal with its reason; its bytes are not kept.

use std::fs::File;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use ring::digest::{Context, SHA256};
use tokio::io::{AsyncWriteExt, BufWriter};

use crate::error::{Error, Fault, Refusal};
use crate::rules::audit::Event;
use crate::rules::document::{Document, DocumentState, Facts, Warning};
use crate::rules::filename::FileName;
use crate::rules::ids::finish;
use crate::rules::intake::{ENOUGH, Unfit, first_bytes};
use crate::rules::{Digest, DocumentId, OfficialId};
use crate::service::Service;
use crate::store::files::Unfinished;

/// Takes one file. The stream is not read further than needed: a refusal is known after the first bytes, and what
/// is left of the stream is the caller's to drain.
///
/// # Errors
/// [`Refusal::DeskFull`], [`Refusal::UploadBroken`], or a fault. A file that will not do is no error: it is a
/// document in state [`DocumentState::Refused`].
pub async fn receive<E>(
    service: &Service,
    official: OfficialId,
    raw_name: &str,
    body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Document, Error> {
    let room = service.config.limits.documents_on_desk;
    let there = service.store.desk_count(official).await?;
    if there >= room {
        return Err(Refusal::DeskFull(room).into());
    }
    let id = DocumentId::from_chance(service.chance.bytes()?);
    let unfinished = service.files.unfinished(&format!("{id}.pdf"))?;
    let arrived = stream_to_disk(&unfinished, body, service.config.limits.document_bytes).await?;
    let state = match arrived.unfit {
        Some(unfit) => DocumentState::Refused(unfit),
        None => look(service, &unfinished).await?,
    };
    let document = Document {
        id,
        official,
        received_at: service.clock.now(),
        name: FileName::clean(raw_name),
        size: arrived.size,
        digest: arrived.digest,
        state,
    };
    if let DocumentState::Ready(_) = document.state {
        let place = service.files.source(id);
        super::blocking(move || unfinished.keep(&place)).await??;
    }
    record(service, &document, there).await?;
    Ok(document)
}

struct Arrived {
    size: u64,
    digest: Digest,
    unfit: Option<Unfit>,
}

async fn stream_to_disk<E>(
    unfinished: &Unfinished,
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    most: u64,
) -> Result<Arrived, Error> {
    let doing = "writing a document";
    let file = tokio::fs::OpenOptions::new()
        .write(true)
        .open(unfinished.path())
        .await
        .map_err(Fault::when(doing))?;
    let mut file = BufWriter::with_capacity(BUFFER, file);
    let mut hash = Context::new(&SHA256);
    let (mut size, mut head) = (0_u64, Vec::with_capacity(ENOUGH));
    let mut unfit = None;
    loop {
        let next = tokio::time::timeout(SILENCE, body.next())
            .await
            .map_err(|_| Refusal::UploadBroken)?;
        let Some(chunk) = next else { break };
        let chunk = chunk.map_err(|_| Refusal::UploadBroken)?;
        size = size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if head.len() < ENOUGH {
            head.extend(chunk.iter().take(ENOUGH.saturating_sub(head.len())));
            if head.len() == ENOUGH {
                unfit = first_bytes(&head).err();
            }
        }
        if size > most {
            unfit = Some(Unfit::TooLarge);
        }
        if unfit.is_some() {
            break;
        }
        hash.update(&chunk);
        file.write_all(&chunk).await.map_err(Fault::when(doing))?;
    }
    if head.len() < ENOUGH && unfit.is_none() {
        unfit = first_bytes(&head).err();
    }
    file.flush().await.map_err(Fault::when(doing))?;
    Ok(Arrived {
        size,
        digest: Digest(finish(hash)),
        unfit,
    })
}

async fn look(service: &Service, unfinished: &Unfinished) -> Result<DocumentState, Error> {
    let file = File::open(unfinished.path()).map_err(Fault::when("opening a document"))?;
    Ok(match service.cells.inspect(&file, service.clock.now()).await? {
        Ok(mut facts) => {
            if facts.annotated {
                hidden(service, &file, &mut facts).await?;
            }
            DocumentState::Ready(facts)
        }
        Err(unfit) => DocumentState::Refused(unfit),
    })
}

/// What fields and annotations hide is told like any other warning; when it cannot be drawn, that is told.
async fn hidden(service: &Service, file: &File, facts: &mut Facts) -> Result<(), Error> {
    let warning = |code: &str, page| Warning {
        code: code.to_owned(),
        page,
    };
    match service.cells.covered(file).await? {
        Some(pages) => facts.warnings.extend(
            pages
                .into_iter()
                .map(|page| warning("covered_content", Some(page))),
        ),
        None => facts.warnings.push(warning("not_examined", None)),
    }
    facts.warnings.sort();
    facts.warnings.dedup();
    Ok(())
}

async fn record(service: &Service, document: &Document, ordinal: u32) -> Result<(), Error> {
    let refused = match document.state {
        DocumentState::Refused(unfit) => Some(unfit.code()),
        _ => None,
    };
    let event = Event::DocumentReceived {
        official: document.official.to_string(),
        document: document.id.to_string(),
        sha256: document.digest.to_string(),
        refused,
    };
    let mut work = service.store.begin().await?;
    work.put_document(document, ordinal).await?;
    work.audit(document.received_at, &event).await?;
    work.commit().await?;
    Ok(())
}

/// Large enough that the disk is the limit, small enough that a hundred uploads fit in a few MB.
const BUFFER: usize = 256 << 10;
/// A sender that is silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(60);
