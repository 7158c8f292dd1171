//! One approved document becomes one signed copy: append, hash, intend, sign, fill, read back from nothing, release.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::digest::{Context, SHA256};
use sdk_document::Limits;

use super::in_force;
use super::verify::{self, Expected};
use crate::cms::{SignedAttributes, largest_size};
use crate::error::Fault;
use crate::pdf::append::{CannotAppend, Request, update};
use crate::pdf::stamp::StampText;
use crate::rules::audit::Event;
use crate::rules::batch::{Failure, SignedCopy};
use crate::rules::ids::finish;
use crate::rules::in_force::InForce;
use crate::rules::official::Official;
use crate::rules::warrant::Warrant;
use crate::rules::{Digest, Moment};
use crate::service::Service;
use crate::store::files::Unfinished;
use crate::store::{Approved, Intended};

/// Why a document is not signed now.
#[derive(Debug)]
pub enum Halt {
    /// For good: the document goes back to the desk with this reason.
    Failed(Failure),
    /// Something of ours failed before the intent was written; the document keeps its place in the queue.
    Waits(Fault),
    /// Something of ours failed after the intent was written.
    Broke(Fault),
}

/// Signs a document whose turn it is.
///
/// # Errors
/// [`Halt`]; the caller records it.
pub async fn sign(service: &Arc<Service>, approved: &Approved) -> Result<(), Halt> {
    let at = service.clock.now();
    let (official, prepared) = prepare(service, approved, at).await?;
    let intent = Event::intended(approved.batch, approved.document, prepared.to_be_signed());
    let warrant = async {
        let mut work = service.store.begin().await?;
        let Some(warrant) = work.intend(approved, prepared.to_be_signed(), at).await? else {
            return Ok(None);
        };
        work.audit(at, &intent).await?;
        work.commit().await?;
        Ok(Some(warrant))
    };
    let Some(warrant) = warrant.await.map_err(Halt::Waits)? else {
        return Err(Halt::Failed(Failure::ApprovalExpired));
    };
    complete(service, approved, official, prepared, warrant).await
}

/// Takes up a document that an earlier run left between intent and outcome: the same value or none.
///
/// # Errors
/// [`Halt`]; the caller records it.
pub async fn resume(service: &Arc<Service>, intended: &Intended) -> Result<(), Halt> {
    let approved = &intended.approved;
    let place = service.files.signed(approved.batch, approved.document);
    let (official, prepared) = match prepare(service, approved, intended.at).await {
        Ok(ready) => ready,
        Err(Halt::Failed(_)) => return Err(Halt::Failed(Failure::Interrupted)),
        Err(other) => return Err(other),
    };
    if prepared.to_be_signed() != intended.to_be_signed {
        return Err(Halt::Failed(Failure::Interrupted));
    }
    if place.exists() {
        // It was finished and checked; only the outcome was not written.
        let expected = expected(service, approved, &official, &prepared.field)
            .await
            .map_err(Halt::Waits)?;
        let checked = verify::signed_copy(service, &place, &expected).await;
        let copy = checked.map_err(Halt::Waits)?.map_err(Halt::Failed)?;
        return release(service, approved, &copy).await.map_err(Halt::Waits);
    }
    let now = service.clock.now();
    let event = Event::SignatureResumed {
        batch: approved.batch.to_string(),
        document: approved.document.to_string(),
        to_be_signed: intended.to_be_signed.to_string(),
    };
    let warrant = async {
        let mut work = service.store.begin().await?;
        let Some(warrant) = work.resume(approved, intended.to_be_signed, now).await? else {
            return Ok(None);
        };
        work.audit(now, &event).await?;
        work.commit().await?;
        Ok(Some(warrant))
    };
    match warrant.await.map_err(Halt::Waits)? {
        Some(warrant) => complete(service, approved, official, prepared, warrant).await,
        None => Err(Halt::Failed(Failure::Interrupted)),
    }
}

