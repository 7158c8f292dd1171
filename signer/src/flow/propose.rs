//! Putting documents before the official for approval: exactly these, with this stamp.

use super::in_force;
use crate::error::{Error, Refusal};
use crate::rules::audit::Event;
use crate::rules::batch::Proposal;
use crate::rules::document::{Document, DocumentState};
use crate::rules::official::Official;
use crate::rules::stamp::Stamp;
use crate::rules::{BatchId, DocumentId};
use crate::service::Service;

/// Makes a proposal of these documents, in this order.
///
/// # Errors
/// [`Refusal::NothingChosen`], [`Refusal::TooManyChosen`], [`Refusal::NotReady`], [`Refusal::NotCertified`],
/// [`Refusal::Certificate`], or a fault.
pub async fn propose(
    service: &Service,
    official: &Official,
    chosen: &[DocumentId],
    stamp: Stamp,
) -> Result<BatchId, Error> {
    let now = service.clock.now();
    in_force::required(service, official).await?;
    let most = service.config.limits.documents_in_batch;
    if chosen.is_empty() {
        return Err(Refusal::NothingChosen.into());
    }
    if u32::try_from(chosen.len()).map_or(true, |n| n > most) {
        return Err(Refusal::TooManyChosen(most).into());
    }
    let mut documents = Vec::with_capacity(chosen.len());
    for id in chosen {
        let document = service
            .store
            .document(official.id, *id)
            .await?
            .ok_or(Refusal::NotReady)?;
        let again = documents.iter().any(|(other, _)| other == id);
        if again || !matches!(document.state, DocumentState::Ready(_)) {
            return Err(Refusal::NotReady.into());
        }
        documents.push((*id, document.digest));
    }
    let proposal = Proposal {
        batch: BatchId::from_chance(service.chance.bytes()?),
        official: official.id,
        key: official.key,
        documents,
        stamp,
        nonce: service.chance.bytes()?,
        proposed_at: now,
    };
    let event = Event::ApprovalProposed {
        official: official.id.to_string(),
        batch: proposal.batch.to_string(),
        binding: proposal.binding().to_string(),
    };
    let mut work = service.store.begin().await?;
    work.propose(&proposal).await?;
    work.audit(now, &event).await?;
    work.commit().await?;
    Ok(proposal.batch)
}

/// What the approval page shows: the proposal and its documents.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such proposal of this official, or it was spent; [`Refusal::NotReady`]
/// when one of its documents left the desk.
pub async fn proposal(
    service: &Service,
    official: &Official,
    batch: BatchId,
) -> Result<(Proposal, Vec<Document>), Error> {
    let proposal = service
        .store
        .proposal(official.id, batch)
        .await?
        .ok_or(Refusal::NotFound)?;
    let mut documents = Vec::with_capacity(proposal.documents.len());
    for (id, digest) in &proposal.documents {
        let document = service
            .store
            .document(official.id, *id)
            .await?
            .ok_or(Refusal::NotReady)?;
        if document.digest != *digest || !matches!(document.state, DocumentState::Ready(_)) {
            return Err(Refusal::NotReady.into());
        }
        documents.push(document);
    }
    Ok((proposal, documents))
}
