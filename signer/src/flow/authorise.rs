//! The official proved presence for exactly these documents: the proposal is spent, the documents are queued, the
//! intent is written. Only then may anything be signed.

use super::in_force;
use crate::error::{Error, Refusal};
use crate::rules::BatchId;
use crate::rules::audit::Event;
use crate::rules::official::Official;
use crate::rules::policy::{self, Presence};
use crate::service::Service;

/// Spends a proposal. Of many attempts, one succeeds.
///
/// # Errors
/// Whatever [`policy::authorise`] refuses; [`Refusal::Certificate`]; [`Refusal::ProposalSpent`]; a fault.
pub async fn authorise(
    service: &Service,
    official: &Official,
    batch: BatchId,
    presence: &Presence,
) -> Result<(), Error> {
    let proposal = service
        .store
        .proposal(official.id, batch)
        .await?
        .ok_or(Refusal::ProposalSpent)?;
    let now = service.clock.now();
    let authorisation = policy::authorise(proposal, official, presence, now)?;
    in_force::required(service, official).await?;
    let event = Event::SigningAuthorised {
        official: official.id.to_string(),
        batch: batch.to_string(),
        key: authorisation.key().to_string(),
        sha256: authorisation
            .documents()
            .iter()
            .map(|(_, digest)| digest.to_string())
            .collect(),
        until: authorisation.expires_at().to_string(),
    };
    let mut work = service.store.begin().await?;
    if !work.authorise(authorisation, now).await? {
        return Err(Refusal::ProposalSpent.into());
    }
    work.audit(now, &event).await?;
    work.commit().await?;
    service.bell.notify_one();
    Ok(())
}