/// A copy with the update appended and room for the signature.
struct Prepared {
    unfinished: Unfinished,
    /// The `Contents` token in the file, angle brackets included.
    gap: Range<u64>,
    attributes: SignedAttributes,
    /// What the key may be used for these minutes.
    in_force: InForce,
    field: String,
}

impl Prepared {
    fn to_be_signed(&self) -> Digest {
        Digest::of(self.attributes.to_be_signed())
    }
}

async fn prepare(
    service: &Arc<Service>,
    approved: &Approved,
    at: Moment,
) -> Result<(Official, Prepared), Halt> {
    let official = service
        .store
        .official(approved.official)
        .await
        .map_err(Halt::Waits)?;
    let official = official.ok_or(Halt::Failed(Failure::CertificateUnusable))?;
    let chain = official
        .chain()
        .map_err(|_| Halt::Failed(Failure::CertificateUnusable))?
        .clone();
    if official.key != approved.key {
        return Err(Halt::Failed(Failure::CertificateUnusable));
    }
    let asked = in_force::ask(service, chain).await.map_err(Halt::Waits)?;
    let in_force = asked.map_err(|refusal| {
        tracing::warn!(official = %official.id, %refusal, "a certificate is not in force: nothing is signed with it");
        Halt::Failed(refusal.into())
    })?;
    if service.clock.now() > approved.expires_at {
        return Err(Halt::Failed(Failure::ApprovalExpired));
    }
    let name = format!("{}-{}.pdf", approved.batch, approved.document);
    let unfinished = service.files.unfinished(&name).map_err(Halt::Waits)?;
    let source = service.files.source(approved.document);
    let (approved, profile, zone) = (
        approved.clone(),
        official.profile.clone(),
        service.config.time_zone.clone(),
    );
    let prepared = super::blocking(move || {
        let name = profile.full_name();
        let request = Request {
            at,
            name: &name,
            contents: largest_size(in_force.chain()).map_err(Halt::Waits)?,
            stamp: approved.stamp,
            text: StampText::new(&profile, at, &zone),
            digest: approved.digest,
        };
        append(&source, unfinished, &request, in_force)
    })
    .await
    .map_err(Halt::Waits)??;
    Ok((official, prepared))
}

/// Copies the source and appends the update, hashing both in one pass; what is copied must be what was approved.
fn append(
    source: &Path,
    mut unfinished: Unfinished,
    request: &Request<'_>,
    in_force: InForce,
) -> Result<Prepared, Halt> {
    let doing = "appending a signature";
    let waits = |error: std::io::Error| Halt::Waits(Fault::caused(doing, error));
    let cannot = |error: CannotAppend| match error {
        CannotAppend::Read(error) if error.is_fault() => Halt::Waits(Fault::caused(doing, error)),
        _ => Halt::Failed(Failure::CannotExtend),
    };
    let opened = sdk_document::File::open(source).map_err(waits)?;
    let document = sdk_document::Document::open(opened, &Limits::default()).map_err(|e| cannot(e.into()))?;
    let update = update(&document, request).map_err(cannot)?;

    let mut hash = Context::new(&SHA256);
    let length = copy(
        &mut File::open(source).map_err(waits)?,
        unfinished.file(),
        &mut hash,
    )
    .map_err(waits)?;
    if Digest(finish(hash.clone())) != request.digest {
        return Err(Halt::Failed(Failure::SourceChanged));
    }
    unfinished.file().write_all(&update.bytes).map_err(waits)?;
    hash.update(update.bytes.get(..update.gap.start).unwrap_or_default());
    hash.update(update.bytes.get(update.gap.end..).unwrap_or_default());

    let leaf = in_force
        .chain()
        .der()
        .first()
        .ok_or(Halt::Failed(Failure::CertificateUnusable))?;
    let attributes = SignedAttributes::new(Digest(finish(hash)), leaf);
    let place = |n: usize| length.saturating_add(u64::try_from(n).unwrap_or(u64::MAX));
    let gap = place(update.gap.start)..place(update.gap.end);
    Ok(Prepared {
        unfinished,
        gap,
        attributes,
        in_force,
        field: update.field,
    })
}

