//! The official's desk: looking at a document, taking it away, a picture of its first page.

use std::fs::File;

use crate::error::{Error, Fault, Refusal};
use crate::rules::audit::Event;
use crate::rules::document::{Document, DocumentState};
use crate::rules::{DocumentId, OfficialId};
use crate::service::Service;

/// One document of this official.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or it is somebody else's.
pub async fn document(service: &Service, official: OfficialId, id: DocumentId) -> Result<Document, Error> {
    Ok(service
        .store
        .document(official, id)
        .await?
        .ok_or(Refusal::NotFound)?)
}

/// Takes a document off the desk and forgets it.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not there, or is approved or signed.
pub async fn remove(service: &Service, official: OfficialId, id: DocumentId) -> Result<(), Error> {
    let event = Event::DocumentRemoved {
        official: official.to_string(),
        document: id.to_string(),
    };
    let mut work = service.store.begin().await?;
    if !work.remove_document(official, id).await? {
        return Err(Refusal::NotFound.into());
    }
    work.audit(service.clock.now(), &event).await?;
    work.commit().await?;
    // After the commit: a file too many is swept at the next start, a row without its file would be an error.
    service.files.remove(id)?;
    Ok(())
}

/// A picture of the first page, drawn once. `None` when it cannot be drawn.
///
/// # Errors
/// [`Refusal::NotFound`], or a fault.
pub async fn picture(
    service: &Service,
    official: OfficialId,
    id: DocumentId,
) -> Result<Option<Vec<u8>>, Error> {
    let document = document(service, official, id).await?;
    if matches!(document.state, DocumentState::Refused(_)) {
        return Err(Refusal::NotFound.into());
    }
    let place = service.files.picture(id);
    let cached = {
        let place = place.clone();
        super::blocking(move || std::fs::read(place)).await?
    };
    if let Ok(picture) = cached {
        return Ok(Some(picture).filter(|bytes| !bytes.is_empty()));
    }
    let source = File::open(service.files.source(id)).map_err(Fault::when("opening a document"))?;
    let drawn = service.cells.first_page(&source).await?;
    let name = format!(
        "{id}-{}.png",
        data_encoding::HEXLOWER.encode(&service.chance.bytes::<4>()?)
    );
    let mut unfinished = service.files.unfinished(&name)?;
    // An empty file remembers that it cannot be drawn.
    let bytes = drawn.clone().unwrap_or_default();
    super::blocking(move || {
        use std::io::Write as _;
        unfinished
            .file()
            .write_all(&bytes)
            .map_err(Fault::when("writing a picture"))?;
        unfinished.keep(&place)
    })
    .await??;
    Ok(drawn)
}
