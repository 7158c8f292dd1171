//! All signed copies of a batch in one archive, streamed, with a manifest of digests.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::mpsc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::error::{Error, Fault, Refusal};
use crate::rules::batch::{Item, ItemState};
use crate::rules::filename::FileName;
use crate::rules::{BatchId, OfficialId};
use crate::service::Service;

/// What the archive says of itself: `manifest.json`.
#[derive(Debug, Serialize)]
struct Manifest {
    batch: String,
    approved_at: String,
    documents: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    file: Option<String>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    document_sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_size: Option<u64>,
}

/// The archive as it is written.
pub type Stream = mpsc::Receiver<io::Result<Bytes>>;

/// Streams the archive of a batch. Files are stored as they are: PDFs are compressed already.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such batch of this official or nothing in it is signed.
pub async fn archive(service: &Arc<Service>, official: OfficialId, batch: BatchId) -> Result<Stream, Error> {
    let (summary, items) = service
        .store
        .batch(official, batch)
        .await?
        .ok_or(Refusal::NotFound)?;
    if summary.signed == 0 {
        return Err(Refusal::NotFound.into());
    }
    let names = unique_names(&items);
    let manifest = Manifest {
        batch: batch.to_string(),
        approved_at: summary.authorised_at.to_string(),
        documents: items
            .iter()
            .zip(&names)
            .map(|(item, name)| entry(item, name))
            .collect(),
    };
    let manifest = serde_json::to_vec_pretty(&manifest).map_err(Fault::when("writing a manifest"))?;
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    let service = Arc::clone(service);
    tokio::task::spawn_blocking(move || {
        let mut pipe = Pipe {
            sender,
            chunk: Vec::with_capacity(CHUNK),
        };
        if let Err(error) = write(&service, batch, &items, &names, &manifest, &mut pipe) {
            tracing::warn!(%batch, %error, "an archive was not sent whole");
            // The reader sees the stream break off, not a short archive.
            let _ = pipe.sender.blocking_send(Err(error));
        }
    });
    Ok(receiver)
}

fn write(
    service: &Service,
    batch: BatchId,
    items: &[Item],
    names: &[FileName],
    manifest: &[u8],
    pipe: &mut Pipe,
) -> io::Result<()> {
    let mut archive = ZipWriter::new_stream(&mut *pipe);
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (item, name) in items.iter().zip(names) {
        if let ItemState::Signed(copy) = item.state {
            archive.start_file(name.as_str(), plain.large_file(copy.size > u64::from(u32::MAX)))?;
            io::copy(
                &mut File::open(service.files.signed(batch, item.document))?,
                &mut archive,
            )?;
        }
    }
    archive.start_file("manifest.json", plain)?;
    archive.write_all(manifest)?;
    archive.finish()?;
    pipe.flush()
}

fn entry(item: &Item, name: &FileName) -> Entry {
    let (state, reason, copy) = match item.state {
        ItemState::Queued | ItemState::Signing => ("pending", None, None),
        ItemState::Failed(failure) => ("failed", Some(failure.code()), None),
        ItemState::Signed(copy) => ("signed", None, Some(copy)),
    };
    Entry {
        file: copy.map(|_| name.as_str().to_owned()),
        state,
        reason,
        document_sha256: item.digest.to_string(),
        signed_sha256: copy.map(|c| c.digest.to_string()),
        signed_size: copy.map(|c| c.size),
    }
}

/// Two files of the same name get numbers.
fn unique_names(items: &[Item]) -> Vec<FileName> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    items
        .iter()
        .map(|item| {
            let name = item.name.signed();
            let count = seen.entry(name.as_str().to_lowercase()).or_insert(0);
            *count = count.saturating_add(1);
            if *count == 1 { name } else { name.numbered(*count) }
        })
        .collect()
}

/// A writer whose other end is a response.
struct Pipe {
    sender: mpsc::Sender<io::Result<Bytes>>,
    chunk: Vec<u8>,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let chunk = Bytes::from(std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK)));
        self.sender
            .blocking_send(Ok(chunk))
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

const CHUNK: usize = 128 << 10;
/// A slow reader holds up the writer, not memory.
const CHUNKS_AHEAD: usize = 4;