fn copy(from: &mut File, to: &mut File, hash: &mut Context) -> std::io::Result<u64> {
    let mut buffer = vec![0; BUFFER];
    let mut length = 0_u64;
    loop {
        let read = from.read(&mut buffer)?;
        let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else {
            return Ok(length);
        };
        hash.update(chunk);
        to.write_all(chunk)?;
        length = length.saturating_add(u64::try_from(read).unwrap_or(0));
    }
}

async fn complete(
    service: &Arc<Service>,
    approved: &Approved,
    official: Official,
    prepared: Prepared,
    warrant: Warrant,
) -> Result<(), Halt> {
    let sealed = service
        .store
        .private_key(official.id)
        .await
        .map_err(Halt::Broke)?;
    let expected = expected(service, approved, &official, &prepared.field)
        .await
        .map_err(Halt::Broke)?;
    let place = service.files.signed(approved.batch, approved.document);
    let signer = Arc::clone(service);
    let unfinished = super::blocking(move || {
        let bytes = prepared.attributes.to_be_signed();
        let signature = signer
            .keyring
            .sign(warrant, &prepared.in_force, &sealed, bytes, &signer.chance)
            .map_err(Halt::Broke)?;
        let message = prepared
            .attributes
            .signed(&signature, prepared.in_force.chain())
            .map_err(Halt::Broke)?;
        let mut unfinished = prepared.unfinished;
        fill(unfinished.file(), &prepared.gap, &message).map_err(Halt::Broke)?;
        Ok::<_, Halt>(unfinished)
    })
    .await
    .map_err(Halt::Broke)??;
    let copy = verify::signed_copy(service, unfinished.path(), &expected).await;
    let copy = copy.map_err(Halt::Broke)?.map_err(Halt::Failed)?;
    super::blocking(move || unfinished.keep(&place))
        .await
        .and_then(|kept| kept)
        .map_err(Halt::Broke)?;
    release(service, approved, &copy).await.map_err(Halt::Broke)
}

/// Writes the message into the gap in hexadecimal; what is left of it stays zeros.
fn fill(file: &mut File, gap: &Range<u64>, message: &[u8]) -> Result<(), Fault> {
    let text = data_encoding::HEXLOWER.encode(message);
    let room = gap.end.saturating_sub(gap.start).saturating_sub(2);
    if u64::try_from(text.len()).map_or(true, |n| n > room) {
        return Err(Fault::new("a signature larger than its gap"));
    }
    file.seek(SeekFrom::Start(gap.start.saturating_add(1)))
        .and_then(|_| file.write_all(text.as_bytes()))
        .map_err(Fault::when("filling the gap"))
}

async fn release(service: &Service, approved: &Approved, copy: &SignedCopy) -> Result<(), Fault> {
    let mut work = service.store.begin().await?;
    if work.release(approved, copy).await? {
        work.audit(
            service.clock.now(),
            &Event::released(approved.batch, approved.document, copy.digest),
        )
        .await?;
        work.commit().await?;
    }
    Ok(())
}

async fn expected(
    service: &Arc<Service>,
    approved: &Approved,
    official: &Official,
    field: &str,
) -> Result<Expected, Fault> {
    let document = service
        .store
        .document(approved.official, approved.document)
        .await?;
    let earlier = document
        .and_then(|d| d.state.facts().cloned())
        .map(|f| f.signatures)
        .unwrap_or_default();
    let leaf = official
        .chain()
        .ok()
        .and_then(|chain| chain.der().first())
        .cloned();
    Ok(Expected {
        field: field.to_owned(),
        certificate: leaf.ok_or_else(|| Fault::new("an official without certificate"))?,
        earlier,
    })
}

/// Where an unreleased copy of an earlier run may lie.
#[must_use]
pub fn place(service: &Service, approved: &Approved) -> PathBuf {
    service.files.signed(approved.batch, approved.document)
}

/// Large enough that the disk is the limit.
const BUFFER: usize = 256 << 10;
